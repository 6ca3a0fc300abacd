"""Keys, exact counts and sums of columns: what tallies are made of."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from numbers import Integral
from typing import Any, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import folded
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Period

__all__ = [
    "LARGEST_COUNT",
    "LARGEST_SUM",
    "NOT_STATED",
    "Attribution",
    "Count",
    "Duplicates",
    "Key",
    "KeyT",
    "Piece",
    "Undated",
    "Unknown",
    "accumulated",
    "exact_count",
    "folded_key",
    "key_part",
    "parted",
    "refuse_overflow",
    "sorted_keys",
    "with_part",
]

Attribution = Literal["lead", "whole", "fractional"]
Unknown = Literal["error", "other"]
Undated = Literal["error", "decided", "pending", "exclude"]
Duplicates = Literal["error", "unchecked"]
Count: TypeAlias = int | Fraction
Key: TypeAlias = Hashable
# A mapping is of exactly one kind of key: dict[str, int] is no Mapping[Key, int].
KeyT = TypeVar("KeyT", bound=Hashable)

# Columns, the places in them that count, and where in the result each of these belongs.
Piece: TypeAlias = tuple[Mapping[str, NDArray[Any]], NDArray[np.intp], NDArray[np.intp]]

NOT_STATED = "not stated"
LARGEST_COUNT = 2**53  # Intervals are computed in floats, which hold whole numbers up to here.
LARGEST_SUM = 2.0**63


def exact_count(name: str, value: object) -> Count:
    """Return a count as int, or as the `Fraction` that fractional attribution makes."""
    number: int | float | Fraction
    if isinstance(value, Integral) and not isinstance(value, bool):
        number = int(value)
    elif isinstance(value, Fraction):
        number = value
    elif isinstance(value, float | np.floating):
        number = float(value)
    else:
        raise InvalidTypeError(f"{name} must be a whole number; got {value!r}")
    if not number >= 0:
        raise InvalidInputError(f"{name} must be a whole number of at least 0; got {value}")
    if isinstance(number, Fraction) and number.denominator != 1:
        return number
    if number != number // 1:
        raise InvalidInputError(f"{name} must be a whole number; got {value}")
    if number >= LARGEST_COUNT:
        raise InvalidInputError(f"{name} must be below {LARGEST_COUNT:,}; got {value}")
    return int(number)


def refuse_overflow(total: float) -> None:
    """Refuse sums of whole numbers that 64 bits do not hold: they would wrap round."""
    if total >= LARGEST_SUM:
        raise InvalidInputError(
            f"the counts or pence add up to about {total:.3g}, more than can be summed exactly "
            f"({LARGEST_SUM:.3g}): an amount must be wrong"
        )


def sorted_keys(keys: Iterable[Key]) -> list[Key]:
    """Return keys in order: periods by date, text by alphabet, "not stated" last."""

    def rank(key: Key) -> tuple[object, ...]:
        parts = key if isinstance(key, tuple) else (key,)
        return tuple(
            (part == NOT_STATED, (part.start, part.end) if isinstance(part, Period) else part)
            for part in parts
        )

    return sorted(keys, key=rank)


def folded_key(key: Key) -> Key:
    """Return a key without what a typist varies: capitals, and spaces around and between words."""
    if isinstance(key, tuple):
        return tuple(map(folded_key, key))
    return folded(key) if isinstance(key, str) else key


def key_part(key: Key, place: int) -> Any:
    """Return the part of a key that stands at `place`; a key of one part is that part."""
    return key[place] if isinstance(key, tuple) else key


def with_part(key: Key, place: int, part: str) -> Key:
    """Return the key with another part at `place`."""
    return (*key[:place], part, *key[place + 1 :]) if isinstance(key, tuple) else part


def accumulated(pieces: Sequence[Piece], size: int) -> dict[str, NDArray[Any]]:
    """Add up columns from their source to their target places; a largest value is kept."""
    columns: dict[str, NDArray[Any]] = {}
    for name in dict.fromkeys(name for columns_in, _, _ in pieces for name in columns_in):
        given = [(values[name], s, t) for values, s, t in pieces if name in values]
        dtype = np.result_type(*(values.dtype for values, _, _ in given))
        # Counts by day have a second axis, as long as the longest wait among them.
        length = max((values.shape[1:] for values, _, _ in given), default=())
        column = np.zeros((size, *length), dtype=dtype)
        gather = np.maximum if name.startswith("largest_") else np.add
        if dtype.kind == "i" and gather is np.add:
            refuse_overflow(sum(float(values[s].sum(dtype=float)) for values, s, _ in given))
        for values, source, target in given:
            part = column[:, : values.shape[1]] if length else column
            gather.at(part, target, values[source])
        columns[name] = column
    return columns


def parted(
    columns: Mapping[str, NDArray[Any]], source: NDArray[np.intp], weights: Sequence[Fraction]
) -> dict[str, NDArray[Any]]:
    """Return columns at `source`, each value cut to its part: counts exactly, by `Fraction`.

    Of a record that counts by half, second moments keep a quarter; a largest value is kept.
    """
    if all(weight == 1 for weight in weights):
        return {name: values[source] for name, values in columns.items()}
    exact = np.empty(len(weights), dtype=object)
    exact[:] = weights
    result: dict[str, NDArray[Any]] = {}
    for name, values in columns.items():
        here = values[source]
        if name.startswith("largest_"):
            result[name] = here
        elif values.dtype.kind == "f":
            moment = 2 if name.endswith("_squared") or "_times_" in name else 1
            result[name] = here * exact.astype(np.float64) ** moment
        else:
            result[name] = (here.astype(object).T * exact).T
    return result
