"""The same table in another order, with other columns or under other headings."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import near_matches, of_kind
from lhp_metrics.errors import InvalidInputError, InvalidTypeError, NotFoundError
from lhp_metrics.estimates import Estimates
from lhp_metrics.results.columns import POINTS, row_columns

if TYPE_CHECKING:
    from lhp_metrics.results.table import Table

    TableT = TypeVar("TableT", bound=Table[Any])

__all__ = ["group_heading", "heading", "picked", "printed", "renamed", "sorted_rows"]

NAME = "name"


def printed(table: "Table[Any]") -> tuple[str, ...]:
    """Return the columns that are printed: those picked, or all with a heading but details."""
    if table.picked is not None:
        return table.picked
    columns = row_columns(table.row_type)
    return tuple(name for name, column in columns if column.title and not column.detail)


def heading(table: "Table[Any]", name: str) -> str:
    """Return the printed heading of a column."""
    if name in table.headings:
        return table.headings[name]
    title: str = dict(row_columns(table.row_type))[name].title
    values = table.columns[name]
    unit = f", {POINTS}" if isinstance(values, Estimates) and values.unit == POINTS else ""
    return (title or name.replace("_", " ").capitalize()) + unit


def group_heading(table: "Table[Any]") -> str:
    """Return the heading of the column of names."""
    return " × ".join(table.by).replace("_", " ").capitalize() or "Group"


def picked(table: "TableT", names: tuple[str, ...]) -> "TableT":
    """Return the table of which only some columns are printed and handed on."""
    if not names:
        raise InvalidInputError("pick needs the name of at least one column")
    for name in names:
        _refuse_unknown(table, name)
    if len(set(names)) < len(names):
        raise InvalidInputError(f"pick was given a column twice: {', '.join(map(repr, names))}")
    return attrs.evolve(table, picked=names)


def renamed(table: "TableT", headings: Mapping[str, str]) -> "TableT":
    """Return the table with other headings."""
    of_kind("headings", headings, Mapping)
    for name, text in headings.items():
        _refuse_unknown(table, name)
        of_kind(f"headings[{name!r}]", text, str)
        if not text.strip():
            raise InvalidInputError(f"headings[{name!r}] must not be empty")
    return attrs.evolve(table, headings={**table.headings, **headings})


def sorted_rows(table: "TableT", by: str, *, descending: bool) -> "TableT":
    """Return the table with its rows in order of a column; see `Table.sort`."""
    of_kind("by", by, str)
    of_kind("descending", descending, bool)
    values = np.array(table.names, dtype=object) if by == NAME else table.column(by)
    order = _order(values, descending=descending)
    size = len(table)
    rows = np.append(order, size) if table.has_total else order
    columns = {name: column[rows] for name, column in table.columns.items()}
    return attrs.evolve(
        table,
        keys=tuple(map(table.keys.__getitem__, order.tolist())),
        names=tuple(map(table.names.__getitem__, order.tolist())),
        columns=columns,
        hidden={name: cells[rows] for name, cells in table.hidden.items()},
    )


def _order(values: NDArray[Any], *, descending: bool) -> NDArray[np.intp]:
    """Return the places of the values in order; equal ones as they stand, missing ones last."""
    if values.dtype.kind == "O":
        missing = np.array([value is None or value != value for value in values], dtype=np.bool_)
        rank = {value: place for place, value in enumerate(sorted(set(values[~missing])))}
        ranks = np.array([rank.get(value, 0) for value in values], dtype=np.float64)
    else:
        ranks = values.astype(np.float64)
        missing = np.isnan(ranks)
    ranks = np.where(missing, 0.0, -ranks if descending else ranks)
    return np.lexsort((ranks, missing))


def _refuse_unknown(table: "Table[Any]", name: object) -> None:
    """Refuse what is no column of the rows."""
    if not isinstance(name, str):
        raise InvalidTypeError(f"a column's name must be text; got {name!r}")
    if name not in table.columns:
        near = near_matches(name, table.columns)
        raise NotFoundError(f"the table has no column {name!r}{near}")
