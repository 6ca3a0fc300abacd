"""Results read back from JSON: every fault names its place in the document."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn, get_args

import numpy as np
from numpy.typing import NDArray

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.results._json_columns import Rows, read_columns, stated_columns
from lhp_metrics.results._json_documents import (
    ROW_SCHEMA,
    SPEC_PATTERN,
    TABLE_SCHEMA,
    fact_names,
)
from lhp_metrics.results._json_facts import read_fact
from lhp_metrics.results._json_provenance import read_provenance
from lhp_metrics.results._json_values import (
    json_text,
    read_key,
    read_mapping,
    read_object,
    read_record,
    read_text,
    read_texts,
    refuse,
)
from lhp_metrics.results._kinds import row_class, table_class
from lhp_metrics.results.arrange import picked
from lhp_metrics.results.columns import Columns, cell_text, cell_value, field_types, row_columns
from lhp_metrics.results.rows import TOTAL, Row
from lhp_metrics.results.suppression import is_pooled
from lhp_metrics.results.table import Table

__all__ = ["read_row", "read_table"]

SPEC = re.compile(SPEC_PATTERN)
TABLE_MEMBERS = (
    *("schema", "table", "result", "title", "by", "columns", "rows", "total", "facts", "hidden"),
    *("display", "provenance"),
)
ROW_MEMBERS = ("schema", "result", "columns", "row", "provenance")


def _document(text: str | bytes, schema: str, members: Sequence[str]) -> dict[str, Any]:
    if not isinstance(text, str | bytes | bytearray):
        raise InvalidTypeError(f"a result is read from JSON text; got {type(text).__name__}")
    try:
        document = json.loads(
            json_text(text), parse_constant=_no_constant, object_pairs_hook=read_object
        )
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"the text is not JSON: {error}") from None
    found = read_mapping(document, "the document")
    if "schema" not in found:
        raise InvalidInputError("the document has no 'schema'")
    stated = found["schema"]
    if stated != schema:
        name, _, _ = schema.rpartition("/")
        stated_name, _, version = (
            stated.rpartition("/") if isinstance(stated, str) else ("", "", "")
        )
        if stated_name == name and version.isdecimal():
            raise InvalidInputError(
                f"the document has schema {stated!r}, which a newer lhp-metrics wrote; this one "
                f"reads up to {schema!r}"
            )
        refuse("the document", f"must have schema {schema!r}", stated)
    return read_record(found, "the document", members)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def read_table(text: str | bytes, wanted: type[Table[Any]]) -> Table[Any]:
    """Return the table that the JSON text holds; see `Table.from_json`."""
    found = _document(text, TABLE_SCHEMA, TABLE_MEMBERS)
    kind = table_class(read_text(found["table"], "table"))
    if not issubclass(kind, wanted):
        raise InvalidInputError(f"the document holds a {kind.__name__}, not a {wanted.__name__}")
    row_type = row_class(read_text(found["result"], "result"))
    _refuse_other_rows(kind, row_type)
    if not isinstance(found["rows"], list):
        refuse("rows", "must be a list", found["rows"])
    stated = stated_columns(found["columns"], row_type)
    rows = _rows(found["rows"], found["total"], row_type, stated)
    columns = read_columns(stated, rows)
    hidden = _read_hidden(found["hidden"], rows, columns, stated)
    _refuse_null(rows, hidden)
    by = read_texts(found["by"], "by")
    size = len(found["rows"])
    display = read_mapping(found["display"], "display")
    shown = display.get("picked")
    names = fact_names(kind)
    facts = read_record(found["facts"], "facts", names)
    table = kind(
        row_type=row_type,
        title=read_text(found["title"], "title"),
        by=by,
        keys=_read_keys(rows, size, by),
        names=tuple(
            read_text(row["name"], f"{rows.places[index]}.name")
            for index, row in enumerate(rows.found[:size])
        ),
        columns=columns,
        provenance=read_provenance(found["provenance"]),
        has_total=len(rows.found) > size,
        specs=_read_specs(display, columns, row_type),
        headings=_read_headings(display, columns),
        hidden=hidden,
        **{name: read_fact(kind, name, facts[name]) for name in names},
    )
    if shown is None:
        return table
    # Not `Table.pick`: whatever headings a document has, it is read as it was written.
    return picked(table, read_texts(shown, "display.picked"))


def read_row(text: str | bytes, wanted: type[Row]) -> Row:
    """Return the row that the JSON text holds; see `Row.from_json`."""
    found = _document(text, ROW_SCHEMA, ROW_MEMBERS)
    kind = row_class(read_text(found["result"], "result"))
    if not issubclass(kind, wanted):
        raise InvalidInputError(f"the document holds a {kind.__name__}, not a {wanted.__name__}")
    stated = stated_columns(found["columns"], kind)
    rows = Rows.of(kind, [found["row"]], ["row"], stated)
    columns = read_columns(stated, rows)
    (row,) = rows.found
    _refuse_half_hidden(rows)
    cells = {
        name: None if row.get(name) is None else cell_value(column, columns[name], 0)
        for name, column in row_columns(kind)
    }
    return kind(
        key=read_key(row["key"], "row.key"),
        name=read_text(row["name"], "row.name"),
        provenance=read_provenance(found["provenance"]),
        **cells,
    )


def _refuse_other_rows(kind: type[Table[Any]], row_type: type[Row]) -> None:
    """Refuse rows of another metric than the table's."""
    if kind is Table:
        return
    (base,) = vars(kind)["__orig_bases__"]
    (own,) = get_args(base)
    if row_type is not own:
        refuse("result", f"must be {own.__name__!r} in a {kind.__name__}", row_type.__name__)


