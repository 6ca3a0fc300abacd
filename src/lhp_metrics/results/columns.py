"""How a row's fields become columns: a row class is its table's schema."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from types import UnionType
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics.estimates import Estimate, Estimates, same_when_nan
from lhp_metrics.provenance import count_text

__all__ = [
    "PENCE",
    "POINTS",
    "Column",
    "Columns",
    "cell_text",
    "cell_value",
    "column",
    "field_types",
    "frame_names",
    "literal_texts",
    "row_columns",
]

P_VALUE = "p"
PENCE = "pence"
POINTS = "percentage points"

Columns: TypeAlias = NDArray[Any] | Estimates


@attrs.frozen
class Column:
    """How one field of a row is stored and printed.

    Parameters
    ----------
    title : str
        The printed heading; empty for a column that tables do not print.
    spec : str
        Python number format, ``"p"`` for a p-value, or ``"pence"`` for pence to be printed as
        whole pounds; an `Estimate` has its own by unit.
    whole : bool
        The value is a whole number, although stored as float because it may be missing.
    optional : bool
        A missing value, NaN in the column, is None in the row.
    pooled : bool
        Every value is made from all groups, so that it may tell of a group that is not shown.
    detail : bool
        Not printed unless it is picked: it would make the table too wide to read.
    given : bool
        Handed in, not counted or estimated, and so always a finite number.
    """

    title: str
    spec: str = ""
    whole: bool = False
    optional: bool = False
    pooled: bool = False
    detail: bool = False
    given: bool = False


def column(
    title: str,
    *,
    spec: str = "",
    whole: bool = False,
    optional: bool = False,
    pooled: bool = False,
    detail: bool = False,
    given: bool = False,
) -> Any:
    """Declare a field of a `Row` as a column of its table (see `Column`)."""
    described = Column(title, spec, whole, optional, pooled, detail, given)
    return attrs.field(metadata={"column": described}, eq=same_when_nan)


def row_columns(row_type: type) -> Iterator[tuple[str, Column]]:
    """Yield name and description of each column that `row_type` declares, in order."""
    for field in attrs.fields(row_type):
        if "column" in field.metadata:
            yield field.name, field.metadata["column"]


def field_types(row_type: type) -> dict[str, frozenset[Any]]:
    """Return for each column which types its cells may be, None and literal texts included."""
    hints = get_type_hints(row_type)
    return {name: frozenset(_alternatives(hints[name])) for name, _ in row_columns(row_type)}


def _alternatives(hint: Any) -> Iterator[Any]:
    if get_origin(hint) in (Union, UnionType):
        for part in get_args(hint):
            yield from _alternatives(part)
    elif get_origin(hint) is Literal:
        yield str
    else:
        yield hint


def literal_texts(hint: Any) -> tuple[str, ...]:
    """Return the texts that a field may hold, where its type says which."""
    for part in (hint, *get_args(hint)):
        if get_origin(part) is Literal:
            return get_args(part)
    return ()


def cell_value(column: Column, values: Columns, index: int) -> object:
    """Return one cell as the plain Python value that a row holds."""
    if isinstance(values, Estimates):
        return values[index]
    value = values[index]
    if isinstance(value, np.generic):
        value = value.item()
    if column.optional and (value is None or value != value):
        return None
    if isinstance(value, Fraction) and value.denominator == 1:
        return int(value)
    return int(value) if column.whole and not isinstance(value, Fraction) else value


_SCALED: Mapping[str, Callable[[Any], str]] = {
    PENCE: lambda value: f"{float(value / 100):,.0f}",
    POINTS: lambda value: f"{100 * value:+.1f}",
}


def cell_text(spec: str, value: Any) -> str:
    """Return one cell as tables print it."""
    if value is None:
        return ""
    if value != value:
        return "–"
    if isinstance(value, Estimate) and value.unit == POINTS:
        return format(value, spec).replace(f" {POINTS}", "")  # The heading says it.
    if isinstance(value, Estimate | str):
        return format(value, spec)
    if isinstance(value, bool):
        return "yes" if value else ""
    if spec in _SCALED:
        return _SCALED[spec](value)
    if isinstance(value, Fraction):
        return count_text(value)
    if value == float("inf"):
        return "no base"
    if spec == P_VALUE:
        return "<0.001" if value < 0.001 else f"{value:.3f}"
    return format(value, spec or ",")


def frame_names(name: str, values: Columns) -> tuple[str, ...]:
    """Return the flat names under which a column leaves the library."""
    return (name, f"{name}_low", f"{name}_high") if isinstance(values, Estimates) else (name,)
