import pytest
from hypothesis import given, settings

import lhp_metrics as lhp
from every_result import any_table, every_row


@pytest.mark.parametrize("name", every_row())
def test_a_row_read_back_is_the_row(name):
    row = every_row()[name]
    text = row.to_json(indent=1)

    assert lhp.Row.from_json(text) == row
    assert type(row).from_json(text).to_json(indent=1) == text


@settings(max_examples=30)
@given(any_table())
def test_every_row_of_any_table_survives_by_itself(table):
    for row in table:
        assert lhp.Row.from_json(row.to_json()) == row
