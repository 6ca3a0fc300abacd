import datetime as dt
from collections import Counter
from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from strategies import grants

YEAR = lhp.Period.financial_year("2023-24")
OUTCOMES = ("successful", "unsuccessful", "pending", "withdrawn", "not_considered")

EVERY = ("outline", "full", "single", "not stated")

records = st.lists(grants(), unique_by=lambda grant: grant.reference, max_size=15)


def grant(reference, outcome="pending", submitted_on="2023-05-01", **fields):
    return lhp.Grant(reference=reference, outcome=outcome, submitted_on=submitted_on, **fields)


def decided(reference, on="2023-09-01", outcome="successful", **fields):
    return grant(reference, outcome, decided_on=on, **fields)


# OutcomeCounts


LATER = lhp.OutcomeCounts(successful=1, unsuccessful=2, pending=4, withdrawn=3)
UNSTATED = attrs.evolve(LATER, pending=0, withdrawn=0, unstated=["withdrawn", "pending"])


def test_what_a_source_does_not_state_is_no_difference_between_counts():
    stated = attrs.evolve(UNSTATED, unstated=())

    assert stated == UNSTATED
    assert repr(UNSTATED) == repr(stated)
    assert (UNSTATED.unstated, stated.unstated) == (("withdrawn", "pending"), ())


@pytest.mark.parametrize(
    ("counts", "notes"),
    [
        ({"A": LATER}, ()),
        (
            {"A": UNSTATED, "B": UNSTATED},
            ("Applications pending or withdrawn are not stated, and none are counted.",),
        ),
        (
            {"A": LATER, "B": UNSTATED},
            ("Applications pending or withdrawn are not stated, or only in part: B.",),
        ),
        (
            {"A": attrs.evolve(LATER, unstated=["pending"])},
            ("Applications pending are not stated, or only in part.",),
        ),
        (
            {
                "A": attrs.evolve(UNSTATED, unstated=["pending", "withdrawn", "not_considered"]),
                "B": LATER,
                "C": attrs.evolve(LATER, unstated=["withdrawn"]),
            },
            (
                "Applications pending or not considered are not stated, or only in part: A.",
                "Applications withdrawn are not stated, or only in part: A, C.",
            ),
        ),
    ],
)
def test_what_a_source_does_not_state_is_said_of_its_groups(counts, notes):
    tally = lhp.GrantTally.from_counts(counts)

    assert tally.to_table().provenance.notes == notes
    assert lhp.GrantTally.from_json(tally.to_json()).to_table().provenance.notes == notes


def test_what_is_not_stated_is_not_forgotten_on_the_way():
    year, next_year = (lhp.Period.financial_year(year) for year in ("2022-23", "2023-24"))
    one = lhp.GrantTally.from_counts({"A": UNSTATED, "B": LATER}, by="lead", period=year)
    other = lhp.GrantTally.from_counts({"A": LATER, "B": LATER}, by="lead", period=next_year)

    both = one + other
    grouped = one.regroup({"All": ["A", "B"]})

    assert both["A"].unstated == ("pending", "withdrawn")
    assert both["B"].unstated == ()
    assert both.total.unstated == both["A"].unstated
    assert (grouped["All"].unstated, grouped["All"].pending) == (("pending", "withdrawn"), 4)
    assert one.among(["B"]).total.unstated == ()
    assert [row.pending for row in (*one.to_table(), one.to_table().total)] == [None, 4, None]
    assert [row.pending for row in other.to_table()] == [4, 4]


@pytest.mark.parametrize(
    ("unstated", "error", "message"),
    [
        (
            ["decided"],
            lhp.InvalidInputError,
            "unstated must be one of 'pending', 'withdrawn', 'not_considered'; got 'decided'",
        ),
        ("pending", lhp.InvalidTypeError, "unstated must be a collection of names; got 'pending'"),
    ],
)
def test_what_cannot_be_unstated_is_refused(unstated, error, message):
    with pytest.raises(error) as caught:
        lhp.OutcomeCounts(successful=15, unsuccessful=51, pending=57, unstated=unstated)

    assert str(caught.value) == message


