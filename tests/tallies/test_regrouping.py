from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from strategies import CODES, registration_tallies, study_lists

LHP = lhp.liverpool_health_partners()
HEAD_AND_NECK = LHP.centre("LHNC")


def counted(counts, **options):
    return lhp.RegistrationTally.from_counts(counts, **options)


def test_a_centre_counts_through_the_partners_of_the_day():
    # LHP's own account: founded by Aintree (REM) and the Royal Liverpool (RQ6), among others;
    # the Royal Liverpool closed on 30 September 2019 and its work went to REM.
    year = counted({"REM": 60, "RQ6": 40, "RBS": 7})

    then = year.regroup([HEAD_AND_NECK], on="2019-09-30")
    now = year.regroup([HEAD_AND_NECK], on="2019-10-01")

    assert (then["LHNC"], then["RBS"]) == (100, 7)
    assert (now["LHNC"], now["RQ6"]) == (60, 40)
    assert year.restate(LHP).regroup([HEAD_AND_NECK], on="2019-10-01")["LHNC"] == 100


def test_the_last_day_of_the_period_is_the_day_by_default():
    early = counted({"RQ6": 40}, period=lhp.Period("2019-01-01", "2019-09-30"))
    late = counted({"RQ6": 40}, period=lhp.Period("2019-01-01", "2019-12-31"))

    assert early.regroup([HEAD_AND_NECK])["LHNC"] == 40
    assert list(late.regroup([HEAD_AND_NECK])) == ["RQ6"]


def test_partners_and_absent_partners_are_named():
    centres = counted({"REN": 34, "RET": 10}).regroup([HEAD_AND_NECK], on="2024-03-31")

    assert centres.notes == (
        "LHNC counts through its partners on 31 Mar 2024: REN, RET; without a row in the tally: "
        "04xs57h96, REM, LHP.",
    )
    assert centres.notes[0] in centres.to_table().provenance.footnote()


def test_centres_without_partners_in_the_tally_are_said():
    tally = counted({"RBS": 26})

    before = tally.regroup([HEAD_AND_NECK], on="2018-01-01")
    after = tally.regroup([HEAD_AND_NECK], on="2020-01-01")

    assert before.notes == ("LHNC had no partners on 1 Jan 2018, so it has no row.",)
    assert after.notes[0].startswith(
        "LHNC has no row: none of its partners on 1 Jan 2020 has one in the tally; without a row"
    )
    assert list(before) == list(after) == ["RBS"]


def test_overlapping_centres_add_up_to_more_than_the_total():
    tally = counted({"04xs57h96": 5, "RBQ": 3, "REM": 2})

    centres = tally.regroup(LHP.centres, on="2024-03-31")

    assert (centres["LHNC"], centres["LCCS"], centres["LCAR"]) == (7, 8, 5)
    assert centres.overlapping
    assert centres.total == 10
    assert "Groups share records" in str(centres.to_table().provenance.footnote())


def test_centres_apart_do_not_overlap():
    assert not counted({"REM": 2, "RBQ": 3}).regroup(LHP.centres, on="2024-03-31").overlapping


@given(
    registration_tallies(),
    st.lists(st.lists(st.sampled_from(CODES), unique=True), max_size=3),
)
def test_centres_never_change_the_total(tally, partners):
    centres = [lhp.Centre(name=f"C{i}", partners=codes) for i, codes in enumerate(partners)]

    found = tally.regroup(centres, on="2024-03-31")

    assert found.total == tally.total
    assert sum(found[key] for key in found) >= tally.total
    for centre in centres:
        inside = sum(tally[p.organisation] for p in centre.partners if p.organisation in tally)
        assert (found[centre.label] if centre.label in found else 0) == inside


