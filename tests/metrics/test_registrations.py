import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import lhp_metrics as lhp

SPARK = lhp.Period("2023-04-01", "2023-11-19")
JRO = lhp.Period("2023-11-20", "2024-03-31")
BEFORE = {"RBS": 10, "REN": 1, "RBQ": 11, "REM": 107, "REP": 24, "RET": 5}
AFTER = {"RBS": 26, "REN": 34, "RBQ": 8, "REM": 69, "REP": 17, "RET": 10}

counts = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=6).filter(
    lambda pairs: all(map(sum, pairs)) and all(map(sum, zip(*pairs, strict=True)))
)


def tally(registered, period):
    return lhp.RegistrationTally.from_counts(registered, period=period)


def change_of(pairs, before=SPARK, after=JRO, **options):
    keys = [f"P{i}" for i in range(len(pairs))]
    return lhp.registration_change(
        tally(dict(zip(keys, (a for a, _ in pairs), strict=True)), before),
        tally(dict(zip(keys, (b for _, b in pairs), strict=True)), after),
        **options,
    )


@pytest.fixture(scope="module")
def report():
    return lhp.registration_change(tally(BEFORE, SPARK), tally(AFTER, JRO))


def test_the_reports_total_is_82_percent_per_day_and_4_percent_by_count(report):
    # Hand sums, and R 4.2.2 exactci 1.4-5: poisson.exact(c(164, 158), c(133, 233), midp = TRUE).
    total = report.total

    assert (total.before, total.after, total.count_change) == (158, 164, 6)
    assert round(total.count_percent_change, 1) == 3.8
    assert round(total.rate_percent_change) == 82
    assert tuple(total.rate_ratio) == pytest.approx((1.8184, 1.4611, 2.2636), abs=5e-5)
    assert total.before_rate.value == pytest.approx(158 / 233 * 30)
    assert total.after_rate.unit == "per 30 days"
    assert total.p_adjusted is None


def test_the_trusts_did_not_change_alike(report):
    # scipy: the same table as a chi-squared test of homogeneity.
    expected = stats.chi2_contingency([list(BEFORE.values()), list(AFTER.values())])

    found = report.heterogeneity

    assert found.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.degrees_of_freedom == expected.dof == 5
    assert round(found.statistic, 2) == 49.67
    assert report.dispersion == found.statistic / 5
    assert "The groups did not change alike (χ² = 49.7 on 5 df)" in str(report)


def test_without_clatterbridge_the_ratio_is_1_45(report):
    ratio = report["REN"].total_ratio_without

    assert round(ratio.value, 4) == 1.4506
    assert ratio.value == pytest.approx((130 / 133) / (157 / 233))
    total = report.total
    assert tuple(total.total_ratio_without) == pytest.approx(tuple(total.rate_ratio))


def test_1_to_34_is_marked_as_a_small_base(report):
    row = report["REN"]

    assert (row.before, row.after, row.base_note) == (1, 34, "small base")
    # shared reference README: for 34 against 1 the upper limit is 1224 by mid-p.
    assert round(row.rate_ratio.high) == 1224
    assert [r.base_note for r in report] == [None, "small base", None, None, None, "small base"]


def test_every_figure_says_how_it_was_made(report):
    provenance = report["REM"].provenance

    assert [label for label, *_ in provenance.periods] == ["before", "after"]
    assert provenance.exposure == "days"
    assert provenance.method == "mid-p for ratios, exact for rates"
    assert any("two periods cannot tell a change of pace" in note for note in provenance.notes)


@given(counts)
def test_contributions_add_up_to_the_totals_change(pairs):
    table = change_of(pairs)

    assert math.isclose(
        sum(row.contribution for row in table), table.total.contribution, abs_tol=1e-9
    )


@given(counts)
def test_exchanging_counts_and_lengths_inverts_the_ratio_and_negates_contributions(pairs):
    swapped = [(b, a) for a, b in pairs]
    early = lhp.Period("2023-01-01", "2023-05-13")  # as long as the JRO's: 133 days
    late = lhp.Period("2023-05-14", "2024-01-01")  # as long as SPARK's: 233 days
    assert (early.days, late.days) == (JRO.days, SPARK.days)

    one, two = change_of(pairs), change_of(swapped, early, late)

    for row, other in zip(one, two, strict=True):
        value, low, high = row.rate_ratio
        with np.errstate(divide="ignore"):
            inverse = 1 / np.array([value, high, low])
        assert tuple(other.rate_ratio) == pytest.approx(tuple(inverse), rel=1e-9)
        assert other.contribution == pytest.approx(-row.contribution)
        assert other.p_value == pytest.approx(row.p_value, rel=1e-9)


@given(counts)
def test_equal_periods_need_no_correction(pairs):
    table = change_of(
        pairs, lhp.Period("2023-01-01", "2023-01-31"), lhp.Period("2023-03-01", "2023-03-31")
    )

    for row in table:
        if row.before:
            assert row.rate_percent_change == pytest.approx(row.count_percent_change, abs=1e-9)


