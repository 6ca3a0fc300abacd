"""Results as JSON for other services; `json_reading` gives back what was written."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics.errors import InvalidTypeError
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.results._json_facts import json_fact
from lhp_metrics.results._json_provenance import json_provenance
from lhp_metrics.results._json_values import json_exact, json_key, json_number
from lhp_metrics.results._kinds import ROWS, TABLES, kind_name
from lhp_metrics.results.arrange import heading
from lhp_metrics.results.columns import field_types, row_columns
from lhp_metrics.results.rows import TOTAL, Row
from lhp_metrics.results.table import Table

__all__ = [
    "ABOUT_ESTIMATES",
    "LIMITS",
    "ROW_SCHEMA",
    "SPEC_PATTERN",
    "STORAGES",
    "TABLE_SCHEMA",
    "fact_names",
    "row_json",
    "table_json",
]

TABLE_SCHEMA = "lhp-metrics/table/1"
ROW_SCHEMA = "lhp-metrics/row/1"
SPEC_PATTERN = r"\+?,?(\.\d{1,2})?[%defg]?|p|pence"

# How a column is stored: what the array holds, and so how its cells are written.
Storage: TypeAlias = Literal["integer", "number", "boolean", "text", "exact", "estimate"]
STORAGES = ("integer", "number", "boolean", "text", "exact", "estimate")
LIMITS = ("value", "low", "high")
ABOUT_ESTIMATES = ("confidence_level", "method", "unit")


def table_json(table: Table[Any], *, indent: int | None = None) -> str:
    """Return a table as JSON; see `Table.to_json`."""
    _refuse_indent(indent)
    columns = {name: _column_json(table, name) for name in table.columns}
    names = tuple(columns)
    lists = [_cells_json(table, name, about["type"]) for name, about in columns.items()]
    keys = [*map(json_key, table.keys), *([TOTAL] if table.has_total else [])]
    texts = [*table.names, *([TOTAL] if table.has_total else [])]
    rows = [
        {"key": key, "name": name, **dict(zip(names, cells, strict=True))}
        for key, name, *cells in zip(keys, texts, *lists, strict=True)
    ]
    return _dumps(
        {
            "schema": TABLE_SCHEMA,
            "table": kind_name(type(table), TABLES),
            "result": kind_name(table.row_type, ROWS),
            "title": table.title,
            "by": list(table.by),
            "columns": columns,
            "rows": rows[: len(table)],
            "total": rows[-1] if table.has_total else None,
            "facts": {name: json_fact(getattr(table, name)) for name in fact_names(type(table))},
            "hidden": {
                name: np.flatnonzero(cells).tolist() for name, cells in table.hidden.items()
            },
            "display": {
                "headings": dict(table.headings),
                "specs": dict(table.specs),
                "picked": None if table.picked is None else list(table.picked),
            },
            "provenance": json_provenance(table.provenance),
        },
        indent,
    )


def row_json(row: Row, *, indent: int | None = None) -> str:
    """Return one row as JSON; see `Row.to_json`."""
    _refuse_indent(indent)
    columns: dict[str, dict[str, Any]] = {}
    cells: dict[str, object] = {"key": json_key(row.key), "name": row.name}
    types = field_types(type(row))
    for name, column in row_columns(type(row)):
        value = getattr(row, name)
        storage = _storage_of(types[name]) if value is None else _storage_of({type(value)})
        columns[name] = {"type": storage, "heading": column.title or _words(name)}
        if isinstance(value, Estimate):
            columns[name] |= {part: getattr(value, part) for part in ABOUT_ESTIMATES}
            cells[name] = dict(zip(LIMITS, map(json_number, value), strict=True))
        else:
            cells[name] = json_exact(value)
    return _dumps(
        {
            "schema": ROW_SCHEMA,
            "result": kind_name(type(row), ROWS),
            "columns": columns,
            "row": cells,
            "provenance": json_provenance(row.provenance),
        },
        indent,
    )


def _refuse_indent(indent: object) -> None:
    if indent is not None and (type(indent) is not int or indent < 0):
        raise InvalidTypeError(f"indent must be a whole number or None; got {indent!r}")


def _dumps(document: object, indent: int | None) -> str:
    return json.dumps(document, indent=indent, allow_nan=False)


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _storage_of(types: Any) -> Storage:
    """Return how values of these types are stored."""
    held = set(types) - {type(None)}
    if held <= {Estimate}:
        return "estimate"
    if held & {Fraction, Decimal}:
        return "exact"
    plain: dict[type, Storage] = {bool: "boolean", int: "integer", str: "text"}
    for kind, storage in plain.items():
        if held <= {kind}:
            return storage
    return "number"


def _column_json(table: Table[Any], name: str) -> dict[str, Any]:
    values = table.columns[name]
    about: dict[str, Any] = {"heading": heading(table, name)}
    if isinstance(values, Estimates):
        about |= {part: getattr(values, part) for part in ABOUT_ESTIMATES}
        return {"type": "estimate", **about}
    return {"type": _storage(values, field_types(table.row_type)[name]), **about}


def _storage(values: NDArray[Any], types: frozenset[Any]) -> Storage:
    kinds: dict[str, Storage] = {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}
    if values.dtype.kind in kinds:
        return kinds[values.dtype.kind]
    held = {type(value) for value in values.tolist()} - {type(None)}
    storage = _storage_of(held or types)
    # Objects are kept as such: of all-missing counts and of floats among them too.
    return "exact" if storage in ("integer", "number") else storage


def _cells_json(table: Table[Any], name: str, storage: Storage) -> list[object]:
    values, column = table.columns[name], dict(row_columns(table.row_type))[name]
    hidden = table.hidden.get(name)
    size = len(values)
    if isinstance(values, Estimates):
        triples = zip(*(getattr(values, part).tolist() for part in LIMITS), strict=True)
        cells: list[object] = [
            dict(zip(LIMITS, map(json_number, triple), strict=True)) for triple in triples
        ]
    elif storage == "number":
        optional, whole = column.optional, column.whole
        cells = [_float_json(value, optional, whole) for value in values.tolist()]
    elif storage == "exact":
        cells = [
            None if column.optional and value != value else json_exact(value)
            for value in values.tolist()
        ]
    else:
        cells = values.tolist()
    if hidden is not None:
        cells = [None if hidden[index] else cells[index] for index in range(size)]
    return cells


def _float_json(value: float, optional: bool, whole: bool) -> object:
    if value != value:
        return None if optional else "NaN"
    if whole and value.is_integer():
        return int(value)
    return json_number(value)


def fact_names(kind: type) -> list[str]:
    """Return what a metric's own table holds besides a plain table's fields."""
    plain = {field.name for field in attrs.fields(Table)}
    return [field.name for field in attrs.fields(kind) if field.name not in plain]
