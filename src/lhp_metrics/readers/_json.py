"""Rows of a JSON file: a list of objects."""

import json
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from lhp_metrics.readers._table import Table, refuse_file, table_of_dicts

__all__ = ["json_table"]


def json_table(text: str, name: str) -> Table:
    """Return the table of a list of objects; numbers with a point are exact."""
    try:
        items = json.loads(
            text.removeprefix("\ufeff"),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except RecursionError:
        refuse_file(name, "it is nested too deeply")
    except (ValueError, ArithmeticError) as error:  # a number may have too many digits
        refuse_file(name, f"it is no JSON: {error}")
    if not isinstance(items, list):
        refuse_file(name, "it must be a list of objects", value=items)
    for number, item in enumerate(items, start=1):
        if not isinstance(item, Mapping):
            refuse_file(name, "must be an object", row=number, value=item)
    return table_of_dicts(items, name)


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise ValueError(f"an object has the key {twice!r} twice")
    return found
