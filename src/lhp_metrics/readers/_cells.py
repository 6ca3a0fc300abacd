"""What a cell holds, by the kind of its field; a cell that breaks a rule leaves its error."""

import csv
import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from functools import cache
from numbers import Integral
from typing import Any, Literal, TypeAlias

from lhp_metrics._checks import as_word, is_total
from lhp_metrics._files import Kind, cell_items, from_cell
from lhp_metrics.errors import LhpMetricsError
from lhp_metrics.readers._table import Unreadable, is_nothing
from lhp_metrics.readers._words import CellError, Names, Words

__all__ = ["CellReader", "Dates", "cell_reader", "not_total", "plain_reader", "whole"]


Dates: TypeAlias = Literal["iso", "uk"]
CellReader: TypeAlias = Callable[[Any, "dt.date | None"], Any]

YES = ("yes", "y", "true", "1", "commercial")
NO = ("no", "n", "false", "0", "non commercial", "not commercial", "noncommercial")

_TIME = r"(?:[T ,]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[AaPp][Mm])?)?"
_UK = re.compile(rf"([0-9]{{1,2}})([/.\-])([0-9]{{1,2}})\2([0-9]{{4}}){_TIME}")
_UK_NAMED = re.compile(rf"([0-9]{{1,2}})[ \-]([A-Za-z]{{3,9}})[ \-]([0-9]{{4}}){_TIME}")
_NUMBER = "a number is no date: give the column a date format in Excel"
_LOOKS_UK = re.compile(r"[0-9]{1,2}[/.\- ]+(?:[0-9]{1,2}[/.\- ]|[A-Za-z]{3})")
_SHARE = re.compile(r"[0-9]{1,200}(?:\.[0-9]{1,200}|/[0-9]{1,200})?(?: ?%)?")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
DATE_RULES = {
    "iso": "must be a date such as 2024-01-31",
    "uk": "must be a date such as 31/01/2024",
}
LARGEST_EXPONENT = 30  # int(Decimal("1e999999999")) would fill the memory


def plain_reader(missing: Collection[str], *, escaped: bool) -> Callable[[Any], Any]:
    """Return the function that takes off what a format adds to values.

    Blank text, the words for nothing, NaN and NaT are None; whole floats are whole numbers, and
    others the decimal that a spreadsheet shows.
    """
    nothing = {as_word(word) for word in missing}

    def plain(cell: Any) -> Any:
        if not isinstance(cell, str):
            return None if cell is None else _plain_value(cell)
        text = cell.strip()
        if escaped:
            text = from_cell(text)
        return None if not text or (nothing and as_word(text) in nothing) else text

    return plain


def _plain_value(cell: Any) -> Any:
    if isinstance(cell, Unreadable):
        raise CellError(cell.rule)
    if is_nothing(cell):
        return None
    kind = type(cell).__name__
    if kind in ("bool", "bool_"):
        return bool(cell)
    if isinstance(cell, Integral):
        return _plain_number(Decimal(int(cell)))
    if isinstance(cell, float | Decimal):
        return _plain_number(cell)
    if isinstance(cell, dt.date | list | tuple | Mapping | Fraction):
        return cell
    raise CellError("must be text, a number or a date", hint=f"it is a {kind}")


def _plain_number(number: float | Decimal) -> int | Decimal:
    exact = number if isinstance(number, Decimal) else Decimal(format(number, ".15g"))
    if not exact.is_finite() or abs(exact.adjusted()) > LARGEST_EXPONENT:
        raise CellError("must be a finite number of ordinary size")
    whole = int(exact)
    return whole if whole == exact else exact


def not_total(read: CellReader, what: str) -> CellReader:
    """Return the reader that refuses a row of totals, which many exports end with."""

    def read_one(value: Any, on: dt.date | None) -> Any:
        if is_total(value):
            raise CellError(f"must be {what}, not the total of the others: leave the row out")
        return read(value, on)

    return read_one


def cell_reader(
    kind: Kind,
    *,
    dates: Dates,
    names: Names,
    words: Words | None = None,
    item: CellReader | None = None,
) -> CellReader:
    """Return the function that reads cells of a kind; `item` reads the site of a study."""

    def of_code(value: Any, on: dt.date | None) -> str:
        return names.code(_text(value), on, known_only=kind == "body")

    def of_several(value: Any, on: dt.date | None) -> list[Any]:
        read = of_code if item is None else item
        return [read(part, on) for part in _items(value)]

    def of_shares(value: Any, on: dt.date | None) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        for name, part in _parts(value):
            code = of_code(name, on)
            if code in parts:
                raise CellError("must name each organisation once", hint=f"{code!r} stands twice")
            parts[code] = _share(part)
        return parts

    of_names: dict[Kind, CellReader] = {
        "organisation": of_code,
        "body": of_code,
        "organisations": of_several,
        "sites": of_several,
        "shares": of_shares,
    }
    if kind in of_names:
        return of_names[kind]
    alone: dict[Kind, Callable[[Any], Any]] = {
        "identifier": _identifier,
        "date": _iso_date if dates == "iso" else _uk_date,
        "pounds": _single,
        "whole": whole,
        "yes or no": _yes_no,
        "share": _share,
    }
    read: Callable[[Any], Any] = alone.get(kind, _text)
    if words is None:
        return lambda value, _: read(value)
    return lambda value, _: words(read(value))


