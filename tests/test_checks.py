import numpy as np
import pytest

from lhp_metrics import InvalidInputError, InvalidTypeError, _checks


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (-1, "successes must be finite and at least 0; got -1.0"),
        ([3, -1, -2], "successes must be finite and at least 0; got -1.0 at index 1"),
        ([[0, 1], [2, np.inf]], "successes must be finite and at least 0; got inf at index (1, 1)"),
        (1.5, "successes must be a whole number; got 1.5"),
        ([1, float("nan")], "successes must not be NaN (missing); got nan at index 1"),
    ],
)
def test_counts_name_the_argument_the_rule_the_value_and_its_index(value, message):
    with pytest.raises(InvalidInputError) as caught:
        _checks.counts("successes", value)

    assert str(caught.value) == message


@pytest.mark.parametrize("value", [True, [True, False], "12", None, 1j, [1, None], [[1], [1, 2]]])
def test_counts_refuse_what_is_not_a_number(value):
    with pytest.raises(InvalidTypeError, match="successes must be a number or an array of numbers"):
        _checks.counts("successes", value)


@pytest.mark.parametrize("value", [3, 3.0, np.int8(3), np.float32(3), np.array(3)])
def test_counts_take_whole_numbers_of_any_type(value):
    assert _checks.counts("successes", value) == 3.0


def test_counts_take_python_integers_in_an_object_array():
    assert _checks.counts("trials", np.array([1, 2], dtype=object)).tolist() == [1.0, 2.0]


def test_what_is_not_a_number_is_named_with_its_index():
    with pytest.raises(InvalidTypeError, match=r"numbers; got None at index \(1, 0\)"):
        _checks.counts("successes", [[1, 2.0], [None, 3]])


def test_masked_elements_are_missing():
    counted = np.ma.array([3, 4, 5], mask=[False, False, True])
    with pytest.raises(InvalidInputError, match=r"masked \(missing\); got 5 at index 2"):
        _checks.counts("successes", counted)
    assert _checks.counts("successes", counted[:2]).tolist() == [3.0, 4.0]


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, float("inf")])
def test_a_confidence_level_lies_between_0_and_1(level):
    with pytest.raises(InvalidInputError) as caught:
        _checks.scalar_level(level)

    rule = "confidence_level must be between 0 and 1, such as 0.95"
    assert str(caught.value) == f"{rule}; got {float(level)!r}"


def test_one_confidence_level_is_one():
    with pytest.raises(InvalidInputError, match=r"must be one number; got shape \(2,\)"):
        _checks.scalar_level([0.9, 0.95])


@pytest.mark.parametrize("exposure", [0, -1.0, np.inf])
def test_exposures_are_finite_and_above_0(exposure):
    with pytest.raises(InvalidInputError, match="exposure must be finite and above 0"):
        _checks.exposures("exposure", exposure)


def test_more_successes_than_trials_are_named_with_both():
    with pytest.raises(InvalidInputError) as caught:
        _checks.not_above("successes", np.array([1.0, 7.0]), "trials", np.array(5.0))

    assert str(caught.value) == "successes must not exceed trials (5.0); got 7.0 at index 1"


def test_shapes_that_do_not_broadcast_are_listed():
    with pytest.raises(InvalidInputError) as caught:
        _checks.broadcast({"successes": np.zeros(2), "trials": np.zeros(3)})

    assert str(caught.value) == "shapes do not broadcast: successes (2,), trials (3,)"


@pytest.mark.parametrize("value", ["Wilson", "wilso", "", None, 1])
def test_a_choice_is_exact_and_lists_the_right_ones(value):
    with pytest.raises(InvalidInputError) as caught:
        _checks.choice("method", value, ("wilson", "wald"))

    assert str(caught.value) == f"method must be one of 'wilson', 'wald'; got {value!r}"


def test_near_matches_ignore_case_and_keep_spelling():
    assert _checks.near_matches("walton center", ["Walton Centre", "Alder Hey"]) == (
        "; did you mean 'Walton Centre'?"
    )
    assert _checks.near_matches("xyz", ["Walton Centre"]) == ""


def test_a_wrong_kind_is_named_with_the_right_ones():
    _checks.of_kind("tally", True, (int, str))
    with pytest.raises(InvalidTypeError) as caught:
        _checks.of_kind("tally", 1.5, (int, str))

    assert str(caught.value) == "tally must be an int or str; got float"
