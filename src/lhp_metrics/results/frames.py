"""Tables as data: flat columns of plain kinds, for data frames, dicts and CSV."""

import datetime as dt
from collections.abc import Hashable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import choice
from lhp_metrics._extras import optional
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.models import Period
from lhp_metrics.results.columns import Column, Columns, field_types, frame_names, row_columns

if TYPE_CHECKING:
    from lhp_metrics.results.rows import Row
    from lhp_metrics.results.table import Table

__all__ = [
    "FlatColumn",
    "FrameLibrary",
    "Kind",
    "flat_columns",
    "flat_dicts",
    "flat_row",
    "to_frame",
]

FrameLibrary: TypeAlias = Literal["pandas", "polars", "pyarrow"]
Kind: TypeAlias = Literal["text", "whole", "number", "flag", "date"]

LIBRARIES = ("pandas", "polars", "pyarrow")
ORGANISATION = ("organisation", "lead")
BLANKS: dict[str, object] = {"whole": 0, "number": float("nan"), "flag": False}
DTYPES: dict[str, type] = {"whole": np.int64, "number": np.float64, "flag": np.bool_}
# From the plainest on; a column of which nothing is shown is what its field may be.
PLAINEST: dict[Kind, set[type]] = {
    "flag": {bool},
    "whole": {int},
    "number": {int, float, Fraction, Decimal},
}


@attrs.frozen(eq=False)
class FlatColumn:
    """One column as every other program knows it.

    Parameters
    ----------
    name : str
        As the column contract has it.
    kind : {"text", "whole", "number", "flag", "date"}
        What the values are.
    values : ndarray
        int64, float64, bool, or objects for text and dates.
    missing : ndarray of bool
        Where there is no value: not stated, not known or hidden. Undefined is not missing but
        NaN.
    nullable : bool
        Whether there may be missing values in such a table, so that a frame's type does not
        depend on whether there are.
    """

    name: str
    kind: Kind
    values: NDArray[Any]
    missing: NDArray[np.bool_]
    nullable: bool = False

    def listed(self) -> list[Any]:
        """Return plain Python values, None where one is missing."""
        if not self.missing.any():
            return list(self.values.tolist())
        pairs = zip(self.values.tolist(), self.missing.tolist(), strict=True)
        return [None if missing else value for value, missing in pairs]


def flat_columns(table: "Table[Any]") -> list[FlatColumn]:
    """Return the key's columns and then those of the table, without the total."""
    described = dict(row_columns(table.row_type))
    types = field_types(table.row_type)
    flat = [*_key_columns(table)]
    for name in described if table.picked is None else table.picked:
        hidden = table.hidden.get(name, _none(len(table)))[: len(table)]
        values = table.columns[name]
        if isinstance(values, np.ndarray) and values.dtype == object:
            cells = [_of_objects(name, types[name], values[: len(table)], hidden)]
        else:
            cells = [*_cell_columns(name, described[name], values, hidden)]
        nullable = described[name].optional or name in table.hidden
        flat += [attrs.evolve(cell, nullable=nullable) for cell in cells]
    twice = [column.name for column in flat[: len(table.by) + 3] if _times(flat, column.name) > 1]
    if twice:
        raise InvalidInputError(
            f"the table is by {', '.join(map(repr, table.by))} and has a column {twice[0]!r} "
            "besides: count by another name"
        )
    return flat


def _times(flat: Sequence[FlatColumn], name: str) -> int:
    return sum(column.name == name for column in flat)


def _key_columns(table: "Table[Any]") -> Iterator[FlatColumn]:
    by = table.by or ("group",)
    first, *_ = by
    if len(by) > 1 and all(isinstance(key, tuple) for key in table.keys):
        parts = zip(*table.keys, strict=True) if table.keys else ((),) * len(by)
        for name, part in zip(by, parts, strict=True):
            yield from _of_keys(name, part)
        return
    yield from _of_keys(first, table.keys)
    if first in ORGANISATION:
        yield _objects(f"{first}_name", "text", table.names)


def _of_keys(name: str, keys: Sequence[Hashable]) -> Iterator[FlatColumn]:
    """Yield a column of keys, with first and last day beside periods."""
    kinds = set(map(type, keys))
    if kinds == {int}:
        yield FlatColumn(name, "whole", np.array(keys, dtype=np.int64), _none(len(keys)))
        return
    yield _objects(name, "text", keys if kinds == {str} else [str(key) for key in keys])
    if Period in kinds:
        spans = [(key.start, key.end) if isinstance(key, Period) else (None, None) for key in keys]
        for end, days in zip(("start", "end"), zip(*spans, strict=True), strict=True):
            yield _objects(f"{name}_{end}", "date", days)


