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
