import pickle

import pytest

import lhp_metrics as lhp


def test_a_fault_says_where_what_rule_and_what_stood_there():
    fault = lhp.Fault(field="/counts/REM", value=-3, rule="must be at least 0", row=4)

    assert str(fault) == "row 4, /counts/REM: must be at least 0; got -3"
    assert str(lhp.Fault(field="/x", value="y" * 100, rule="must be short")).endswith("yyy...")


def test_all_faults_come_at_once_as_data_and_as_text():
    faults = [
        lhp.Fault(field=f"/{number}", value=number, rule="must be text") for number in range(12)
    ]
    error = lhp.FaultyInputError("input", faults)

    assert error.faults == tuple(faults)
    assert str(error).splitlines()[0] == "input has 12 faults:"
    assert str(error).splitlines()[-1] == "  and 2 more"
    assert str(lhp.FaultyInputError("input", faults[:1])) == (
        "input has 1 fault:\n  /0: must be text; got 0"
    )


def test_the_error_is_caught_as_invalid_input_and_survives_pickling():
    error = lhp.FaultyInputError("input", [lhp.Fault(field="/0", value=1, rule="must be text")])

    with pytest.raises(lhp.InvalidInputError):
        raise error
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (str(again), again.faults) == (str(error), error.faults)


def test_of_very_many_kinds_of_fault_the_rest_are_counted():
    faults = [
        lhp.Fault(field="funder", value=n, rule=f"must be rule {n}", row=n) for n in range(1, 100)
    ]

    lines = str(lhp.InvalidFileError("grants.csv", faults)).splitlines()

    assert lines[0] == "grants.csv cannot be read: 99 faults in 99 rows"
    listed = sum(line.startswith("- funder: must be rule") for line in lines)
    assert lines[-1] == f"- and {99 - listed} more kinds of fault"


def test_faults_of_a_file_may_be_split_as_groups_are():
    faults = [
        lhp.Fault(field=name, value="x", rule="must be known", row=2) for name in ("lead", "theme")
    ]
    error = lhp.InvalidFileError("grants.csv", faults)

    found, rest = error.split(lambda part: str(part).startswith("lead"))

    assert [str(part).partition(":")[0] for part in found.exceptions] == ["lead"]
    assert [str(part).partition(":")[0] for part in rest.exceptions] == ["theme"]
