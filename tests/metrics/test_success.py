import math

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from strategies import outcome_counts

levels = st.floats(0.5, 0.99)

TALLY = lhp.GrantTally.from_counts(
    {
        "NIHR": lhp.OutcomeCounts(
            successful=12, unsuccessful=20, pending=5, withdrawn=2, not_considered=1
        ),
        "MRC": lhp.OutcomeCounts(successful=3, unsuccessful=5),
        "new": lhp.OutcomeCounts(successful=0, unsuccessful=0, pending=4),
    },
    by="funder",
    period=lhp.Period.financial_year("2023-24"),
)


# Newcombe (1998), Statistics in Medicine 17, 857-872, Table I, method 3
# (score, no continuity correction), printed to 4 decimals.
@pytest.mark.parametrize(
    ("successful", "decided", "low", "high"),
    [
        pytest.param(81, 263, 0.2553, 0.3662, id="81-of-263"),
        pytest.param(15, 148, 0.0624, 0.1605, id="15-of-148"),
        pytest.param(0, 20, 0.0000, 0.1611, id="0-of-20"),
        pytest.param(1, 29, 0.0061, 0.1718, id="1-of-29"),
    ],
)
def test_the_default_interval_matches_newcombe_1998(successful, decided, low, high):
    counts = lhp.OutcomeCounts(successful=successful, unsuccessful=decided - successful)

    rate = lhp.success_rate(counts).rate

    # Half a unit in the last printed place.
    assert (rate.low, rate.high) == pytest.approx((low, high), abs=5e-5)
    assert (rate.method, rate.confidence_level, rate.unit) == ("wilson", 0.95, "proportion")


@given(outcome_counts(), levels)
def test_more_confidence_means_a_wider_interval(counts, level):
    narrow = lhp.success_rate(counts, confidence_level=level).rate
    wide = lhp.success_rate(counts, confidence_level=(1 + level) / 2).rate

    assert narrow.high - narrow.low < wide.high - wide.low


@given(outcome_counts())
def test_the_rate_lies_in_its_interval_and_the_interval_between_0_and_1(counts):
    value, low, high = lhp.success_rate(counts).rate

    assert 0 <= low <= value <= high <= 1


@given(outcome_counts(), st.data())
def test_the_bounds_contain_the_rate_however_the_pending_are_resolved(counts, data):
    result = lhp.success_rate(counts)
    more = data.draw(st.integers(0, counts.pending))

    final = lhp.success_rate(
        lhp.OutcomeCounts(
            successful=counts.successful + more,
            unsuccessful=counts.unsuccessful + counts.pending - more,
        )
    )

    assert result.if_pending_all_fail <= final.rate.value <= result.if_pending_all_succeed
    assert result.if_pending_all_fail <= result.rate.value <= result.if_pending_all_succeed


@given(outcome_counts())
def test_counting_failures_mirrors_the_interval(counts):
    mirrored = lhp.OutcomeCounts(
        successful=counts.unsuccessful, unsuccessful=counts.successful, pending=counts.pending
    )

    value, low, high = lhp.success_rate(counts).rate
    other = lhp.success_rate(mirrored).rate

    assert (other.value, other.low, other.high) == pytest.approx((1 - value, 1 - high, 1 - low))


@given(outcome_counts(), st.integers(2, 9))
def test_multiplying_all_counts_keeps_the_rate_and_narrows_the_interval(counts, times):
    larger = lhp.OutcomeCounts(
        successful=times * counts.successful,
        unsuccessful=times * counts.unsuccessful,
        pending=times * counts.pending,
    )

    small, large = lhp.success_rate(counts).rate, lhp.success_rate(larger).rate

    assert large.value == pytest.approx(small.value)
    assert large.high - large.low < small.high - small.low


@given(outcome_counts())
def test_the_rate_of_the_decided_is_at_least_that_of_the_submitted(counts):
    decided, considered, submitted = (
        lhp.success_rate(counts, basis=basis).rate.value
        for basis in ("decided", "considered", "submitted")
    )

    assert decided >= considered >= submitted