def test_decided_is_the_sum_of_its_parts():
    counts = lhp.OutcomeCounts(
        successful=1, unsuccessful=2, pending=3, withdrawn=4, not_considered=5
    )

    assert (counts.decided, counts.submitted) == (3, 15)


def test_decided_alone_says_that_the_split_is_not_known():
    counts = lhp.OutcomeCounts(decided=66, pending=57)

    assert (counts.successful, counts.unsuccessful, counts.submitted) == (None, None, 123)


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        (
            {"successful": 12},
            lhp.InvalidInputError,
            "successful (12) needs unsuccessful beside it; where only the number of decisions is "
            "published, give decided= alone",
        ),
        (
            {"unsuccessful": 12, "decided": 20},
            lhp.InvalidInputError,
            "unsuccessful (12) needs successful beside it; where only the number of decisions is "
            "published, give decided= alone",
        ),
        ({}, lhp.InvalidInputError, "give successful and unsuccessful, or decided alone"),
        (
            {"successful": 1, "unsuccessful": 2, "decided": 4},
            lhp.InvalidInputError,
            "decided (4) is not successful + unsuccessful (3)",
        ),
        (
            {"successful": 1.5, "unsuccessful": 2},
            lhp.InvalidInputError,
            "successful must be a whole number; got 1.5",
        ),
        (
            {"successful": 1, "unsuccessful": 2, "pending": -1},
            lhp.InvalidInputError,
            "pending must be a whole number of at least 0; got -1",
        ),
        (
            {"successful": float("nan"), "unsuccessful": 2},
            lhp.InvalidInputError,
            "successful must be a whole number of at least 0; got nan",
        ),
        (
            {"successful": True, "unsuccessful": 2},
            lhp.InvalidTypeError,
            "successful must be a whole number; got True",
        ),
        (
            {"successful": 1, "unsuccessful": 2, "pending": None},
            lhp.InvalidTypeError,
            "pending must be a whole number; got None",
        ),
    ],
)
def test_impossible_counts_are_refused(fields, error, message):
    with pytest.raises(error) as caught:
        lhp.OutcomeCounts(**fields)

    assert str(caught.value) == message


# From counts


def test_published_counts_become_a_tally():
    tally = lhp.GrantTally.from_counts(
        {
            "NIHR": lhp.OutcomeCounts(successful=12, unsuccessful=20, pending=5),
            "MRC": lhp.OutcomeCounts(decided=8),
        },
        by="funder",
        period=YEAR,
        as_of="2024-06-30",
    )

    assert tally["NIHR"] == lhp.OutcomeCounts(successful=12, unsuccessful=20, pending=5)
    assert tally["MRC"] == lhp.OutcomeCounts(decided=8)
    assert tally.total == lhp.OutcomeCounts(decided=40, pending=5)
    assert (tally.rows_in, tally.counted) == (45, 45)
    assert tally.as_of == dt.date(2024, 6, 30)


def test_a_bare_number_is_not_outcome_counts():
    with pytest.raises(lhp.InvalidTypeError) as caught:
        lhp.GrantTally.from_counts({"NIHR": 12})

    assert str(caught.value) == "counts['NIHR'] must be OutcomeCounts; got 12"


def test_the_table_shows_every_outcome():
    tally = lhp.GrantTally.from_counts(
        {
            "A": lhp.OutcomeCounts(
                successful=1, unsuccessful=2, pending=3, withdrawn=4, not_considered=5
            ),
            "B": lhp.OutcomeCounts(decided=8),
        }
    )

    first, second = tally.to_table().to_dicts()

    assert first == {
        "group": "A",
        "submitted": 15,
        "successful": 1,
        "unsuccessful": 2,
        "decided": 3,
        "pending": 3,
        "withdrawn": 4,
        "not_considered": 5,
    }
    assert (second["successful"], second["decided"]) == (None, 8)


# From records


@given(records, st.sampled_from([None, "funder", "stage", "theme", "lead"]))
def test_every_record_is_counted_once_under_its_outcome(given_grants, by):
    tally = lhp.tally_grants(given_grants, by=by, stages=EVERY)
    expected = Counter(
        (getattr(g, by) or "not stated" if by else None, g.outcome) for g in given_grants
    )

    assert tally.rows_in == tally.counted == len(given_grants)
    for outcome in OUTCOMES:
        whole = sum(n for (_, o), n in expected.items() if o == outcome)
        assert getattr(tally.total, outcome) == whole
        for key in tally:
            assert getattr(tally[key], outcome) == expected[key, outcome]


