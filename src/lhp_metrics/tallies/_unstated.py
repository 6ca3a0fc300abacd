"""Outcomes that a source does not state: a missing count is not 0."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lhp_metrics.tallies._outcomes import UNDECIDED

if TYPE_CHECKING:
    from lhp_metrics.tallies.grants import GrantTally

__all__ = ["is_unstated", "stated", "unstated_notes"]


def is_unstated(columns: Mapping[str, NDArray[Any]], outcome: str) -> NDArray[np.bool_]:
    """Return where the source does not state an outcome, or not of all applications.

    One element per group and the total's at the end; the counts there are not 0 but unknown.
    """
    missing = columns.get(f"{outcome}_unstated", np.zeros(len(columns[outcome])))
    return np.asarray(missing > 0)


def stated(columns: Mapping[str, NDArray[Any]], outcome: str) -> NDArray[Any]:
    """Return the counts of an outcome, NaN where the source does not state them all."""
    missing = is_unstated(columns, outcome)
    return np.where(missing, np.nan, columns[outcome]) if missing.any() else columns[outcome]


def unstated_notes(tally: "GrantTally") -> Iterator[str]:
    """Say which outcomes nobody stated, and of which groups if it is not all."""
    nowhere: list[str] = []
    partly: dict[tuple[str, ...], list[str]] = {}
    for name in UNDECIDED:
        missing, words = is_unstated(tally.columns, name), name.replace("_", " ")
        groups = tuple(
            tally.name_of(key) for key, lacks in zip(tally.keys, missing[:-1], strict=True) if lacks
        )
        if missing[-1] and len(groups) == len(tally.keys) and not tally.columns[name][-1]:
            nowhere.append(words)
        elif missing[-1]:
            partly.setdefault(groups, []).append(words)
    if nowhere:
        yield f"Applications {_either(nowhere)} are not stated, and none are counted."
    for groups, names in partly.items():
        where = f": {', '.join(groups)}" if len(groups) < len(tally.keys) else ""
        yield f"Applications {_either(names)} are not stated, or only in part{where}."


def _either(names: list[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if names[:-1] else names)
