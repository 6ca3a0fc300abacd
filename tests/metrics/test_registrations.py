import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import lhp_metrics as lhp
from hospitals import hospitals

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
    assert "The groups did not change alike (χ² = 49.7 on 5 df)" in report.provenance.footnote()


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


def test_percentages_in_thousands_print_with_their_comma():
    change = lhp.registration_change(tally({"REN": 1}, SPARK), tally({"REN": 34}, JRO))
    text = str(change)

    assert "+3,300.0" in text
    assert "+5,856" in text  # (34 / 133) / (1 / 233) - 1, in per cent


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


STAFF_BEFORE = {"RBS": 4_100, "REN": 1_900, "RBQ": 1_800, "REM": 14_500, "REP": 1_700, "RET": 1_500}
STAFF_AFTER = {"RBS": 4_300, "REN": 2_100, "RBQ": 1_800, "REM": 13_900, "REP": 1_700, "RET": 1_600}

exposures = st.lists(st.floats(1, 1e5), min_size=6, max_size=6)


def exposed(pairs, before, after, **options):
    keys = [f"P{i}" for i in range(len(pairs))]
    tallies = [
        tally(
            {key: pair[which] for key, pair in zip(keys, pairs, strict=True)}, period
        ).with_exposure(dict(zip(keys, amounts, strict=False)), unit="person-years")
        for which, (period, amounts) in enumerate(((SPARK, before), (JRO, after)))
    ]
    return lhp.registration_change(*tallies, **options)


@given(counts, exposures, exposures)
def test_with_unequal_exposures_contributions_and_mix_add_up(pairs, before, after):
    table = exposed(pairs, before, after)
    total = table.total
    scale = max(total.before_rate.value, total.after_rate.value)

    for name in ("contribution", "mix"):
        added = sum(getattr(row, name) for row in table)
        assert added == pytest.approx(getattr(total, name), abs=1e-9 * scale)
    change = total.after_rate.value - total.before_rate.value
    assert total.contribution + total.mix == pytest.approx(change, abs=1e-9 * scale)


@given(counts, exposures, st.floats(0.01, 100))
def test_scaling_both_exposures_changes_nothing_in_the_ratio(pairs, amounts, factor):
    one = exposed(pairs, amounts, amounts[::-1])
    two = exposed(pairs, [factor * a for a in amounts], [factor * a for a in amounts[::-1]])

    for row, other in zip([*one, one.total], [*two, two.total], strict=True):
        assert tuple(other.rate_ratio) == pytest.approx(
            tuple(row.rate_ratio), rel=1e-9, nan_ok=True
        )
        assert other.p_value == pytest.approx(row.p_value, rel=1e-6)
    assert two.heterogeneity.statistic == pytest.approx(one.heterogeneity.statistic, rel=1e-6)


@given(counts, exposures, exposures)
def test_exchanging_counts_and_exposures_inverts_ratios_and_negates_contribution_and_mix(
    pairs, before, after
):
    one, two = exposed(pairs, before, after), exposed([(b, a) for a, b in pairs], after, before)

    assert two.heterogeneity.statistic == pytest.approx(
        one.heterogeneity.statistic, rel=1e-5, abs=1e-8
    )
    for row, other in zip(one, two, strict=True):
        with np.errstate(divide="ignore"):
            inverse = 1 / np.array([row.rate_ratio.value])
        assert other.rate_ratio.value == pytest.approx(inverse[0])
        scale = one.total.before_rate.value + one.total.after_rate.value
        assert other.contribution == pytest.approx(-row.contribution, abs=1e-9 * scale)
        assert other.mix == pytest.approx(-row.mix, abs=1e-9 * scale)


@given(st.integers(1, 60), st.integers(1, 60), exposures)
def test_if_all_rates_change_alike_the_mix_is_told_from_the_pace(few, many, amounts):
    # Rates of both partners the same in each period: who has which part does not matter.
    before = [1.0 * few, 1.0 * many]
    after = [2.0 * few, 2.0 * many]
    table = exposed([(few, few), (many, many)], before, after)

    assert table.total.mix == pytest.approx(0, abs=1e-9)
    assert table.total.contribution == pytest.approx(-500)


