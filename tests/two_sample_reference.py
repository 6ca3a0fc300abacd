"""Expected values of two-sample methods, read from tests/reference (see the README there)."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import attrs
import numpy as np
from numpy.typing import NDArray


@attrs.frozen
class Cases:
    """All cases of one method: four input columns, the level, what is expected, how closely."""

    inputs: tuple[NDArray[np.float64], ...]
    level: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    p_value: NDArray[np.float64]
    rtol: float
    atol: float
    # ratesci bisects 4/π arctan(ratio) − 1 to 10 decimals, which beyond 1,000 is the coarser.
    bisects_an_angle: bool

    def slack(self, expected: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far a value may be from the expected one."""
        slack = self.atol + self.rtol * np.where(np.isinf(expected), 0.0, np.abs(expected))
        if self.bisects_an_angle:
            slack += 1e-10 * np.pi / 4 * (1 + np.where(np.isinf(expected), 0.0, expected) ** 2)
        return slack


@cache
def _read(topic: str) -> dict:
    text = (Path(__file__).parent / "reference" / f"{topic}.json").read_text(encoding="utf-8")
    return json.loads(text)


def cases(topic: str, name: str) -> Cases:
    """Return every case of the method that the file calls `name`."""
    file = _read(topic)
    chosen = [case for case in file["cases"] if case["method"] == name]
    sizes = ("e1", "e2") if topic.startswith("two_rate") else ("n1", "n2")

    def column(key: str) -> NDArray[np.float64]:
        return np.array([float(case.get(key, "nan")) for case in chosen])

    return Cases(
        inputs=tuple(column(key) for key in ("x1", sizes[0], "x2", sizes[1])),
        level=column("conf"),
        low=column("lower"),
        high=column("upper"),
        p_value=column("p_value"),
        rtol=file["methods"][name]["rtol"],
        atol=file["methods"][name]["atol"],
        bisects_an_angle=topic.endswith("ratio")
        and all(case["source"] == "ratesci" for case in chosen),
    )


def assert_interval_matches(topic: str, name: str, interval: Callable, method: str) -> None:
    """Compare all cases in one call, so that arrays and an array of levels are tried too."""
    known = cases(topic, name)
    assert known.level.size

    low, high = interval(*known.inputs, method=method, confidence_level=known.level)

    for actual, expected in ((low, known.low), (high, known.high)):
        same = (actual == expected) | (
            np.abs(actual - np.nan_to_num(expected)) <= known.slack(expected)
        )
        assert same.all(), [column[~same] for column in (*known.inputs, actual, expected)]


def assert_p_value_matches(topic: str, name: str, p_value: Callable, method: str) -> None:
    """Compare all cases of a test of no difference in one call."""
    known = cases(topic, name)
    assert known.p_value.size

    actual = p_value(*known.inputs, method=method)

    np.testing.assert_allclose(actual, known.p_value, rtol=known.rtol, atol=known.atol)
