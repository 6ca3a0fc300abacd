import pickle

import pytest

import lhp_metrics as lhp


def read(**changes):
    items = [
        {"reference": "G1", "submitted_on": "2023-05-01", "outcome": "pending"},
        {"reference": "G2", "submitted_on": "2023-05-02", "outcome": "pending"},
        {"reference": "G3", "submitted_on": "soon", "outcome": "who knows", **changes},
    ]
    return lhp.read_grants(items, on_error="collect")


def test_records_are_a_sequence_of_those_that_can_be_read():
    records = read()

    assert [grant.reference for grant in records] == ["G1", "G2"]
    assert (records[-1].reference, len(records)) == ("G2", 2)
    assert records[1:] == (records[1],)
    assert records[0] in records
    assert (records.rows_in, records.records_in, records.unreadable) == (3, 3, 1)


def test_records_cannot_change_and_survive_pickling():
    records = read()

    with pytest.raises(AttributeError):
        records.records = ()
    assert pickle.loads(pickle.dumps(records)) == records  # noqa: S301


def test_records_say_how_many_there_are_and_what_is_amiss():
    one = lhp.read_grants([{"reference": "1", "submitted_on": "2023-05-01", "outcome": "pending"}])

    assert repr(one) == "<1 record of 1 row of dicts>"
    assert repr(read(note="-", desk="3")) == (
        "<2 records of 3 rows of dicts; 1 record unreadable (2 faults); "
        "columns passed over: 'note', 'desk'>"
    )