def test_kitagawas_split_by_hand():
    # Rates per 1,000 person-years: A 10 then 20, B 40 then 40; A's part 3/4, then 1/4.
    # Total 17.5 then 35. Own rates: A 10 * 1/2 = 5, B 0. Mix: (15 - 26.25) * -1/2 = 5.625 and
    # (40 - 26.25) * 1/2 = 6.875.
    table = exposed([(30, 20), (40, 120)], [3000, 1000], [1000, 3000])

    assert table.total.before_rate.value == pytest.approx(17.5)
    assert table.total.after_rate.value == pytest.approx(35)
    assert [row.contribution for row in table] == pytest.approx([5, 0])
    assert [row.mix for row in table] == pytest.approx([5.625, 6.875])
    assert table["P0"].after_rate.unit == "per 1,000 person-years"
    assert table.provenance.exposure == "person-years"
    assert any(
        note.startswith("Of the change in the total's rate, +12.50 per 1,000 person-years came")
        for note in table.provenance.notes
    )


def test_the_heterogeneity_test_allows_for_exposures_of_their_own():
    # Rates exactly doubled everywhere: nothing is left to differ.
    alike = exposed([(10, 40), (30, 30)], [100, 300], [200, 150])
    # statsmodels 0.15.0: Pearson's chi-squared of the Poisson GLM with partner, period and the
    # logarithm of the exposure as offset.
    apart = exposed([(10, 40), (30, 10)], [100, 300], [200, 150])

    assert alike.heterogeneity.statistic == pytest.approx(0, abs=1e-12)
    assert apart.heterogeneity.statistic == pytest.approx(4.79205971204775, rel=1e-10)


def test_staff_make_rates_per_thousand_staff_years():
    before = tally(BEFORE, SPARK).with_exposure(STAFF_BEFORE, unit="staff")
    after = tally(AFTER, JRO).with_exposure(STAFF_AFTER, unit="staff")

    table = lhp.registration_change(before, after)

    expected = 107 / (14_500 * 233 / 365.25) * 1_000
    assert table["REM"].before_rate.value == pytest.approx(expected)
    assert table["REM"].before_rate.unit == "per 1,000 staff-years"
    assert "Before, per 1,000 staff-years" in table.pick("before_rate").to_html()
    assert "Exposure: staff-years." in table.provenance.footnote()
    by_days = lhp.registration_change(before, after, exposure="days")
    assert (
        by_days.total.rate_ratio
        == lhp.registration_change(tally(BEFORE, SPARK), tally(AFTER, JRO)).total.rate_ratio
    )


def test_without_a_partner_its_staff_are_left_out_too():
    before = tally(BEFORE, SPARK).with_exposure(STAFF_BEFORE, unit="staff")
    after = tally(AFTER, JRO).with_exposure(STAFF_AFTER, unit="staff")

    table = lhp.registration_change(before, after)

    others = [key for key in BEFORE if key != "REM"]
    rates = (
        sum(counts[key] for key in others) / (sum(staff[key] for key in others) * period.days)
        for counts, staff, period in ((BEFORE, STAFF_BEFORE, SPARK), (AFTER, STAFF_AFTER, JRO))
    )
    first, last = rates
    assert table["REM"].total_ratio_without.value == pytest.approx(last / first)
    assert tuple(table.total.total_ratio_without) == pytest.approx(tuple(table.total.rate_ratio))


@pytest.mark.parametrize(
    ("options", "unit", "factor"),
    [
        ({}, "per 30 days", 30),
        ({"per": "30 days"}, "per 30 days", 30),
        ({"per": "year"}, "per year", 365.25),
        ({"exposure": "working_days"}, "per 30 working days", 30 * 233 / 159),
    ],
)
def test_rates_are_per_what_was_asked(options, unit, factor):
    table = lhp.registration_change(tally(BEFORE, SPARK), tally(AFTER, JRO), **options)
    rate = table.total.before_rate
    # By hand: 165 weekdays from 1 April to 19 November 2023, less the six bank holidays of
    # GOV.UK's calendar for England.
    assert SPARK.working_days == 159

    assert rate.unit == unit
    assert rate.value == pytest.approx(158 / 233 * factor)
    assert f"Contribution {unit}" in table.to_html()
    assert sum(row.contribution for row in table) == pytest.approx(table.total.contribution)


