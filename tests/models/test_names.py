import pytest

from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models import Partnership, Trust
from lhp_metrics.models._names import plain_name

OLD = Trust(code="RAA", names="Mersey Hospitals", aliases=["City"], closed_on="2015-12-31")
NEW = Trust(code="RBB", names="Wirral Hospitals", short_name="CITY", opened_on="2016-01-01")


def test_a_name_of_nothing_but_common_words_keeps_them_all():
    assert plain_name("The NHS Trust") == "the nhs trust"


@pytest.mark.parametrize("apostrophe", ["'", "’", "‘", "ʼ", "`", "´"])
def test_an_apostrophe_of_any_shape_parts_no_word(apostrophe):
    assert plain_name(f"Women{apostrophe}s Hospital") == "womens hospital"


@pytest.mark.parametrize("trusts", [[OLD, NEW], [NEW, OLD]])
def test_an_alias_and_a_short_name_hold_while_their_organisation_exists(trusts):
    partnership = Partnership("Example", trusts)

    assert partnership.resolve("City", "2015-12-31") is OLD
    assert partnership.resolve("City", "2016-01-01") is NEW


def test_every_two_organisations_of_one_name_are_told_once():
    trusts = [
        Trust(code="RAA", names="City", aliases=["The City"]),
        Trust(code="RBB", names="City NHS Trust"),
        Trust(code="RCC", names="CITY"),
    ]

    with pytest.raises(InvalidInputError) as caught:
        Partnership("Example", trusts)

    assert str(caught.value) == (
        "partnership 'Example':"
        " 'City' of 'RAA' and 'City NHS Trust' of 'RBB' are the same name at the same time;"
        " 'City' of 'RAA' and 'CITY' of 'RCC' are the same name at the same time;"
        " 'City NHS Trust' of 'RBB' and 'CITY' of 'RCC' are the same name at the same time"
    )
