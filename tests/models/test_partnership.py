import datetime as dt
import pickle
from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhp_metrics.errors import InvalidInputError, InvalidTypeError, NotFoundError
from lhp_metrics.models import (
    Centre,
    DatedName,
    Organisation,
    Partnership,
    Succession,
    Trust,
    University,
)
from strategies import DATES, partnerships

ONE_DAY = dt.timedelta(days=1)


@given(partnerships(), st.data())
def test_every_spelling_of_an_organisation_means_it(partnership, data):
    organisation = data.draw(st.sampled_from(partnership.organisations))
    spelling = data.draw(
        st.sampled_from([organisation.code, organisation.name, organisation.short_name])
    )
    written = data.draw(
        st.sampled_from(
            [
                spelling,
                spelling.upper(),
                spelling.lower(),
                f"  {spelling} ",
                f"the {spelling.removeprefix('The ')}",
                f"{spelling} NHS FT",
                f"{spelling} NHS Foundation Trust",
                f"{spelling} (Foundation) Trust",
                spelling.replace("&", "and"),
                spelling.replace(" ", "-"),
            ]
        )
    )

    assert partnership.resolve(written) is organisation


@given(partnerships(closures=True, splits=True), DATES)
def test_who_carries_on_the_work_today_goes_on_carrying_it(partnership, date):
    for organisation in partnership.organisations:
        parts = partnership.successors(organisation, date)

        assert sum(parts.values()) <= 1
        for code in parts:
            assert partnership.successors(code, date) == {code: Fraction(1)}


@given(partnerships(splits=True), DATES)
def test_no_work_is_lost_or_doubled_where_nothing_closed_for_good(partnership, date):
    for organisation in partnership.organisations:
        assert sum(partnership.successors(organisation, date).values()) == 1


@given(partnerships(closures=True, splits=True))
def test_an_organisation_carries_its_own_work_until_it_closes(partnership):
    for organisation in partnership.organisations:
        last_day = organisation.closed_on or dt.date.max
        assert partnership.successor(organisation, last_day) is organisation
        if organisation.closed_on is not None:
            after = partnership.successors(organisation, last_day + ONE_DAY)
            assert organisation.code not in after


@given(partnerships(closures=True))
def test_without_splits_every_organisation_is_in_exactly_one_lineage_of_the_living(partnership):
    living = [known for known in partnership.organisations if known.closed_on is None]
    lineages = [partnership.lineage(known).codes for known in living]

    members = [code for codes in lineages for code in codes]
    gone = [known.code for known in partnership.organisations if not partnership.successors(known)]
    assert sorted(members + gone) == sorted(known.code for known in partnership.organisations)


@given(partnerships(splits=True))
def test_a_lineage_ends_with_itself_and_its_successions_lie_within_it(partnership):
    for organisation in partnership.organisations:
        lineage = partnership.lineage(organisation)

        assert lineage.codes[-1] == lineage.organisation == organisation.code
        assert len(set(lineage.codes)) == len(lineage.codes)
        assert [step.on for step in lineage.successions] == sorted(
            step.on for step in lineage.successions
        )
        for step in lineage.successions:
            assert {step.predecessor, step.successor} <= set(lineage.codes)


@given(partnerships(splits=True))
def test_a_partnership_survives_pickling_with_its_indexes_in_use(partnership):
    name = partnership.organisations[0].name
    partnership.resolve(name)

    copy = pickle.loads(pickle.dumps(partnership))  # noqa: S301

    assert copy == partnership
    assert hash(copy) == hash(partnership)
    assert copy.resolve(name) == partnership.resolve(name)
    assert copy.lineage(copy.organisations[0]) == partnership.lineage(copy.organisations[0])


def test_indexes_are_no_part_of_the_pickle():
    partnership = royal_and_aintree()
    before = pickle.dumps(partnership)
    partnership.resolve("RQ6")
    partnership.successor("RQ6")

    assert pickle.dumps(partnership) == before