def _rows(
    found: list[object], total: object, row_type: type[Row], stated: Mapping[str, Any]
) -> Rows:
    """Return the rows, the total after them."""
    places = [f"rows[{index}]" for index in range(len(found))]
    if total is None:
        return Rows.of(row_type, found, places, stated)
    rows = Rows.of(row_type, [*found, total], [*places, "total"], stated)
    for name in ("key", "name"):
        if rows.found[-1][name] != TOTAL:
            refuse(f"total.{name}", f"must be {TOTAL!r}", rows.found[-1][name])
    return rows


def _read_keys(rows: Rows, size: int, by: Sequence[str]) -> tuple[Any, ...]:
    """Return the keys, which tell the rows apart."""
    for index, name in enumerate(by):
        if not name.strip():
            refuse(f"by[{index}]", "must not be blank", name)
    places: dict[Any, int] = {}
    for index, row in enumerate(rows.found[:size]):
        where = f"{rows.places[index]}.key"
        key = read_key(row["key"], where)
        if len(by) > 1 and not (isinstance(key, tuple) and len(key) == len(by)):
            refuse(where, f"must be a list of {len(by)} parts, as the rows are by", row["key"])
        if places.setdefault(key, index) != index:
            refuse(where, f"must not be that of rows[{places[key]}]", row["key"])
    return tuple(places)


def _read_words(
    display: Mapping[str, Any], member: str, columns: Mapping[str, Columns]
) -> dict[str, str]:
    """Return texts of some columns."""
    words = read_mapping(display.get(member, {}), f"display.{member}")
    for name, text in words.items():
        where = f"display.{member}[{name!r}]"
        if name not in columns:
            refuse(where, "must name a column", name)
        read_text(text, where)
    return words


def _read_headings(display: Mapping[str, Any], columns: Mapping[str, Columns]) -> dict[str, str]:
    headings = _read_words(display, "headings", columns)
    for name, heading in headings.items():
        if not heading.strip():
            refuse(f"display.headings[{name!r}]", "must not be blank", heading)
    return headings


def _read_specs(
    display: Mapping[str, Any], columns: Mapping[str, Columns], row_type: type[Row]
) -> dict[str, str]:
    specs = _read_words(display, "specs", columns)
    described = dict(row_columns(row_type))
    for name, spec in specs.items():
        where = f"display.specs[{name!r}]"
        if not SPEC.fullmatch(spec):
            refuse(where, "must be a number format", spec)
        for example in _examples(columns[name], whole=described[name].whole):
            try:
                cell_text(spec, example)
            except ValueError:
                refuse(where, "must be a format that its cells can have", spec)
    return specs


