import copy
import datetime as dt
import pickle
from fractions import Fraction

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from lhp_metrics.tallies import Tally, aligned
from lhp_metrics.tallies._keys import exact_count, sorted_keys
from strategies import adjoining_periods, grant_tallies, grants, registration_tallies

EVERY = ("outline", "full", "single", "not stated")
MARCH = lhp.Period.month("2024-03")
APRIL = lhp.Period.month("2024-04")

LUHFT = lhp.Trust(code="REM", names="Liverpool University Hospitals", short_name="LUHFT")
ROYAL = lhp.Trust(code="RQ6", names="Royal Liverpool")
CLOSED = lhp.Trust(code="RY1", names="Community Health")
PARTNERSHIP = lhp.Partnership(
    "Test",
    [LUHFT, ROYAL, CLOSED],
    successions=[
        lhp.Succession(predecessor="RQ6", successor="REM", on="2019-10-01", kind="acquisition")
    ],
)


def registered(counts, period=MARCH, **options):
    return lhp.RegistrationTally.from_counts(counts, period=period, **options)


def test_a_tally_is_addressed_by_key_and_knows_its_total():
    tally = registered({"REM": 3, "REP": 0})

    assert (tally["REM"], tally["REP"], tally.total, tally.counted) == (3, 0, 3, 3)
    assert type(tally["REM"]) is int
    assert (list(tally), len(tally), "REM" in tally, "RET" in tally) == (
        ["REM", "REP"],
        2,
        True,
        False,
    )


def test_an_unknown_key_names_near_ones():
    with pytest.raises(lhp.NotFoundError) as caught:
        registered({"REM": 3})["RET"]

    assert str(caught.value) == "the tally has no group 'RET'; did you mean 'REM'?"


def test_columns_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        registered({"REM": 3}).columns["registrations"][0] = 4


@given(adjoining_periods(), st.data())
def test_adding_adjoining_periods_gives_their_union(periods, data):
    before, after = (data.draw(registration_tallies(period=period)) for period in periods)

    both = before + after

    assert (both.period.start, both.period.end) == (before.period.start, after.period.end)
    assert both.total == before.total + after.total
    assert both.rows_in == before.rows_in + after.rows_in
    for key in both:
        mine = before[key] if key in before else 0
        assert both[key] == mine + (after[key] if key in after else 0)
    assert both == after + before


@given(adjoining_periods(), st.data())
def test_grants_add_up_by_outcome(periods, data):
    before, after = (data.draw(grant_tallies(period=period)) for period in periods)

    both = before + after

    for name in ("successful", "unsuccessful", "pending", "withdrawn", "not_considered"):
        assert getattr(both.total, name) == getattr(before.total, name) + getattr(after.total, name)


@given(
    st.lists(grants(), unique_by=lambda grant: grant.reference, max_size=12),
    adjoining_periods(),
    st.sampled_from([None, "funder", "stage", "lead", "financial_year", ("funder", "stage")]),
)
def test_splitting_a_period_and_adding_the_tallies_gives_the_whole(records, periods, by):
    whole = lhp.Period(periods[0].start, periods[1].end)
    if by == "financial_year":
        periods = (lhp.Period("2017-04-01", "2020-03-31"), lhp.Period("2020-04-01", "2027-03-31"))
        whole = lhp.Period("2017-04-01", "2027-03-31")

    def tally(chosen, period):
        return lhp.tally_grants(chosen, by=by, period=period, stages=EVERY)

    inside = [[g for g in records if period.contains(g.submitted_on)] for period in periods]
    added = tally(inside[0], periods[0]) + tally(inside[1], periods[1])
    at_once = tally([g for half in inside for g in half], whole)

    assert added.keys == at_once.keys
    assert added.rows_in == at_once.rows_in
    for name, values in at_once.columns.items():
        assert added.columns[name].tolist() == pytest.approx(values.tolist())


@given(
    st.lists(grants(), unique_by=lambda grant: grant.reference, max_size=20),
    st.integers(0, 20),
)
def test_chunks_of_one_period_combine_to_the_whole(records, cut):
    def tally(chosen):
        return lhp.tally_grants(chosen, by="funder", stages=EVERY)

    combined = lhp.combine([tally(records[:cut]), tally(records[cut:])], disjoint=True)

    assert combined.keys == tally(records).keys
    for name, values in tally(records).columns.items():
        assert combined.columns[name].tolist() == pytest.approx(values.tolist())