def test_each_basis_has_its_own_denominator_and_says_so():
    # By hand: 12 of 32 decided, of 37 considered (5 pending), of 40 submitted.
    for basis, trials in (("decided", 32), ("considered", 37), ("submitted", 40)):
        row = lhp.success_rates(TALLY, basis=basis)["NIHR"]

        assert row.rate.value == 12 / trials
        assert row.basis == basis
        assert row.provenance.basis.startswith(basis)


def test_nihrs_funnel_for_2010_11_is_met():
    # NIHR, "RfPB success rates" V1.1 (March 2021), 2010/11: submitted 598, considered 448,
    # funded 110; D/B and D/A by hand from these counts: 24.6 % and 18.4 %.
    counts = lhp.OutcomeCounts(successful=110, unsuccessful=338, not_considered=150)

    considered = lhp.success_rate(counts, basis="considered").rate.value
    submitted = lhp.success_rate(counts, basis="submitted").rate.value

    assert (round(100 * considered, 1), round(100 * submitted, 1)) == (24.6, 18.4)


def test_rows_keep_every_count_and_the_total_adds_them_up():
    table = lhp.success_rates(TALLY)
    row, total = table["NIHR"], table.total

    counts = (row.successful, row.unsuccessful, row.decided, row.pending, row.withdrawn)
    assert counts == (12, 20, 32, 5, 2)
    assert row.not_considered == 1
    assert all(type(count) is int for count in counts)
    assert (total.successful, total.decided, total.pending) == (15, 40, 9)
    assert total.rate.value == 15 / 40


def test_with_nothing_decided_the_rate_is_undefined_and_not_0():
    row = lhp.success_rates(TALLY)["new"]

    assert math.isnan(row.rate.value)
    assert (row.rate.low, row.rate.high) == (0.0, 1.0)
    assert f"{row.rate}" == "–"
    assert (row.if_pending_all_fail, row.if_pending_all_succeed) == (0.0, 1.0)


def test_an_unpublished_split_gives_no_rate_but_keeps_the_n():
    tally = lhp.GrantTally.from_counts(
        {
            "LHP": lhp.OutcomeCounts(decided=66, pending=57),
            "x": lhp.OutcomeCounts(successful=1, unsuccessful=1),
        }
    )

    table = lhp.success_rates(tally)

    row = table["LHP"]
    assert (row.successful, row.unsuccessful, row.decided, row.pending) == (None, None, 66, 57)
    assert math.isnan(row.rate.value)
    assert (row.rate.low, row.rate.high) == (0.0, 1.0)
    assert table.total.successful is None
    assert table["x"].rate.value == 0.5
    assert "How decisions split is not published: LHP." in table.provenance.footnote()


def test_possible_rates_are_of_the_same_records_throughout():
    counts = lhp.OutcomeCounts(decided=66, pending=57)

    assert lhp.possible_success_rates(counts).provenance.records_in == counts.submitted == 123


def test_possible_rates_have_one_row_for_each_number_of_successes():
    table = lhp.possible_success_rates(lhp.OutcomeCounts(decided=66, pending=57))

    assert [row.successful for row in table] == list(range(67))
    assert (
        table[20].rate
        == lhp.success_rate(lhp.OutcomeCounts(successful=20, unsuccessful=46, pending=57)).rate
    )
    assert table[20].if_pending_all_succeed == 77 / 123
    with pytest.raises(lhp.NotFoundError, match="no total row"):
        table.total  # noqa: B018


def test_one_rate_is_the_total_of_the_table():
    assert lhp.success_rate(TALLY).rate == lhp.success_rates(TALLY).total.rate