@given(records, st.dates(dt.date(2017, 1, 1), dt.date(2027, 12, 31)))
def test_rows_in_are_rows_counted_and_rows_excluded(given_grants, as_of):
    tally = lhp.tally_grants(
        given_grants, period=YEAR, as_of=as_of, undated="exclude", stages=EVERY
    )
    total = tally.total

    assert tally.rows_in == len(given_grants) == total.submitted + sum(tally.excluded.values())


@given(records, st.data())
def test_the_order_of_records_does_not_matter(given_grants, data):
    shuffled = data.draw(st.permutations(given_grants))
    options = {"by": "organisation", "attribution": "fractional"}

    one, two = (lhp.tally_grants(g, stages=EVERY, **options) for g in (given_grants, shuffled))

    assert one.keys == two.keys
    for name, values in one.columns.items():
        assert two.columns[name].tolist() == pytest.approx(values.tolist())


@given(records)
def test_fractional_counts_add_up_to_the_records_exactly(given_grants):
    tally = lhp.tally_grants(
        given_grants, by="organisation", attribution="fractional", stages=EVERY
    )

    assert sum(tally[key].submitted for key in tally) == len(given_grants)
    assert sum(tally.columns["requested_pence"][:-1]) == tally.columns["requested_pence"][-1]


@given(records)
def test_counted_whole_a_record_stands_at_each_of_its_organisations(given_grants):
    tally = lhp.tally_grants(given_grants, by="organisation", attribution="whole", stages=EVERY)
    places = Counter(code for g in given_grants for code in g.organisations or ["not stated"])

    assert {key: tally[key].submitted for key in tally} == places
    assert tally.total.submitted == len(given_grants)
    assert tally.overlapping


@given(records)
def test_counted_for_the_lead_a_record_stands_once(given_grants):
    tally = lhp.tally_grants(given_grants, by="organisation", attribution="lead", stages=EVERY)

    assert {key: tally[key].submitted for key in tally} == Counter(
        g.lead or "not stated" for g in given_grants
    )


def test_stated_shares_divide_a_record():
    shared = decided(
        "G", lead="REM", partners=["REN"], amount_requested=900, shares={"REM": "2/3", "REN": "1/3"}
    )

    tally = lhp.tally_grants([shared], by="organisation", attribution="fractional")

    assert tally["REM"].successful == Fraction(2, 3)
    assert tally.columns["requested_pence"].tolist() == [60_000, 30_000, 90_000]
    # Second moments of parts: 600² and 300² pounds.
    assert tally.columns["requested_successful_squared"].tolist() == [360_000, 90_000, 810_000]


@given(records, st.dates(dt.date(2017, 1, 1), dt.date(2027, 12, 31)), st.integers(0, 900))
def test_nothing_that_is_pending_later_was_decided_earlier(given_grants, first, days):
    later = min(first + dt.timedelta(days=days), dt.date(2028, 1, 1))
    known = [g for g in given_grants if g.submitted_on <= first]

    then, now = (
        lhp.tally_grants(known, as_of=date, undated="exclude", stages=EVERY).total
        for date in (first, later)
    )

    assert then.pending >= now.pending
    assert then.decided <= now.decided


def test_as_of_reprints_what_was_known_then():
    found = lhp.tally_grants(
        [
            decided("early", "2023-09-01"),
            decided("late", "2024-05-01"),
            grant("unborn", submitted_on="2024-04-02"),
        ],
        as_of="2024-03-31",
    )

    assert found.total == lhp.OutcomeCounts(successful=1, unsuccessful=0, pending=1)
    assert found.excluded == {"submitted after 31 Mar 2024": 1}
    assert found.notes == ()


def test_decisions_after_the_period_are_noted():
    tally = lhp.tally_grants([decided("late", "2024-05-01")], period=YEAR)

    assert tally.notes == (
        "1 decisions were taken after 31 Mar 2024; as_of= shows what was known on a day.",
    )


