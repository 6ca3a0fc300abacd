"""Single values as JSON and back, exactly: numbers, parts, pounds, keys, provenance.

JSON has no NaN and no infinity: they are the strings "NaN", "Infinity" and "-Infinity", as the
Protocol Buffers' JSON mapping has them, which ``float()`` and JavaScript's ``Number()`` both read.
"""

import datetime as dt
import math
import re
from collections.abc import Hashable, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, NoReturn

import numpy as np

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Period
from lhp_metrics.provenance import Provenance

__all__ = [
    "SPECIAL",
    "json_exact",
    "json_key",
    "json_number",
    "json_provenance",
    "member",
    "read_exact",
    "read_key",
    "read_mapping",
    "read_number",
    "read_provenance",
    "read_texts",
    "refuse",
]

SPECIAL: Mapping[str, float] = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
PART = re.compile(r"-?\d+/\d+")
TEXTS = ("definition", "dated_by", "basis", "attribution", "exposure", "method", "library_version")


def refuse(where: str, rule: str, value: object) -> NoReturn:
    """Raise the error that names the place in the file, the rule and the value."""
    shown = repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    raise InvalidInputError(f"{where} {rule}; got {shown}")


def member(found: Mapping[str, Any], name: str, where: str) -> Any:
    """Return a member that must be there."""
    if name not in found:
        raise InvalidInputError(f"{where} has no {name!r}")
    return found[name]


def read_mapping(value: object, where: str) -> dict[str, Any]:
    """Return a JSON object."""
    if not isinstance(value, dict):
        refuse(where, "must be an object", value)
    return value


def read_texts(value: object, where: str) -> tuple[str, ...]:
    """Return a list of texts."""
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        refuse(where, "must be a list of texts", value)
    return tuple(value)


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
        return float(value)
    except OverflowError:
        refuse(where, "must be a number that 64 bits hold", value)


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


def read_exact(value: object, where: str) -> object:
    """Return an exact number: whole, a part, pounds, or a float."""
    if value is None or type(value) is int:
        return value
    if not isinstance(value, str) or value in SPECIAL:
        return read_number(value, where)
    try:
        return Fraction(value) if PART.fullmatch(value) else Decimal(value)
    except (InvalidOperation, ZeroDivisionError):
        refuse(where, 'must be a number, or text such as "1/3" or "12.50"', value)


def json_key(key: Hashable) -> object:
    """Return a key: a period by its days, several parts as a list."""
    if isinstance(key, Period):
        return {"start": key.start.isoformat(), "end": key.end.isoformat()}
    if isinstance(key, tuple):
        return [json_key(part) for part in key]
    if key is None or type(key) in (bool, int, str):
        return key
    raise InvalidTypeError(f"the key {key!r} ({type(key).__name__}) has no form in JSON")


def read_key(value: object, where: str) -> Hashable:
    """Return a key as a table holds it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list):
        return tuple(read_key(part, where) for part in value)
    if isinstance(value, dict) and set(value) == {"start", "end"}:
        return Period(read_date(value["start"], where), read_date(value["end"], where))
    refuse(where, "must be text, a whole number, a period's start and end, or a list", value)


def read_date(value: object, where: str) -> dt.date:
    """Return a date from its ISO text."""
    rule = "must be a date such as '2023-11-20'"
    if not isinstance(value, str):
        refuse(where, rule, value)
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        refuse(where, rule, value)


def json_provenance(provenance: Provenance) -> dict[str, object]:
    """Return provenance with its dates as ISO text."""
    return {
        **{name: getattr(provenance, name) for name in TEXTS},
        "periods": [
            {"label": label, "start": first.isoformat(), "end": last.isoformat()}
            for label, first, last in provenance.periods
        ],
        "as_of": provenance.as_of and provenance.as_of.isoformat(),
        "confidence_level": provenance.confidence_level,
        "records_in": json_exact(provenance.records_in),
        "records_excluded": {
            reason: json_exact(count) for reason, count in provenance.records_excluded.items()
        },
        "notes": list(provenance.notes),
    }


def read_provenance(value: object) -> Provenance:
    """Return provenance as a result carries it."""
    where = "provenance"
    found = read_mapping(value, where)
    facts: dict[str, Any] = {name: _text(found, name) for name in TEXTS}
    for name in ("definition", "library_version"):
        if facts[name] is None:
            raise InvalidInputError(f"{where} has no {name!r}")
    periods = found.get("periods", [])
    if not isinstance(periods, list):
        refuse("provenance.periods", "must be a list", periods)
    as_of, level = found.get("as_of"), found.get("confidence_level")
    excluded = read_mapping(found.get("records_excluded", {}), "provenance.records_excluded")
    return Provenance(
        **facts,
        periods=tuple(_span(span) for span in periods),
        as_of=None if as_of is None else read_date(as_of, "provenance.as_of"),
        confidence_level=None
        if level is None
        else read_number(level, "provenance.confidence_level"),
        records_in=_count(found.get("records_in"), "provenance.records_in"),
        records_excluded={
            reason: _count(count, f"provenance.records_excluded[{reason!r}]") or 0
            for reason, count in excluded.items()
        },
        notes=read_texts(found.get("notes", []), "provenance.notes"),
    )


def _text(found: Mapping[str, Any], name: str) -> str | None:
    value = found.get(name)
    if value is not None and not isinstance(value, str):
        refuse(f"provenance.{name}", "must be text", value)
    return value


def _span(value: object) -> tuple[str, dt.date, dt.date]:
    where = "provenance.periods"
    found = read_mapping(value, where)
    label = member(found, "label", where)
    if not isinstance(label, str):
        refuse(f"{where}: label", "must be text", label)
    first, last = (read_date(member(found, name, where), where) for name in ("start", "end"))
    return label, first, last


def _count(value: object, where: str) -> Any:
    """Return a number of records; parts of records have been counted too."""
    count = read_exact(value, where)
    if count is not None and not isinstance(count, int | Fraction):
        refuse(where, "must be a whole number or a part such as '1/3'", value)
    return count
