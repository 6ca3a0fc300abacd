"""Checks that every room shares: one wording for one kind of fault.

Array checks return float64 arrays, so the numerics behind them need no further conversion.
"""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from types import UnionType
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics.errors import InvalidInputError, InvalidTypeError

__all__ = [
    "TOTALS",
    "FloatArray",
    "as_word",
    "broadcast",
    "choice",
    "confidence_levels",
    "counts",
    "decimal_places",
    "each_of",
    "exposures",
    "folded",
    "is_total",
    "meanings",
    "near_matches",
    "not_above",
    "numbers",
    "of_kind",
    "often",
    "pair_of_labels",
    "refuse_where",
    "scalar_level",
    "text_map",
]

FloatArray = NDArray[np.float64]

MOST_DIGITS = 10
TOTALS = ("total", "grand total", "totals")


def often(times: int) -> str:
    """Return how often something was met, in words: "once", "1,200 times"."""
    return "once" if times == 1 else f"{times:,} times"


def folded(text: str) -> str:
    """Return text as spellings are compared: without its case and spare spaces."""
    return " ".join(text.split()).casefold()


def as_word(text: str) -> str:
    """Return text as words of a list are compared: "_" and "-" are spaces too."""
    return folded(text.replace("_", " ").replace("-", " "))


def is_total(name: object) -> bool:
    """Tell whether a name stands for all groups together: tables of counts often end with one."""
    return isinstance(name, str) and as_word(name) in TOTALS


def near_matches(
    word: str,
    options: Iterable[str],
    *,
    shown: Mapping[str, str] | None = None,
    most: int = 3,
) -> str:
    """Return "; did you mean 'a' or 'b'?", or "" where nothing is near.

    Near are the options spelt alike; where there are none, those that hold the word. `shown`
    gives the text that an option stands for.
    """
    import difflib

    known: dict[str, str] = {}
    for option in options:
        known.setdefault(option.casefold(), option if shown is None else shown[option])
    wanted = word.casefold()
    near = difflib.get_close_matches(wanted, known, n=most, cutoff=0.6)
    if wanted and not near:
        near = [option for option in known if wanted in option][:most]
    return f"; did you mean {' or '.join(repr(known[n]) for n in near)}?" if near else ""


