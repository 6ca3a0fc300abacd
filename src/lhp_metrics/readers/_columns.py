"""Columns of cells as columns of values; a cell that cannot be read leaves its error there."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from lhp_metrics._checks import near_matches
from lhp_metrics._files import SITE_KINDS, Kind, Layout
from lhp_metrics.errors import Fault, LhpMetricsError
from lhp_metrics.models import StudySite
from lhp_metrics.models._organisation_fields import portion_or_none
from lhp_metrics.readers._cells import CellReader, Dates, cell_reader, not_total, plain_reader
from lhp_metrics.readers._headings import plain_heading
from lhp_metrics.readers._table import Table
from lhp_metrics.readers._words import CellError, Names, Words

__all__ = ["Columns", "read_column", "read_columns"]

Converter = Callable[[Any], Any]


@attrs.frozen(kw_only=True)
class Columns:
    """The values of each field, and what is wrong with the cells."""

    values: Mapping[str, Sequence[Any]]
    faults: Sequence[tuple[int, Fault]]


def read_columns(
    table: Table,
    places: Mapping[str, int],
    layout: Layout,
    *,
    dates: Dates,
    names: Names,
    words: Mapping[str, Words],
    missing: tuple[str, ...],
) -> Columns:
    """Return the values of the fields whose columns are known."""
    plain = plain_reader(missing, escaped=table.escaped)
    kinds: dict[str, Kind] = {**layout.kinds, **layout.row_kinds}
    converters = _converters(layout)
    values: dict[str, Sequence[Any]] = {}
    faults = [(index, fault) for index, fault in table.faults.items()]
    # The date comes first: it decides between organisations that bore a name in turn.
    days: Sequence[dt.date | None] | None = None
    for field in sorted(places, key=lambda field: field != layout.dated_by):
        item = _site_reader(plain, dates=dates, names=names) if field == "sites" else None
        read = cell_reader(
            kinds[field], dates=dates, names=names, words=words.get(field), item=item
        )
        values[field] = read_column(
            table,
            places[field],
            plain,
            not_total(read, f"a {layout.noun}") if field == layout.key else read,
            converters.get(field),
            required=field in layout.required,
            days=days,
            faults=faults,
        )
        if field == layout.dated_by:
            days = [day if isinstance(day, dt.date) else None for day in values[field]]
    return Columns(values=values, faults=faults)


def _converters(layout: Layout) -> dict[str, Converter]:
    """Return the model's own reading of each field, which knows its rules."""
    fields = {field.name: field for field in attrs.fields(layout.model)}
    fields |= {field.name: field for field in attrs.fields(StudySite)}
    own = {name: field.converter for name, field in fields.items() if callable(field.converter)}
    return {**own, "share": portion_or_none}


def read_column(
    table: Table,
    place: int,
    plain: Callable[[Any], Any],
    read: CellReader,
    converter: Converter | None,
    *,
    required: bool,
    faults: list[tuple[int, Fault]],
    days: Sequence[dt.date | None] | None = None,
) -> list[Any]:
    """Return what the cells of a column hold, and add what is wrong with them to `faults`."""
    heading = table.headings[place]
    known: dict[Any, Any] = {}

    def value_of(cell: Any, on: dt.date | None) -> Any:
        try:
            value = plain(cell)
            if value is None:
                return CellError("must not be blank") if required else None
            value = read(value, on)
        except CellError as error:
            return error
        return value if converter is None else _converted(converter, value)

    column: list[Any] = []
    for index, row in enumerate(table.rows):
        cell = row[place]
        key = cell if type(cell) is str else (type(cell), cell)
        try:
            value = known[key]
        except KeyError:
            value = known[key] = value_of(cell, None)
        except TypeError:  # lists and mappings have no hash
            value = value_of(cell, None)
        if type(value) is CellError:
            if days is not None and days[index] is not None:
                value = value_of(cell, days[index])
            if type(value) is CellError:
                fault = Fault(
                    row=table.numbers[index],
                    field=heading,
                    value=cell,
                    rule=value.rule,
                    hint=value.hint,
                    is_word=value.is_word,
                )
                faults.append((index, fault))
        column.append(value)
    return column


def _converted(converter: Converter, value: Any) -> Any:
    result = converter(value)
    if isinstance(result, LhpMetricsError):
        return CellError(str(result).partition("; got ")[0])
    return result


def _site_reader(plain: Callable[[Any], Any], *, dates: Dates, names: Names) -> CellReader:
    """Return the function that reads a site as JSON and dicts give it: a name or an object."""
    kinds: dict[str, Kind] = {"organisation": "organisation", **SITE_KINDS}
    readers = {name: cell_reader(kind, dates=dates, names=names) for name, kind in kinds.items()}
    fields = {plain_heading(name): name for name in kinds}

    def read(part: Any, on: dt.date | None) -> StudySite:
        given = part if isinstance(part, Mapping) else {"organisation": part}
        found: dict[str, Any] = {}
        for key, cell in given.items():
            field = fields.get(plain_heading(str(key)))
            if field is None or field in found:
                hint = f"{key!r} is {'none' if field is None else 'given twice'}"
                near = near_matches(str(key), kinds)
                raise CellError("must be sites with the fields of StudySite", hint=f"{hint}{near}")
            try:
                value = plain(cell)
                found[field] = None if value is None else readers[field](value, on)
            except CellError as error:
                hint = f"{field} {cell!r:.80} {error.rule}; {error.hint}".removesuffix("; ")
                raise CellError(
                    "must be sites that can be read", hint=hint, is_word=error.is_word
                ) from None
        try:
            return StudySite(found.pop("organisation", None), **found)
        except LhpMetricsError as error:
            raise CellError("must be sites that can be read", hint=str(error)) from None

    return read