def test_a_partner_without_exposure_in_one_period_is_refused_by_name():
    before = tally({"A": 5}, SPARK).with_exposure({"A": 9}, unit="beds")
    after = tally({"A": 5, "B": 1}, JRO).with_exposure({"A": 9, "B": 2}, unit="beds")

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.registration_change(before, after)

    assert str(caught.value) == (
        "before has no exposure (bed-years) for B: count it with 0 registrations and give it one"
    )


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"per": "year"}, lhp.InvalidTypeError, "per must be a number of bed-years, such as"),
        ({"per": 0}, lhp.InvalidInputError, "per must be a number above 0; got 0"),
        (
            {"exposure": "days", "per": 1_000},
            lhp.InvalidInputError,
            "per must be one of '30 days', 'year'; got 1000",
        ),
        (
            {"exposure": "working_days", "per": "year"},
            lhp.InvalidInputError,
            "per must be one of '30 days'; got 'year'",
        ),
    ],
)
def test_a_unit_that_does_not_fit_the_exposure_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        lhp.registration_change(
            tally({"A": 5}, SPARK).with_exposure({"A": 9}, unit="beds"),
            tally({"A": 5}, JRO).with_exposure({"A": 9}, unit="beds"),
            **options,
        )


def test_one_tally_with_an_exposure_and_one_without_are_refused():
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.registration_change(
            tally({"A": 5}, SPARK).with_exposure({"A": 9}, unit="beds"), tally({"A": 5}, JRO)
        )

    assert str(caught.value) == "the tallies differ in exposure_unit: 'bed-years' and None"


def test_groups_that_share_members_have_no_split_of_the_total():
    groups = {"North": ["RBS", "REM"], "South": ["REM", "REN"]}
    before = tally(BEFORE, SPARK).with_exposure(STAFF_BEFORE, unit="staff").regroup(groups)
    after = tally(AFTER, JRO).with_exposure(STAFF_AFTER, unit="staff").regroup(groups)

    table = lhp.registration_change(before, after)

    assert math.isnan(table["North"].contribution)
    assert math.isnan(table.total.mix)
    change = table.total.after_rate.value - table.total.before_rate.value
    assert table.total.contribution == pytest.approx(change)


def test_quasi_widens_the_report_by_what_its_trusts_differ(report):
    quasi = lhp.registration_change(tally(BEFORE, SPARK), tally(AFTER, JRO), dispersion="quasi")
    total = quasi.total

    # By hand: 49.67 / 5 = 9.93; Wilson's interval for 164 of 322, both divided by 9.93.
    assert report.dispersion == quasi.dispersion
    assert f"{total.rate_ratio:.2f}" == "1.82 (0.93 to 3.57)"
    assert total.rate_ratio.method == "score"
    assert total.before_rate.low < report.total.before_rate.low
    assert total.p_value > 0.05
    assert quasi.provenance.method == "score, with 9.93 times the variance of Poisson counts"
    assert any("9.93 times as much (in variance)" in note for note in quasi.provenance.notes)


def test_where_partners_differ_less_than_by_chance_quasi_is_the_poisson_score():
    pairs = [(10, 10), (20, 20), (31, 30)]

    quasi, score = change_of(pairs, dispersion="quasi"), change_of(pairs, method="score")

    assert quasi.dispersion < 1
    for row, other in zip(quasi, score, strict=True):
        assert tuple(row.rate_ratio) == pytest.approx(tuple(other.rate_ratio))
        assert row.p_value == pytest.approx(other.p_value)


@pytest.mark.parametrize(
    ("pairs", "options", "message"),
    [
        (
            [(4, 9), (3, 3)],
            {"method": "mid-p"},
            "dispersion 'quasi' has only the method 'score', no exact distribution; got 'mid-p'",
        ),
        (
            [(4, 9)],
            {},
            "dispersion 'quasi' is estimated from how differently the groups changed: it needs "
            "at least two with registrations, in both periods, that share none",
        ),
    ],
)
def test_quasi_is_refused_where_it_cannot_be_estimated(pairs, options, message):
    with pytest.raises(lhp.InvalidInputError) as caught:
        change_of(pairs, dispersion="quasi", **options)

    assert str(caught.value) == message