def test_records_outside_the_period_are_excluded_with_the_reason():
    tally = lhp.tally_grants(
        [
            grant("in"),
            grant("before", submitted_on="2023-03-31"),
            grant("last", submitted_on="2024-03-31"),
            grant("after", submitted_on="2024-04-01"),
        ],
        period=YEAR,
    )

    assert tally.excluded == {"submitted_on outside the period": 2}
    assert (tally.rows_in, tally.counted, tally.total.pending) == (4, 2, 2)
    said = tally.provenance("grant-counts/1").footnote()
    assert "4 records in, 2 counted, excluded submitted_on outside the period: 2." in said


def test_a_cohort_by_decision_leaves_the_pending_out():
    tally = lhp.tally_grants(
        [
            decided("in", "2023-12-01", submitted_on="2022-12-01"),
            decided("out", "2024-05-01"),
            grant("open"),
        ],
        period=YEAR,
        dated_by="decided_on",
    )

    assert tally.total == lhp.OutcomeCounts(successful=1, unsuccessful=0)
    assert tally.excluded == {"no decision yet": 1, "decided_on outside the period": 1}
    assert tally.dated_by == "decided_on"


@pytest.mark.parametrize(
    ("undated", "total", "excluded"),
    [
        ("decided", lhp.OutcomeCounts(successful=2, unsuccessful=0), {}),
        ("pending", lhp.OutcomeCounts(successful=1, unsuccessful=0, pending=1), {}),
        (
            "exclude",
            lhp.OutcomeCounts(successful=1, unsuccessful=0),
            {"outcome without decided_on": 1},
        ),
    ],
)
def test_undated_says_what_an_outcome_without_a_date_is(undated, total, excluded):
    given_grants = [decided("dated"), grant("undated", "successful")]

    tally = lhp.tally_grants(given_grants, as_of="2024-03-31", undated=undated)

    assert (tally.total, tally.excluded) == (total, excluded)


def test_without_as_of_an_outcome_needs_no_date():
    assert lhp.tally_grants([grant("undated", "successful")]).total.successful == 1


def test_periods_are_keys_and_a_shared_month_stays_two_points():
    tally = lhp.tally_grants(
        [
            grant("a", submitted_on="2023-11-03"),
            grant("b", submitted_on="2023-11-25"),
            grant("c", submitted_on="2023-12-01"),
        ],
        by="month",
        period=lhp.Period("2023-11-20", "2024-03-31"),
    )

    assert tally.keys == (lhp.Period("2023-11-20", "2023-11-30"), lhp.Period.month("2023-12"))
    assert tally["20 Nov 2023 to 30 Nov 2023"].pending == 1


@pytest.mark.parametrize(
    ("by", "date", "key"),
    [
        ("financial_year", "2024-03-31", "2023-24"),
        ("financial_year", "2024-04-01", "2024-25"),
        ("financial_year", "2000-01-01", "1999-00"),
        ("quarter", "2024-03-31", "2023-24 Q4 (Jan–Mar 2024)"),
        ("quarter", "2023-12-31", "2023-24 Q3 (Oct–Dec 2023)"),
        ("quarter", "2023-04-01", "2023-24 Q1 (Apr–Jun 2023)"),
        ("month", "2024-02-29", "Feb 2024"),
    ],
)
def test_dates_fall_into_the_right_span(by, date, key):
    assert [str(k) for k in lhp.tally_grants([grant("G", submitted_on=date)], by=by)] == [key]


def test_several_names_give_keys_of_several_parts():
    tally = lhp.tally_grants(
        [grant("a", funder="NIHR"), decided("b", funder="NIHR", stage="full"), grant("c")],
        by=("financial_year", "funder", "stage"),
    )

    year = lhp.Period.financial_year("2023-24")
    assert tally.keys == (
        (year, "NIHR", "full"),
        (year, "NIHR", "not stated"),
        (year, "not stated", "not stated"),
    )
    assert tally[year, "NIHR", "full"].successful == 1