def test_shared_applications_may_count_whole_but_not_in_parts():
    grants = [
        lhp.Grant(
            reference="G",
            submitted_on="2023-05-01",
            outcome="successful",
            lead="REM",
            partners=["REN"],
            decided_on="2023-06-01",
        )
    ]
    whole = lhp.tally_grants(grants, by="organisation", attribution="whole")
    parts = lhp.tally_grants(grants, by="organisation", attribution="fractional")

    assert lhp.success_rates(whole)["REN"].successful == 1
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.success_rates(parts)
    assert str(caught.value) == (
        "success rates need whole applications, but this tally has attribution 'fractional': "
        "count with 'lead' or 'whole'"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"confidence_level": 95},
            "confidence_level must be between 0 and 1, such as 0.95; got 95.0",
        ),
        ({"basis": "all"}, "basis must be one of 'decided', 'submitted', 'considered'; got 'all'"),
        ({"method": "normal"}, "method must be one of 'wilson'"),
    ],
)
def test_a_wrong_option_is_named(options, message):
    with pytest.raises(lhp.InvalidInputError, match=message):
        lhp.success_rates(TALLY, **options)


def test_every_row_can_be_derived_again_from_what_it_carries():
    provenance = lhp.success_rates(TALLY, method="clopper-pearson")["NIHR"].provenance

    assert provenance.periods[0][1:] == (TALLY.period.start, TALLY.period.end)
    assert (provenance.method, provenance.confidence_level) == ("clopper-pearson", 0.95)
    assert provenance.definition == "success-rate/1"


def test_two_hundred_thousand_groups_are_one_call():
    n = 200_000
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 50, size=(n, 2))
    tally = lhp.GrantTally.from_counts(
        {
            i: lhp.OutcomeCounts(successful=s, unsuccessful=u)
            for i, (s, u) in enumerate(counts.tolist())
        }
    )

    table = lhp.success_rates(tally)

    i = 123_456
    assert table[i].rate.value == counts[i, 0] / counts[i].sum()
    assert len(table) == n


@given(outcome_counts(), st.data())
def test_the_interval_with_pending_holds_every_interval_that_there_may_be_in_the_end(counts, data):
    union = lhp.success_rate(counts).rate_with_pending
    more = data.draw(st.integers(0, counts.pending))

    final = lhp.success_rate(
        lhp.OutcomeCounts(
            successful=counts.successful + more,
            unsuccessful=counts.unsuccessful + counts.pending - more,
        )
    ).rate

    assert union.low <= final.low + 1e-12
    assert union.high >= final.high - 1e-12
    assert union.low <= union.value <= union.high


def test_the_interval_with_pending_runs_between_the_two_extremes():
    row = lhp.success_rates(TALLY)["NIHR"]

    # 12 of 37 and 17 of 37 once nothing is pending.
    worst = lhp.success_rate(lhp.OutcomeCounts(successful=12, unsuccessful=25)).rate
    best = lhp.success_rate(lhp.OutcomeCounts(successful=17, unsuccessful=20)).rate
    assert row.rate_with_pending.low == worst.low
    assert row.rate_with_pending.high == best.high
    assert row.rate_with_pending.method == "wilson, whatever is pending"


@given(st.permutations(range(12)), st.integers(1, 11))
def test_rates_do_not_depend_on_the_order_of_records_nor_on_chunks(order, cut):
    grants = [
        lhp.Grant(
            reference=i,
            submitted_on="2023-05-01",
            outcome=("successful", "unsuccessful", "pending")[i % 3],
            funder=("NIHR", "MRC")[i % 2],
            amount_requested=1000 + 7 * i,
        )
        for i in range(12)
    ]
    whole = lhp.tally_grants(grants, by="funder")

    shuffled = [grants[i] for i in order]
    chunks = [lhp.tally_grants(part, by="funder") for part in (shuffled[:cut], shuffled[cut:])]
    together = lhp.combine(chunks, disjoint=True)

    assert together == whole
    for key in whole:
        assert lhp.success_rates(together)[key].rate == lhp.success_rates(whole)[key].rate
        assert lhp.value_success_rates(together)[key] == lhp.value_success_rates(whole)[key]