OLD, NEW = lhp.Period.financial_year("2018-19"), lhp.Period.financial_year("2020-21")
PARTNERS = lhp.liverpool_health_partners()


def named(counts, period):
    return lhp.RegistrationTally.from_counts(counts, period=period, partnership=PARTNERS)


def test_a_change_across_a_merger_is_refused_and_the_merger_named():
    before, after = named({"REM": 60, "RQ6": 90, "RY1": 1}, OLD), named({"REM": 170}, NEW)

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.registration_change(before, after)

    assert str(caught.value) == (
        "between the tallies work passed from one body to another: RLBUHT (RQ6) to LUHFT (REM) "
        "on 1 Oct 2019. Restate both, tally.restate(partnership), or say lineage='ignore'"
    )


def test_restated_or_told_otherwise_it_is_compared():
    before, after = named({"REM": 60, "RQ6": 90}, OLD), named({"REM": 170}, NEW)

    restated = lhp.registration_change(before.restate(PARTNERS), after.restate(PARTNERS))
    ignored = lhp.registration_change(before, after, lineage="ignore")

    assert (restated["REM"].before, restated["REM"].after) == (150, 170)
    assert "Restated: RQ6 as REM." in restated.provenance.notes
    assert (ignored["REM"].before, ignored["RQ6"].after) == (60, 0)
    assert "Not allowed for: RLBUHT (RQ6) to LUHFT (REM) on 1 Oct 2019." in ignored.provenance.notes


def test_a_body_that_began_by_merger_is_refused_too():
    partners = lhp.Partnership(
        "New",
        hospitals("R0A", "RM2", "RW3"),
        successions=[
            lhp.Succession(predecessor=code, successor="R0A", on="2017-10-01", kind="merger")
            for code in ("RM2", "RW3")
        ],
    )
    before = lhp.RegistrationTally.from_counts(
        {"RM2": 5}, period=lhp.Period.financial_year("2016-17"), partnership=partners
    )
    after = lhp.RegistrationTally.from_counts(
        {"R0A": 9}, period=lhp.Period.financial_year("2018-19"), partnership=partners
    )

    with pytest.raises(
        lhp.InvalidInputError, match=r"to R0A Hospital .* on 1 Oct 2017; RW3 to R0A"
    ):
        lhp.registration_change(before, after)
    both = lhp.registration_change(before.restate(partners), after.restate(partners))
    assert (both["R0A"].before, both["R0A"].after) == (5, 9)


def test_a_merger_outside_the_two_periods_or_of_nobody_here_is_no_matter():
    years = [lhp.Period.financial_year(name) for name in ("2021-22", "2022-23")]
    later = [named({"REM": 60}, year) for year in years]
    earlier = [
        named({"REM": 60, "RQ6": 90}, lhp.Period.financial_year(name))
        for name in ("2016-17", "2017-18")
    ]
    elsewhere = [named({"REN": 4}, OLD), named({"REN": 5}, NEW)]

    assert lhp.registration_change(*later).total.before == 60
    assert lhp.registration_change(*earlier)["RQ6"].before == 90
    assert lhp.registration_change(*elsewhere).total.after == 5


def test_a_closure_is_said_and_not_refused():
    earlier = lhp.Period.financial_year("2016-17")
    table = lhp.registration_change(named({"RY1": 3, "REN": 4}, earlier), named({"REN": 5}, OLD))

    note = "Not allowed for: Liverpool Community Health (RY1) closed on 1 Apr 2018."
    assert note in table.provenance.notes


def test_restated_over_a_split_counts_are_parts_and_tests_refuse_them():
    partners = lhp.Partnership(
        "Split",
        hospitals("REM", "REN", "RBS"),
        successions=[
            lhp.Succession(
                predecessor="RBS", successor=heir, on="2019-10-01", kind="split", portion="1/2"
            )
            for heir in ("REM", "REN")
        ],
    )
    before, after = (
        lhp.RegistrationTally.from_counts(counts, period=period, partnership=partners)
        for counts, period in (({"RBS": 5}, OLD), ({"REM": 4, "REN": 4}, NEW))
    )

    with pytest.raises(lhp.InvalidInputError, match="or restated over a split"):
        lhp.registration_change(before.restate(partners), after)


