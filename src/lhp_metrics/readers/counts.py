"""Published counts from files: one row per group."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias, get_args, overload

import attrs

from lhp_metrics._checks import TOTALS, as_word, choice, text_map
from lhp_metrics._files import OUTCOME_COLUMNS
from lhp_metrics.errors import (
    Fault,
    InvalidFileError,
    InvalidInputError,
    InvalidTypeError,
    LhpMetricsError,
)
from lhp_metrics.models import Partnership, Period
from lhp_metrics.readers._cells import (
    CellReader,
    cell_reader,
    not_total,
    plain_reader,
    whole,
)
from lhp_metrics.readers._columns import read_column
from lhp_metrics.readers._headings import found_columns, nearest, one_cell
from lhp_metrics.readers._streams import read_table
from lhp_metrics.readers._table import Source, Table, refuse_file
from lhp_metrics.readers._words import CellError, Names, Words
from lhp_metrics.readers.records import checked_missing, checked_names
from lhp_metrics.tallies import OutcomeCounts
from lhp_metrics.tallies._keys import exact_count

__all__ = ["CountsOf", "read_counts"]

CountsOf: TypeAlias = Literal["registrations", "outcomes"]

REGISTRATIONS = "registrations"
COUNTED = (REGISTRATIONS, *OUTCOME_COLUMNS)
SPLIT = ("successful", "unsuccessful", "decided")  # a file may give some of these
ORGANISATIONS = ("organisation", "lead")
PERIODS = ("month", "quarter", "financial_year", "period")
SUMS = ("submitted", "applications", *TOTALS)


@overload
def read_counts(
    source: Source,
    *,
    of: None = None,
    by: str | Iterable[str] | None = None,
    columns: Mapping[str, str] | None = None,
    organisations: Mapping[str, str] | None = None,
    funders: Mapping[str, str] | None = None,
    partnership: Partnership | None = None,
    missing: Iterable[str] = (),
    encoding: str = "utf-8",
    delimiter: str | None = None,
    sheet: str | int | None = None,
) -> dict[Any, Any]: ...
@overload
def read_counts(
    source: Source,
    *,
    of: Literal["registrations"],
    by: str | Iterable[str] | None = None,
    columns: Mapping[str, str] | None = None,
    organisations: Mapping[str, str] | None = None,
    funders: Mapping[str, str] | None = None,
    partnership: Partnership | None = None,
    missing: Iterable[str] = (),
    encoding: str = "utf-8",
    delimiter: str | None = None,
    sheet: str | int | None = None,
) -> dict[Any, int]: ...
@overload
def read_counts(
    source: Source,
    *,
    of: Literal["outcomes"],
    by: str | Iterable[str] | None = None,
    columns: Mapping[str, str] | None = None,
    organisations: Mapping[str, str] | None = None,
    funders: Mapping[str, str] | None = None,
    partnership: Partnership | None = None,
    missing: Iterable[str] = (),
    encoding: str = "utf-8",
    delimiter: str | None = None,
    sheet: str | int | None = None,
) -> dict[Any, OutcomeCounts]: ...
def read_counts(
    source: Source,
    *,
    of: CountsOf | None = None,
    by: str | Iterable[str] | None = None,
    columns: Mapping[str, str] | None = None,
    organisations: Mapping[str, str] | None = None,
    funders: Mapping[str, str] | None = None,
    partnership: Partnership | None = None,
    missing: Iterable[str] = (),
    encoding: str = "utf-8",
    delimiter: str | None = None,
    sheet: str | int | None = None,
) -> dict[Any, Any]:
    r"""Read counts that somebody else made, such as a published table.

    Parameters
    ----------
    source : path, open file, or iterable of dicts
        One row per group: CSV, an Excel workbook (extra ``excel``), a JSON list of objects.
    of : {"registrations", "outcomes"}, optional
        What is counted. By default the headings tell: a column ``registrations``, or columns
        ``successful``, ``unsuccessful``, ``pending``, ``withdrawn``, ``not_considered``,
        ``decided``.
    by : str or iterable of str, optional
        Headings of the columns that name a group, in the order of the keys; other columns are
        then passed over. By default all columns that hold no counts; one that sums up the others,
        such as "Submitted", is refused.
    columns : mapping, optional
        Heading to our name, such as ``{"Studies": "registrations"}``.
    organisations, funders : mapping, optional
        The house's words in columns ``organisation``, ``lead`` or ``funder``, to codes or names;
        a word that `funders` does not have is refused.
    partnership : Partnership, optional
        Resolves the names of organisations to codes; unknown ones are refused.
    missing : iterable of str, optional
        Words for "nothing stated", such as ``["N/A"]``. A count cannot be missing.
    encoding, delimiter, sheet
        As for `read_grants`.

    Returns
    -------
    dict
        Key to int, or to `OutcomeCounts`, in the order of the file, as
        ``RegistrationTally.from_counts`` and ``GrantTally.from_counts`` take it. Of several key
        columns the keys are tuples. A column ``month``, ``quarter``, ``financial_year`` or
        ``period`` gives a `Period` each: ``2023-04``, ``2023-24 Q1``, ``2023-24`` or
        ``2023-04-01/2023-11-19``. Without a column ``pending``, ``withdrawn`` or
        ``not_considered`` none are counted, and the tally's notes say that they are not stated.

    Raises
    ------
    InvalidFileError
        If anything in the file cannot be read: everything is listed. So are a group that stands
        twice, a row that is the total of the others, and a count that is missing: it is not 0.
    MissingExtraError
        If the source is a workbook and openpyxl is not installed.

    Examples
    --------
    >>> import io
    >>> import lhp_metrics as lhp
    >>> published = io.StringIO("organisation;registrations\nREM;107\nREN;1\n")
    >>> lhp.read_counts(published)
    {'REM': 107, 'REN': 1}
    >>> tally = lhp.RegistrationTally.from_counts(lhp.read_counts([
    ...     {"organisation": "Walton", "registrations": 12}],
    ...     partnership=lhp.liverpool_health_partners()))
    >>> tally["RET"]
    12
    """
    if of is not None:
        choice("of", of, get_args(CountsOf))
    named = text_map("columns", columns)
    names = checked_names(organisations, partnership)
    words = None if funders is None else Words("funders", text_map("funders", funders))
    nothing = checked_missing(missing)
    table = read_table(source, encoding=encoding, delimiter=delimiter, sheet=sheet)
    if not table.headings:
        refuse_file(table.source, "it is empty: there are no groups")
    known = dict.fromkeys((*COUNTED, *ORGANISATIONS, "funder", *PERIODS, *named.values()))
    places = found_columns(table, known, named, required=(), also={})
    fields = _counted(table, [field for field in COUNTED if field in places], of)
    keys = _key_places(table, places, by)
    field_at = {place: field for field, place in places.items()}
    faults = list(table.faults.items())
    plain = plain_reader(nothing, escaped=table.escaped)
    parts = [
        read_column(
            table,
            place,
            plain,
            _key_reader(field_at.get(place), names, words),
            None,
            required=True,
            faults=faults,
        )
        for place in keys
    ]
    counts = {
        field: read_column(
            table, places[field], plain, _count, None, required=field not in SPLIT, faults=faults
        )
        for field in fields
    }
    return _mapping(table, keys, parts, counts, faults)


def _counted(table: Table, found: list[str], of: CountsOf | None) -> list[str]:
    """Return the fields to count."""
    outcomes = [field for field in found if field != REGISTRATIONS]
    if of is None and outcomes and REGISTRATIONS in found:
        refuse_file(table.source, "it counts registrations and outcomes: say of=")
    wanted = outcomes if of == "outcomes" or (of is None and outcomes) else []
    if of != "outcomes" and REGISTRATIONS in found and not wanted:
        wanted = [REGISTRATIONS]
    if not wanted:
        needed = "'successful' and 'unsuccessful'" if of == "outcomes" else repr(REGISTRATIONS)
        near = nearest(REGISTRATIONS, table.headings)
        hint = one_cell(table) or f"it has {near}; columns= says what they are"
        refuse_file(table.source, f"needs a column {needed}; {hint}")
    return wanted


def _key_places(
    table: Table, places: Mapping[str, int], by: str | Iterable[str] | None
) -> list[int]:
    """Return the columns that name a group."""
    headings = {as_word(heading): place for place, heading in enumerate(table.headings)}
    headings |= {as_word(field): place for field, place in places.items()}
    counted = {places[field] for field in COUNTED if field in places}
    if by is None:
        keys = [place for place in range(len(table.headings)) if place not in counted]
        sums = [table.headings[place] for place in keys if as_word(table.headings[place]) in SUMS]
        if sums:
            refuse_file(
                table.source,
                f"{sums[0]!r} names no group: say by= which columns do; it sums up the others",
            )
    else:
        given: tuple[Any, ...] = (by,)
        if not isinstance(by, str) and isinstance(by, Iterable):
            given = tuple(by)
        keys = []
        for heading in given:
            if not isinstance(heading, str):
                raise InvalidTypeError(f"by must be headings; got {heading!r}")
            if as_word(heading) not in headings:
                near = nearest(heading, table.headings)
                refuse_file(table.source, f"by names {heading!r}, but it has {near}")
            keys.append(headings[as_word(heading)])
    if not keys:
        refuse_file(table.source, "needs a column that names the groups")
    return keys


def _key_reader(field: str | None, names: Names, words: Words | None) -> CellReader:
    """Return the function that reads the part of a key that stands in a field's column."""
    if field in PERIODS:
        return lambda value, _: _period(field, str(value))
    if field in ORGANISATIONS:
        read = cell_reader("organisation", dates="iso", names=names)
    else:
        chosen = words if field == "funder" else None
        read = cell_reader("text", dates="iso", names=names, words=chosen)
    return not_total(read, "a group")


