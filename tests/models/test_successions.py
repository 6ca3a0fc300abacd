from fractions import Fraction

import pytest

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Succession, Trust


def test_organisations_are_read_as_their_codes():
    royal = Trust(code="RQ6", names="Royal Liverpool and Broadgreen")
    succession = Succession(predecessor=royal, successor="rem", on="2019-10-01", kind="acquisition")

    assert (succession.predecessor, succession.successor) == ("RQ6", "REM")


def test_a_portion_is_exact():
    succession = Succession(
        predecessor="RTV", successor="RW4", on="2021-06-01", kind="split", portion="2/3"
    )

    assert succession.portion == Fraction(2, 3)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"kind": "takeover"},
            InvalidInputError,
            "kind must be one of 'merger', 'acquisition', 'split', 'closure'; got 'takeover'",
        ),
        ({"kind": "closure"}, InvalidInputError, "a closure has no successor; got 'REM'"),
        ({"successor": None}, InvalidInputError, "kind 'merger' needs a successor; got None"),
        (
            {"successor": None, "kind": "acquisition"},
            InvalidInputError,
            "kind 'acquisition' needs a successor; got None",
        ),
        (
            {"successor": None, "kind": "split"},
            InvalidInputError,
            "kind 'split' needs a successor; got None",
        ),
        (
            {"successor": "rq6"},
            InvalidInputError,
            "predecessor and successor are the same ('RQ6')",
        ),
        (
            {"portion": "1/2"},
            InvalidInputError,
            "portion (1/2) belongs to a split; got kind 'merger'",
        ),
        (
            {"kind": "split", "portion": 0.5},
            InvalidTypeError,
            "portion must be a Fraction, Decimal, int or text like '1/3'; got 0.5",
        ),
        (
            {"on": None, "kind": "closure"},
            InvalidTypeError,
            "on must be a date or ISO text such as '2024-01-31'; got None;"
            " a closure has no successor; got 'REM'",
        ),
    ],
)
def test_bad_input_names_the_predecessor_the_rule_and_the_value(changes, error, message):
    fields = {"predecessor": "RQ6", "successor": "REM", "on": "2019-10-01", "kind": "merger"}
    with pytest.raises(error) as caught:
        Succession(**(fields | changes))

    assert str(caught.value) == f"succession of 'RQ6': {message}"