def test_same_period_last_year_is_one_line():
    studies = [
        lhp.Study(study_id=f"{year}-{n}", registered_on=f"{year}-05-0{n}", lead="REM")
        for year, many in ((2022, 3), (2023, 5))
        for n in range(1, many + 1)
    ]
    now, last_year = (
        lhp.tally_registrations(studies, by="lead", period=period)
        for period in (SPARK, SPARK.shift(years=-1))
    )

    assert lhp.registration_change(last_year, now).total.count_change == 2


@given(counts)
def test_splitting_a_period_and_adding_the_tallies_gives_the_whole(pairs):
    keys = [f"P{i}" for i in range(len(pairs))]
    whole = change_of([(a + b, b) for a, b in pairs])
    first = tally(
        {key: a for key, (a, _) in zip(keys, pairs, strict=True)},
        lhp.Period("2023-04-01", "2023-08-31"),
    )
    second = tally(
        {key: b for key, (_, b) in zip(keys, pairs, strict=True)},
        lhp.Period("2023-09-01", "2023-11-19"),
    )
    after = tally({key: b for key, (_, b) in zip(keys, pairs, strict=True)}, JRO)

    added = lhp.registration_change(first + second, after)

    assert [row.rate_ratio for row in added] == [row.rate_ratio for row in whole]
    assert added.total.p_value == whole.total.p_value


def test_a_study_outside_both_periods_is_counted_in_neither_and_said_for_each():
    studies = [
        lhp.Study(study_id=day, registered_on=day, lead="REM")
        for day in ("2023-03-31", "2023-04-01", "2023-11-19", "2023-11-20", "2024-04-01")
    ]
    before, after = (
        lhp.tally_registrations(studies, by="lead", period=period) for period in (SPARK, JRO)
    )

    table = lhp.registration_change(before, after)

    assert (table["REM"].before, table["REM"].after) == (2, 1)
    notes = table.provenance.notes
    assert "Before: 5 records in, 2 counted, excluded registered_on outside the period: 3." in notes
    assert "After: 5 records in, 1 counted, excluded registered_on outside the period: 4." in notes


def test_a_contribution_is_the_later_rate_less_the_earlier(report):
    # By hand: Clatterbridge had 1 study in 233 days, then 34 in 133; LUHFT 107, then 69.
    assert report["REN"].contribution == pytest.approx(30 * (34 / 133 - 1 / 233))
    assert report["REM"].contribution == pytest.approx(30 * (69 / 133 - 107 / 233))
    assert report.total.contribution == pytest.approx(30 * (164 / 133 - 158 / 233))


def test_the_p_value_is_the_methods():
    before, after = tally(BEFORE, SPARK), tally(AFTER, JRO)
    by_method = {
        method: lhp.registration_change(before, after, method=method)["RBS"].p_value
        for method in ("exact", "score")
    }

    # scipy: given the 36 studies of both periods, the later 26 are binomial with 133/366. Twice
    # the smaller tail; and Pearson's chi-squared.
    exact = stats.binomtest(26, 36, 133 / 366, alternative="greater").pvalue
    score = stats.chisquare([26, 10], [36 * 133 / 366, 36 * 233 / 366]).pvalue
    assert by_method["exact"] == pytest.approx(2 * exact, rel=1e-9)
    assert by_method["score"] == pytest.approx(score, rel=1e-9)


def test_rates_have_the_level_that_was_asked_for():
    table = change_of([(10, 26), (107, 69)], confidence_level=0.8)
    before, after = table["P0"].before_rate, table["P0"].after_rate

    # F. Garwood (1936), Biometrika 28, 437-442, with scipy's chi-squared quantiles.
    for rate, count, days in ((before, 10, 233), (after, 26, 133)):
        low = stats.chi2.ppf(0.1, 2 * count) / 2
        high = stats.chi2.ppf(0.9, 2 * count + 2) / 2
        assert (rate.low, rate.high) == pytest.approx((30 * low / days, 30 * high / days))
        assert rate.confidence_level == 0.8