def _cell_columns(
    name: str, column: Column, values: Columns, hidden: NDArray[np.bool_]
) -> Iterator[FlatColumn]:
    size = len(hidden)
    if isinstance(values, Estimates):
        parts = (values.value, values.low, values.high)
        for flat, part in zip(frame_names(name, values), parts, strict=True):
            yield FlatColumn(flat, "number", part[:size], hidden)
        return
    values = values[:size]
    if values.dtype.kind == "f":
        missing = hidden | (np.isnan(values) if column.optional else False)
        if column.whole and not np.isnan(values[~missing]).any():
            whole = np.where(missing, 0, values).astype(np.int64)
            yield FlatColumn(name, "whole", whole, missing)
        else:
            yield FlatColumn(name, "number", values, missing)
    else:
        yield FlatColumn(name, "flag" if values.dtype.kind == "b" else "whole", values, hidden)


def _of_objects(
    name: str, types: frozenset[Any], values: NDArray[Any], hidden: NDArray[np.bool_]
) -> FlatColumn:
    """Return a column of Python objects as the plainest kind that holds them all."""
    optional = type(None) in types
    absent = [value is None or (optional and value != value) for value in values.tolist()]
    missing = hidden | np.array(absent, dtype=np.bool_)
    held = set(map(type, values[~missing].tolist())) or types - {type(None)}
    kind: Kind = "text"
    for plainest, within in reversed(PLAINEST.items()):
        kind = plainest if held <= within else kind
    plain: NDArray[Any] = values.copy()
    plain[missing] = BLANKS.get(kind)
    return FlatColumn(name, kind, plain.astype(DTYPES.get(kind, np.object_)), missing)


def _objects(name: str, kind: Kind, values: Sequence[object]) -> FlatColumn:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    missing = array == np.array(None)
    return FlatColumn(name, kind, array, np.asarray(missing, dtype=np.bool_))


def _none(size: int) -> NDArray[np.bool_]:
    return np.zeros(size, dtype=np.bool_)


def flat_dicts(table: "Table[Any]") -> list[dict[str, Any]]:
    """Return one flat dict of plain values per row; see `Table.to_dicts`."""
    flat = flat_columns(table)
    lists = [_isoformatted(c.listed()) if c.kind == "date" else c.listed() for c in flat]
    names = [column.name for column in flat]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*lists, strict=True)]


def flat_row(row: "Row") -> dict[str, Any]:
    """Return one flat dict of plain values; see `Row.to_dict`."""
    flat: dict[str, Any] = {"key": _plain(row.key), "name": row.name}
    for name, types in field_types(type(row)).items():
        value = getattr(row, name)
        if Estimate in types:
            parts = tuple(value) if isinstance(value, Estimate) else (None,) * 3
            flat |= zip((name, f"{name}_low", f"{name}_high"), parts, strict=True)
        else:
            flat[name] = _plain(value)
    return flat


def _plain(value: object) -> object:
    if isinstance(value, Fraction | Decimal):
        return float(value)
    return str(value) if isinstance(value, Period | tuple) else value


def _isoformatted(days: list[dt.date | None]) -> list[str | None]:
    return [None if day is None else day.isoformat() for day in days]


def to_frame(table: "Table[Any]", library: FrameLibrary) -> Any:
    """Return the table as a data frame of another library; see `Table.to_frame`."""
    choice("library", library, LIBRARIES)
    module = optional(library, extra=library, user=f"to_frame({library!r})")
    make = {"pandas": _pandas, "polars": _polars, "pyarrow": _pyarrow}[library]
    return make(module, flat_columns(table))


def _pandas(pd: Any, columns: list[FlatColumn]) -> Any:
    def values(column: FlatColumn) -> Any:
        missing = column.missing
        if column.kind == "text":
            return pd.array(column.values, dtype="string")
        if column.kind == "date":
            return pd.to_datetime(pd.Series(column.values, dtype=object))
        if column.kind == "number":
            return np.where(missing, np.nan, column.values) if missing.any() else column.values
        if not column.nullable and not missing.any():
            return column.values
        made = pd.arrays.BooleanArray if column.kind == "flag" else pd.arrays.IntegerArray
        return made(column.values.copy(), missing.copy())

    return pd.DataFrame({column.name: values(column) for column in columns})


def _polars(pl: Any, columns: list[FlatColumn]) -> Any:
    types = {
        "text": pl.String,
        "whole": pl.Int64,
        "number": pl.Float64,
        "flag": pl.Boolean,
        "date": pl.Date,
    }

    def series(column: FlatColumn) -> Any:
        objects = column.kind in ("text", "date")
        made = pl.Series(
            column.name,
            column.values.tolist() if objects else column.values,
            dtype=types[column.kind],
        )
        places = np.flatnonzero(column.missing)
        return made if objects or not len(places) else made.scatter(places, None)

    return pl.DataFrame([series(column) for column in columns])


def _pyarrow(pa: Any, columns: list[FlatColumn]) -> Any:
    types = {
        "text": pa.string(),
        "whole": pa.int64(),
        "number": pa.float64(),
        "flag": pa.bool_(),
        "date": pa.date32(),
    }
    arrays = {
        column.name: pa.array(
            column.values, type=types[column.kind], mask=column.missing, from_pandas=False
        )
        for column in columns
    }
    return pa.table(arrays)
