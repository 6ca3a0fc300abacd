"""The expected values of one proportion, one rate and shares, from independent programs."""

import json
from pathlib import Path

import numpy as np

__all__ = ["assert_matches", "cases", "tolerance"]

DIRECTORY = Path(__file__).parent / "reference"


def _load(topic):
    return json.loads((DIRECTORY / f"{topic}.json").read_text(encoding="utf-8"))


def cases(topic, name):
    """Return the cases of one method; that there are any is part of every test."""
    found = [case for case in _load(topic)["cases"] if case["method"] == name]
    assert found, f"no case of {name!r} in {topic}"
    return found


def tolerance(topic, name):
    """Return the tolerances that the source of the expected values supports."""
    method = _load(topic)["methods"][name]
    return {"rtol": method["rtol"], "atol": method["atol"]}


def assert_matches(actual, expected, case, **within):
    expected = np.asarray(expected, dtype=float)  # "inf" is infinity
    np.testing.assert_allclose(actual, expected, err_msg=case["id"], **within)
