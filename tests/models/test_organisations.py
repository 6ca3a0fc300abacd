import operator
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhp_metrics.errors import InvalidInputError, InvalidTypeError, NotFoundError
from lhp_metrics.models import DatedName, Organisation, Trust, University
from strategies import CODES, DATES, texts

AINTREE = DatedName("Aintree University Hospital NHS Foundation Trust", last_on="2019-09-30")
LUHFT = DatedName("Liverpool University Hospitals NHS Foundation Trust", "2019-10-01")


@given(st.sampled_from(CODES), st.sampled_from(CODES), texts, texts)
def test_organisations_are_one_and_the_same_by_their_code_alone(one, other, name, other_name):
    trust = Trust(code=one, names=name)
    body = Organisation(code=other, names=other_name)

    assert (trust == body) == (one == other)
    assert (trust < body, trust <= body) == (one < other, one <= other)
    assert (trust > body, trust >= body) == (one > other, one >= other)
    assert len({trust, body}) == len({one, other})
    assert (hash(trust) == hash(body)) == (one == other)
    assert pickle.loads(pickle.dumps(trust)) == trust  # noqa: S301


@pytest.mark.parametrize("kind", [Organisation, University])
def test_an_organisation_is_the_same_under_another_name(kind):
    one, other = (kind(code="04xs57h96", names=name) for name in ("A body", "Another"))

    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize("compare", [operator.lt, operator.le])
def test_an_organisation_is_not_its_code_and_does_not_sort_among_codes(compare):
    trust = Trust(code="REM", names="A Hospital")

    assert trust != "REM"
    with pytest.raises(TypeError, match="not supported between instances of 'Trust' and 'str'"):
        compare(trust, "REM")


@given(DATES)
def test_one_code_has_one_name_on_each_date(date):
    trust = Trust(code="REM", names=[LUHFT, AINTREE])

    expected = LUHFT if str(date) >= "2019-10-01" else AINTREE
    assert trust.name_on(date) == expected.name
    assert trust.name == LUHFT.name


def test_names_are_read_from_text_mappings_and_dated_names():
    one = Organisation(code="LHP", names="Liverpool  Health Partners ")
    other = Organisation(code="LHP", names=[{"name": "Liverpool Health Partners"}])

    assert one.names == other.names == (DatedName("Liverpool Health Partners"),)


def test_a_mapping_may_date_its_name():
    name = {"name": "LHP", "first_on": "2011-01-01", "last_on": "2024-03-31"}

    body = Organisation(code="LHP", names=name)

    assert body.names == (DatedName("LHP", "2011-01-01", "2024-03-31"),)


def test_an_organisation_exists_from_its_first_to_its_last_day():
    trust = Trust(code="RQ6", names="Royal", opened_on="1995-04-01", closed_on="2019-09-30")
    days = ["1995-03-31", "1995-04-01", "2019-09-30", "2019-10-01"]

    assert [trust.exists_on(day) for day in days] == [False, True, True, False]
    assert Organisation(code="LHP", names="LHP").exists_on("1900-01-01")


# The first four are in ROR's own records of Liverpool's universities, the others its records of
# the University of Oxford and the California Institute of Technology.
@pytest.mark.parametrize(
    "ror_id", ["04xs57h96", "04zfme737", "03svjbs84", "028ndzd53", "052gg0110", "05dxps055"]
)
def test_true_ror_ids_are_taken_with_or_without_their_address(ror_id):
    for written in (ror_id, f"https://ror.org/{ror_id}", f" ROR.org/{ror_id.upper()} "):
        assert University(code=written, names="A university").code == ror_id


@given(st.integers(1, 6), st.sampled_from("0123456789abcdefghjkmnpqrstvwxyz"))
def test_a_ror_id_with_one_wrong_character_is_refused(position, character):
    right = "04xs57h96"
    wrong = right[:position] + character + right[position + 1 :]
    if wrong == right:
        return

    with pytest.raises(InvalidInputError, match="is mistyped: its check digits should be"):
        University(code=wrong, names="University of Liverpool")


def test_a_university_without_a_ror_id_goes_by_its_ukprn():
    assert University(code="10003956", names="Liverpool Hope University").code == "10003956"


@pytest.mark.parametrize("code", ["rem", " R1k ", "g6v2s"])
def test_ods_codes_have_three_or_five_characters_and_are_put_in_capitals(code):
    assert Trust(code=code, names="A trust").code == code.strip().upper()


@pytest.mark.parametrize("code", ["04XS57H96", "0ABCDEF12"])
def test_ror_ids_are_put_in_small_letters(code):
    assert Organisation(code=code, names="A body").code == code.lower()


# Nine characters make no ROR id without a leading 0 and two last digits, nor three characters an
# ODS code unless all are letters and digits.
@pytest.mark.parametrize(
    "code", ["Liverpool", "ABCDEFG12", "0ABCDEFG1", "0ABCDEF1G", "0ABCDEF123", "0A12", "r-m", "réd"]
)
def test_any_other_code_is_kept_as_written(code):
    assert Organisation(code=code, names="A body").code == code