@pytest.mark.parametrize(
    ("one", "two", "message"),
    [
        (
            registered({"A": 1}, MARCH),
            registered({"A": 1}, lhp.Period("2024-03-31", "2024-04-30")),
            "the periods Mar 2024 and 31 Mar 2024 to 30 Apr 2024 overlap, so a record may stand "
            "in both",
        ),
        (
            registered({"A": 1}, MARCH),
            registered({"A": 1}, lhp.Period.month("2024-05")),
            "the periods Mar 2024 and May 2024 do not adjoin, so together they are not one period",
        ),
        (
            registered({"A": 1}, None),
            registered({"A": 1}, APRIL),
            "only tallies with periods can be added: without them nobody can tell whether a "
            "record stands in both; combine([...], disjoint=True) takes your word for it",
        ),
        (
            registered({"A": 1}, MARCH),
            registered({"A": 1}, APRIL, by="sponsor"),
            "the tallies differ in by: ('organisation',) and ('sponsor',)",
        ),
        (
            registered({"A": 1}, MARCH, attribution="lead"),
            registered({"A": 1}, APRIL),
            "the tallies differ in attribution: 'lead' and None",
        ),
    ],
)
def test_what_does_not_add_up_is_refused(one, two, message):
    with pytest.raises(lhp.InvalidInputError) as caught:
        one + two

    assert str(caught.value) == message


def test_tallies_of_different_kinds_do_not_add_up():
    grants = lhp.GrantTally.from_counts({}, by="organisation", period=APRIL)

    with pytest.raises(TypeError):
        registered({"A": 1}) + grants


def as_known_on(date):
    return lhp.GrantTally.from_counts(
        {"A": lhp.OutcomeCounts(successful=1, unsuccessful=1)}, as_of=date, period=MARCH
    )


@pytest.mark.parametrize(
    ("parts", "disjoint", "message"),
    [
        ([registered({"A": 1})], False, "say disjoint=True if that is so"),
        ([registered({"A": 1})], 1, "say disjoint=True if that is so"),
        ([], True, "combine needs at least one tally"),
        (
            [registered({"A": 1}, MARCH), registered({"A": 1}, APRIL)],
            True,
            r"the parts have different periods \(Apr 2024, Mar 2024\): use \+ for those",
        ),
        (
            [as_known_on("2024-04-01"), as_known_on("2024-05-01")],
            True,
            "the tallies differ in as_of",
        ),
    ],
)
def test_parts_that_cannot_be_combined_are_refused(parts, disjoint, message):
    with pytest.raises(lhp.InvalidInputError, match=message):
        lhp.combine(parts, disjoint=disjoint)


@given(registration_tallies())
def test_regrouping_keeps_the_total(tally):
    members = list(tally)[:2]

    regrouped = tally.regroup({"Site": members})

    assert regrouped.total == tally.total
    assert sum(regrouped[key] for key in regrouped) == tally.total
    if members:
        assert regrouped["Site"] == sum(tally[member] for member in members)
    assert not regrouped.overlapping


def test_groups_that_overlap_say_so_and_do_not_double_the_total():
    tally = registered({"REM": 60, "REN": 34, "RET": 10, "REP": 17})

    sites = tally.regroup({"Aintree": ["REM", "RET"], "Royal": ["REM", "REN"]})

    assert (sites["Aintree"], sites["Royal"], sites["REP"], sites.total) == (70, 94, 17, 121)
    assert sites.overlapping
    assert "Groups share records" in str(sites)


def test_the_organisation_in_a_key_of_several_parts_is_regrouped():
    grants = [
        lhp.Grant(
            reference=str(i), submitted_on="2024-03-01", outcome="pending", lead=lead, funder=funder
        )
        for i, (lead, funder) in enumerate([("REM", "NIHR"), ("RQ6", "NIHR"), ("REM", "MRC")])
    ]
    tally = lhp.tally_grants(grants, by=("funder", "organisation"))

    assert tally.regroup({"City": ["REM", "RQ6"]})["NIHR", "City"].pending == 2
    assert tally.restate(PARTNERSHIP)["NIHR", "REM"].pending == 2