def test_quasi_rates_have_the_level_that_was_asked_for():
    pairs = [(10, 26), (107, 69)]
    table = change_of(pairs, dispersion="quasi", confidence_level=0.8)
    rate, factor = table["P0"].before_rate, table.dispersion

    # By hand: score limits are the rates whose count is z standard deviations from 10,
    # (10 - mean)**2 = z**2 * factor * mean.
    z = stats.norm.ppf(0.9)
    for limit in (rate.low, rate.high):
        mean = limit / 30 * 233
        assert (10 - mean) ** 2 == pytest.approx(z**2 * factor * mean)


@pytest.mark.parametrize(
    ("pairs", "confidence_level", "is_said"),
    [
        ([(20, 8), (20, 20)], 0.95, False),
        ([(20, 8), (20, 20)], 0.9, True),
        ([(20, 9), (20, 24)], 0.95, True),
        ([(20, 9), (20, 24)], 0.99, False),
    ],
)
def test_that_groups_changed_unlike_is_said_at_the_level_that_was_asked_for(
    pairs, confidence_level, is_said
):
    p_value = stats.chi2_contingency(np.array(pairs), correction=False).pvalue
    assert (p_value < 1 - confidence_level) == is_said

    table = change_of(pairs, confidence_level=confidence_level)

    said = any("did not change alike" in note for note in table.provenance.notes)
    assert said == is_said


@pytest.mark.parametrize(("exposure", "said"), [("days", "days"), ("working_days", "working days")])
def test_the_footnote_names_the_exposure_that_was_used(exposure, said):
    table = change_of([(10, 26), (107, 69)], exposure=exposure)

    assert table.provenance.exposure == said
    assert f"Exposure: {said}." in table.provenance.footnote()


def test_rates_are_exact_for_poisson_counts_and_by_score_for_more_variation():
    plain, wide = (
        change_of([(30, 60), (50, 20)], dispersion=dispersion)
        for dispersion in ("poisson", "quasi")
    )

    assert {row.before_rate.method for row in (*plain, plain.total)} == {"exact"}
    assert {row.after_rate.method for row in (*wide, wide.total)} == {"score"}
    assert {row.rate_ratio.method for row in plain} == {"mid-p"}
    # Garwood's limits of 30 over 233 days, per 30 (stats.chi2 is where they come from).
    low, high = stats.chi2.ppf([0.025, 0.975], [60, 62]) / 2 * 30 / 233
    assert (plain["P0"].before_rate.low, plain["P0"].before_rate.high) == pytest.approx((low, high))


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_side_without_a_period_or_of_parts_is_named(side):
    whole = {"before": tally({"A": 3}, SPARK), "after": tally({"A": 3}, JRO)}
    undated = lhp.RegistrationTally.from_counts({"A": 3})
    shared = lhp.Study(
        study_id="S1",
        registered_on=whole[side].period.start,
        sites=[lhp.StudySite("A"), lhp.StudySite("B")],
    )
    parts = lhp.tally_registrations([shared], attribution="fractional", period=whole[side].period)

    with pytest.raises(
        lhp.InvalidInputError, match=f"^{side} has no period, so its registrations have no rate$"
    ):
        lhp.registration_change(**{**whole, side: undated})
    with pytest.raises(
        lhp.InvalidInputError,
        match=f"^{side} counts parts of studies .*: count with 'lead' or 'whole'$",
    ):
        lhp.registration_change(**{**whole, side: parts})


def test_rates_are_per_any_number_of_the_tallies_own_exposure():
    before, after = (
        tally(counts, period).with_exposure({"A": 10}, unit="staff-years")
        for counts, period in (({"A": 5}, SPARK), ({"A": 8}, JRO))
    )

    for per, rate in ((None, 500), (1, 0.5), (2.5, 1.25)):
        row = lhp.registration_change(before, after, per=per)["A"]
        assert row.before_rate.value == pytest.approx(rate)
    for per in (0, -1, math.inf):
        with pytest.raises(
            lhp.InvalidInputError, match=f"^per must be a number above 0; got {per}"
        ):
            lhp.registration_change(before, after, per=per)
    with pytest.raises(
        lhp.InvalidTypeError,
        match=r"^per must be a number of staff-years, such as 1_000; got 'year'$",
    ):
        lhp.registration_change(before, after, per="year")