@pytest.mark.parametrize(
    ("groups", "options", "error", "message"),
    [
        (
            [HEAD_AND_NECK],
            {},
            lhp.InvalidInputError,
            "a centre's partners have dates: say on=, the tally has no period",
        ),
        (
            {"City": ["REM"]},
            {"on": "2024-03-31"},
            lhp.InvalidInputError,
            "on= is for centres, whose partners have dates",
        ),
        (
            ["LHNC"],
            {},
            lhp.InvalidTypeError,
            "groups must be a mapping, or centres such as partnership.centre('LCCS'); got 'LHNC'",
        ),
        (
            "LHNC",
            {},
            lhp.InvalidTypeError,
            "groups must be a mapping or a list of centres; got 'LHNC'",
        ),
        (
            [HEAD_AND_NECK],
            {"on": "31/03/2024"},
            lhp.InvalidInputError,
            "on must be a date such as 2024-03-31; got '31/03/2024'",
        ),
    ],
)
def test_what_is_no_group_is_refused(groups, options, error, message):
    with pytest.raises(error) as caught:
        counted({"REM": 2}).regroup(groups, **options)

    assert str(caught.value) == message


def test_a_whole_tally_has_no_centres_through_partners():
    with pytest.raises(lhp.InvalidInputError, match="cannot regroup a tally with attribution"):
        counted({"REM": 2}, attribution="whole", total=2).regroup([HEAD_AND_NECK], on="2024-03-31")


@given(study_lists(min_size=1), st.lists(st.sampled_from(CODES), min_size=1, unique=True))
def test_the_partners_of_a_centre_have_their_own_total(studies, codes):
    tally = lhp.tally_registrations(studies, attribution="fractional")
    here = [code for code in codes if code in tally]
    if not here:
        return

    among = tally.among(codes)

    assert set(among) == set(here)
    assert among.total == sum(tally[code] for code in here) == among.counted
    assert among.rows_in == among.counted + sum(among.excluded.values()) == len(studies)
    assert among.notes[-1].startswith("Among ")
    if among.total:
        assert sum(row.share.value for row in lhp.partner_shares(among)) == pytest.approx(1)


def test_the_shares_of_a_centres_partners():
    jro = lhp.annual_report_2023_24().jro

    shares = lhp.partner_shares(jro.among(HEAD_AND_NECK.partners_on("2024-03-31")))

    assert shares["REM"].share.value == 69 / 113
    footnote = shares.provenance.footnote()
    assert "Among REN, REM, RET alone; without a row: 04xs57h96, LHP." in footnote


def test_records_of_other_organisations_are_excluded_with_the_reason():
    study = lhp.Study(
        study_id="S1",
        registered_on="2023-05-01",
        sites=[lhp.StudySite(code) for code in ("REM", "REN", "RET")],
    )
    shared = lhp.tally_registrations([study], attribution="fractional")
    whole = counted({"REM": 60, "REN": 34, "RET": 10})

    two, one = whole.among(["REM", "REN"]), whole.among(["REM", "REN"]).among(["REN"])
    part = shared.among(["REM"])

    assert (two.rows_in, two.counted, dict(two.excluded)) == (
        104,
        94,
        {"other organisations": 10},
    )
    assert (one.counted, dict(one.excluded)) == (34, {"other organisations": 70})
    assert dict(whole.among(list(whole)).excluded) == {}
    assert dict(part.excluded) == {"other organisations": Fraction(2, 3)}
    footnote = lhp.partner_shares(two).provenance.footnote()
    assert "104 records in, 94 counted, excluded other organisations: 10." in footnote
    footnote = part.to_table().provenance.footnote()
    assert "1 record in, 0.33 counted, excluded other organisations: 0.67." in footnote


@pytest.mark.parametrize(
    ("tally", "codes", "error", "message"),
    [
        (
            counted({"REM": 2}),
            ["RET"],
            lhp.NotFoundError,
            "the tally has none of the organisations ['RET']; did you mean 'REM'?",
        ),
        (
            counted({"REM": 2}),
            "REM",
            lhp.InvalidTypeError,
            "codes must be a list of keys; got 'REM'",
        ),
        (
            counted({"REM": 2}).regroup({"A": ["REM"], "B": ["REM"]}),
            ["A"],
            lhp.InvalidInputError,
            "cannot take some organisations of a tally whose groups share records: how many "
            "records they have together is not in it",
        ),
    ],
)
def test_some_organisations_that_cannot_be_taken_are_refused(tally, codes, error, message):
    with pytest.raises(error) as caught:
        tally.among(codes)

    assert str(caught.value) == message


@given(study_lists(min_size=1))
def test_merging_all_organisations_gives_back_whole_records_exactly(studies):
    tally = lhp.tally_registrations(studies, attribution="fractional")

    assert tally.regroup({"all": list(tally)})["all"] == len(studies)
