"""What a metric's own table says beside its rows, as JSON and back."""

from typing import Any, get_type_hints

import attrs

from lhp_metrics.results._json_values import json_exact, member, read_mapping, read_number, refuse

__all__ = ["json_fact", "read_fact"]


def json_fact(value: object) -> object:
    """Return a number, a text, or a small frozen class of them."""
    kind: Any = type(value)
    if attrs.has(kind):
        return {field.name: json_fact(getattr(value, field.name)) for field in attrs.fields(kind)}
    return json_exact(value)


def read_fact(owner: type, name: str, value: object) -> Any:
    """Return the fact that the field `name` of `owner` holds."""
    return _read(get_type_hints(owner)[name], value, f"facts.{name}")


def _read(hint: Any, value: object, where: str) -> object:
    if attrs.has(hint):
        found = read_mapping(value, where)
        hints = get_type_hints(hint)
        cells = {
            field.name: _read(
                hints[field.name], member(found, field.name, where), f"{where}.{field.name}"
            )
            for field in attrs.fields(hint)
        }
        return hint(**cells)
    if hint is float:
        return read_number(value, where)
    if type(value) is not hint:
        refuse(where, f"must be {hint.__name__}", value)
    return value