def _examples(values: Columns, *, whole: bool) -> list[object]:
    """Return a value of every kind that the cells of a column can be of."""
    if isinstance(values, Estimates):
        units = (values.unit, "")
        return [Estimate(1.5, 1.0, 2.0, values.confidence_level, "", unit) for unit in units]
    kinds = {"i": (1,), "b": (True,), "f": (1,) if whole else (1.5,)}
    if values.dtype.kind in kinds:
        return [*kinds[values.dtype.kind]]
    known = (1, 1.5, True, "text", Fraction(1, 3), Decimal("1.5"))
    held = set(map(type, values.tolist()))
    return [example for example in known if type(example) in held]


def _read_hidden(
    value: object, rows: Rows, columns: Mapping[str, Columns], stated: Mapping[str, Any]
) -> dict[str, NDArray[np.bool_]]:
    """Return what is hidden: rows whole, and what is made from all of them in every row."""
    if not read_mapping(value, "hidden"):
        return {}
    described = {name: column for name, column in row_columns(rows.row_type) if name in stated}
    found = read_record(value, "hidden", described)
    size = len(rows.found)
    hidden = {name: _marked(name, found[name], size) for name in described}
    pooled = [name for name, column in described.items() if is_pooled(column, columns[name])]
    first = next(name for name in described if name not in pooled)
    if hidden[first].any() and rows.row_type.never_suppressed:
        refuse("hidden", f"must have no places: {rows.row_type.never_suppressed}", found[first])
    for name, marks in hidden.items():
        if name in pooled:
            expected = np.full(size, hidden[first].any())
            rule = (
                "must hold all places where a row is hidden, and else none: every row tells of all"
            )
        else:
            expected = hidden[first]
            rule = f"must hold the places of hidden[{first!r}], since rows are hidden whole"
        if not np.array_equal(marks, expected):
            refuse(f"hidden[{name!r}]", rule, found[name])
    for name, marks in hidden.items():
        for index in np.flatnonzero(marks).tolist():
            if rows.found[index][name] is not None:
                where = f"{rows.places[index]}.{name}"
                refuse(where, "must be null, being hidden", rows.found[index][name])
    return hidden


def _marked(name: str, places: object, size: int) -> NDArray[np.bool_]:
    marks = np.zeros(size, dtype=np.bool_)
    if not isinstance(places, list):
        refuse(f"hidden[{name!r}]", "must be a list of places", places)
    for place in places:
        if type(place) is not int or not 0 <= place < size:
            refuse(f"hidden[{name!r}]", f"must hold places from 0 to {size - 1}", place)
        marks[place] = True
    return marks


def _refuse_null(rows: Rows, hidden: Mapping[str, NDArray[np.bool_]]) -> None:
    """Refuse a cell without a value where the kind of result always has one."""
    for name, column in row_columns(rows.row_type):
        if column.optional:
            continue
        for index, row in enumerate(rows.found):
            if row[name] is None and not (name in hidden and hidden[name][index]):
                refuse(f"{rows.places[index]}.{name}", "must have a value, or be hidden", None)


def _refuse_half_hidden(rows: Rows) -> None:
    """Refuse a single row that hides a figure without those that would give it away."""
    (row,) = rows.found
    described = dict(row_columns(rows.row_type))
    needed = [name for name, column in described.items() if not column.optional]
    types = field_types(rows.row_type)
    # Estimates may have been made from all rows, and so be hidden alone.
    alone = [name for name in needed if not described[name].pooled and Estimate not in types[name]]
    if rows.row_type.never_suppressed:
        shown = needed
    elif all(row[name] is None for name in alone):
        shown = []
        for name in described:
            if row.get(name) is not None:
                refuse(f"row.{name}", f"must be null, since {alone[0]} is hidden", row[name])
    else:
        shown = alone
    for name in shown:
        if row[name] is None:
            refuse(f"row.{name}", "must have a value, or be hidden with its row", None)
