import pytest

from lhp_metrics.errors import InvalidInputError, InvalidTypeError, NotFoundError
from lhp_metrics.models import Group, Partnership, Trust

TRUSTS = [Trust(code=code, names=f"{code} Hospital") for code in ("REM", "RBQ", "RET")]
BROADGREEN = Group(
    name="Broadgreen site", members=["rbq", "REM"], kind="joint committee", first_on="2023-01-01"
)
AINTREE = Group(
    name="Aintree site", members=["REM", "RET"], kind="joint committee", last_on="2024-12-31"
)


def test_groups_may_share_members_and_are_found_by_date_and_by_name():
    found = Partnership("Example", TRUSTS, groups=[BROADGREEN, AINTREE])

    assert found.groups() == {"Broadgreen site": ("RBQ", "REM"), "Aintree site": ("REM", "RET")}
    assert list(found.groups("2022-12-31")) == ["Aintree site"]
    assert list(found.groups("2025-01-01")) == ["Broadgreen site"]
    assert found.group("broadgreen SITE") is BROADGREEN
    with pytest.raises(NotFoundError) as caught:
        found.group("Aintre site")
    assert str(caught.value) == (
        "Example: no group is called 'Aintre site'; did you mean 'Aintree site' or "
        "'Broadgreen site'?"
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"members": ["REM"], "kind": "network"},
            "group 'G': members must be at least two; got ('REM',)",
        ),
        (
            {"members": ["REM", "RET"], "kind": "merger"},
            "group 'G': kind must be one of 'joint committee', 'hospital group', 'network'; "
            "got 'merger'",
        ),
        (
            {
                "members": ["REM", "RET"],
                "kind": "network",
                "first_on": "2024-01-01",
                "last_on": "2023-01-01",
            },
            "group 'G': last_on (2023-01-01) is before first_on (2024-01-01)",
        ),
    ],
)
def test_what_is_no_group_is_refused(fields, message):
    with pytest.raises(InvalidInputError) as caught:
        Group(name="G", **fields)

    assert str(caught.value) == message


def test_one_text_is_no_several_members():
    with pytest.raises(InvalidTypeError) as caught:
        Group(name="G", members="REM", kind="network")

    message = "group 'G': members must be a collection of organisations; got 'REM'"
    assert str(caught.value) == message


def test_a_partnership_refuses_strangers_in_groups_and_two_of_one_name():
    stranger = Group(name="broadgreen site", members=["REM", "REX"], kind="network")

    with pytest.raises(InvalidInputError) as caught:
        Partnership("Example", TRUSTS, groups=[BROADGREEN, stranger])

    message = str(caught.value)
    assert "two groups are called 'broadgreen site'" in message
    assert "group 'broadgreen site' names 'REX', which is not listed" in message
