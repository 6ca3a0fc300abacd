"""Single values as JSON and back, exactly: numbers, parts, pounds, keys.

JSON has no NaN and no infinity: they are the strings "NaN", "Infinity" and "-Infinity", as the
Protocol Buffers' JSON mapping has them, which ``float()`` and JavaScript's ``Number()`` both read.
"""

import datetime as dt
import math
import re
import reprlib
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, NoReturn

import numpy as np

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Period

__all__ = [
    "HELD",
    "LARGEST",
    "SPECIAL",
    "SURROGATE",
    "json_exact",
    "json_key",
    "json_number",
    "json_text",
    "read_date",
    "read_exact",
    "read_key",
    "read_level",
    "read_mapping",
    "read_number",
    "read_object",
    "read_record",
    "read_span",
    "read_text",
    "read_texts",
    "refuse",
]

SPECIAL: Mapping[str, float] = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
# Whole numbers are below it, so that every frame and file can hold them.
LARGEST = 2**63
HELD = "must be a number that 64 bits hold"
MOST_DIGITS = 400  # Python takes minutes over a number of a million.
PART = re.compile(r"-?[0-9]+/[0-9]+")
POUNDS = re.compile(r"-?[0-9]+(\.[0-9]+)?(E[+-]?[0-9]+)?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SURROGATE = re.compile("[\ud800-\udfff]")
# Of what is nested too deeply to be shown, the outermost levels.
SHOWN = reprlib.Repr()
SHOWN.maxstring = SHOWN.maxlong = SHOWN.maxother = 100


class _Repeating(dict[str, Any]):
    """A JSON object in which a name stands twice; it is refused where its place is known."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        times = Counter(name for name, _ in pairs)
        self.twice = [name for name, number in times.items() if number > 1]


def read_object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members of a JSON object, for `json.loads`."""
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Repeating(pairs)


def json_text(text: str | bytes | bytearray) -> str:
    """Return the text of a document, whose bytes are UTF-8, without a byte order mark."""
    import json

    if not isinstance(text, str):
        encoding = json.detect_encoding(text)
        if not encoding.startswith("utf-8"):
            raise ValueError(f"its bytes must be UTF-8; they are {encoding[:6].upper()}")
        text = text.decode("utf-8")
    return text.removeprefix("\ufeff")


def refuse(where: str, rule: str, value: object) -> NoReturn:
    """Raise the error that names the place in the file, the rule and the value."""
    shown = SHOWN.repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    raise InvalidInputError(f"{where} {rule}; got {shown}")


def read_mapping(value: object, where: str) -> dict[str, Any]:
    """Return a JSON object of any members, each of which stands once."""
    if isinstance(value, _Repeating):
        refuse(where, "must have each member once", value.twice[0])
    if not isinstance(value, dict):
        refuse(where, "must be an object", value)
    return value


def read_record(
    value: object, where: str, required: Iterable[str], optional: Iterable[str] = ()
) -> dict[str, Any]:
    """Return a JSON object of these members and no others."""
    found = read_mapping(value, where)
    known = [*required, *optional]
    missing = next((name for name in required if name not in found), None)
    if missing is not None:
        raise InvalidInputError(f"{where} has no {missing!r}")
    unknown = next((name for name in found if name not in known), None)
    if unknown is not None:
        listed = ", ".join(map(repr, known)) or "none"
        refuse(where, f"must have no other members than {listed}", unknown)
    return found


def read_text(value: object, where: str) -> str:
    """Return a text that can be written to a file."""
    if not isinstance(value, str):
        refuse(where, "must be text", value)
    if not value.isascii() and SURROGATE.search(value):
        refuse(where, "must be Unicode text, without half of a surrogate pair", value)
    return value


def read_texts(value: object, where: str) -> tuple[str, ...]:
    """Return a list of texts."""
    if not isinstance(value, list):
        refuse(where, "must be a list of texts", value)
    return tuple(read_text(text, f"{where}[{index}]") for index, text in enumerate(value))


def json_number(value: float) -> float | str:
    """Return a float as JSON can hold it."""
    if math.isfinite(value):
        return value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def read_number(value: object, where: str) -> float:
    """Return a number as float; whole ones lost their point on the way through JavaScript."""
    if isinstance(value, str) and value in SPECIAL:
        return SPECIAL[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(where, 'must be a number, "NaN", "Infinity" or "-Infinity"', value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isinf(number):  # Such as 1e400.
        refuse(where, HELD, value)
    return number


def read_level(value: object, where: str) -> float:
    """Return a confidence level."""
    level = read_number(value, where)
    if not 0 < level < 1:
        refuse(where, "must be between 0 and 1 (exclusive)", value)
    return level


def json_exact(value: object) -> object:
    """Return an exact or a plain value: 1/3 as "1/3", pounds as their text."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, float):
        return json_number(value)
    if value is None or type(value) in (bool, int, str):
        return value
    raise InvalidTypeError(f"{value!r} ({type(value).__name__}) has no form in JSON")


def read_exact(value: object, where: str) -> Any:
    """Return an exact number: whole, a part, pounds, or a float."""
    number: int | Fraction | Decimal
    if type(value) is int:
        number = value
    elif isinstance(value, str) and value not in SPECIAL:
        number = _part_or_pounds(value, where)
    else:
        return None if value is None else read_number(value, where)
    if not -LARGEST < number < LARGEST:
        refuse(where, HELD, value)
    return number


def _part_or_pounds(text: str, where: str) -> Fraction | Decimal:
    try:
        if len(text) <= MOST_DIGITS and PART.fullmatch(text):
            return Fraction(text)
        if len(text) <= MOST_DIGITS and POUNDS.fullmatch(text):
            pounds = Decimal(text)
            if abs(pounds.adjusted()) <= MOST_DIGITS:
                return pounds
    except (InvalidOperation, ZeroDivisionError):
        pass
    refuse(where, 'must be a number, or text such as "1/3" or "12.50"', text)


def json_key(key: Hashable) -> object:
    """Return a key: a period by its days, several parts as a list."""
    if isinstance(key, Period):
        return {"start": key.start.isoformat(), "end": key.end.isoformat()}
    if isinstance(key, tuple):
        return [json_key(part) for part in key]
    if key is None or type(key) in (bool, int, str):
        return key
    raise InvalidTypeError(f"the key {key!r} ({type(key).__name__}) has no form in JSON")


def read_key(value: object, where: str, levels: int = 2) -> Hashable:
    """Return a key as a table holds it; a part of one may itself be several organisations."""
    if isinstance(value, str):
        return read_text(value, where)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < LARGEST else refuse(where, HELD, value)
    if isinstance(value, list) and levels:
        return tuple(read_key(part, where, levels - 1) for part in value)
    if isinstance(value, dict):
        read_record(value, where, ("start", "end"))
        return Period(*read_span(value, where))
    refuse(where, "must be text, a whole number, a period's start and end, or a list", value)


def read_span(found: Mapping[str, Any], where: str) -> tuple[dt.date, dt.date]:
    """Return first and last day of what has a start and an end."""
    first, last = (read_date(found[name], f"{where}.{name}") for name in ("start", "end"))
    if last < first:
        refuse(f"{where}.end", f"must not be before start ({first})", found["end"])
    return first, last


def read_date(value: object, where: str) -> dt.date:
    """Return a date from its ISO text."""
    if isinstance(value, str) and DATE.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    refuse(where, "must be a date such as '2023-11-20'", value)