def _period(field: str, text: str) -> Period:
    start, slash, end = text.partition("/")
    try:
        if slash and "-" in end and len(start) == len(end):
            return Period(start, end)
        if field == "month":
            return Period.month(text)
        if field == "financial_year":
            return Period.financial_year(text)
        year, _, number = text.upper().partition(" Q")
        if field == "quarter" and number.isascii() and number.isdecimal() and len(number) == 1:
            return Period.quarter(year.strip(), int(number))
    except LhpMetricsError as error:
        raise CellError(f"must be a {field.replace('_', ' ')}", hint=str(error)) from None
    raise CellError(
        f"must be a {field.replace('_', ' ')}", hint="2023-04-01/2023-11-19 says first and last day"
    )


def _count(value: Any, _: dt.date | None) -> Any:
    try:
        return exact_count("it", whole(value))
    except LhpMetricsError:
        raise CellError("must be a whole number of at least 0") from None


def _mapping(
    table: Table,
    keys: list[int],
    parts: list[list[Any]],
    counts: Mapping[str, list[Any]],
    faults: list[tuple[int, Fault]],
) -> dict[Any, Any]:
    """Return the counts by key, or raise one error for all that cannot be read."""
    faulty = {index for index, _ in faults}
    heading = " and ".join(table.headings[place] for place in keys)
    rows: dict[Any, int] = {}
    found: dict[Any, Any] = {}
    for index in range(len(table.rows)):
        if index in faulty:
            continue
        several = [part[index] for part in parts]
        key = tuple(several) if len(several) > 1 else several[0]
        fault = Fault(row=table.numbers[index], field=heading, value=key, rule="must stand once")
        if key in rows:
            hint = f"row {table.numbers[rows[key]]:,} has it too"
            faults.append((index, attrs.evolve(fault, hint=hint)))
            continue
        rows[key] = index
        cells = {field: column[index] for field, column in counts.items()}
        try:
            found[key] = cells.get(REGISTRATIONS) if REGISTRATIONS in cells else _outcomes(cells)
        except InvalidInputError as error:
            rule = "must have counts that agree"
            faults.append((index, attrs.evolve(fault, rule=rule, hint=str(error))))
    if faults:
        faults.sort(key=lambda fault: fault[0])
        raise InvalidFileError(table.source, [fault for _, fault in faults])
    return found


def _outcomes(cells: Mapping[str, Any]) -> OutcomeCounts:
    unstated = [field for field in COUNTED if field not in (REGISTRATIONS, *SPLIT, *cells)]
    stated = {field: n for field, n in cells.items() if n is not None}
    return OutcomeCounts(**stated, unstated=unstated)
