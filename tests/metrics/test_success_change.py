import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import lhp_metrics as lhp
from strategies import outcome_counts
from two_sample_reference import cases

BEFORE = lhp.OutcomeCounts(successful=48, unsuccessful=32, pending=3)
AFTER = lhp.OutcomeCounts(successful=56, unsuccessful=14, pending=10)


def change(before, after, **options):
    return lhp.success_rate_change(before, after, **options).total


def tally(year, *, as_of=None, dated_by="submitted_on", pending=4):
    return lhp.GrantTally.from_counts(
        {
            "NIHR": lhp.OutcomeCounts(successful=12, unsuccessful=20, pending=pending),
            "MRC": lhp.OutcomeCounts(successful=3, unsuccessful=5),
        },
        by="funder",
        period=lhp.Period.financial_year(year),
        as_of=as_of,
        dated_by=dated_by,
    )


@pytest.mark.parametrize("name", ["difference", "ratio"])
def test_intervals_match_independent_programs(name):
    found = cases(f"two_proportion_{name}", "miettinen-nurminen")
    rows = zip(*found.inputs, found.level, found.low, found.high, strict=True)

    for x1, n1, x2, n2, level, low, high in list(rows)[::7]:
        result = change(
            lhp.OutcomeCounts(successful=x2, unsuccessful=n2 - x2),
            lhp.OutcomeCounts(successful=x1, unsuccessful=n1 - x1),
            confidence_level=level,
        )
        estimate = getattr(result, name)
        assert (estimate.low, estimate.high) == pytest.approx(
            (low, high), rel=max(found.rtol, 1e-9), abs=max(found.atol, 1e-9)
        )


@given(outcome_counts(), outcome_counts())
def test_swapping_before_and_after_negates_the_difference_and_inverts_the_ratio(one, two):
    there, back = change(one, two), change(two, one)

    value, low, high = there.difference
    assert tuple(back.difference) == pytest.approx((-value, -high, -low), abs=1e-9)
    assert (back.lowest_difference, back.highest_difference) == pytest.approx(
        (-there.highest_difference, -there.lowest_difference)
    )
    assert back.p_value == pytest.approx(there.p_value, rel=1e-7)
    assume(one.successful and two.successful)
    value, low, high = there.ratio
    assert tuple(back.ratio) == pytest.approx((1 / value, 1 / high, 1 / low), rel=1e-6)


@given(outcome_counts(), outcome_counts(), st.floats(0.5, 0.99))
def test_the_p_value_is_small_exactly_where_both_intervals_leave_no_change_out(one, two, level):
    result = change(one, two, confidence_level=level)
    assume(abs(result.p_value - (1 - level)) > 1e-6)

    for estimate, none in ((result.difference, 0.0), (result.ratio, 1.0)):
        outside = not estimate.low <= none <= estimate.high
        assert (result.p_value < 1 - level) == outside


@given(outcome_counts(), outcome_counts(), st.data())
def test_the_bounds_hold_the_difference_however_the_pending_are_resolved(one, two, data):
    result = change(one, two)

    rates = []
    for counts in (one, two):
        more = data.draw(st.integers(0, counts.pending))
        rates.append((counts.successful + more) / (counts.decided + counts.pending))

    final = rates[1] - rates[0]
    assert result.lowest_difference - 1e-12 <= final <= result.highest_difference + 1e-12
    assert result.lowest_difference - 1e-12 <= result.difference.value
    assert result.difference.value <= result.highest_difference + 1e-12


def test_the_pending_of_both_stand_beside_the_difference():
    result = change(BEFORE, AFTER)

    assert (result.before_successful, result.before_decided, result.before_pending) == (48, 80, 3)
    assert (result.after_successful, result.after_decided, result.after_pending) == (56, 70, 10)
    assert result.before_rate == lhp.success_rate(BEFORE).rate
    # By hand: 56/80 - 51/83 and 66/80 - 48/83.
    assert result.lowest_difference == pytest.approx(56 / 80 - 51 / 83)
    assert result.highest_difference == pytest.approx(66 / 80 - 48 / 83)


