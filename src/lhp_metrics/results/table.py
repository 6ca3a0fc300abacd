"""`Table`: what every metric over several groups returns."""

from collections.abc import Hashable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any, Generic, Self

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import near_matches, of_kind
from lhp_metrics.errors import InvalidInputError, NotFoundError
from lhp_metrics.estimates import Estimates, read_only, same_when_nan
from lhp_metrics.provenance import Provenance
from lhp_metrics.results._outputs import Outputs
from lhp_metrics.results.columns import Columns, cell_value, row_columns
from lhp_metrics.results.rows import TOTAL, RowT

__all__ = ["Table"]


def _read_only(columns: Mapping[str, Columns]) -> dict[str, Columns]:
    """Return views that cannot be written through; the caller's own arrays stay writable."""
    return {
        name: values.read_only() if isinstance(values, Estimates) else read_only(values)
        for name, values in columns.items()
    }


def _same(mine: object, theirs: object) -> bool:
    """Compare what a table holds; NaN equals NaN."""
    if isinstance(mine, np.ndarray) and isinstance(theirs, np.ndarray):
        if mine.dtype == object or theirs.dtype == object:
            return list(map(same_when_nan, mine)) == list(map(same_when_nan, theirs))
        return np.array_equal(mine, theirs, equal_nan=mine.dtype.kind == theirs.dtype.kind == "f")
    if isinstance(mine, Estimates) and isinstance(theirs, Estimates):
        return _same(
            attrs.asdict(mine, recurse=False),
            attrs.asdict(theirs, recurse=False),
        )
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        return mine.keys() == theirs.keys() and all(
            _same(value, theirs[name]) for name, value in mine.items()
        )
    return bool(same_when_nan(mine) == same_when_nan(theirs))


def _fit_the_rows(table: "Table[Any]", _: object, columns: Mapping[str, Columns]) -> None:
    declared = [name for name, _ in row_columns(table.row_type)]
    if list(columns) != declared:
        raise InvalidInputError(f"columns must be {declared}; got {list(columns)}")
    expected = len(table.keys) + table.has_total
    for name, values in columns.items():
        if len(values) != expected:
            raise InvalidInputError(f"column {name!r} must have {expected} values")


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Table(Outputs, Generic[RowT]):
    """Rows of one metric, addressed by key, with their total and where they come from.

    Inside there are columns; a row is made when it is asked for, so a million groups cost
    a few arrays.

    Parameters
    ----------
    row_type : type
        Class of the rows; its fields are the columns.
    title : str
        Caption of the printed table.
    by : tuple of str
        What the keys are, such as ``("organisation",)``.
    keys, names : tuple
        Key and display name of each row, without the total.
    columns : mapping
        Field name to array or `Estimates`, one element per key, plus the total's at the end
        where `has_total`.
    provenance : Provenance
        Printed as the footnote.
    has_total : bool
        Whether the columns end with a total.
    specs : mapping
        Number formats of fields, where the row class cannot know them.
    headings : mapping
        Headings of fields, where the row class cannot know them.
    hidden : mapping
        Field name to the cells that ``suppress`` hid: they are None in rows.
    picked : tuple of str, optional
        Columns to print and to hand on, as `pick` chose them.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> counts = {"RBS": 26, "REN": 34, "RBQ": 8, "REM": 69, "REP": 17, "RET": 10}
    >>> shares = lhp.partner_shares(lhp.RegistrationTally.from_counts(counts))
    >>> shares["REM"].percent
    42.1
    >>> float(shares.column("percent").sum().round(1))
    100.0
    """

    row_type: type[RowT]
    title: str
    by: tuple[str, ...]
    keys: tuple[Hashable, ...]
    names: tuple[str, ...]
    columns: Mapping[str, Columns] = attrs.field(converter=_read_only, validator=_fit_the_rows)
    provenance: Provenance
    has_total: bool = True
    specs: Mapping[str, str] = attrs.field(factory=dict)
    headings: Mapping[str, str] = attrs.field(factory=dict)
    hidden: Mapping[str, NDArray[np.bool_]] = attrs.field(factory=dict)
    picked: tuple[str, ...] | None = None

    def __eq__(self, other: object) -> bool:
        """Compare everything that a table holds: rows, total, and where they come from."""
        if type(other) is not type(self):
            return NotImplemented
        return _same(attrs.asdict(self, recurse=False), attrs.asdict(other, recurse=False))

    def __reduce__(self) -> tuple[Any, ...]:
        # Made anew, not filled in: a copy's columns are then as read-only as the original's.
        return partial(type(self), **attrs.asdict(self, recurse=False)), ()

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[RowT]:
        return (self._row(index) for index in range(len(self)))

    def __getitem__(self, key: Hashable) -> RowT:
        """Return the row of `key`; the total is `total`."""
        index = self._index.get(key)
        if index is None:
            shown = dict(zip(self.names, map(str, self.keys), strict=True))
            shown |= {known: known for known in shown.values()}
            near = near_matches(str(key), shown, shown=shown)
            raise NotFoundError(f"the table has no row {key!r}{near}")
        return self._row(index)

    @cached_property
    def _index(self) -> dict[Hashable, int]:
        """Row numbers by key; a period is also found by the text it prints as."""
        texts = {str(key): index for index, key in enumerate(self.keys) if not _is_text(key)}
        return texts | {key: index for index, key in enumerate(self.keys)}

    @property
    def total(self) -> RowT:
        """The row of all groups together, from all records: not the sum of what is printed."""
        if not self.has_total:
            raise NotFoundError("the table has no total row")
        return self._row(len(self.keys))

    def _row(self, index: int) -> RowT:
        is_total = index == len(self.keys)
        cells: dict[str, Any] = {
            name: None
            if self.is_hidden(name, index)
            else cell_value(column, self.columns[name], index)
            for name, column in row_columns(self.row_type)
        }
        return self.row_type(
            key=TOTAL if is_total else self.keys[index],
            name=TOTAL if is_total else self.names[index],
            provenance=self.provenance,
            **cells,
        )

    def is_hidden(self, name: str, index: int) -> bool:
        """Tell whether a cell is hidden; the total's index is the number of rows."""
        return name in self.hidden and bool(self.hidden[name][index])

    def column(self, name: str) -> NDArray[Any]:
        """Return one column without the total, as a read-only array.

        Parameters
        ----------
        name : str
            A field of the rows; of an estimate also ``"rate.low"`` and ``"rate.high"``.

        Raises
        ------
        NotFoundError
            If the rows have no such field.
        """
        of_kind("name", name, str)
        field, _, part = name.partition(".")
        values = self.columns.get(field)
        if isinstance(values, Estimates) and part in {"", "value", "low", "high"}:
            found: NDArray[Any] = getattr(values, part or "value")
        elif isinstance(values, np.ndarray) and not part:
            found = values
        else:
            near = near_matches(name, self.columns)
            raise NotFoundError(f"the table has no column {name!r}{near}")
        return found[: len(self)]

    def without_total(self, note: str) -> Self:
        """Return the table without its total row; `note` says in the footnote why."""
        columns = {name: values[: len(self)] for name, values in self.columns.items()}
        hidden = {name: values[: len(self)] for name, values in self.hidden.items()}
        notes = (*self.provenance.notes, note)
        provenance = attrs.evolve(self.provenance, notes=notes)
        return attrs.evolve(
            self, columns=columns, hidden=hidden, has_total=False, provenance=provenance
        )

    def __str__(self) -> str:
        from lhp_metrics.results.display import table_text

        return table_text(self)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return self.to_html()


def _is_text(key: Hashable) -> bool:
    return isinstance(key, str)
