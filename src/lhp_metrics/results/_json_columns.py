"""Columns read back from the rows of a JSON document: every cell of its column's kind."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from operator import and_
from typing import Any, NoReturn, get_type_hints

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.results._json_documents import ABOUT_ESTIMATES, LIMITS, STORAGES
from lhp_metrics.results._json_values import (
    HELD,
    LARGEST,
    read_exact,
    read_level,
    read_mapping,
    read_number,
    read_record,
    read_text,
    refuse,
)
from lhp_metrics.results.columns import Column, Columns, field_types, literal_texts, row_columns
from lhp_metrics.results.rows import Row

__all__ = ["Rows", "read_columns", "stated_columns"]

INFINITE = float("inf")
# Which fields of a row a kind of storage can be of.
STORES: Mapping[str, set[Any]] = {
    "integer": {int, float, Fraction, Decimal},
    "number": {int, float, Fraction, Decimal},
    "boolean": {bool},
    "text": {str},
    "exact": {int, float, Fraction, Decimal},
    "estimate": {Estimate},
}
KINDS: Mapping[Any, str] = {
    int: "a whole number",
    float: "a number",
    Fraction: 'a part such as "1/3"',
    Decimal: 'pounds such as "12.50"',
}
PLAIN: Mapping[str, type] = {"integer": int, "boolean": bool}
COUNTED = {int, Fraction, Decimal}
FINITE = "must be a finite number"
KEY_AND_NAME = ("key", "name")


@attrs.frozen
class Rows:
    """The rows of a document, the total's included, and the place of each."""

    row_type: type[Row]
    found: Sequence[Mapping[str, Any]]
    places: Sequence[str]

    @classmethod
    def of(
        cls,
        row_type: type[Row],
        found: Sequence[object],
        places: Sequence[str],
        stated: Collection[str],
    ) -> "Rows":
        """Return rows that have the stated columns and nothing else, or refuse them."""
        names = (*KEY_AND_NAME, *(name for name, _ in row_columns(row_type) if name in stated))
        return cls(row_type, [*_records(found, places.__getitem__, names)], places)


@attrs.frozen
class _Cells:
    """One column's cells as the document has them."""

    name: str
    column: Column
    types: frozenset[Any]
    known: tuple[str, ...]
    values: Sequence[Any]
    places: Sequence[str]

    def at(self, index: int) -> str:
        return f"{self.places[index]}.{self.name}"

    def refuse(self, index: int, rule: str) -> NoReturn:
        refuse(self.at(index), rule, self.values[index])

    def refuse_where(self, wrong: Iterable[Any], rule: str) -> None:
        """Refuse the first cell that breaks a rule."""
        index = next((index for index, is_wrong in enumerate(wrong) if is_wrong), None)
        if index is not None:
            self.refuse(index, rule)