def royal_and_aintree(**changes):
    luhft = Trust(
        code="REM",
        names=[
            DatedName("Aintree University Hospital NHS Foundation Trust", None, "2019-09-30"),
            DatedName("Liverpool University Hospitals NHS Foundation Trust", "2019-10-01"),
        ],
        short_name="LUHFT",
    )
    royal = Trust(
        code="RQ6",
        names="Royal Liverpool and Broadgreen University Hospitals NHS Trust",
        closed_on="2019-09-30",
    )
    fields = {
        "name": "Example",
        "organisations": [luhft, royal],
        "successions": [
            Succession(predecessor="RQ6", successor="REM", on="2019-10-01", kind="acquisition")
        ],
    }
    return Partnership(**(fields | changes))


def test_a_successor_is_the_body_itself_until_the_day_of_the_succession():
    partnership = royal_and_aintree()

    assert partnership.successor("RQ6", "2019-09-30").code == "RQ6"
    assert partnership.successor("RQ6", on="2019-10-01").code == "REM"
    assert partnership.successor("rq6").code == "REM"
    assert partnership.lineage("REM").codes == ("RQ6", "REM")
    assert partnership.lineage("RQ6").codes == ("RQ6",)


def test_a_former_name_means_the_organisation_whatever_the_date():
    partnership = royal_and_aintree()

    assert partnership.resolve("Aintree University Hospital FT", "2024-01-01").code == "REM"
    assert partnership.resolve("Liverpool University Hospitals", on="2017-04-01").code == "REM"


def test_a_date_decides_between_bearers_of_one_name():
    old = Trust(code="RAA", names="Mersey Trust", closed_on="2015-12-31")
    new = Trust(code="RBB", names="The Mersey NHS Foundation Trust", opened_on="2016-01-01")
    partnership = Partnership("Example", [old, new])

    assert partnership.resolve("Mersey", "2015-12-31") is old
    assert partnership.resolve("Mersey", "2016-01-01") is new
    with pytest.raises(NotFoundError) as caught:
        partnership.resolve("Mersey")
    assert str(caught.value) == (
        "Example: 'Mersey' may mean 'Mersey Trust' (RAA) or 'The Mersey NHS Foundation Trust'"
        " (RBB); say the date"
    )


def test_a_date_that_does_not_decide_is_not_asked_for_again():
    partnership = Partnership(
        "Example",
        [
            Trust(code="RAA", names=[DatedName("City", None, "2019-12-31")]),
            Trust(code="RBB", names=[DatedName("City", "2020-01-01", "2021-12-31")]),
        ],
    )

    with pytest.raises(
        NotFoundError, match=r"'City' on 2023-05-01 may mean .*; say it by its code"
    ):
        partnership.resolve("City", on="2023-05-01")


def test_a_name_made_of_common_words_alone_keeps_them():
    partnership = Partnership("Example", [Organisation(code="ORG-1", names="The Trust")])

    assert partnership.resolve("the trust").code == "ORG-1"
    with pytest.raises(NotFoundError):
        partnership.resolve("NHS Foundation Trust")


def test_a_university_is_found_by_ror_address_and_ukprn():
    university = University(code="04xs57h96", names="University of Liverpool", ukprn="10006842")
    partnership = Partnership("Example", [university])

    for written in ("https://ror.org/04XS57H96", "04xs57h96", "10006842"):
        assert partnership.resolve(written) is university