@pytest.mark.parametrize(
    ("groups", "error", "message"),
    [
        ({"Site": ["REN"]}, lhp.NotFoundError, "no group 'REN' in the tally; did you mean 'REM'?"),
        ({"Site": "REM"}, lhp.InvalidInputError, "group 'Site': members must be a list of keys"),
    ],
)
def test_wrong_groups_are_refused(groups, error, message):
    with pytest.raises(error) as caught:
        registered({"REM": 3}).regroup(groups)

    assert str(caught.value) == message


@pytest.mark.parametrize("verb", ["regroup", "restate"])
def test_a_whole_tally_is_neither_regrouped_nor_restated(verb):
    whole = registered({"REM": 3, "RQ6": 3}, attribution="whole", total=4)
    argument = PARTNERSHIP if verb == "restate" else {"Site": ["REM", "RQ6"]}

    with pytest.raises(lhp.InvalidInputError) as caught:
        getattr(whole, verb)(argument)

    assert str(caught.value) == (
        f"cannot {verb} a tally with attribution 'whole': a record of two members would count "
        "twice in their group; count with attribution='lead' or 'fractional'"
    )


def test_a_tally_without_organisations_is_not_restated():
    tally = lhp.tally_grants([], by=("funder", "stage"))

    with pytest.raises(lhp.InvalidInputError, match="it has no organisations"):
        tally.restate(PARTNERSHIP)


def test_restating_moves_counts_to_the_successor():
    tally = registered({"RQ6": 40, "REM": 60, "RY1": 5})

    restated = tally.restate(PARTNERSHIP)

    assert (restated["REM"], restated.total) == (100, 105)
    assert "RQ6" not in restated
    assert restated["RY1"] == 5  # closed, its successor unknown: stays what it was
    assert restated.name_of("REM") == "LUHFT"


def test_a_later_merger_is_not_applied():
    assert registered({"RQ6": 40}).restate(PARTNERSHIP, as_of="2019-09-30")["RQ6"] == 40


@given(adjoining_periods(), st.data())
def test_restating_commutes_with_adding(periods, data):
    codes = ("REM", "RQ6", "RY1")
    one, two = (data.draw(registration_tallies(period=p, codes=codes)) for p in periods)

    assert (one + two).restate(PARTNERSHIP) == one.restate(PARTNERSHIP) + two.restate(PARTNERSHIP)


def test_aligned_tallies_have_the_groups_of_either():
    one, two = aligned(registered({"A": 1, "C": 3}), registered({"B": 2}, APRIL))

    assert one.keys == two.keys == ("A", "B", "C")
    assert one.columns["registrations"].tolist() == [1, 0, 3, 4]
    assert two.columns["registrations"].tolist() == [0, 2, 0, 2]


def test_the_largest_value_is_kept_not_added():
    def tally(pounds, period):
        grant = lhp.Grant(
            reference="G",
            submitted_on=period.start,
            outcome="unsuccessful",
            amount_requested=pounds,
            decided_on=period.end,
        )
        return lhp.tally_grants([grant], by="funder", period=period)

    both = tally(300, MARCH) + tally(200, APRIL)

    assert both.columns["largest_requested_decided_pence"].tolist() == [30_000, 30_000]
    assert both.columns["requested_decided_pence"].tolist() == [50_000, 50_000]


def test_equality_ignores_the_order_of_groups_but_not_what_was_counted():
    assert registered({"A": 1, "B": 2}) == registered({"B": 2, "A": 1})
    assert registered({"A": 1, "B": 2}) != registered({"A": 2, "B": 1})
    assert registered({"A": 1}) != registered({"A": 1}, APRIL)
    assert registered({"A": 1}) != registered({"B": 1})
    assert registered({"A": 1}) != 1


def test_a_tally_survives_pickling_and_prints_itself():
    tally = registered({"REM": 3})

    assert pickle.loads(pickle.dumps(tally)) == tally  # noqa: S301
    assert "REM" in repr(tally)
    assert "<table" in tally._repr_html_()


