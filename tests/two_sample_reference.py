"""Expected values of two-sample methods, read from tests/reference (see the README there)."""

import json
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
    )
