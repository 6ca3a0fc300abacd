"""How a field of a record is read, and how a record reports everything wrong with it at once.

A converter cannot name the record it reads for, and it would stop at the first fault. So the
converters here leave the error in the field, and `refuse_faults`, called when all fields are set,
raises one error that names the record and lists every unreadable value and every broken rule.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from numbers import Integral
from operator import attrgetter
from typing import Any, TypeVar, cast

import attrs

from lhp_metrics._checks import each_of
from lhp_metrics.errors import InvalidInputError, InvalidTypeError, LhpMetricsError

__all__ = [
    "argument",
    "as_int",
    "attempt",
    "date_or_none",
    "identifier",
    "identifier_or_none",
    "in_force",
    "is_blank",
    "is_read",
    "one_of",
    "order_faults",
    "read_date",
    "read_text",
    "refuse_faults",
    "required_date",
    "text",
    "text_or_none",
    "texts",
    "whole_or_none",
    "yes_no_or_none",
]

ReadT = TypeVar("ReadT")


def attempt(read: Callable[[object], ReadT], value: object) -> ReadT:
    """Read a value; leave the error in its place where that fails, for `refuse_faults` to find."""
    try:
        return read(value)
    except LhpMetricsError as error:
        return cast("ReadT", error)


def argument(name: str, read: Callable[[object], ReadT], value: object) -> ReadT:
    """Read what a method was given; the error names the argument."""
    try:
        return read(value)
    except LhpMetricsError as error:
        raise type(error)(f"{name} {error}") from None


def is_blank(value: object) -> bool:
    """Tell whether nothing was given: None, or text without a character."""
    return value is None or (isinstance(value, str) and not value.strip())


def is_read(*values: object) -> bool:
    """Tell whether none of the values is an error left by `attempt`."""
    return not any(isinstance(value, LhpMetricsError) for value in values)


def refuse_faults(
    kind: str, key: object, record: attrs.AttrsInstance, rules: Iterable[str] = ()
) -> None:
    """Raise one error for all the unreadable fields of a record and all the rules it breaks."""
    names, values_of = _fields_of(type(record))
    values = zip(names, values_of(record), strict=True)
    unread = [(name, value) for name, value in values if isinstance(value, LhpMetricsError)]
    faults = [f"{name} {error}" for name, error in unread]
    faults.extend(rules)
    if faults:
        wrong_type = any(isinstance(error, InvalidTypeError) for _, error in unread)
        label = f"{kind} {key!r}" if key and is_read(key) else kind
        error_type = InvalidTypeError if wrong_type else InvalidInputError
        raise error_type(f"{label}: {'; '.join(faults)}")


@cache
def _fields_of(kind: type[attrs.AttrsInstance]) -> tuple[tuple[str, ...], Callable[[object], Any]]:
    """Return the names of a class's fields, and what gets all their values at once."""
    names = tuple(field.name for field in attrs.fields(kind))
    # Of one name alone, attrgetter would return its value bare.
    only = names[0] if len(names) == 1 else None
    return names, attrgetter(*names) if only is None else lambda it: (getattr(it, only),)


def order_faults(record: object, *names: str) -> Iterator[str]:
    """Yield a fault for each date that is before the one that must come before it.

    `names` are fields in their only possible order; unknown dates are passed over.
    """
    earlier = ""
    for name in names:
        date = getattr(record, name)
        if not isinstance(date, dt.date):
            continue
        if earlier and date < (bound := getattr(record, earlier)):
            yield f"{name} ({date}) is before {earlier} ({bound})"
        earlier = name


def read_date(value: object) -> dt.date:
    """Read a date or ISO text; a time of day is refused unless it is midnight."""
    expected = "must be a date or ISO text such as '2024-01-31'"
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value.strip())
        except ValueError:
            raise InvalidInputError(f"{expected}; got {value!r}") from None
    if isinstance(value, dt.datetime):
        # Which day an instant falls on depends on a time zone that nobody stated.
        if value != value or value.tzinfo is not None or value.time() != dt.time():
            raise InvalidInputError(f"{expected}, without a time; got {value!r}")
        return value.date()
    if not isinstance(value, dt.date):
        raise InvalidTypeError(f"{expected}; got {value!r}")
    return value


def required_date(value: dt.date | str) -> dt.date:
    """Convert a field that must hold a date."""
    return attempt(read_date, value)


def date_or_none(value: dt.date | str | None) -> dt.date | None:
    """Convert a field that may hold a date."""
    return None if value is None else attempt(read_date, value)


def in_force(date: dt.date, first_on: dt.date | None, last_on: dt.date | None) -> bool:
    """Tell whether a date lies between two, both included; an unknown bound counts as open."""
    return (first_on is None or first_on <= date) and (last_on is None or date <= last_on)


def read_text(value: object) -> str:
    """Read text that is not empty; runs of white space become one space."""
    if not isinstance(value, str):
        raise InvalidTypeError(f"must be text; got {value!r}")
    collapsed = " ".join(value.split())
    if not collapsed:
        raise InvalidInputError(f"must not be empty; got {value!r}")
    return collapsed


def text(value: str) -> str:
    """Convert a field that must hold text."""
    return attempt(read_text, value)


def text_or_none(value: str | None) -> str | None:
    """Convert a field that may hold text; blank text is none."""
    return None if is_blank(value) else attempt(read_text, value)


def _read_texts(values: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(read_text, each_of(values, "texts"))))


def texts(values: Iterable[str]) -> tuple[str, ...]:
    """Convert a field that holds several texts; each is kept once, in their order."""
    return attempt(_read_texts, values)


def as_int(value: object) -> int | None:
    """Return an integer of any kind as an int; None for all else, True and False included."""
    return int(value) if isinstance(value, Integral) and not isinstance(value, bool) else None


def _read_identifier(value: object) -> str:
    number = as_int(value)
    return read_text(value) if number is None else str(number)


def identifier(value: str | int) -> str:
    """Convert a field that must hold a reference; a whole number is taken as its digits."""
    return attempt(_read_identifier, value)


def identifier_or_none(value: str | int | None) -> str | None:
    """Convert a field that may hold a reference; blank text is none."""
    return None if is_blank(value) else attempt(_read_identifier, value)


def _read_whole(value: object) -> int:
    number = as_int(value)
    if number is None:
        raise InvalidTypeError(f"must be a whole number; got {value!r}")
    if number < 0:
        raise InvalidInputError(f"must be at least 0; got {value!r}")
    return number


def whole_or_none(value: int | None) -> int | None:
    """Convert a field that may hold a count of people."""
    return None if value is None else attempt(_read_whole, value)


def _read_yes_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidTypeError(f"must be True, False or None; got {value!r}")
    return value


def yes_no_or_none(value: bool | None) -> bool | None:
    """Convert a field that may hold yes or no."""
    return None if value is None else attempt(_read_yes_no, value)


def one_of(name: str, value: object, options: tuple[str, ...]) -> Iterator[str]:
    """Yield a fault unless the value is exactly one of the options."""
    if not (isinstance(value, str) and value in options):
        yield f"{name} must be one of {', '.join(map(repr, options))}; got {value!r}"