def _records(
    found: Sequence[object], place: Callable[[int], str], names: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield objects of these members; only those that are not are looked at closely."""
    wanted = frozenset(names)
    for index, value in enumerate(found):
        if type(value) is dict and value.keys() == wanted:
            yield value
        else:
            yield read_record(value, place(index), names)


def stated_columns(value: object, row_type: type[Row]) -> dict[str, Any]:
    """Return what a document says of its columns, which are those of its rows."""
    stated = read_mapping(value, "columns")
    declared = dict(row_columns(row_type))
    unknown = [name for name in stated if name not in declared]
    if unknown:
        raise InvalidInputError(
            f"the document has columns that {row_type.__name__} has not here: "
            f"{', '.join(map(repr, unknown))}; a newer lhp-metrics may have written it"
        )
    # One that may be missing may be newer than the file.
    needed = [name for name, column in declared.items() if not column.optional]
    return read_record(stated, "columns", needed, declared)


def read_columns(stated: Mapping[str, Any], rows: Rows) -> dict[str, Columns]:
    """Return the columns that the rows hold."""
    hints, types = get_type_hints(rows.row_type), field_types(rows.row_type)
    columns: dict[str, Columns] = {}
    for name, column in row_columns(rows.row_type):
        if name not in stated:
            columns[name] = np.full(len(rows.found), None, dtype=object)
            continue
        where = f"columns[{name!r}]"
        cells = _Cells(
            name,
            column,
            types[name],
            literal_texts(hints[name]),
            [row[name] for row in rows.found],
            rows.places,
        )
        columns[name] = _read_column(where, stated[name], cells)
    return columns


def _read_column(where: str, value: object, cells: _Cells) -> Columns:
    about = read_record(value, where, ("type", "heading"), ABOUT_ESTIMATES)
    read_text(about["heading"], f"{where}.heading")
    storage = about["type"]
    choices = [known for known in STORAGES if _stores(known, cells)]
    if storage not in choices:
        listed = " or ".join(map(repr, choices))
        refuse(f"{where}.type", f"must be {listed}", storage)
    if storage == "estimate":
        return _read_estimates(about, where, cells)
    read_record(about, where, ("type", "heading"))
    if storage == "text":
        return _read_texts(cells)
    if storage == "boolean":
        return _read_plain(storage, where, cells)
    values = (
        _read_plain(storage, where, cells)
        if storage == "integer"
        else _read_numbers(storage, cells)
    )
    _refuse_numbers(values, cells)
    return values


def _stores(storage: str, cells: _Cells) -> bool:
    """Tell whether a column can be stored so; a whole number is a float where it may be missing."""
    may_be_float = float in cells.types or cells.column.whole or cells.column.optional
    return bool(STORES[storage] & cells.types) and (storage != "number" or may_be_float)


def _read_texts(cells: _Cells) -> NDArray[Any]:
    for index, value in enumerate(cells.values):
        if value is None:
            continue
        read_text(value, cells.at(index))
        if cells.known and value not in cells.known:
            cells.refuse(index, f"must be {' or '.join(map(repr, cells.known))}")
    return _objects(cells.values)


def _objects(values: Sequence[object]) -> NDArray[Any]:
    objects = np.empty(len(values), dtype=object)
    objects[:] = values
    return objects


def _read_plain(storage: str, where: str, cells: _Cells) -> NDArray[Any]:
    plain = PLAIN[storage]
    wrong = (value is not None and type(value) is not plain for value in cells.values)
    cells.refuse_where(wrong, f"must be {storage} as {where} says")
    if plain is int:
        large = (value is not None and abs(value) >= LARGEST for value in cells.values)
        cells.refuse_where(large, HELD)
    objects = _objects(cells.values)
    if None in cells.values:
        return objects
    return objects.astype(np.int64 if plain is int else np.bool_)


def _read_numbers(storage: str, cells: _Cells) -> NDArray[Any]:
    if storage == "number":
        return _floats([np.nan if cell is None else cell for cell in cells.values], cells.at)
    return _objects([read_exact(value, cells.at(i)) for i, value in enumerate(cells.values)])


def _floats(values: Iterable[Any], place: Callable[[int], str]) -> NDArray[np.float64]:
    """Return numbers as floats; NaN, which no document has as a number, stands where none is."""
    return np.array(
        [
            value
            if type(value) is float and abs(value) != INFINITE
            else read_number(value, place(index))
            for index, value in enumerate(values)
        ],
        dtype=np.float64,
    )


def _refuse_numbers(values: NDArray[Any], cells: _Cells) -> None:
    """Refuse numbers that no such column could hold."""
    column, types = cells.column, cells.types
    allowed = types | {int} if float in types else types
    is_stated = np.array([value is not None for value in cells.values], dtype=np.bool_)
    if column.given:
        cells.refuse_where(is_stated & ~np.isfinite(values.astype(np.float64)), FINITE)
    if values.dtype == object or int not in allowed:
        listed = " or ".join(words for kind, words in KINDS.items() if kind in types)
        wrong = (type(value) not in allowed for value in values.tolist())
        cells.refuse_where(map(and_, is_stated.tolist(), wrong), f"must be {listed}")
    elif values.dtype.kind == "f" and float not in types:
        whole = (np.abs(values) < LARGEST) & (values == np.floor(values))
        cells.refuse_where(is_stated & ~whole, "must be a whole number that 64 bits hold")
    # A sign is printed for differences alone.
    if types & COUNTED and not column.spec.startswith("+"):
        cells.refuse_where(_negative(values), "must be at least 0")


def _negative(values: NDArray[Any]) -> Iterable[Any]:
    if values.dtype == object:
        return [value is not None and value < 0 for value in values]
    return (values < 0).tolist() if (values < 0).any() else ()


def _read_estimates(about: Mapping[str, Any], where: str, cells: _Cells) -> Estimates:
    if not about.keys() & {*ABOUT_ESTIMATES} and all(value is None for value in cells.values):
        nothing = np.full(len(cells.values), np.nan)
        return Estimates(nothing, nothing, nothing, np.nan, "", "")  # Of a row that is hidden.
    read_record(about, where, ("type", "heading", *ABOUT_ESTIMATES))
    wanted = frozenset(LIMITS)
    for index, cell in enumerate(cells.values):
        if cell is not None and not (type(cell) is dict and cell.keys() == wanted):
            read_record(cell, cells.at(index), LIMITS)
    value, low, high = (_floats(*_limits(cells, part)) for part in LIMITS)
    cells.refuse_where(low > high, "must not have its low above its high")
    return Estimates(
        value,
        low,
        high,
        read_level(about["confidence_level"], f"{where}.confidence_level"),
        read_text(about["method"], f"{where}.method"),
        read_text(about["unit"], f"{where}.unit"),
    )


def _limits(cells: _Cells, part: str) -> tuple[list[Any], Callable[[int], str]]:
    values = [np.nan if cell is None else cell[part] for cell in cells.values]
    return values, lambda index: f"{cells.at(index)}.{part}"