def _single(value: Any) -> Any:
    if isinstance(value, list | tuple | Mapping):
        raise CellError("must be one value, not several")
    return value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise CellError("must be text")
    return str(value) if isinstance(value, int) else format(value, "f")


def _identifier(value: Any) -> Any:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise CellError("must be text or a whole number")
    return value


def whole(value: Any) -> Any:
    """Return the number that text with or without commas for thousands is."""
    if isinstance(value, str):
        digits = value.replace(",", "")
        if not (digits.isascii() and digits.isdecimal() and len(digits) < LARGEST_EXPONENT):
            raise CellError("must be a whole number of at least 0")
        return int(digits)
    return _single(value)


def _yes_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str | int):
        word = as_word(str(value))
        if word in YES or word in NO:
            return word in YES
    raise CellError("must be yes or no", hint="'true', 'commercial' and their contraries do too")


def _share(value: Any) -> Any:
    if isinstance(value, str):
        # Fraction("1e999999999") would fill the memory.
        if _SHARE.fullmatch(value) and not value.endswith("%"):
            return value
        with suppress(ValueError, ArithmeticError):
            if _SHARE.fullmatch(value):
                return Fraction(value[:-1].strip()) / 100
    elif isinstance(value, Fraction | Decimal | int) and not isinstance(value, bool):
        return value
    raise CellError("must be a part such as 1/3, 0.25 or 25%")


def _items(value: Any) -> Sequence[Any]:
    if isinstance(value, str):
        return _named(value)
    if isinstance(value, list | tuple):
        return value
    return [value]


def _named(cell: str) -> list[str]:
    try:
        return cell_items(cell)
    except csv.Error as error:
        raise CellError("must be names with semicolons between them", hint=str(error)) from None


def _parts(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return list(value.items())
    parts = [part.rpartition("=") for part in _named(_text(value))]
    if not all(equals for _, equals, _ in parts):
        raise CellError("must be parts such as 'REM=2/3; REN=1/3'")
    return [(name.strip(), part.strip()) for name, _, part in parts]


def _iso_date(value: Any) -> dt.date:
    if not isinstance(value, str):
        return _day(value, "iso")
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        pass
    try:
        return _day(dt.datetime.fromisoformat(value), "iso")
    except ValueError:
        raise CellError(DATE_RULES["iso"], hint=_date_hint(value, "iso")) from None


def _uk_date(value: Any) -> dt.date:
    if not isinstance(value, str):
        return _day(value, "uk")
    try:
        if numbers := _UK.fullmatch(value):
            return dt.date(int(numbers[4]), int(numbers[3]), int(numbers[1]))
        if named := _UK_NAMED.fullmatch(value):
            name = named[2].lower()
            month = [m for m in _MONTHS if name in (m, m[:3]) or (name, m) == ("sept", _MONTHS[8])]
            return dt.date(int(named[3]), _MONTHS.index(month[0]) + 1, int(named[1]))
        return _iso_date(value)
    except (ValueError, LookupError):
        raise CellError(DATE_RULES["uk"], hint=_date_hint(value, "uk")) from None


def _date_hint(value: str, dates: Dates) -> str:
    """Return what seems to be wrong with a text that is no date."""
    if re.fullmatch(r"[1-9][0-9]{4}(?:\.[0-9]+)?", value):
        return _NUMBER
    numbers = _UK.fullmatch(value)
    if numbers and int(numbers[1]) <= 12 < int(numbers[3]) <= 31:
        return "it looks like month, day, year"
    if dates == "iso":
        uk = _LOOKS_UK.match(value) is not None
        return "it looks like day, month, year: say dates='uk'" if uk else ""
    short = _LOOKS_UK.match(value) and re.search(r"\D\d\d$", value)
    return "the year needs four digits" if short else ""


def _day(value: Any, dates: Dates) -> dt.date:
    """Return the date of a date or of a time; of an instant, the one that it was in London."""
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            try:
                value = value.astimezone(_london())
            except (OverflowError, LhpMetricsError) as error:
                raise CellError(DATE_RULES[dates], hint=str(error)) from None
        return dt.date(value.year, value.month, value.day)
    if isinstance(value, dt.date):
        return value
    hint = _NUMBER if value == value else ""
    raise CellError(DATE_RULES[dates], hint=hint)


@cache
def _london() -> dt.tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo("Europe/London")
    except ZoneInfoNotFoundError:
        raise LhpMetricsError("time zones need the package tzdata here") from None