def text_map(name: str, given: object) -> dict[str, str]:
    """Return what a map of words was given, or refuse what is none."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InvalidTypeError(f"{name} must map the house's words to ours; got {given!r:.80}")
    for word, ours in given.items():
        if not (isinstance(word, str) and isinstance(ours, str)):
            raise InvalidTypeError(f"{name} must map text to text; got {word!r}: {ours!r}")
    return dict(given)


def meanings(
    name: str, given: Mapping[str, str], ours: Iterable[str] | None = None
) -> dict[str, str]:
    """Return what each word means, under the word as words are compared.

    A word of ours means itself, and so does what is mapped to. `ours` are the only meanings
    there are; by default those that are given.
    """
    options = list(given.values() if ours is None else ours)
    own = {as_word(word): word for word in options}
    found = dict(own)
    for word, meaning in given.items():
        if as_word(meaning) not in own:
            raise InvalidInputError(
                f"{name} must map to {', '.join(map(repr, options))}; got {word!r}: {meaning!r}"
                f"{near_matches(meaning, options)}"
            )
        meant = meaning if ours is None else own[as_word(meaning)]
        if found.setdefault(as_word(word), meant) != meant:
            raise InvalidInputError(
                f"{name} gives {word!r} two meanings: {found[as_word(word)]!r} and {meant!r}"
            )
    return found


def choice(name: str, value: object, options: Iterable[str]) -> None:
    """Refuse `value` unless it is exactly one of `options`."""
    options = tuple(options)
    if not (isinstance(value, str) and value in options):
        listed = ", ".join(map(repr, options))
        raise InvalidInputError(f"{name} must be one of {listed}; got {value!r}")


def of_kind(name: str, value: object, kinds: type | tuple[type, ...]) -> None:
    """Refuse `value` unless it is an instance of one of `kinds`."""
    if not isinstance(value, kinds):
        listed = " or ".join(k.__name__ for k in (kinds if isinstance(kinds, tuple) else (kinds,)))
        article = "an" if listed[0] in "AEIOUaeiou" else "a"
        raise InvalidTypeError(f"{name} must be {article} {listed}; got {type(value).__name__}")


def each_of(
    values: object, what: str, *, single: type | UnionType = str, name: str = ""
) -> Iterable[Any]:
    """Return a collection; refuse text, a single member, and an array without a dimension.

    ``tuple("RJ1")`` would be three organisations of one letter each.
    """
    looks_right = isinstance(values, Iterable) and getattr(values, "ndim", 1) != 0
    if isinstance(values, single) or not looks_right:
        raise InvalidTypeError(f"{name} must be a collection of {what}; got {values!r}".lstrip())
    return cast("Iterable[Any]", values)


def pair_of_labels(labels: object) -> tuple[str, str]:
    """Return what two periods are called; refuse anything but two texts."""
    if isinstance(labels, str) or not isinstance(labels, Sequence) or len(labels) != 2:
        raise InvalidInputError(f"labels must be two, for before and after; got {labels!r}")
    for label in labels:
        of_kind("each of labels", label, str)
    return labels[0], labels[1]


def refuse_where(bad: NDArray[np.bool_], values: NDArray[np.generic], name: str, rule: str) -> None:
    """Raise for the first True in `bad`, naming the argument, the rule, the value and its index."""
    if bad.any():
        raise InvalidInputError(f"{name} {rule}; got {_first(bad, values)}")


def _first(bad: NDArray[np.bool_], values: NDArray[Any]) -> str:
    """Return the first value that is `bad`, and its index in an array."""
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    where = "" if not index else f" at index {index[0] if len(index) == 1 else index}"
    return f"{values.item(index)!r}{where}"


def numbers(name: str, value: ArrayLike) -> FloatArray:
    """Return real, finite-or-infinite numbers as float64; refuse booleans, text and missing."""
    rule = f"{name} must be a number or an array of numbers"
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise InvalidTypeError(f"{rule}: {error}") from None
    if array.dtype == object:
        kinds = [isinstance(item, Real) and not isinstance(item, bool) for item in array.flat]
        bad = ~np.array(kinds, dtype=bool).reshape(array.shape)
        if bad.any():
            raise InvalidTypeError(f"{rule}; got {_first(bad, array)}")
    elif array.dtype.kind not in "iuf":
        shown = repr(value) if array.ndim == 0 else f"an array of dtype {array.dtype}"
        raise InvalidTypeError(f"{rule}; got {shown}")
    if isinstance(value, np.ndarray) and hasattr(value, "mask"):
        refuse_where(np.ma.getmaskarray(value), array, name, "must not be masked (missing)")
    array = array.astype(np.float64, copy=False)
    refuse_where(np.isnan(array), array, name, "must not be NaN (missing)")
    return array


def counts(name: str, value: ArrayLike) -> FloatArray:
    """Return whole, finite numbers of at least 0 as float64."""
    array = numbers(name, value)
    refuse_where(~(array >= 0) | np.isinf(array), array, name, "must be finite and at least 0")
    refuse_where(array != np.floor(array), array, name, "must be a whole number")
    return array


def exposures(name: str, value: ArrayLike) -> FloatArray:
    """Return finite numbers above 0 as float64."""
    array = numbers(name, value)
    refuse_where(~(array > 0) | np.isinf(array), array, name, "must be finite and above 0")
    return array


def not_above(name: str, array: FloatArray, bound_name: str, bound: FloatArray) -> None:
    """Refuse elements of `array` that exceed `bound`, after broadcasting."""
    array, bound = broadcast({name: array, bound_name: bound})
    over = array > bound
    if over.any():
        first = tuple(np.argwhere(over)[0])
        rule = f"must not exceed {bound_name} ({bound[first].item()!r})"
        refuse_where(over, array, name, rule)


def broadcast(arrays: Mapping[str, NDArray[Any]]) -> tuple[FloatArray, ...]:
    """Broadcast named arrays against each other; the error names their shapes."""
    try:
        return np.broadcast_arrays(*arrays.values())
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise InvalidInputError(f"shapes do not broadcast: {shapes}") from None


def confidence_levels(value: ArrayLike) -> FloatArray:
    """Return confidence levels, each a fraction strictly between 0 and 1."""
    array = numbers("confidence_level", value)
    bad = ~((array > 0) & (array < 1))
    refuse_where(bad, array, "confidence_level", "must be between 0 and 1, such as 0.95")
    return array


def scalar_level(value: float) -> float:
    """Return one confidence level as a plain float."""
    array = confidence_levels(value)
    if array.ndim:
        raise InvalidInputError(f"confidence_level must be one number; got shape {array.shape}")
    return float(array)


def decimal_places(digits: object) -> None:
    """Refuse what cannot be a number of printed decimal places."""
    whole = isinstance(digits, Integral) and not isinstance(digits, bool)
    if not (whole and 0 <= cast("int", digits) <= MOST_DIGITS):
        raise InvalidInputError(
            f"digits must be a whole number from 0 to {MOST_DIGITS}; got {digits!r}"
        )