def test_work_is_split_by_the_stated_portions_and_follows_chains():
    trusts = [Trust(code=code, names=f"Trust of {code}") for code in ("RAA", "RBB", "RCC", "RDD")]
    partnership = Partnership(
        "Example",
        trusts,
        successions=[
            Succession(
                predecessor="RAA", successor="RBB", on="2015-04-01", kind="split", portion="1/3"
            ),
            Succession(
                predecessor="RAA", successor="RCC", on="2015-04-01", kind="split", portion="1/2"
            ),
            Succession(predecessor="RCC", successor="RDD", on="2020-04-01", kind="merger"),
        ],
    )

    assert partnership.successors("RAA", "2015-03-31") == {"RAA": 1}
    assert partnership.successors("RAA", "2016-01-01") == {
        "RAA": Fraction(1, 6),
        "RBB": Fraction(1, 3),
        "RCC": Fraction(1, 2),
    }
    assert partnership.successors("RAA") == {
        "RAA": Fraction(1, 6),
        "RBB": Fraction(1, 3),
        "RDD": Fraction(1, 2),
    }
    assert partnership.lineage("RDD").codes == ("RAA", "RCC", "RDD")
    with pytest.raises(NotFoundError) as caught:
        partnership.successor("RAA")
    assert str(caught.value) == (
        "Example: the work of 'RAA' was split between RAA (1/6), RBB (1/3), RDD (1/2);"
        " successors() gives all"
    )


def test_a_part_may_go_before_the_rest_follows_at_the_closure():
    partnership = royal_and_aintree(
        successions=[
            step("RQ6", "REM", on="2015-04-01", kind="split", portion="1/3"),
            step("RQ6", "REM", on="2019-10-01", kind="split", portion="2/3"),
        ]
    )

    assert partnership.successors("RQ6", "2019-09-30") == {
        "REM": Fraction(1, 3),
        "RQ6": Fraction(2, 3),
    }
    assert partnership.successors("RQ6") == {"REM": 1}
    assert partnership.successor("RQ6").code == "REM"
    with pytest.raises(NotFoundError) as caught:
        partnership.successor("RQ6", "2019-09-30")
    assert str(caught.value) == (
        "Example: the work of 'RQ6' was split between REM (1/3), RQ6 (2/3); successors() gives all"
    )


def test_what_closed_without_a_known_successor_has_none():
    partnership = royal_and_aintree(
        successions=[Succession(predecessor="RQ6", on="2019-10-01", kind="closure")]
    )

    assert partnership.successor("RQ6") is None
    assert partnership.successors("RQ6") == {}


def test_a_centre_is_found_by_acronym_or_name_in_any_case():
    centre = Centre(name="Liverpool Head and Neck Centre", acronym="LHNC", partners=["REM"])
    partnership = royal_and_aintree(centres=[centre])

    for written in (
        "LHNC",
        "lhnc",
        "Liverpool Head & Neck Centre",
        " liverpool head and neck CENTRE",
    ):
        assert partnership.centre(written) is centre


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (
            lambda p: p.resolve("Liverpool Universty Hospitals"),
            NotFoundError,
            "Example: no organisation is called 'Liverpool Universty Hospitals'; did you mean"
            " 'Liverpool University Hospitals NHS Foundation Trust' or 'Royal Liverpool and"
            " Broadgreen University Hospitals NHS Trust' or 'Aintree University Hospital NHS"
            " Foundation Trust'?",
        ),
        (
            lambda p: p.resolve("Aintree"),
            NotFoundError,
            "Example: no organisation is called 'Aintree'; did you mean"
            " 'Aintree University Hospital NHS Foundation Trust'?",
        ),
        (
            lambda p: p.resolve("NHS Foundation Trust"),
            NotFoundError,
            "Example: no organisation is called 'NHS Foundation Trust'",
        ),
        (lambda p: p.resolve(None), InvalidTypeError, "text must be text; got None"),
        (lambda p: p.organisation(7), InvalidTypeError, "code must be text; got 7"),
        (lambda p: p.centre(7), InvalidTypeError, "name must be text; got 7"),
        (
            lambda p: p.organisation("REN"),
            NotFoundError,
            "Example: no organisation has code 'REN'; did you mean 'REM'?",
        ),
        (
            lambda p: p.successor("RQ7"),
            NotFoundError,
            "Example: no organisation has code 'RQ7'; did you mean 'RQ6'?",
        ),
        (
            lambda p: p.successor("RQ6", "30/09/2019"),
            InvalidInputError,
            "on must be a date or ISO text such as '2024-01-31'; got '30/09/2019'",
        ),
        (
            lambda p: p.centre("LHNC"),
            NotFoundError,
            "Example: no centre is called 'LHNC'",
        ),
    ],
)
def test_what_is_not_found_is_said_with_what_is_near(ask, error, message):
    with pytest.raises(error) as caught:
        ask(royal_and_aintree())

    assert str(caught.value) == message


