import math

import numpy as np
import pytest
from hypothesis import given
from scipy import stats

import lhp_metrics as lhp
from strategies import grant_tallies

COUNTS = {
    "NIHR": lhp.OutcomeCounts(successful=40, unsuccessful=60, pending=7),
    "MRC": lhp.OutcomeCounts(successful=10, unsuccessful=60),
    "UKRI": lhp.OutcomeCounts(successful=15, unsuccessful=55, pending=4),
}
TALLY = lhp.GrantTally.from_counts(COUNTS, by="funder")


@given(grant_tallies())
def test_each_group_is_compared_with_all_the_others(tally):
    if not len(tally):
        return
    table = lhp.compare_success_rates(tally)

    for key in tally:
        others = [tally[other] for other in tally if other != key]
        rest = lhp.OutcomeCounts(
            successful=sum(counts.successful for counts in others),
            unsuccessful=sum(counts.unsuccessful for counts in others),
            pending=sum(counts.pending for counts in others),
        )
        row, one = table[key], lhp.success_rate_change(rest, tally[key]).total
        assert row.difference == one.difference
        assert row.ratio == one.ratio
        assert row.p_value == one.p_value
        assert row.reference_pending == rest.pending


def test_a_group_may_be_the_reference_and_has_no_row_then():
    table = lhp.compare_success_rates(TALLY, reference="MRC")

    assert list(table.keys) == ["NIHR", "UKRI"]
    one = lhp.success_rate_change(COUNTS["MRC"], COUNTS["UKRI"]).total
    assert table["UKRI"].difference == one.difference
    assert table["UKRI"].reference_decided == 70
    assert table.title == "Success rates compared with MRC"
    with pytest.raises(lhp.NotFoundError, match="no total row"):
        table.total  # noqa: B018


def test_a_period_may_be_named_by_its_text():
    years = [lhp.Period.financial_year(year) for year in ("2022-23", "2023-24")]
    tally = lhp.GrantTally.from_counts(
        dict(zip(years, COUNTS.values(), strict=False)), by="financial_year"
    )

    table = lhp.compare_success_rates(tally, reference="2022-23")

    assert table.keys == (years[1],)
    assert "The groups are cohorts of different ages" in table.provenance.footnote()


def test_p_values_are_adjusted_for_all_rows_together():
    table = lhp.compare_success_rates(TALLY)
    raw = table.column("p_value")

    # scipy's implementation of Benjamini and Hochberg (1995).
    assert table.column("p_benjamini_hochberg") == pytest.approx(stats.false_discovery_control(raw))
    order = np.argsort(raw)
    assert table.column("p_adjusted")[order[0]] == pytest.approx(3 * raw[order[0]])
    assert (table.column("p_adjusted") >= raw).all()


def test_simultaneous_intervals_cover_all_rows():
    wide = lhp.compare_success_rates(TALLY, simultaneous=True)
    same = lhp.compare_success_rates(TALLY, confidence_level=1 - 0.05 / 3)

    assert tuple(wide["MRC"].difference) == pytest.approx(tuple(same["MRC"].difference))


def test_all_groups_are_tested_at_once():
    table = lhp.compare_success_rates(TALLY)

    expected = stats.chi2_contingency([[40, 10, 15], [60, 60, 55]], correction=False)
    assert table.statistic == pytest.approx(expected.statistic)
    assert (table.degrees_of_freedom, table.p_value) == (2, pytest.approx(expected.pvalue))


def test_where_nothing_varies_there_is_no_test():
    same = lhp.GrantTally.from_counts(
        {key: lhp.OutcomeCounts(successful=0, unsuccessful=9) for key in "ab"}
    )

    assert math.isnan(lhp.compare_success_rates(same).p_value)


def test_a_group_whose_split_is_not_published_spoils_every_rest_that_has_it():
    tally = lhp.GrantTally.from_counts(
        {**COUNTS, "LHP": lhp.OutcomeCounts(decided=66, pending=57)}, by="funder"
    )

    table = lhp.compare_success_rates(tally)

    assert math.isnan(table["NIHR"].difference.value)
    assert table["NIHR"].reference_successful is None
    assert table["LHP"].reference_successful == 65
    assert math.isnan(table["LHP"].difference.value)
    beside = lhp.compare_success_rates(tally, reference="MRC")
    assert not math.isnan(beside["NIHR"].difference.value)
    # What is not known is not a comparison: two are left.
    assert beside["NIHR"].p_adjusted == pytest.approx(2 * beside["NIHR"].p_value)


def test_a_group_with_nothing_decided_stays_a_row():
    tally = lhp.GrantTally.from_counts(
        {**COUNTS, "new": lhp.OutcomeCounts(successful=0, unsuccessful=0, pending=4)}
    )

    row = lhp.compare_success_rates(tally)["new"]

    assert math.isnan(row.rate.value)
    assert (row.rate.low, row.rate.high) == (0.0, 1.0)
    assert f"{row.rate}" == f"{row.difference}" == "–"


def test_the_rest_is_refused_where_groups_share_applications():
    shared = lhp.Grant(
        reference="G", submitted_on="2023-05-01", outcome="successful", partners=["REM", "REN"]
    )
    whole = lhp.tally_grants([shared], by="organisation", attribution="whole")

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.compare_success_rates(whole)

    assert str(caught.value) == (
        "groups of this tally share applications, so the rest without one of them is not known: "
        "compare with reference= one of its keys, or count with 'lead'"
    )
    assert (
        "Groups share records"
        in lhp.compare_success_rates(whole, reference="REM").provenance.footnote()
    )


@pytest.mark.parametrize(
    ("tally", "options", "error", "message"),
    [
        (
            TALLY,
            {"reference": "UKRJ"},
            lhp.NotFoundError,
            "the tally has no group 'UKRJ' to compare with; did you mean 'UKRI'?",
        ),
        (
            lhp.tally_grants([]),
            {},
            lhp.InvalidInputError,
            "comparisons need a tally by group; this one has only a total",
        ),
        (
            TALLY,
            {"basis": "all"},
            lhp.InvalidInputError,
            "basis must be one of 'decided', 'submitted', 'considered'; got 'all'",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(tally, options, error, message):
    with pytest.raises(error) as caught:
        lhp.compare_success_rates(tally, **options)

    assert str(caught.value) == message


def test_groups_of_one_and_of_nothing_are_part_of_the_test_of_all():
    decided = {"A": (1, 0), "B": (0, 1), "C": (1, 1), "D": (6, 3), "E": (0, 0)}
    tally = lhp.GrantTally.from_counts(
        {
            key: lhp.OutcomeCounts(successful=won, unsuccessful=lost)
            for key, (won, lost) in decided.items()
        }
    )
    table = lhp.compare_success_rates(tally)

    # A group of nothing has no part in it, and every other has its own.
    counted = np.array([pair for pair in decided.values() if any(pair)]).T
    expected = stats.chi2_contingency(counted, correction=False)
    assert table.statistic == pytest.approx(expected.statistic)
    assert table.p_value == pytest.approx(expected.pvalue)
    assert table.degrees_of_freedom == expected.dof == 3
