from collections import Counter
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from strategies import studies

SPARK = lhp.Period("2023-04-01", "2023-11-19")
CENTRE = lhp.Trust(code="RET", names="The Walton Centre NHS Foundation Trust", short_name="Walton")
HOSPITALS = lhp.Trust(
    code="REM",
    names=[
        lhp.DatedName("Aintree University Hospital", None, "2019-09-30"),
        lhp.DatedName("Liverpool University Hospitals", "2019-10-01"),
    ],
)
PARTNERSHIP = lhp.Partnership("Test", [CENTRE, HOSPITALS])

records = st.lists(
    studies().filter(lambda study: study.registered_on is not None),
    unique_by=lambda study: study.study_id,
    max_size=12,
)


def study(study_id, registered_on="2023-05-01", **fields):
    return lhp.Study(study_id=study_id, registered_on=registered_on, **fields)


@given(records, st.sampled_from(["lead", "whole", "fractional"]))
def test_the_total_is_the_number_of_studies_whatever_the_attribution(given_studies, attribution):
    tally = lhp.tally_registrations(given_studies, attribution=attribution)

    parts = sum(tally[key] for key in tally)
    assert tally.total == len(given_studies)
    assert parts >= tally.total if attribution == "whole" else parts == tally.total


@given(records)
def test_counted_whole_a_study_stands_at_each_of_its_sites(given_studies):
    tally = lhp.tally_registrations(given_studies, attribution="whole")
    places = Counter(code for s in given_studies for code in s.organisations or ["not stated"])

    assert {key: tally[key] for key in tally} == places


@given(records)
def test_counting_by_month_loses_nothing(given_studies):
    tally = lhp.tally_registrations(given_studies, by="month")

    assert sum(tally[key] for key in tally) == len(given_studies)
    assert list(tally) == sorted(tally)


def test_yes_and_no_are_groups_in_words():
    tally = lhp.tally_registrations(
        [study("a", commercial=True), study("b", commercial=False), study("c")], by="commercial"
    )

    assert {key: tally[key] for key in tally} == {
        "commercial": 1,
        "not commercial": 1,
        "not stated": 1,
    }


def test_names_are_resolved_and_one_body_counts_once():
    shared = study("S", lead="Walton Centre", sites=["Aintree University Hospital", "REM"])

    tally = lhp.tally_registrations([shared], attribution="whole", partnership=PARTNERSHIP)

    assert {key: tally[key] for key in tally} == {"REM": 1, "RET": 1}
    assert tally.name_of("RET") == "Walton"


def test_names_of_one_body_need_no_attribution():
    same = study("S", lead="REM", sites=["Liverpool University Hospitals"])

    assert lhp.tally_registrations([same], partnership=PARTNERSHIP)["REM"] == 1


def test_the_date_breaks_the_tie_between_two_bodies_of_one_name():
    old = lhp.Trust(code="RAA", names=[lhp.DatedName("City Hospital", None, "2019-12-31")])
    new = lhp.Trust(code="RBB", names=[lhp.DatedName("City Hospital", "2020-01-01")])
    partnership = lhp.Partnership("Test", [old, new])

    tally = lhp.tally_registrations(
        [
            study("a", "2018-05-01", lead="City Hospital"),
            study("b", "2021-05-01", lead="City Hospital"),
        ],
        partnership=partnership,
    )

    assert (tally["RAA"], tally["RBB"]) == (1, 1)


CITY = lhp.Partnership(
    "City",
    [
        lhp.Trust(code="RAA", names=[lhp.DatedName("City Hospital", None, "2019-12-31")]),
        lhp.Trust(code="RBB", names=[lhp.DatedName("City Hospital", "2020-01-01", "2021-12-31")]),
    ],
)


def test_a_name_that_no_body_bore_on_the_day_is_listed_with_the_day():
    with pytest.raises(lhp.NotFoundError) as caught:
        lhp.tally_registrations([study("a", "2023-05-01", lead="City Hospital")], partnership=CITY)

    assert str(caught.value) == (
        "City: 'City Hospital' on 2023-05-01 may mean 'City Hospital' (RAA) or 'City Hospital' "
        "(RBB); say it by its code (once)"
    )


def test_published_names_mean_who_bore_them_at_the_end_of_the_period():
    tally = lhp.RegistrationTally.from_counts(
        {"City Hospital": 5},
        period=lhp.Period.financial_year("2019-20"),
        partnership=CITY,
    )

    assert tally.keys == ("RBB",)


def test_counted_whole_only_organisations_share_studies():
    shared = study("S", sites=["REM", "REN"], sponsor="NIHR")

    assert not lhp.tally_registrations([shared], by="sponsor", attribution="whole").overlapping
    by = ("sponsor", "organisation")
    assert lhp.tally_registrations([shared], by=by, attribution="whole").overlapping