def test_money_is_counted_in_pence():
    # By hand, in pounds: requested 100.10 + 200.20 decided, 50 pending; won 100.10, awarded 90.
    tally = lhp.tally_grants(
        [
            decided("won", amount_requested="100.10", amount_awarded="90"),
            decided("lost", outcome="unsuccessful", amount_requested="200.20"),
            decided("unknown", outcome="unsuccessful"),
            grant("open", amount_requested=50),
        ]
    )
    money = {name: values.tolist()[0] for name, values in tally.columns.items()}

    assert money["requested_pence"] == 35_030
    assert money["requested_decided_pence"] == 30_030
    assert money["requested_successful_pence"] == 10_010
    assert money["awarded_pence"] == 9_000
    assert money["largest_requested_decided_pence"] == 20_020
    assert money["without_amount"] == 1
    assert money["requested_unsuccessful_squared"] == pytest.approx(200.2**2)
    assert money["requested_successful_squared"] == pytest.approx(100.1**2)
    assert (money["requested_pending_pence"], money["without_award"]) == (5_000, 0)
    # Of both decided applications with a request, what was awarded is known.
    assert (money["paired"], money["paired_requested_pence"]) == (2, 30_030)
    assert money["paired_awarded_pence"] == 9_000
    assert money["paired_requested_squared"] == pytest.approx(100.1**2 + 200.2**2)
    assert money["paired_awarded_squared"] == pytest.approx(90.0**2)
    assert money["paired_awarded_times_requested"] == pytest.approx(90 * 100.1)


@pytest.mark.parametrize(
    ("given_grants", "options", "error", "message"),
    [
        (
            [grant("G1"), grant("G2"), grant("G1")],
            {},
            lhp.InvalidInputError,
            "each reference must stand once, but not so: 'G1' (2 times)",
        ),
        (
            [grant("G1"), {"reference": "G2"}],
            {},
            lhp.InvalidTypeError,
            "record 1 must be a Grant; got {'reference': 'G2'}",
        ),
        (
            [grant("G1", lead="REM", partners=["REN"]), grant("G2", lead="REM")],
            {"by": "organisation"},
            lhp.InvalidInputError,
            "records with several organisations: grant 'G1' (REM, REN); say attribution='lead', "
            "'whole' or 'fractional'",
        ),
        (
            [grant(str(i), "successful") for i in range(7)],
            {"as_of": "2024-03-31"},
            lhp.InvalidInputError,
            "grant '0', grant '1', grant '2', grant '3', grant '4' and 2 more: outcome without "
            "decided_on; say undated='decided', 'pending' or 'exclude'",
        ),
        (
            [grant("G1", "successful")],
            {"dated_by": "decided_on", "undated": "decided"},
            lhp.InvalidInputError,
            "grant 'G1': no decided_on to date it by; say undated='exclude'",
        ),
        (
            [grant("G1")],
            {"by": "funders"},
            lhp.InvalidInputError,
            "cannot count by 'funders'; did you mean 'funder' or 'funder_type'?",
        ),
        (
            [grant("G1")],
            {"by": "submitted_on"},
            lhp.InvalidInputError,
            "cannot count by 'submitted_on': it is not text; by='month', 'quarter' or "
            "'financial_year'",
        ),
        (
            [grant("G1")],
            {"by": ("funder", "funder")},
            lhp.InvalidInputError,
            "by must not repeat a name; got ('funder', 'funder')",
        ),
        (
            [grant("G1")],
            {"as_of": "31/03/2024"},
            lhp.InvalidInputError,
            "as_of must be a date such as 2024-03-31; got '31/03/2024'",
        ),
        (
            [grant("G1")],
            {"as_of": dt.datetime(2024, 3, 31, 12)},
            lhp.InvalidTypeError,
            "as_of must be a date; got datetime.datetime(2024, 3, 31, 12, 0)",
        ),
        (
            [grant("G1")],
            {"attribution": "all"},
            lhp.InvalidInputError,
            "attribution must be one of 'lead', 'whole', 'fractional'; got 'all'",
        ),
    ],
)
def test_bad_records_and_options_are_named(given_grants, options, error, message):
    with pytest.raises(error) as caught:
        lhp.tally_grants(given_grants, **options)

    assert str(caught.value) == message


def test_no_records_are_an_empty_tally():
    tally = lhp.tally_grants([], by="funder", period=YEAR)

    assert (tally.keys, tally.total, tally.rows_in) == (
        (),
        lhp.OutcomeCounts(successful=0, unsuccessful=0),
        0,
    )


