"""Durations as counts by day: all that a survival curve needs to know of them."""

from collections.abc import Hashable, Iterable
from typing import Any

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics._checks import near_matches, numbers, refuse_where
from lhp_metrics.errors import InvalidInputError, InvalidTypeError, NotFoundError

__all__ = ["IntArray", "LifeTables", "count_by_time", "given_counts", "group_row"]

IntArray = NDArray[np.int64]

# Times on a grid of every whole number up to the last: counting is then a single pass. A few
# long times among few records would make a grid of nothing but gaps, and are ranked instead.
SPARSE = 100_000
FEW = 100
BLOCK = 16_384  # What is worked on stays in the cache.


@attrs.frozen(eq=False, kw_only=True)
class LifeTables:
    """Numbers leaving at each time, by group.

    Parameters
    ----------
    times : ndarray of int, shape (t,)
        Whole numbers in ascending order, at which something happened in some group.
    left : ndarray of int, shape (causes, groups, t)
        How many left, by cause; the first cause is being censored.
    keys : tuple
        The groups; empty where nobody named any.
    """

    times: IntArray
    left: IntArray
    keys: tuple[Hashable, ...]


def count_by_time(
    durations: ArrayLike, causes: NDArray[Any], n_causes: int, groups: ArrayLike | None
) -> LifeTables:
    """Count durations by cause, group and time; `causes` are 0 (censored) and up."""
    days = _whole_numbers("durations", durations)
    if causes.shape != days.shape:
        raise InvalidInputError(
            f"durations and what ended them must have one length; got {days.shape} and "
            f"{causes.shape}"
        )
    keys, group, first = _group_codes(groups, days.shape)
    last = int(days.max(initial=0))
    if last > 4 * len(days) + SPARSE:
        times, days = np.unique(days, return_inverse=True)
        last = len(times) - 1
    else:
        times = np.arange(last + 1)
    width, size = last + 1, max(len(keys), 1)
    flat = np.zeros(n_causes * size * width, dtype=np.int64)
    step = max(BLOCK, len(flat))
    for start in range(0, len(days), step):
        block = slice(start, start + step)
        code = causes[block] * (size * width) + days[block]
        if group is not None:
            code += (group[block] - first) * width
        flat += np.bincount(code, minlength=len(flat))
    left = flat.reshape(n_causes, size, width)
    if size > 1:  # Of whole numbers between the first and the last group some may be none.
        found = np.flatnonzero(left.sum(axis=(0, 2)))
        left, keys = left[:, found], tuple(keys[place] for place in found.tolist())
    happened = left.any(axis=(0, 1))
    return LifeTables(times=times[happened], left=left[:, :, happened], keys=keys)


def given_counts(
    counts: Iterable[tuple[str, ArrayLike]], times: ArrayLike | None, keys: tuple[Hashable, ...]
) -> LifeTables:
    """Return counts that somebody else made, checked; each of shape (t,) or (groups, t)."""
    columns = [(name, _whole_numbers(name, value, flat=False)) for name, value in counts]
    shapes = {column.shape for _, column in columns}
    if len(shapes) > 1 or len(next(iter(shapes))) not in (1, 2):
        listed = ", ".join(f"{name} {column.shape}" for name, column in columns)
        raise InvalidInputError(
            f"counts must have one shape, (times,) or (groups, times); got {listed}"
        )
    left = np.stack([np.atleast_2d(column) for _, column in columns])
    if left.shape[1] != max(len(keys), 1):
        raise InvalidInputError(f"counts have {left.shape[1]} groups, but keys are {keys!r}")
    days = np.arange(left.shape[2]) if times is None else _whole_numbers("times", times)
    if days.shape != left.shape[2:]:
        raise InvalidInputError(f"times must have {left.shape[2]} elements; got {len(days)}")
    refuse_where(np.diff(days, prepend=-1) <= 0, days, "times", "must ascend")
    happened = left.any(axis=(0, 1))
    return LifeTables(times=days[happened], left=left[:, :, happened], keys=keys)


def group_row(keys: tuple[Hashable, ...], key: Hashable) -> list[int]:
    """Return the row of a group's curve, as an index that keeps the array's dimensions."""
    if key not in keys:
        near = near_matches(str(key), map(str, keys))
        raise NotFoundError(f"the curves have no group {key!r}{near}")
    return [keys.index(key)]


def _whole_numbers(name: str, value: ArrayLike, *, flat: bool = True) -> IntArray:
    """Return whole numbers of at least 0 as int64; those that came as such cost one pass."""
    try:
        array: NDArray[Any] = np.asarray(value)
    except ValueError:
        array = np.empty(0)  # ragged: `numbers` says so
    if array.dtype.kind not in "iu":
        array = numbers(name, value)
        refuse_where(np.isinf(array), array, name, "must be finite")
        refuse_where(array != np.floor(array), array, name, "must be a whole number")
    if flat and array.ndim != 1:
        raise InvalidInputError(f"{name} must have one dimension; got shape {array.shape}")
    if array.size and array.min() < 0:
        refuse_where(array < 0, array, name, "must be at least 0")
    return array.astype(np.int64, copy=False)


def _group_codes(
    groups: ArrayLike | None, shape: tuple[int, ...]
) -> tuple[tuple[Hashable, ...], NDArray[Any] | None, int]:
    """Return the groups, each record's, and the number that stands for the first group."""
    if groups is None:
        return (), None, 0
    labels: NDArray[Any] = np.asarray(groups)
    if labels.shape != shape:
        raise InvalidInputError(
            f"groups must be one per duration, {shape[0]:,} of them; got shape {labels.shape}"
        )
    if labels.dtype.kind == "f":
        refuse_where(np.isnan(labels), labels, "groups", "must not be NaN (missing)")
    if labels.dtype == object:
        unnamed = [label for label in labels.tolist() if label is None or label != label]
        if unnamed:
            raise InvalidTypeError(f"groups must name a group for every duration; got {unnamed[0]}")
    if labels.dtype.kind == "i" and len(labels):
        # Small whole numbers are counted: to sort a long array takes longer than all the rest.
        first, end = int(labels.min()), int(labels.max())
        if end - first < FEW:
            return tuple(range(first, end + 1)), labels, first
    try:
        keys, code = np.unique(labels, return_inverse=True)
    except TypeError:
        raise InvalidTypeError("groups must be of one kind, such as text") from None
    return tuple(keys.tolist()), code, 0