def test_groups_are_said_to_share_records_only_where_some_do():
    alone, shared = study("S", sites=["REM"]), study("T", sites=["REM", "REN"])
    note = "Groups share records: they add up to more than the total."

    def notes(studies):
        tally = lhp.tally_registrations(studies, attribution="whole")
        return tally.to_table().provenance.notes

    assert notes([alone]) == ("Groups may share records.",)
    assert notes([alone, shared]) == (note,)


def test_every_unknown_name_is_listed_with_how_often():
    given_studies = [study(str(i), lead="Walten Centre") for i in range(3)]
    given_studies.append(study("x", lead="Nowhere"))

    with pytest.raises(lhp.NotFoundError) as caught:
        lhp.tally_registrations(given_studies, partnership=PARTNERSHIP)

    first, second = str(caught.value).splitlines()
    assert "'Walten Centre'" in first
    assert "did you mean 'The Walton Centre NHS Foundation Trust'" in first
    assert first.endswith("(3 times)")
    assert "'Nowhere'" in second
    assert second.endswith("(once)")


def test_parts_of_a_study_are_exact():
    tally = lhp.tally_registrations(
        [study("S", sites=["REM", "REN", "RET"])], attribution="fractional"
    )

    assert tally["REM"] == Fraction(1, 3)
    assert tally.is_fractional
    assert "0.33" in str(tally)


def test_published_counts_keep_their_order_and_resolve_their_names():
    tally = lhp.RegistrationTally.from_counts(
        {"The Walton Centre": 5, "Liverpool University Hospitals": 107},
        period=SPARK,
        partnership=PARTNERSHIP,
        total=112,
    )

    assert tally.keys == ("RET", "REM")
    assert (tally["RET"], tally.total, tally.name_of("RET")) == (5, 112, "Walton")


@pytest.mark.parametrize(
    ("counts", "options", "error", "message"),
    [
        (
            {"A": 157},
            {"total": 158},
            lhp.InvalidInputError,
            "the counts add up to 157, not to the total 158",
        ),
        (
            {"A": -1},
            {},
            lhp.InvalidInputError,
            "counts['A'] must be a whole number of at least 0; got -1",
        ),
        ({"A": 1.5}, {}, lhp.InvalidInputError, "counts['A'] must be a whole number; got 1.5"),
        ({"A": None}, {}, lhp.InvalidTypeError, "counts['A'] must be a whole number; got None"),
        (
            {"REM": 1, "Aintree University Hospital": 2},
            {"partnership": PARTNERSHIP},
            lhp.InvalidInputError,
            "counts name 'Liverpool University Hospitals' (REM) twice",
        ),
        (
            {"A": 3, "B": 2},
            {"attribution": "whole"},
            lhp.InvalidInputError,
            "with attribution 'whole' a study counts for each of its organisations: total must be "
            "the number of studies, at most 5; got None",
        ),
        (
            {"A": 3, "B": 2},
            {"attribution": "whole", "total": 2},
            lhp.InvalidInputError,
            "with attribution 'whole' a study counts for each of its organisations: total must be "
            "the number of studies, at most 5; got 2",
        ),
        (
            {"A": 3, "B": 2},
            {"attribution": "whole", "total": 6},
            lhp.InvalidInputError,
            "with attribution 'whole' a study counts for each of its organisations: total must be "
            "the number of studies, at most 5; got 6",
        ),
    ],
)
def test_published_counts_that_cannot_be_are_refused(counts, options, error, message):
    with pytest.raises(error) as caught:
        lhp.RegistrationTally.from_counts(counts, **options)

    assert str(caught.value) == message


def test_a_study_without_registration_date_is_named():
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.tally_registrations([study("S1"), study("S2", None), study("S3", None)])

    assert str(caught.value) == "study 'S2', study 'S3': no registered_on to date it by"


def test_a_study_there_twice_is_named():
    with pytest.raises(lhp.InvalidInputError, match=r"each study_id must stand once, .*'S' "):
        lhp.tally_registrations([study("S"), study("S")])


def test_studies_outside_the_period_are_excluded():
    tally = lhp.tally_registrations([study("a"), study("b", "2023-11-20")], by=None, period=SPARK)

    assert (tally.total, tally.rows_in, tally.keys) == (1, 2, ())
    assert tally.excluded == {"registered_on outside the period": 1}


def test_every_month_of_the_period_has_a_row():
    tally = lhp.tally_registrations(
        [study("a", "2023-05-02"), study("b", "2023-11-19")], by="month", period=SPARK
    )

    assert list(tally) == list(SPARK.split("month"))
    assert [tally[key] for key in tally] == [0, 1, 0, 0, 0, 0, 0, 1]