@given(counts)
def test_an_interval_leaves_out_1_exactly_when_p_is_below_5_percent(pairs):
    for row in change_of(pairs):
        _, low, high = row.rate_ratio
        if abs(row.p_value - 0.05) > 1e-9:
            assert (low > 1 or high < 1) == (row.p_value < 0.05)


@given(counts)
def test_the_heterogeneity_test_is_scipys(pairs):
    found = change_of(pairs).heterogeneity
    expected = stats.chi2_contingency(np.array(pairs), correction=False)

    assert found.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-12)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_on_a_base_of_0_there_is_no_percentage():
    row = change_of([(0, 5), (3, 3)])["P0"]

    assert (row.count_percent_change, row.rate_percent_change) == (None, None)
    assert row.base_note == "no base"
    assert row.rate_ratio.value == math.inf
    assert 0 < row.rate_ratio.low < math.inf
    assert "no base (" in f"{row.rate_ratio}"


def test_nothing_against_nothing_is_undefined():
    row = change_of([(0, 0), (3, 3)])["P0"]

    assert math.isnan(row.rate_ratio.value)
    assert (row.rate_ratio.low, row.rate_ratio.high) == (0.0, math.inf)
    assert f"{row.rate_ratio}" == "–"


def test_a_partner_in_one_period_only_counts_0_in_the_other():
    table = lhp.registration_change(tally({"A": 5}, SPARK), tally({"A": 4, "B": 2}, JRO))

    assert (table["B"].before, table["B"].after) == (0, 2)
    assert table.total.after == 6


def test_a_method_without_a_test_gives_no_p_value():
    table = change_of([(4, 9), (3, 3)], method="mover-score")

    assert [(row.p_value, row.p_adjusted) for row in table] == [(None, None)] * 2
    assert table["P0"].rate_ratio.method == "mover-score"


def test_working_days_are_another_exposure():
    before, after = tally(BEFORE, SPARK), tally(AFTER, JRO)
    ratio = lhp.registration_change(before, after, exposure="working_days").total.rate_ratio.value

    assert ratio == pytest.approx((164 / JRO.working_days) / (158 / SPARK.working_days))


def test_adjusted_p_values_leave_the_total_out(report):
    raw = np.array([row.p_value for row in report])

    assert max(row.p_adjusted for row in report) <= 1
    # By hand, Holm: the smallest of six is multiplied by six.
    assert report["REN"].p_adjusted == pytest.approx(6 * raw.min())


def test_where_records_are_shared_no_total_without_a_partner_is_known():
    one = lhp.RegistrationTally.from_counts(
        {"A": 6, "B": 7}, attribution="whole", total=10, period=SPARK
    )
    two = lhp.RegistrationTally.from_counts(
        {"A": 3, "B": 4}, attribution="whole", total=6, period=JRO
    )

    table = lhp.registration_change(one, two)

    assert table.total.before == 10
    assert math.isnan(table["A"].total_ratio_without.value)
    assert math.isnan(table.heterogeneity.statistic)
    assert math.isnan(table.dispersion)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            tally(BEFORE, lhp.Period("2023-04-01", "2023-12-31")),
            tally(AFTER, JRO),
            "before (1 Apr 2023 to 31 Dec 2023) and after (20 Nov 2023 to 31 Mar 2024) overlap",
        ),
        (
            tally(AFTER, JRO),
            tally(BEFORE, SPARK),
            "before (20 Nov 2023 to 31 Mar 2024) is later than after (1 Apr 2023 to 19 Nov 2023)",
        ),
        (
            tally(BEFORE, None),
            tally(AFTER, JRO),
            "before has no period, so its registrations have no rate",
        ),
        (
            lhp.RegistrationTally.from_counts({"A": 1}, by="sponsor", period=SPARK),
            tally(AFTER, JRO),
            "the tallies differ in by: ('sponsor',) and ('organisation',)",
        ),
    ],
)
def test_periods_that_cannot_be_compared_are_refused(before, after, message):
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.registration_change(before, after)

    assert str(caught.value) == message


def test_a_period_without_working_days_has_no_rate():
    easter = lhp.Period("2024-03-29", "2024-04-01")  # Good Friday to Easter Monday

    with pytest.raises(lhp.InvalidInputError, match="1 Apr 2024 has no working days"):
        lhp.registration_change(tally(BEFORE, SPARK), tally(AFTER, easter), exposure="working_days")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"confidence_level": 95}, "confidence_level must be between 0 and 1"),
        ({"exposure": "hours"}, "exposure must be one of 'days', 'working_days'; got 'hours'"),
        ({"method": "wald"}, "method must be one of 'mid-p'"),
        ({"adjust": "sidak"}, "adjust must be one of 'holm'"),
    ],
)
def test_a_wrong_option_is_named(options, message):
    with pytest.raises(lhp.InvalidInputError, match=message):
        lhp.registration_change(tally(BEFORE, SPARK), tally(AFTER, JRO), **options)


def test_parts_of_studies_are_refused():
    study = lhp.Study(study_id="S", registered_on="2023-05-01", sites=["REM", "REN"])
    parts = lhp.tally_registrations([study], attribution="fractional", period=SPARK)

    with pytest.raises(lhp.InvalidInputError, match="before counts parts of studies"):
        lhp.registration_change(parts, parts)