def step(predecessor, successor, **changes):
    fields = {"predecessor": predecessor, "successor": successor, "on": "2019-10-01"}
    return Succession(**({"kind": "merger"} | fields | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"organisations": [Trust(code="REM", names="A"), Trust(code="rem", names="B")]},
            "code 'REM' is listed twice; the succession of 'RQ6' names 'RQ6', which is not listed",
            id="one code twice",
        ),
        pytest.param(
            {"successions": [step("RQ6", "REN")]},
            "the succession of 'RQ6' names 'REN', which is not listed; did you mean 'REM'?",
            id="unknown successor",
        ),
        pytest.param(
            {"successions": [step("RQ6", "REM"), step("REM", "RQ6")]},
            "successions go in a circle: REM → RQ6 → REM",
            id="circle",
        ),
        pytest.param(
            {"successions": [step("REM", "RQ6"), step("REM", "RQ6", on="2020-10-01")]},
            "'REM' has several successors (RQ6, RQ6): state the portion of each",
            id="split not stated",
        ),
        pytest.param(
            {
                "successions": [
                    step("REM", "RQ6", kind="split", portion="2/3"),
                    step("REM", "RQ6", kind="split", portion="2/3"),
                ]
            },
            "the portions of 'REM' add up to 4/3, more than 1",
            id="more than the whole",
        ),
        pytest.param(
            {"successions": [step("RQ6", "REM", kind="split", portion="2/3")]},
            "the portions of 'RQ6' add up to 2/3, but it closed on 2019-09-30 and keeps nothing",
            id="less than the whole of what closed",
        ),
        pytest.param(
            {"successions": [step("RQ6", "REM", on="2019-09-30")]},
            "the merger of 'RQ6' is on 2019-09-30, but it closed on 2019-09-30, not before",
            id="closed too late",
        ),
        pytest.param(
            {"centres": [Centre(name="LHNC", partners=["REM", "RQ7"]), Centre(name="lhnc")]},
            "two centres are called 'lhnc'; centre 'LHNC' names 'RQ7', which is not listed;"
            " did you mean 'RQ6'?",
            id="centres",
        ),
        pytest.param(
            {
                "organisations": [
                    Trust(code="REM", names="Royal Hospital", aliases=["RQ6"]),
                    Trust(code="RQ6", names="The Royal Hospital NHS Trust"),
                ]
            },
            "'Royal Hospital' of 'REM' and 'The Royal Hospital NHS Trust' of 'RQ6' are the same"
            " name at the same time; 'RQ6' of 'REM' and 'RQ6' of 'RQ6' are the same name at the"
            " same time",
            id="names",
        ),
    ],
)
def test_a_partnership_that_contradicts_itself_is_refused(changes, message):
    with pytest.raises(InvalidInputError) as caught:
        royal_and_aintree(**changes)

    assert str(caught.value) == f"partnership 'Example': {message}"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"organisations": ["REM"]},
            "organisations must be a collection of Organisation; it holds 'REM'",
        ),
        ({"centres": 5}, "centres must be a collection of Centre; got 5"),
    ],
)
def test_what_is_no_organisation_succession_or_centre_is_refused(changes, message):
    with pytest.raises(InvalidTypeError) as caught:
        royal_and_aintree(**changes)

    assert str(caught.value) == f"partnership 'Example': {message}"


def test_a_partnership_cannot_change():
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        royal_and_aintree().name = "Other"


def test_bodies_that_are_neither_trust_nor_university_are_organisations_too():
    partnership = Partnership("LHP", [Organisation(code="LHP", names="Liverpool Health Partners")])

    assert partnership.resolve("liverpool health partners").code == "LHP"
    assert partnership.organisation("lhp").code == "LHP"