def test_several_keys_at_once_address_rows_by_tuple():
    year = lhp.Period.financial_year("2023-24")
    grants = [
        lhp.Grant(reference=1, submitted_on="2023-05-01", outcome="successful", funder="NIHR"),
        lhp.Grant(reference=2, submitted_on="2024-05-01", outcome="unsuccessful", funder="NIHR"),
    ]

    table = lhp.success_rates(lhp.tally_grants(grants, by=("financial_year", "funder")))

    assert table[year, "NIHR"].rate.value == 1.0
    assert len(table) == 2
    assert table.total.rate.value == 0.5


def test_an_old_report_is_reprinted_as_of_its_day_and_the_footnote_says_how_it_was_dated():
    grants = [
        lhp.Grant(
            reference=1, submitted_on="2023-05-01", outcome="successful", decided_on="2023-09-01"
        ),
        lhp.Grant(
            reference=2, submitted_on="2023-05-01", outcome="unsuccessful", decided_on="2024-09-01"
        ),
    ]

    then = lhp.success_rate(lhp.tally_grants(grants, as_of="2024-03-31"))
    now = lhp.success_rate(lhp.tally_grants(grants))

    assert (then.rate.value, then.pending) == (1.0, 1)
    assert (now.rate.value, now.pending) == (0.5, 0)
    assert "Dated by submitted_on. As known on 31 Mar 2024." in then.provenance.footnote()


def test_a_rate_of_something_else_is_refused():
    with pytest.raises(lhp.InvalidTypeError) as caught:
        lhp.success_rate({"successful": 3})

    assert str(caught.value) == ("counts must be a GrantTally or OutcomeCounts; got dict")


# What nobody stated

UNSTATED = lhp.OutcomeCounts(successful=12, unsuccessful=20, unstated=["pending"])
STATED = lhp.OutcomeCounts(successful=3, unsuccessful=5, pending=2)
HOW_MANY = "How many applications are still pending is not stated."


def test_where_nobody_states_the_pending_a_rate_has_no_bounds_and_no_forecast():
    tally = lhp.GrantTally.from_counts({"NIHR": UNSTATED, "MRC": STATED}, by="funder")

    table, forecast = lhp.success_rates(tally), lhp.forecast_successes(tally)

    for row in (table["NIHR"], table.total):
        assert row.pending is None
        assert math.isnan(row.if_pending_all_fail)
        assert math.isnan(row.if_pending_all_succeed)
        assert row.rate_with_pending.low == 0
        assert row.rate_with_pending.high == 1
        assert row.describe().endswith(HOW_MANY)
    assert table["NIHR"].rate.value == 12 / 32
    assert (table["MRC"].pending, table["MRC"].if_pending_all_fail) == (2, 0.3)
    assert "Applications pending are not stated, or only in part: NIHR." in table.provenance.notes
    assert (forecast["NIHR"].pending, forecast["NIHR"].probabilities) == (None, None)
    end, rate = forecast["NIHR"].final_successful, forecast["NIHR"].final_rate
    assert (end.low, end.high) == (12, math.inf)
    assert (rate.low, rate.high) == (0, 1)
    assert math.isnan(forecast["NIHR"].expected)
    assert forecast.total.describe() == f"There is nothing to forecast from. {HOW_MANY}"
    assert forecast["MRC"].probabilities is not None
    with_total = lhp.Table.from_json(table.to_json())
    assert with_total["NIHR"].pending is None


@pytest.mark.parametrize("basis", ["submitted", "considered"])
def test_where_nobody_states_the_pending_there_is_no_rate_of_more_than_the_decided(basis):
    tally = lhp.GrantTally.from_counts({"NIHR": UNSTATED, "MRC": STATED}, by="funder")

    table = lhp.success_rates(tally, basis=basis)

    assert math.isnan(table["NIHR"].rate.value)
    assert (table["NIHR"].rate.low, table["NIHR"].rate.high) == (0, 1)
    assert table["MRC"].rate.value == 0.3
    words = f"NIHR: there is no rate of those {basis}. {HOW_MANY}"
    assert table["NIHR"].describe() == words