def test_a_month_that_two_eras_share_stays_two_points():
    found = [study("a", "2023-11-19"), study("b", "2023-11-20"), study("c", "2023-11-30")]
    jro = lhp.Period("2023-11-20", "2023-12-31")

    whole = lhp.tally_registrations(found, by="month", period=SPARK) + lhp.tally_registrations(
        found, by="month", period=jro
    )

    assert whole[lhp.Period("2023-11-01", "2023-11-19")] == 1
    assert whole[lhp.Period("2023-11-20", "2023-11-30")] == 2
    assert len(whole) == 10


def test_studies_are_counted_by_the_service_that_registered_them():
    era = lhp.liverpool_health_partners().era("JRO")
    found = [
        study("a", "2023-11-21", registered_with="JRO"),
        study("b", "2023-11-22", registered_with="SPARK"),
        study("c", "2023-11-01", registered_with="SPARK"),
    ]

    tally = lhp.tally_registrations(
        found, by="registered_with", period=era.within(lhp.Period.financial_year("2023-24"))
    )

    assert {key: tally[key] for key in tally} == {"JRO": 1, "SPARK": 1}
    assert tally.period == lhp.Period("2023-11-20", "2024-03-31")
    assert tally.excluded == {"registered_on outside the period": 1}


MEMBERS = lhp.Partnership(
    "Members",
    [
        lhp.Trust(code=code, names=f"{code} Hospital", short_name=f"The {code}")
        for code in ("RBQ", "REM", "REN", "RET")
    ],
    memberships=[
        lhp.Membership(organisation="REM", joined_on="2012-01-01", left_on="2025-12-31"),
        lhp.Membership(organisation="REN", joined_on="2012-01-01", confirmed_until="2024-03-31"),
        lhp.Membership(organisation="RET", joined_on="2012-01-01", confirmed_until="2023-10-31"),
        lhp.Membership(organisation="RBQ", joined_on="2023-05-01", left_on="2025-12-31"),
    ],
)


def test_a_member_known_to_be_one_has_a_row_of_0_and_of_the_others_the_note_speaks():
    tally = lhp.RegistrationTally.from_counts({"REM": 5}, period=SPARK).with_members(MEMBERS)

    assert {key: tally[key] for key in tally} == {"REM": 5, "REN": 0}
    assert tally.name_of("REN") == "The REN"
    assert tally.total == 5
    assert tally.notes == (
        "No row for The RET: nothing registered, and membership in the period is not known.",
    )
    assert tally.notes[0] in tally.to_table().provenance.footnote()


def test_nothing_is_noted_where_all_memberships_are_known():
    november = lhp.Period("2023-05-01", "2023-10-31")
    tally = lhp.RegistrationTally.from_counts({"REM": 5}, period=november).with_members(MEMBERS)

    assert (tally.keys, tally.notes) == (("RBQ", "REM", "REN", "RET"), ())


def test_a_row_of_0_widens_simultaneous_intervals():
    tally = lhp.RegistrationTally.from_counts({"REM": 5, "RET": 3}, period=SPARK)

    def width(counted):
        share = lhp.partner_shares(counted)["REM"].share
        return share.high - share.low

    assert width(tally.with_members(MEMBERS)) > width(tally)


def test_records_get_their_members_in_the_same_way():
    tally = lhp.tally_registrations(
        [study("a", lead="REM")], attribution="lead", period=SPARK, partnership=MEMBERS
    )

    assert list(tally.with_members(MEMBERS)) == ["REM", "REN"]


@pytest.mark.parametrize(
    ("tally", "message"),
    [
        (
            lhp.RegistrationTally.from_counts({"REM": 5}),
            "members need a tally by organisation with a period",
        ),
        (
            lhp.RegistrationTally.from_counts({"A": 5}, by="sponsor", period=SPARK),
            "members need a tally by organisation with a period",
        ),
        (
            lhp.RegistrationTally.from_counts({"REM": 5}, period=SPARK).with_exposure(
                {"REM": 5}, unit="beds"
            ),
            "add members before exposures: a new row would have none",
        ),
    ],
)
def test_members_are_added_only_where_that_means_something(tally, message):
    with pytest.raises(lhp.InvalidInputError) as caught:
        tally.with_members(MEMBERS)

    assert str(caught.value) == message


def test_many_names_with_many_values_each_keep_their_groups_apart():
    given_studies = [
        study(str(i), title=f"t{i}", iras_id=f"i{i}", cpms_id=f"c{i}", funder=f"f{i}")
        for i in range(70_000)
    ]

    tally = lhp.tally_registrations(given_studies, by=["title", "iras_id", "cpms_id", "funder"])

    assert len(tally) == 70_000
    assert {tuple(part[1:] for part in key) for key in tally} == {
        (str(i),) * 4 for i in range(70_000)
    }