def test_keys_are_ordered_by_kind_with_not_stated_last():
    march, april = MARCH, APRIL

    assert sorted_keys(["not stated", "b", "a"]) == ["a", "b", "not stated"]
    assert sorted_keys([april, "not stated", march]) == [march, april, "not stated"]
    assert sorted_keys([("b", march), ("a", april), ("a", march)]) == [
        ("a", march),
        ("a", april),
        ("b", march),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, 3), (3.0, 3), (np.int64(3), 3), (Fraction(6, 2), 3), (Fraction(1, 2), Fraction(1, 2))],
)
def test_counts_are_exact(value, expected):
    found = exact_count("n", value)

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (1.5, lhp.InvalidInputError, "n must be a whole number; got 1.5"),
        (-1, lhp.InvalidInputError, "n must be a whole number of at least 0; got -1"),
        (float("nan"), lhp.InvalidInputError, "n must be a whole number of at least 0; got nan"),
        (float("inf"), lhp.InvalidInputError, "n must be a whole number; got inf"),
        (True, lhp.InvalidTypeError, "n must be a whole number; got True"),
        ("12", lhp.InvalidTypeError, "n must be a whole number; got '12'"),
        (None, lhp.InvalidTypeError, "n must be a whole number; got None"),
    ],
)
def test_what_is_not_a_count_is_refused(value, error, message):
    with pytest.raises(error) as caught:
        exact_count("n", value)

    assert str(caught.value) == message


def test_dates_in_provenance_are_those_of_the_tally():
    tally = as_known_on("2024-04-01")

    assert tally.provenance("x/1").as_of == dt.date(2024, 4, 1)
    assert tally.provenance("x/1").periods == (("", MARCH.start, MARCH.end),)


@pytest.mark.parametrize("name", ["columns", "excluded", "names"])
def test_what_a_tally_holds_cannot_be_replaced(name):
    tally = registered({"REM": 3})

    with pytest.raises(TypeError, match="does not support item assignment"):
        getattr(tally, name)["registrations"] = 4
    again = copy.deepcopy(tally)
    assert again == tally
    assert getattr(again, name).keys() == getattr(tally, name).keys()
    table = pickle.loads(pickle.dumps(tally.to_table()))  # noqa: S301
    assert table == tally.to_table()


@pytest.mark.parametrize(
    ("make", "other"),
    [
        (lambda keys: registered(dict.fromkeys(keys, 1)), " rem "),
        (
            lambda keys: lhp.GrantTally.from_counts(
                dict.fromkeys(keys, lhp.OutcomeCounts(decided=1))
            ),
            "Rem",
        ),
    ],
)
def test_keys_that_differ_in_capitals_and_spaces_alone_are_refused(make, other):
    with pytest.raises(lhp.InvalidInputError) as caught:
        make(["REM", other])

    assert f"the keys 'REM' and {other!r}, which differ in capitals" in str(caught.value)
    assert len(make(["REM", "REN"])) == 2


def test_a_pickled_tally_equals_the_original_and_cannot_be_written_through():
    tally = lhp.RegistrationTally.from_counts({"REM": 69, "REN": 34})
    assert tally["REM"] == 69  # fills the index, which must not get in the way

    again = pickle.loads(pickle.dumps(tally))  # noqa: S301

    assert again == tally
    assert again["REN"] == 34
    with pytest.raises(ValueError, match="read-only"):
        again.columns["registrations"][0] = 1


def only_the_submitted(period=MARCH, dated_by="submitted_on"):
    return lhp.GrantTally.from_counts(
        {"A": lhp.OutcomeCounts(successful=1, unsuccessful=1)}, period=period, dated_by=dated_by
    )


def test_tallies_dated_by_different_dates_do_not_add_up():
    with pytest.raises(lhp.InvalidInputError) as caught:
        only_the_submitted() + only_the_submitted(APRIL, "decided_on")

    assert str(caught.value) == "the tallies differ in dated_by: 'submitted_on' and 'decided_on'"


def test_a_tally_whose_groups_overlap_does_not_add_up_with_one_whose_groups_do_not():
    counts = {"REM": 60, "REN": 34}
    shared = registered(counts).regroup({"North": ["REM", "REN"], "South": ["REM"]})
    apart = registered(counts, APRIL).regroup({"North": ["REN"], "South": ["REM"]})

    with pytest.raises(lhp.InvalidInputError) as caught:
        shared + apart

    assert str(caught.value) == "the tallies differ in overlapping: True and False"


