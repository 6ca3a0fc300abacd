"""What a metric's own table says beside its rows, as JSON and back."""

from typing import Any, get_type_hints

import attrs

from lhp_metrics.results._json_values import (
    HELD,
    LARGEST,
    json_exact,
    read_number,
    read_record,
    read_text,
    refuse,
)

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
        hints = get_type_hints(hint)
        names = [field.name for field in attrs.fields(hint)]
        found = read_record(value, where, names)
        return hint(**{name: _read(hints[name], found[name], f"{where}.{name}") for name in names})
    if hint is float:
        return read_number(value, where)
    if hint is str:
        return read_text(value, where)
    if type(value) is not hint:
        refuse(where, f"must be {hint.__name__}", value)
    if type(value) is int and abs(value) >= LARGEST:
        refuse(where, HELD, value)
    return value