def test_groups_are_adjusted_together_and_the_total_stands_outside():
    table = lhp.success_rate_change(tally("2022-23"), tally("2023-24"))
    first, second = table

    assert table.total.p_adjusted is None
    assert table.total.p_benjamini_hochberg is None
    assert table.total.p_value is not None
    smaller, larger = sorted((first.p_value, second.p_value))
    assert min(first.p_adjusted, second.p_adjusted) == pytest.approx(min(2 * smaller, 1))
    assert max(first.p_benjamini_hochberg, second.p_benjamini_hochberg) == pytest.approx(larger)


def test_simultaneous_intervals_are_wider_but_for_the_total_and_say_so():
    one, two = tally("2022-23"), tally("2023-24")
    each = lhp.success_rate_change(one, two)
    together = lhp.success_rate_change(one, two, simultaneous=True)
    bonferroni = lhp.success_rate_change(one, two, confidence_level=0.975)

    assert tuple(together["MRC"].difference) == pytest.approx(tuple(bonferroni["MRC"].difference))
    assert tuple(together["MRC"].ratio) == pytest.approx(tuple(bonferroni["MRC"].ratio))
    assert tuple(together.total.difference) == tuple(each.total.difference)
    assert together["MRC"].difference.method == "miettinen-nurminen, simultaneous"
    assert "each by itself, unadjusted" in each.provenance.footnote()
    assert "all groups' at once (Bonferroni)" in together.provenance.footnote()


def test_with_nothing_decided_nothing_is_known():
    result = change(lhp.OutcomeCounts(successful=0, unsuccessful=0, pending=2), AFTER)

    assert math.isnan(result.difference.value)
    assert (result.difference.low, result.difference.high) == (-1.0, 1.0)
    assert result.p_value is None
    assert f"{result.difference}" == "–"


def test_a_ratio_on_a_base_of_no_successes_has_no_value_but_a_lower_limit():
    result = change(lhp.OutcomeCounts(successful=0, unsuccessful=20), AFTER)

    assert result.ratio.value == math.inf
    assert 0 < result.ratio.low < result.ratio.high == math.inf


def test_an_unpublished_split_has_no_difference():
    table = lhp.success_rate_change(lhp.OutcomeCounts(decided=66, pending=57), AFTER)

    assert math.isnan(table.total.difference.value)
    assert table.total.before_successful is None
    assert "How the decisions split is not published." in table.provenance.footnote()


def test_a_method_without_a_test_has_no_p_value():
    result = change(BEFORE, AFTER, method="newcombe", ratio_method="katz-log")

    # Newcombe (1998), Statistics in Medicine 17, 873-890, Table II, method 10, example (a).
    assert (result.difference.low, result.difference.high) == pytest.approx(
        (0.0524, 0.3339), abs=5e-5
    )
    assert result.p_value is None
    assert result.p_adjusted is None
    assert "newcombe for differences, katz-log for ratios" in result.provenance.footnote()


def test_the_basis_is_that_of_both_rates():
    result = change(BEFORE, AFTER, basis="submitted")

    assert result.difference.value == pytest.approx(56 / 80 - 48 / 83)


# Ages


def test_cohorts_of_different_age_are_noted():
    old = tally("2021-22", as_of="2024-03-31")
    young = tally("2023-24", as_of="2024-03-31")

    footnote = lhp.success_rate_change(old, young).provenance.footnote()

    assert (
        "The cohorts differ in age: 731 days from the end of the period to the as-of date before, "
        "0 after. The younger one's slower decisions are still open."
    ) in footnote
    assert "As known on 31 Mar 2024." in footnote


def test_cohorts_of_one_age_are_compared_without_that_note():
    old = tally("2022-23", as_of="2023-09-30")
    young = tally("2023-24", as_of="2024-09-30")

    footnote = lhp.success_rate_change(old, young).provenance.footnote()

    assert "differ in age" not in footnote
    assert "Before: as known on 30 Sep 2023. After: as known on 30 Sep 2024." in footnote