def test_where_nobody_states_the_pending_they_bound_no_difference():
    change = lhp.success_rate_change(UNSTATED, STATED).total
    tally = lhp.GrantTally.from_counts({"NIHR": UNSTATED, "MRC": STATED}, by="funder")
    beside = lhp.compare_success_rates(tally)["MRC"]

    assert (change.before_pending, change.after_pending) == (None, 2)
    assert (beside.pending, beside.reference_pending) == (2, None)
    for row in (change, beside):
        assert row.difference.value == 0
        assert math.isnan(row.lowest_difference)
        assert math.isnan(row.highest_difference)
        assert row.describe().endswith(HOW_MANY)
    note = "Before: Applications pending are not stated, and none are counted."
    assert note in change.provenance.notes


@pytest.mark.parametrize("basis", ["submitted", "considered"])
def test_where_nobody_states_the_pending_successes_are_known_and_not_compared(basis):
    known = lhp.OutcomeCounts(successful=70, unsuccessful=80, pending=4)
    change = lhp.success_rate_change(known, UNSTATED, basis=basis)
    tally = lhp.GrantTally.from_counts({"A": UNSTATED, "B": known, "C": known}, by="funder")
    beside = lhp.compare_success_rates(tally, basis=basis)["A"]
    points = lhp.funnel(tally, basis=basis)

    assert (change.total.before_successful, change.total.after_successful) == (70, 12)
    assert change.total.describe() == (
        "There is no difference to state: how many are pending is not stated for at least one of "
        "the cohorts."
    )
    note = "After: Applications pending are not stated, and none are counted."
    assert [each for each in change.provenance.notes if "pending are" in each] == [note]
    assert (beside.successful, beside.reference_successful) == (12, 140)
    assert beside.describe().endswith(
        "how decisions split is not published, or how many are pending is not stated."
    )
    assert (points["A"].events, points["A"].trials) == (None, 0)
    assert (points.total.events, points.total.trials) == (140, 308)
    assert points["B"].upper_95 < 0.6


def test_where_nobody_states_the_pending_pounds_have_no_bounds_either():
    grants = [
        lhp.Grant(reference="G1", submitted_on="2023-05-01", outcome=outcome, **amounts)
        for outcome, amounts in [
            ("successful", {"amount_requested": "£100", "amount_awarded": "£100"}),
        ]
    ]
    year, before = (lhp.Period.financial_year(name) for name in ("2023-24", "2022-23"))
    printed = lhp.GrantTally.from_counts(
        {"NIHR": UNSTATED}, by="funder", period=before, dated_by="submitted_on"
    )
    own = lhp.tally_grants(
        [attrs.evolve(g, funder="NIHR") for g in grants], by="funder", period=year
    )

    row = lhp.value_success_rates(printed + own).total

    assert row.rate.value == 1
    assert math.isnan(row.if_pending_all_fail)
    assert row.describe().endswith(f"{HOW_MANY} Submitted from 1 Apr 2022 to 31 Mar 2024.")


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (
            lhp.OutcomeCounts(decided=5, unstated=["pending"]),
            f"5 applications were decided. {HOW_MANY} How many of the decided succeeded is not "
            "published, so there is no success rate.",
        ),
        (
            lhp.OutcomeCounts(successful=0, unsuccessful=0, unstated=["pending"]),
            f"No application was decided, so there is no success rate yet. {HOW_MANY}",
        ),
        (
            lhp.OutcomeCounts(successful=0, unsuccessful=0, pending=2),
            "No application was decided, so there is no success rate yet. 2 are still pending.",
        ),
    ],
)
def test_what_nobody_states_is_said_where_there_is_no_rate_either(counts, words):
    assert lhp.success_rate(counts).describe() == words


def test_the_report_says_what_nobody_states():
    html = str(lhp.report("Grants", grants=UNSTATED, charts=False))

    assert "32 applications decided, how many are pending not stated. 12 of the decided" in html