ODS = "must be an ODS code: three letters and digits, or five with a digit among them"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: Trust(code="REMX", names="A"),
            InvalidInputError,
            f"trust 'REMX': code {ODS}; got 'REMX'",
        ),
        (
            lambda: Trust(code="R-M", names="A"),
            InvalidInputError,
            f"trust 'R-M': code {ODS}; got 'R-M'",
        ),
        (
            lambda: Trust(code="abcde", names="A"),
            InvalidInputError,
            f"trust 'abcde': code {ODS}; got 'abcde'",
        ),
        (
            lambda: University(code="04xs57h97", names="A"),
            InvalidInputError,
            "university '04xs57h97': code '04xs57h97' is mistyped: its check digits should be 96",
        ),
        *(
            (
                lambda code=code: University(code=code, names="A"),
                InvalidInputError,
                f"university {code!r}: code must be a ROR id such as '04xs57h96', or a UKPRN;"
                f" got {code!r}",
            )
            # A word, one character too few, no leading 0, letters for check digits, and an "l".
            for code in ("liverpool", "04xs57h9", "14xs57h96", "04xs57hab", "0lxs57h96")
        ),
        (
            lambda: University(code=7, names="A", ukprn="10006842"),
            InvalidTypeError,
            "university: code must be text; got 7",
        ),
        (
            lambda: University(code="04xs57h96", names="A", ukprn=10006842),
            InvalidTypeError,
            "university '04xs57h96': ukprn must be text; got 10006842",
        ),
        (
            lambda: Trust(code=7, names="A"),
            InvalidTypeError,
            "trust: code must be text; got 7",
        ),
        (
            lambda: University(code="10003956", names="A", ukprn="10006842"),
            InvalidInputError,
            "university '10003956': ukprn (10006842) is not the UKPRN that code gives (10003956)",
        ),
        (
            lambda: University(code="04xs57h96", names="A", ukprn="6842"),
            InvalidInputError,
            "university '04xs57h96': ukprn must be eight digits; got '6842'",
        ),
        (
            lambda: Organisation(code="REM", names=["Aintree", "Liverpool"]),
            InvalidInputError,
            "organisation 'REM': names 'Aintree' and 'Liverpool' overlap"
            " (give their dates, or list one of them in aliases)",
        ),
        (
            lambda: Organisation(
                code="REM",
                names=[DatedName("A", None, "2019-10-05"), DatedName("B", "2019-10-05")],
            ),
            InvalidInputError,
            "organisation 'REM': names 'A' and 'B' overlap"
            " (give their dates, or list one of them in aliases)",
        ),
        (
            lambda: Organisation(code="LHP", names=[]),
            InvalidInputError,
            "organisation 'LHP': names must hold at least one name; got none",
        ),
        (
            lambda: Organisation(code="LHP", names=3),
            InvalidTypeError,
            "organisation 'LHP': names must be a collection of names; got 3",
        ),
        (
            lambda: Organisation(code="LHP", names={"name": "LHP", "to": "", "from": "2012"}),
            InvalidInputError,
            "organisation 'LHP': names cannot be read: a name has name, first_on and last_on,"
            " not from, to",
        ),
        (
            lambda: Organisation(code="LHP", names={"first_on": "2012-01-01"}),
            InvalidInputError,
            "organisation 'LHP': names cannot be read: a name is missing in"
            " {'first_on': '2012-01-01'}",
        ),
        (
            lambda: Organisation(code=7, names="LHP", opened_on="2012-01-02", closed_on="2012"),
            InvalidTypeError,
            "organisation: code must be text; got 7;"
            " closed_on must be a date or ISO text such as '2024-01-31'; got '2012'",
        ),
        (
            lambda: Organisation(code="LHP", names="A", aliases="LHP"),
            InvalidTypeError,
            "organisation 'LHP': aliases must be a collection of texts; got 'LHP'",
        ),
        (
            lambda: Trust(code="RQ6", names="A", opened_on="2019-01-02", closed_on="2019-01-01"),
            InvalidInputError,
            "trust 'RQ6': closed_on (2019-01-01) is before opened_on (2019-01-02)",
        ),
        (
            lambda: DatedName("Aintree", "2019-10-01", "2019-09-30"),
            InvalidInputError,
            "name 'Aintree': last_on (2019-09-30) is before first_on (2019-10-01)",
        ),
        (
            lambda: Trust(
                code="REM", names=[DatedName("A", None, "2010-12-31"), DatedName("B", "2012-01-01")]
            ).name_on("2011-06-30"),
            NotFoundError,
            "trust 'REM' has no known name on 2011-06-30:"
            " 'A' from None to 2010-12-31; 'B' from 2012-01-01 to None",
        ),
    ],
)
def test_bad_input_names_the_organisation_the_field_the_rule_and_the_value(make, error, message):
    with pytest.raises(error) as caught:
        make()

    assert str(caught.value) == message
