"""The JSON Schema of results, made from the row classes; the package ships it as files."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias, get_args, get_type_hints

import attrs

from lhp_metrics._checks import choice
from lhp_metrics.estimates import Estimate
from lhp_metrics.results._json_documents import (
    ROW_SCHEMA,
    SPEC_PATTERN,
    STORAGES,
    TABLE_SCHEMA,
    fact_names,
)
from lhp_metrics.results._json_values import SPECIAL
from lhp_metrics.results._kinds import ROWS, TABLES, row_class, table_class
from lhp_metrics.results.columns import field_types, literal_texts, row_columns

__all__ = ["ResultDocument", "made_schema", "result_schema"]

ResultDocument: TypeAlias = Literal["table", "row"]
Schema: TypeAlias = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEXT: Schema = {"type": "string"}
DAY: Schema = {"type": "string", "format": "date"}
NUMBER: Schema = {
    "description": "A number; one that is undefined or infinite is text.",
    "anyOf": [{"type": "number"}, {"enum": list(SPECIAL)}],
}
PART: Schema = {"type": "string", "pattern": r"^-?\d+/\d+$"}
POUNDS: Schema = {"type": "string", "pattern": r"^-?\d+(\.\d+)?(E[+-]?\d+)?$"}
ONE_OF_TYPES: Mapping[Any, Schema] = {
    int: {"type": "integer"},
    float: {"$ref": "#/$defs/number"},
    str: TEXT,
    bool: {"type": "boolean"},
    Fraction: PART,
    Decimal: POUNDS,
    Estimate: {"$ref": "#/$defs/estimate"},
}


def result_schema(document: ResultDocument) -> Schema:
    """Return the published JSON Schema (2020-12) of what `to_json` writes.

    Parameters
    ----------
    document : {"table", "row"}
        Of tables, or of single rows.

    Returns
    -------
    dict

    Examples
    --------
    >>> from lhp_metrics import result_schema
    >>> result_schema("table")["properties"]["schema"]
    {'const': 'lhp-metrics/table/1'}
    """
    import json
    from importlib.resources import files

    choice("document", document, get_args(ResultDocument))
    text = files("lhp_metrics").joinpath("schemas", f"{document}-1.json").read_text("utf-8")
    schema: Schema = json.loads(text)
    return schema


def made_schema(document: ResultDocument) -> Schema:
    """Return the schema as the row classes have it now: what the published file must hold."""
    common = {
        "result": {"enum": list(ROWS)},
        "columns": {"type": "object", "additionalProperties": {"$ref": "#/$defs/column"}},
        "provenance": {"$ref": "#/$defs/provenance"},
    }
    own = _table_members() if document == "table" else {"row": {"type": "object"}}
    stated = TABLE_SCHEMA if document == "table" else ROW_SCHEMA
    rules = [_row_rule(name, document) for name in ROWS]
    if document == "table":
        rules += [_table_rule(name) for name in TABLES]
    return {
        "$schema": DRAFT,
        "$id": f"urn:{stated.replace('/', ':')}",
        "title": f"A {document} of results of lhp-metrics",
        "type": "object",
        "properties": {"schema": {"const": stated}, **own, **common},
        "required": ["schema", *own, *common],
        "additionalProperties": False,
        "allOf": rules,
        "$defs": _shared() | {name: _row_schema(name) for name in ROWS},
    }


def _table_members() -> Schema:
    texts = {"type": "object", "additionalProperties": TEXT}
    return {
        "table": {"enum": list(TABLES)},
        "title": TEXT,
        "by": {"type": "array", "items": TEXT},
        "rows": {"type": "array", "items": {"type": "object"}},
        "total": {"type": ["object", "null"]},
        "facts": {"type": "object"},
        "hidden": {
            "description": "Rows in which a cell is hidden; the total's place is after the last.",
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        },
        "display": {
            "type": "object",
            "properties": {
                "headings": texts,
                "specs": {
                    "type": "object",
                    "additionalProperties": {"type": "string", "pattern": f"^({SPEC_PATTERN})$"},
                },
                "picked": {"type": ["array", "null"], "items": TEXT},
            },
        },
    }


def _row_rule(name: str, document: ResultDocument) -> Schema:
    row = {"$ref": f"#/$defs/{name}"}
    then: Schema = {"row": row}
    if document == "table":
        then = {"rows": {"items": row}, "total": {"anyOf": [{"type": "null"}, row]}}
    return {
        "if": {"properties": {"result": {"const": name}}},
        "then": {"properties": then},
    }


def _table_rule(name: str) -> Schema:
    kind = table_class(name)
    hints = get_type_hints(kind)
    facts = {fact: _fact_schema(hints[fact]) for fact in fact_names(kind)}
    return {
        "if": {"properties": {"table": {"const": name}}},
        "then": {"properties": {"facts": _object(facts)}},
    }


def _fact_schema(hint: Any) -> Schema:
    if attrs.has(hint):
        hints = get_type_hints(hint)
        return _object({f.name: _fact_schema(hints[f.name]) for f in attrs.fields(hint)})
    return ONE_OF_TYPES[hint]


def _row_schema(name: str) -> Schema:
    kind = row_class(name)
    hints = get_type_hints(kind)
    types = field_types(kind)
    cells: Schema = {"key": {"$ref": "#/$defs/key"}, "name": TEXT}
    for field, column in row_columns(kind):
        known = [_literal(hints[field]) or ONE_OF_TYPES[t] for t in _in_order(types[field])]
        # Any cell may be hidden.
        cells[field] = {"anyOf": [*known, {"type": "null"}]}
        if column.title:
            cells[field] = {"title": column.title, **cells[field]}
    return _object(cells)


def _in_order(types: frozenset[Any]) -> list[Any]:
    return [known for known in ONE_OF_TYPES if known in types]


def _literal(hint: Any) -> Schema | None:
    """Return the texts that a field may hold, where its type says which."""
    texts = literal_texts(hint)
    return {"enum": list(texts)} if texts else None


def _object(properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _shared() -> Schema:
    span = _object({"start": DAY, "end": DAY})
    count = {"anyOf": [{"type": "integer", "minimum": 0}, PART]}
    number = {"$ref": "#/$defs/number"}
    part = {"$ref": "#/$defs/part"}
    several = {"type": "array", "items": part}  # Such as the partners of one lead.
    return {
        "number": NUMBER,
        "estimate": _object({"value": number, "low": number, "high": number}),
        "part": {"anyOf": [{"type": ["string", "integer", "boolean", "null"]}, span]},
        "key": {"anyOf": [part, {"type": "array", "items": {"anyOf": [part, several]}}]},
        "column": {
            "type": "object",
            "properties": {
                "type": {"enum": list(STORAGES)},
                "heading": TEXT,
                "confidence_level": number,
                "method": TEXT,
                "unit": TEXT,
            },
            "required": ["type", "heading"],
            "additionalProperties": False,
        },
        "provenance": _object(
            {
                "definition": TEXT,
                "periods": {
                    "type": "array",
                    "items": _object({"label": TEXT, "start": DAY, "end": DAY}),
                },
                "dated_by": _or_null(TEXT),
                "as_of": _or_null(DAY),
                "basis": _or_null(TEXT),
                "attribution": _or_null(TEXT),
                "exposure": _or_null(TEXT),
                "method": _or_null(TEXT),
                "confidence_level": _or_null(number),
                "records_in": _or_null(count),
                "records_excluded": {"type": "object", "additionalProperties": count},
                "notes": {"type": "array", "items": TEXT},
                "library_version": TEXT,
            }
        ),
    }