def test_without_as_of_dates_nobody_knows_the_ages():
    note = "Without as-of dates the ages of the cohorts are not known"

    def footnote(**options):
        change = lhp.success_rate_change(tally("2022-23", **options), tally("2023-24", **options))
        return change.provenance.footnote()

    assert note in footnote()
    assert note not in footnote(pending=0)
    assert note not in footnote(dated_by="decided_on")


# Refusals


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            tally("2023-24"),
            tally("2022-23"),
            "before (2023-24) is later than after (2022-23)",
        ),
        (
            tally("2023-24"),
            tally("2023-24"),
            "before (2023-24) and after (2023-24) overlap, so an application may stand in both",
        ),
        (
            tally("2022-23"),
            tally("2023-24", dated_by="decided_on"),
            "the tallies differ in dated_by: 'submitted_on' and 'decided_on'",
        ),
    ],
)
def test_cohorts_that_cannot_be_compared_are_refused(before, after, message):
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.success_rate_change(before, after)

    assert str(caught.value) == message


def test_what_was_left_out_is_said_of_either_side_since_one_list_may_have_been_counted_twice():
    years = [lhp.Period.financial_year(year) for year in ("2022-23", "2023-24")]
    grants = [
        lhp.Grant(reference=f"G{n}", submitted_on=day, outcome="unsuccessful")
        for n, day in enumerate(["2022-05-01", "2023-05-01", "2023-06-01"])
    ]

    change = lhp.success_rate_change(*(lhp.tally_grants(grants, period=year) for year in years))

    assert (change.provenance.records_in, dict(change.provenance.records_excluded)) == (None, {})
    outside = "excluded submitted_on outside the period"
    footnote = change.provenance.footnote()
    assert f"Before: 3 records in, 1 counted, {outside}: 2." in footnote
    assert f"After: 3 records in, 2 counted, {outside}: 1." in footnote


def test_years_that_are_groups_are_not_compared_with_themselves():
    years = {
        lhp.Period.financial_year(year): lhp.OutcomeCounts(successful=1, unsuccessful=2)
        for year in ("2021-22", "2022-23", "2023-24")
    }
    pairs = {(year, "NIHR"): counts for year, counts in years.items()}
    every = lhp.GrantTally.from_counts(years, by="financial_year")
    both = lhp.GrantTally.from_counts(pairs, by=("financial_year", "funder"))

    for tally in (every, both):
        with pytest.raises(lhp.InvalidInputError) as caught:
            lhp.success_rate_change(tally, tally)
        assert str(caught.value) == (
            "before (1 Apr 2021 to 31 Mar 2024) and after (1 Apr 2021 to 31 Mar 2024) overlap, so "
            "an application may stand in both"
        )


def test_parts_of_applications_are_refused():
    shared = lhp.Grant(
        reference="G", submitted_on="2023-05-01", outcome="successful", partners=["REM", "REN"]
    )
    parts = lhp.tally_grants([shared], by="organisation", attribution="fractional")

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.success_rate_change(parts, parts)

    assert str(caught.value) == (
        "changes of success rates need whole applications, but this tally has attribution "
        "'fractional': count with 'lead' or 'whole'"
    )


@pytest.mark.parametrize("pending", [(1, 0), (0, 1), (0, 0)])
def test_the_pending_of_any_group_leave_the_ages_to_be_noted(pending):
    before, after = (
        tally(year, pending=open_still)
        for year, open_still in zip(("2022-23", "2023-24"), pending, strict=True)
    )

    # NIHR's are pending, and MRC, the last of the groups, has none.
    note = (
        "Without as-of dates the ages of the cohorts are not known; the later one will have had "
        "less time for its decisions."
    )
    found = lhp.success_rate_change(before, after).provenance.notes
    assert (note in found) == any(pending)