@pytest.mark.parametrize(
    ("by", "first"),
    [("month", "2024-03-01"), ("quarter", "2024-01-01"), ("financial_year", "2023-12-05")],
)
def test_the_last_span_ends_with_the_period(by, first):
    period = lhp.Period("2023-12-05", "2024-03-15")

    tally = lhp.tally_grants([grant("G", submitted_on="2024-03-10")], by=by, period=period)

    assert tally.keys == (lhp.Period(first, "2024-03-15"),)


def test_an_application_of_the_very_day_was_known_on_it():
    tally = lhp.tally_grants([grant("G", submitted_on="2024-03-31")], as_of="2024-03-31")

    assert (tally.total.pending, tally.excluded) == (1, {})


def test_a_cohort_by_decision_as_of_a_day_has_the_decisions_known_on_it():
    tally = lhp.tally_grants(
        [
            decided("of the day", "2024-02-01"),
            decided("of the next", "2024-02-02"),
            decided("of last year", "2023-03-31", submitted_on="2023-01-01"),
        ],
        period=YEAR,
        dated_by="decided_on",
        as_of="2024-02-01",
    )

    assert tally.total == lhp.OutcomeCounts(successful=1, unsuccessful=0)
    assert tally.excluded == {"no decision yet": 1, "decided_on outside the period": 1}


def test_a_decision_of_the_last_day_was_not_taken_after_the_period():
    assert lhp.tally_grants([decided("G", "2024-03-31")], period=YEAR).notes == ()


def test_with_as_of_nobody_need_be_told_of_it():
    tally = lhp.tally_grants([decided("G", "2024-05-01")], period=YEAR, as_of="2024-06-30")

    assert (tally.total.successful, tally.notes) == (1, ())


@pytest.mark.parametrize(
    ("column", "whole"),
    [
        ("requested_squared", 900**2 + 300**2 + 60**2),
        ("awarded_squared", 600**2),
        ("requested_successful_squared", 900**2),
        ("requested_unsuccessful_squared", 300**2),
        ("paired_requested_squared", 900**2 + 300**2),
        ("paired_awarded_squared", 600**2),
        ("paired_awarded_times_requested", 900 * 600),
    ],
)
def test_a_part_counts_in_second_moments_by_its_square(column, whole):
    # By hand: the square of a third of an amount is a ninth of the amount's square.
    shared = {"lead": "REM", "partners": ["REN"], "shares": {"REM": "2/3", "REN": "1/3"}}
    tally = lhp.tally_grants(
        [
            decided("won", amount_requested=900, amount_awarded=600, **shared),
            decided("lost", outcome="unsuccessful", amount_requested=300, **shared),
            grant("open", amount_requested=60, **shared),
        ],
        by="organisation",
        attribution="fractional",
    )

    assert tally.columns[column].tolist() == pytest.approx([whole * 4 / 9, whole / 9, whole])


def test_what_is_pending_is_neither_the_largest_decided_nor_a_decision_without_amount():
    tally = lhp.tally_grants(
        [
            decided("won", amount_requested=100),
            grant("large", amount_requested=5_000),
            grant("unknown"),
        ],
        by="funder",
    )

    assert tally.columns["largest_requested_decided_pence"].tolist() == [10_000, 10_000]
    assert tally.columns["without_amount"].tolist() == [0, 0]
    assert tally.columns["without_requested"].tolist() == [1, 1]


def test_counted_whole_only_organisations_share_records():
    shared = grant("G", lead="REM", partners=["REN"], funder="NIHR")

    assert not lhp.tally_grants([shared], by="funder", attribution="whole").overlapping
    by = ("funder", "organisation")
    assert lhp.tally_grants([shared], by=by, attribution="whole").overlapping


def test_a_grant_outside_the_cohort_needs_no_decision_date():
    old = grant("old", "successful", submitted_on="2019-05-01")

    tally = lhp.tally_grants([old, grant("new")], period=YEAR, as_of="2024-03-31")

    assert tally.total.pending == 1
    assert tally.excluded == {"submitted_on outside the period": 1}