def grants_on(*days, **options):
    records = [
        lhp.Grant(reference=f"{day}", submitted_on=day, outcome="pending", funder="NIHR")
        for day in days
    ]
    return lhp.tally_grants(records, by="funder", **options)


def test_tallies_that_left_out_records_for_other_reasons_are_not_equal():
    options = {"period": MARCH, "as_of": "2024-06-30"}
    too_late = grants_on("2024-03-01", "2024-05-01", **options)
    not_yet_known = grants_on("2024-03-01", "2024-07-01", **options)

    assert too_late.excluded == {"submitted_on outside the period": 1}
    assert not_yet_known.excluded == {"submitted after 30 Jun 2024": 1}
    assert too_late["NIHR"] == not_yet_known["NIHR"]
    assert too_late != not_yet_known


def test_combined_parts_leave_out_what_each_left_out():
    options = {"period": MARCH, "as_of": "2024-06-30"}

    whole = lhp.combine(
        [
            grants_on("2024-03-01", "2024-05-01", "2024-05-02", **options),
            grants_on("2024-03-02", "2024-05-03", "2024-07-01", **options),
        ],
        disjoint=True,
    )

    assert whole.excluded == {
        "submitted_on outside the period": 3,
        "submitted after 30 Jun 2024": 1,
    }
    assert (whole.rows_in, whole.counted, whole.total.pending) == (6, 2, 2)


def test_added_tallies_keep_the_notes_of_both_each_once():
    def counted(period, *notes):
        tally = registered({"REM": 1}, period)
        return lhp.RegistrationTally(
            by=tally.by,
            keys=tally.keys,
            columns=tally.columns,
            rows_in=tally.rows_in,
            period=period,
            dated_by=tally.dated_by,
            notes=notes,
        )

    both = counted(MARCH, "Same.", "One.") + counted(APRIL, "Same.", "Two.")

    assert both.notes == ("Same.", "One.", "Two.")


def test_added_and_aligned_tallies_know_the_names_of_both():
    one = registered({"REM": 1}, MARCH, partnership=PARTNERSHIP)
    two = registered({"RQ6": 2}, APRIL, partnership=PARTNERSHIP)
    expected = {"REM": "LUHFT", "RQ6": "Royal Liverpool"}

    assert (one + two).names == expected
    assert [tally.names for tally in aligned(one, two)] == [expected, expected]


def test_groups_of_any_one_kind_are_regrouped():
    tally = grants_on("2024-03-01")

    assert tally.regroup({"Public": ["NIHR"]})["Public"].pending == 1


def test_leads_are_the_organisations_of_a_key_of_several_parts():
    grants = [
        lhp.Grant(
            reference=lead, submitted_on="2024-03-01", outcome="pending", lead=lead, funder="NIHR"
        )
        for lead in ("REM", "RQ6")
    ]
    tally = lhp.tally_grants(grants, by=("funder", "lead"))

    assert tally.regroup({"City": ["REM", "RQ6"]})["NIHR", "City"].pending == 2


def test_restating_leaves_what_is_not_stated_where_it_is():
    studies = [
        lhp.Study(study_id="S1", registered_on="2024-03-01", lead="RQ6"),
        lhp.Study(study_id="S2", registered_on="2024-03-01"),
    ]
    restated = lhp.tally_registrations(studies, by="lead").restate(PARTNERSHIP)

    assert {key: restated[key] for key in restated} == {"REM": 1, "not stated": 1}


def test_restating_leaves_the_counts_of_a_body_without_successor_under_its_name():
    closure = lhp.Succession(predecessor="RY1", on="2018-04-01", kind="closure")
    partnership = lhp.Partnership("Test", [CLOSED], successions=[closure])

    restated = registered({"RY1": 5}).restate(partnership)

    assert (restated["RY1"], restated.name_of("RY1")) == (5, "Community Health")
    assert restated.notes == ()


def test_a_member_named_twice_counts_once():
    assert registered({"REN": 34, "REM": 69}).regroup({"A": ["REN", "REN"]})["A"] == 34