def test_a_sponsor_that_the_partnership_knows_has_one_name_and_others_keep_theirs():
    given_studies = [
        study("a", sponsor="REM"),
        study("b", sponsor="Liverpool University Hospitals"),
        study("c", sponsor="Pfizer"),
    ]

    tally = lhp.tally_registrations(given_studies, by="sponsor", partnership=PARTNERSHIP)

    assert {key: tally[key] for key in tally} == {"Pfizer": 1, "REM": 2}


def test_two_names_of_one_body_make_one_part():
    named_twice = study("S", sites=["REM", "Liverpool University Hospitals", "RET"])

    tally = lhp.tally_registrations(
        [named_twice], attribution="fractional", partnership=PARTNERSHIP
    )

    assert (tally["REM"], tally["RET"]) == (Fraction(2, 3), Fraction(1, 3))


@pytest.mark.parametrize(
    ("counts", "options", "error", "message"),
    [
        (
            {None: 1},
            {},
            lhp.InvalidInputError,
            "counts has the key None, which names no organisation",
        ),
        (
            {"A": 1},
            {"attribution": "half"},
            lhp.InvalidInputError,
            "attribution must be one of 'lead', 'whole', 'fractional'; got 'half'",
        ),
        (
            {"A": 1},
            {"period": ("2023-04-01", "2023-11-19")},
            lhp.InvalidTypeError,
            "period must be a Period; got ('2023-04-01', '2023-11-19')",
        ),
        (
            {"A": 1},
            {"by": ("lead", "theme")},
            lhp.InvalidInputError,
            "counts has the key 'A', which names no lead × theme",
        ),
    ],
)
def test_published_counts_are_checked_for_what_they_are_by(counts, options, error, message):
    with pytest.raises(error) as caught:
        lhp.RegistrationTally.from_counts(counts, **options)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("tally", "value"),
    [(lhp.RegistrationTally, 3), (lhp.GrantTally, lhp.OutcomeCounts(decided=3))],
)
def test_a_partnership_resolves_the_organisations_of_printed_keys_and_nothing_else(tally, value):
    counts = {("NIHR", "The Walton Centre"): value, ("NIHR", "REM"): value}
    known = {"by": ("funder", "organisation"), "partnership": PARTNERSHIP}

    printed = tally.from_counts(counts, **known)

    assert printed.keys == (("NIHR", "RET"), ("NIHR", "REM"))
    assert printed.name_of(("NIHR", "RET")) == "NIHR × Walton"
    with pytest.raises(lhp.InvalidInputError) as caught:
        tally.from_counts({"Walton": value}, by="theme", partnership=PARTNERSHIP)
    assert str(caught.value) == (
        "partnership resolves organisations, and by names none: theme; say by='organisation' if "
        "that is what the groups are"
    )
    with pytest.raises(lhp.InvalidInputError) as caught:
        tally.from_counts(counts | {("NIHR", "not stated"): value}, **known)
    assert str(caught.value) == (
        "the row 'NIHR × not stated' of the counts has no organisation: say which it is, or leave "
        "the row out"
    )
    twice = {**counts, ("NIHR", "Walton"): value}
    with pytest.raises(lhp.InvalidInputError) as caught:
        tally.from_counts(twice, **known)
    assert str(caught.value) == "counts name NIHR × 'Walton' (RET) twice"
    with pytest.raises(lhp.NotFoundError):
        tally.from_counts({("NIHR", "Elsewhere"): value}, **known)


def test_a_row_of_a_frame_without_an_organisation_is_named_as_such():
    frame = pd.DataFrame({"organisation": ["REM", None], "registrations": [1, 2]})

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.RegistrationTally.from_frame(frame, partnership=PARTNERSHIP)

    assert str(caught.value) == (
        "the row 'not stated' of the counts has no organisation: say which it is, or leave the row "
        "out"
    )
    assert lhp.RegistrationTally.from_frame(frame)["not stated"] == 2


@pytest.mark.parametrize(("attribution", "joined"), [("lead", 2), ("fractional", 2)])
def test_what_a_whole_tally_is_sent_to_counts_shared_studies_once(attribution, joined):
    merged = lhp.Succession(predecessor="RQ6", successor="REM", on="2019-10-01", kind="merger")
    both = lhp.Partnership(
        "Both", [HOSPITALS, lhp.Trust(code="RQ6", names="The Royal")], successions=[merged]
    )
    given_studies = [
        study("a", "2019-05-01", lead="REM", sites=["REM", "RQ6"]),
        study("b", "2019-05-01", lead="RQ6"),
    ]

    tally = lhp.tally_registrations(given_studies, attribution=attribution, partnership=both)

    assert (tally.restate(both)["REM"], tally.total) == (joined, 2)
    assert tally.regroup({"City": ["REM", "RQ6"]})["City"] == joined
