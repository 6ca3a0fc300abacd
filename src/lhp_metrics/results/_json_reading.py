"""Results read back from JSON: every fault names its place in the document."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.results._json_documents import (
    LIMITS,
    ROW_SCHEMA,
    SPEC_PATTERN,
    STORAGES,
    TABLE_SCHEMA,
    fact_names,
)
from lhp_metrics.results._json_facts import read_fact
from lhp_metrics.results._json_values import (
    member,
    read_exact,
    read_key,
    read_mapping,
    read_number,
    read_provenance,
    read_texts,
    refuse,
)
from lhp_metrics.results._kinds import row_class, table_class
from lhp_metrics.results.arrange import picked
from lhp_metrics.results.columns import Columns, cell_value, field_types, row_columns
from lhp_metrics.results.rows import Row
from lhp_metrics.results.table import Table

__all__ = ["read_row", "read_table"]

SPEC = re.compile(SPEC_PATTERN)
# Which fields of a row a kind of storage can be of.
STORES: Mapping[str, set[Any]] = {
    "integer": {int, float, Fraction, Decimal},
    "number": {int, float, Fraction, Decimal},
    "boolean": {bool},
    "text": {str},
    "exact": {int, float, Fraction, Decimal},
    "estimate": {Estimate},
}
PLAIN: Mapping[str, type] = {"integer": int, "boolean": bool, "text": str}


def _document(text: str | bytes, schema: str) -> dict[str, Any]:
    if not isinstance(text, str | bytes | bytearray):
        raise InvalidTypeError(f"a result is read from JSON text; got {type(text).__name__}")
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"the text is not JSON: {error}") from None
    found = read_mapping(document, "the document")
    stated = member(found, "schema", "the document")
    if stated != schema:
        name, _, _ = schema.rpartition("/")
        stated_name, _, stated_version = str(stated).rpartition("/")
        if stated_name == name and stated_version.isdecimal():
            raise InvalidInputError(
                f"the document has schema {stated!r}, which a newer lhp-metrics wrote; this one "
                f"reads up to {schema!r}"
            )
        raise InvalidInputError(f"the document must have schema {schema!r}; got {stated!r}")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def read_table(text: str | bytes, wanted: type[Table[Any]]) -> Table[Any]:
    """Return the table that the JSON text holds; see `Table.from_json`."""
    found = _document(text, TABLE_SCHEMA)
    kind = table_class(_text(found, "table"))
    if not issubclass(kind, wanted):
        raise InvalidInputError(f"the document holds a {kind.__name__}, not a {wanted.__name__}")
    row_type = row_class(_text(found, "result"))
    rows = member(found, "rows", "the document")
    if not isinstance(rows, list):
        refuse("rows", "must be a list", rows)
    total = member(found, "total", "the document")
    every = [read_mapping(row, f"rows[{index}]") for index, row in enumerate(rows)]
    if total is not None:
        every.append(read_mapping(total, "total"))
    hidden = {
        name: _marked(name, places, len(every))
        for name, places in read_mapping(found.get("hidden", {}), "hidden").items()
    }
    display = read_mapping(found.get("display", {}), "display")
    stated_facts = read_mapping(found.get("facts", {}), "facts")
    facts = {
        name: read_fact(kind, name, member(stated_facts, name, "facts"))
        for name in fact_names(kind)
    }
    columns = _read_columns(found, row_type, every, _places(every, total))
    _refuse_null(columns, row_type, every, hidden)
    shown = display.get("picked")
    table = kind(
        row_type=row_type,
        title=_text(found, "title"),
        by=read_texts(member(found, "by", "the document"), "by"),
        keys=tuple(
            read_key(member(row, "key", f"rows[{index}]"), f"rows[{index}].key")
            for index, row in enumerate(every[: len(rows)])
        ),
        names=tuple(
            _text(row, "name", f"rows[{index}]") for index, row in enumerate(every[: len(rows)])
        ),
        columns=columns,
        provenance=read_provenance(member(found, "provenance", "the document")),
        has_total=total is not None,
        specs=_read_specs(display, columns),
        headings=_read_words(display, "headings"),
        hidden=hidden,
        **facts,
    )
    if shown is None:
        return table
    # Not `Table.pick`: whatever headings a document has, it is read as it was written.
    return picked(table, read_texts(shown, "display.picked"))


def read_row(text: str | bytes, wanted: type[Row]) -> Row:
    """Return the row that the JSON text holds; see `Row.from_json`."""
    found = _document(text, ROW_SCHEMA)
    kind = row_class(_text(found, "result"))
    if not issubclass(kind, wanted):
        raise InvalidInputError(f"the document holds a {kind.__name__}, not a {wanted.__name__}")
    row = read_mapping(member(found, "row", "the document"), "row")
    columns = _read_columns(found, kind, [row], ["row"])
    columns = {name: values for name, values in columns.items() if row.get(name) is not None}
    cells = {
        name: cell_value(column, columns[name], 0) if name in columns else None
        for name, column in row_columns(kind)
    }
    return kind(
        key=read_key(member(row, "key", "row"), "row.key"),
        name=_text(row, "name", "row"),
        provenance=read_provenance(member(found, "provenance", "the document")),
        **cells,
    )


def _text(found: Mapping[str, Any], name: str, where: str = "the document") -> str:
    value = member(found, name, where)
    if not isinstance(value, str):
        refuse(f"{name} of {where}", "must be text", value)
    return value


def _read_words(display: Mapping[str, Any], name: str) -> dict[str, str]:
    words = read_mapping(display.get(name, {}), f"display.{name}")
    read_texts(list(words.values()), f"display.{name}")
    return words


def _read_specs(display: Mapping[str, Any], columns: Mapping[str, Columns]) -> dict[str, str]:
    specs = _read_words(display, "specs")
    for name, spec in specs.items():
        where = f"display.specs[{name!r}]"
        if not SPEC.fullmatch(spec):
            refuse(where, "must be a number format", spec)
        if name not in columns:
            refuse(where, "must name a column", name)
        values = columns[name]
        if spec.endswith("d") and (isinstance(values, Estimates) or values.dtype.kind == "f"):
            refuse(where, "must be a format of numbers with decimal places", spec)
    return specs


def _marked(name: str, places: object, size: int) -> NDArray[np.bool_]:
    marks = np.zeros(size, dtype=np.bool_)
    if not isinstance(places, list):
        refuse(f"hidden[{name!r}]", "must be a list of places", places)
    for place in places:
        if type(place) is not int or not 0 <= place < size:
            refuse(f"hidden[{name!r}]", f"must hold places from 0 to {size - 1}", place)
        marks[place] = True
    return marks


def _read_columns(
    found: Mapping[str, Any],
    row_type: type[Row],
    rows: Sequence[Mapping[str, Any]],
    places: Sequence[str],
) -> dict[str, Columns]:
    stated = read_mapping(member(found, "columns", "the document"), "columns")
    declared, types = dict(row_columns(row_type)), field_types(row_type)
    unknown = [name for name in stated if name not in declared]
    if unknown:
        raise InvalidInputError(
            f"the document has columns that {row_type.__name__} has not here: "
            f"{', '.join(map(repr, unknown))}; a newer lhp-metrics may have written it"
        )
    columns: dict[str, Columns] = {}
    for name, column in declared.items():
        if name not in stated and column.optional:  # Written before there was such a column.
            columns[name] = np.full(len(rows), None, dtype=object)
            continue
        about = read_mapping(member(stated, name, "columns"), f"columns[{name!r}]")
        cells = [
            (member(row, name, where), f"{where}.{name}")
            for where, row in zip(places, rows, strict=True)
        ]
        storage = member(about, "type", f"columns[{name!r}]")
        choices = [known for known in STORAGES if STORES[known] & types[name]]
        if storage not in choices:
            listed = " or ".join(map(repr, choices))
            refuse(f"columns[{name!r}].type", f"must be {listed}", storage)
        columns[name] = _read_column(name, about, cells)
        if column.whole:
            _refuse_parts(columns[name], cells)
    return columns


def _refuse_parts(values: Columns, cells: Sequence[tuple[object, str]]) -> None:
    """Refuse what is neither a whole number nor, by attribution, an exact part of one."""
    if isinstance(values, Estimates):
        return
    for value, (cell, where) in zip(values.tolist(), cells, strict=True):
        if cell is not None and isinstance(value, float) and not value.is_integer():
            refuse(where, "must be a whole number", cell)


def _refuse_null(
    columns: Mapping[str, Columns],
    row_type: type[Row],
    rows: Sequence[Mapping[str, Any]],
    hidden: Mapping[str, NDArray[np.bool_]],
) -> None:
    """Refuse a cell without a value where the kind of result always has one."""
    for name, column in row_columns(row_type):
        if column.optional or name not in columns:
            continue
        for index, row in enumerate(rows):
            if row[name] is None and not (name in hidden and hidden[name][index]):
                refuse(f"{name} of row {index}", "must have a value, or be hidden", None)


def _places(rows: Sequence[object], total: object) -> list[str]:
    places = [f"rows[{index}]" for index in range(len(rows))]
    return places if total is None else [*places[:-1], "total"]


def _read_column(
    name: str, about: Mapping[str, Any], cells: Sequence[tuple[object, str]]
) -> Columns:
    where = f"columns[{name!r}]"
    storage = about["type"]
    if storage == "estimate":
        return _read_estimates(about, where, cells)
    if storage == "number":
        return np.array(
            [np.nan if value is None else read_number(value, at) for value, at in cells],
            dtype=np.float64,
        )
    objects = np.empty(len(cells), dtype=object)
    if storage == "exact":
        objects[:] = [read_exact(value, at) for value, at in cells]
        return objects
    plain = PLAIN[storage]
    for value, at in cells:
        if value is not None and type(value) is not plain:
            refuse(at, f"must be {storage} as {where} says", value)
    objects[:] = [value for value, _ in cells]
    if storage == "text" or any(value is None for value, _ in cells):
        return objects
    try:
        return objects.astype(np.int64 if storage == "integer" else np.bool_)
    except OverflowError:
        raise InvalidInputError(f"{where} has whole numbers that 64 bits do not hold") from None


def _read_estimates(
    about: Mapping[str, Any], where: str, cells: Sequence[tuple[object, str]]
) -> Estimates:
    limits = np.full((len(LIMITS), len(cells)), np.nan)
    if "method" not in about and all(value is None for value, _ in cells):
        return Estimates(
            limits[0], limits[1], limits[2], np.nan, "", ""
        )  # Of a row whose cell is hidden.
    for index, (value, at) in enumerate(cells):
        if value is None:
            continue
        found = read_mapping(value, at)
        limits[:, index] = [read_number(member(found, part, at), f"{at}.{part}") for part in LIMITS]
    value, low, high = limits
    return Estimates(
        value,
        low,
        high,
        read_number(member(about, "confidence_level", where), f"{where}.confidence_level"),
        _text(about, "method", where),
        _text(about, "unit", where),
    )
