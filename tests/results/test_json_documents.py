import json
import math

import attrs
import numpy as np
import pytest
from hypothesis import given, settings

import lhp_metrics as lhp
from every_result import any_table, every_table, strictly


@pytest.mark.parametrize("name", every_table())
def test_a_table_read_back_is_the_table(name):
    table = every_table()[name]
    text = table.to_json()

    again = lhp.Table.from_json(text)

    assert again == table
    assert type(again) is type(table)
    assert list(again) == list(table)
    assert str(again) == str(table)
    assert again.to_json() == text
    assert [c.dtype for c in map(again.column, again.columns)] == [
        c.dtype for c in map(table.column, table.columns)
    ]


@settings(max_examples=60)
@given(any_table())
def test_whatever_a_table_holds_survives_the_way_through_json(table):
    text = table.to_json()

    again = lhp.Table.from_json(text)

    assert again == table
    assert again.to_json() == text
    assert strictly(text) == json.loads(text)
    assert list(again) == list(table)


def test_null_undefined_and_infinite_are_told_apart():
    none, some = (
        lhp.RegistrationTally.from_counts(counts, period=lhp.Period.month(month))
        for counts, month in (({"A": 0, "B": 0}, "2023-01"), ({"A": 4, "B": 0}, "2023-02"))
    )
    written = strictly(lhp.registration_change(none, some).to_json())
    first, second = written["rows"]

    assert first["rate_ratio"]["value"] == "Infinity"
    assert second["rate_ratio"]["value"] == "NaN"
    assert first["rate_percent_change"] is None
    assert math.isnan(float(second["rate_ratio"]["value"]))


def test_hidden_cells_are_null_whatever_lies_under_them():
    table = every_table()["partner_shares"]
    size = len(table.columns["count"])
    secret = attrs.evolve(table, hidden={"count": [True] * size, "share": [True] * size})

    written = strictly(secret.to_json())

    assert {row["count"] for row in written["rows"]} == {None}
    assert {row["share"] for row in written["rows"]} == {None}


def test_the_indent_is_a_whole_number():
    with pytest.raises(lhp.InvalidTypeError, match="indent must be a whole number"):
        every_table()["partner_shares"].to_json(indent="  ")


def counted(**provenance):
    table = lhp.RegistrationTally.from_counts({"A": 1}).to_table()
    return attrs.evolve(table, provenance=attrs.evolve(table.provenance, **provenance))


def test_numbers_of_numpy_are_numbers():
    written = strictly(counted(records_in=np.int64(7)).to_json())

    assert written["provenance"]["records_in"] == 7


def test_what_has_no_form_in_json_is_named():
    with pytest.raises(lhp.InvalidTypeError, match=r"1j \(complex\) has no form in JSON"):
        counted(records_in=1j).to_json()
    keyed = attrs.evolve(counted(), keys=(1.5,))
    with pytest.raises(lhp.InvalidTypeError, match=r"the key 1\.5 \(float\) has no form in JSON"):
        keyed.to_json()