def test_groups_that_overlap_are_not_grouped_again():
    sites = registered({"REN": 34, "REM": 69}).regroup({"A": ["REN", "REM"], "B": ["REM"]})

    with pytest.raises(lhp.InvalidInputError) as caught:
        sites.regroup({"All": ["A", "B"]})

    assert str(caught.value) == (
        "cannot regroup a tally whose groups overlap: a record of two groups would count twice; "
        "regroup the tally that it was made from"
    )


def test_a_group_does_not_take_the_name_of_an_organisation_that_stays():
    tally = registered({"REN": 34, "REM": 69})

    with pytest.raises(lhp.InvalidInputError) as caught:
        tally.regroup({"REM": ["REN"]})

    assert str(caught.value) == (
        "group 'REM' is also the key of REM, which stays as it is: give the group another name"
    )
    assert tally.regroup({"REM": ["REM", "REN"]})["REM"] == 103


def test_the_footnote_names_the_members_of_a_group():
    site = registered({"REN": 34, "REM": 69}).regroup({"Royal site": ["REN", "REM"]})

    assert "Royal site: REN, REM." in site.provenance("x/1").notes


def test_months_are_grouped_by_the_text_they_print_as():
    tally = registered({MARCH: 3, APRIL: 4}, None, by="month")

    assert tally.regroup({"spring": ["Mar 2024", "Apr 2024"]})["spring"] == 7


def test_a_tally_of_two_kinds_of_organisation_is_not_restated():
    grant = lhp.Grant(reference="G", submitted_on="2019-01-01", outcome="pending", lead="RQ6")
    tally = lhp.tally_grants([grant], by=("lead", "organisation"))

    with pytest.raises(lhp.InvalidInputError) as caught:
        tally.restate(PARTNERSHIP)

    assert str(caught.value) == (
        "cannot restate a tally by ('lead', 'organisation'): count by one kind of organisation"
    )


def test_two_groups_that_look_like_one_are_not_pooled():
    resolved = registered({"REM": 1}, APRIL, partnership=PARTNERSHIP)

    with pytest.raises(lhp.InvalidInputError) as caught:
        registered({"LUHFT": 1}) + resolved

    assert str(caught.value) == (
        "'LUHFT' and 'REM' are both LUHFT: count every tally with the same partnership"
    )


def test_an_unknown_key_may_be_a_name():
    tally = registered({"REM": 1}, partnership=PARTNERSHIP)

    with pytest.raises(lhp.NotFoundError, match=r"no group 'LUHFT'; did you mean 'REM'\?"):
        tally["LUHFT"]


def as_large_as_may_be(many):
    return lhp.tally_grants(
        lhp.Grant(
            reference=str(i),
            submitted_on=MARCH.start,
            outcome="pending",
            amount_requested=999_999_999_999,
        )
        for i in range(many)
    )


def test_sums_that_would_wrap_round_are_refused():
    part = as_large_as_may_be(50)

    with pytest.raises(lhp.InvalidInputError, match="more than can be summed exactly"):
        lhp.combine([part] * 2_000, disjoint=True)


def test_squares_of_pounds_may_be_larger_than_any_sum_of_pence():
    both = lhp.combine([as_large_as_may_be(1)] * 2, disjoint=True)

    assert both.columns["requested_pence"][-1] == 199_999_999_999_800


def test_a_count_that_floats_do_not_hold_is_refused():
    with pytest.raises(lhp.InvalidInputError) as caught:
        exact_count("n", 2**53)

    assert str(caught.value) == "n must be below 9,007,199,254,740,992; got 9007199254740992"


def test_a_tally_that_lacks_what_every_tally_has_cannot_be_made():
    @attrs.frozen(eq=False, repr=False, kw_only=True)
    class Unfinished(Tally[int]):
        def to_table(self):
            raise AssertionError

    with pytest.raises(TypeError, match=r"abstract methods '?_cell'?, '?counted"):
        Unfinished(by=(), keys=(), columns={}, rows_in=0)


def test_tallies_of_two_kinds_do_not_add_up():
    month = lhp.Period.month("2023-01")
    registrations = lhp.RegistrationTally.from_counts({"REM": 2}, period=month)
    counts = lhp.OutcomeCounts(successful=1, unsuccessful=1)
    grants = lhp.GrantTally.from_counts({"REM": counts}, period=month)

    with pytest.raises(lhp.InvalidInputError, match="the tallies are of different kinds"):
        lhp.combine([registrations, grants], disjoint=True)
