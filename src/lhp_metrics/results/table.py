"""`Table`: what every metric over several groups returns."""

from collections.abc import Hashable, Iterator, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import near_matches
from lhp_metrics.errors import InvalidInputError, NotFoundError
from lhp_metrics.estimates import Estimates, read_only, same_when_nan
from lhp_metrics.provenance import Provenance
from lhp_metrics.results.columns import Columns, cell_value, row_columns

if TYPE_CHECKING:
    from pathlib import Path

    from lhp_metrics.results.frames import FrameLibrary

__all__ = ["TOTAL", "Row", "RowT", "Table"]

TOTAL = "Total"


@attrs.frozen(kw_only=True)
class Row:
    """One group's result; every metric adds its own fields.

    Parameters
    ----------
    key : str, Period or tuple
        What the table is addressed by: an organisation's code, a funder, a month.
    name : str
        The same for readers: "Liverpool Women's" where the key is "REP".
    provenance : Provenance
        How the figures were made; the same as the table's.
    """

    key: Hashable
    name: str
    provenance: Provenance = attrs.field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return one flat dict of plain Python values, named as `Table.to_frame` names columns."""
        from lhp_metrics.results.frames import flat_row

        return flat_row(self)

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the row as JSON with its provenance; see `Table.to_json`.

        Parameters
        ----------
        indent : int, optional
            Spaces for each level; by default the text is one line.
        """
        from lhp_metrics.results.json_documents import row_json

        return row_json(self, indent=indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the row that `to_json` wrote, of the class that the text names.

        Raises
        ------
        InvalidInputError, NotFoundError
            As for `Table.from_json`.

        Examples
        --------
        >>> import lhp_metrics as lhp
        >>> row = lhp.success_rate(lhp.OutcomeCounts(successful=15, unsuccessful=51))
        >>> lhp.Row.from_json(row.to_json()) == row
        True
        """
        from lhp_metrics.results.json_documents import read_row

        found: Any = read_row(text, cls)
        return found


RowT = TypeVar("RowT", bound=Row)


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
class Table(Generic[RowT]):
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
            near = near_matches(str(key), map(str, self.keys))
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

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one flat dict of plain Python values per row, without the total.

        The entries are those of the column contract, as for `to_frame`. What is not stated or
        hidden is None, what is undefined NaN; dates are ISO text.
        """
        from lhp_metrics.results.frames import flat_dicts

        return flat_dicts(self)

    def to_frame(self, library: "FrameLibrary") -> Any:
        """Return the table as a data frame, without the total.

        Parameters
        ----------
        library : {"pandas", "polars", "pyarrow"}
            Whose frame: ``pandas.DataFrame``, ``polars.DataFrame`` or ``pyarrow.Table``.

        Returns
        -------
        DataFrame or Table
            Names and kinds of the columns are the published column contract: keys first, with
            ``organisation_name`` beside organisations and ``month_start``, ``month_end`` beside
            periods; ``rate``, ``rate_low`` and ``rate_high`` of an estimate; fractions, not per
            cent. Counts are whole numbers where they are, and null where not stated or hidden.
            An undefined number is NaN.

        Raises
        ------
        InvalidInputError
            If `library` is none of the three, or the key has the name of a column.
        MissingExtraError
            If the library is not installed.

        Examples
        --------
        >>> import lhp_metrics as lhp
        >>> tally = lhp.RegistrationTally.from_counts({"REM": 69, "REN": 34})
        >>> frame = lhp.partner_shares(tally).to_frame("polars")
        >>> frame.columns
        ['organisation', 'organisation_name', 'count', 'share', 'share_low', 'share_high', 'percent']
        """
        from lhp_metrics.results.frames import to_frame

        return to_frame(self, library)

    def to_json(self, *, indent: int | None = None) -> str:
        """Return everything that the table holds as JSON, for another service or another day.

        Parameters
        ----------
        indent : int, optional
            Spaces for each level; by default the text is one line.

        Returns
        -------
        str
            Strictly valid JSON of schema ``lhp-metrics/table/1``, which the package publishes
            as a JSON Schema. An undefined number is the text "NaN", an infinite one "Infinity"
            or "-Infinity"; null is what is not stated or hidden. `from_json` gives back an
            equal table.

        Raises
        ------
        NotFoundError
            If the rows are of a class that is not this library's: nobody could read it back.
        """
        from lhp_metrics.results.json_documents import table_json

        return table_json(self, indent=indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the table that `to_json` wrote, of the class that the text names.

        Parameters
        ----------
        text : str or bytes
            JSON, from this version of the library or an older one.

        Raises
        ------
        InvalidInputError
            If the text is not JSON or does not fit the schema, a newer version of the schema
            wrote it, or it holds another class than the one that this was called on.
        NotFoundError
            If it names a kind of result that the library does not have.

        Examples
        --------
        >>> import lhp_metrics as lhp
        >>> shares = lhp.partner_shares(lhp.annual_report_2023_24().jro)
        >>> lhp.Table.from_json(shares.to_json()) == shares
        True
        """
        from lhp_metrics.results.json_documents import read_table

        found: Any = read_table(text, cls)
        return found

    def sort(self, by: str, *, descending: bool = False) -> Self:
        """Return the table with its rows in order of a column; the total stays last.

        Parameters
        ----------
        by : str
            A field of the rows, of an estimate also ``"rate.low"``; or ``"name"``.
        descending : bool, default False
            Whether the largest comes first. Rows without a value are last either way, and
            equal ones stay as they stand.

        Raises
        ------
        NotFoundError
            If the rows have no such field.
        """
        from lhp_metrics.results.arrange import sorted_rows

        return sorted_rows(self, by, descending=descending)

    def pick(self, *columns: str) -> Self:
        """Return the table of which only some columns are printed and handed on, in that order.

        Rows stay whole, and so does what `to_json` writes; print, HTML, Markdown, Excel, CSV,
        dicts and frames have the columns picked. By default print leaves out what would make it
        too wide.

        Parameters
        ----------
        *columns : str
            Fields of the rows.

        Raises
        ------
        NotFoundError
            If the rows have no such field.

        Examples
        --------
        >>> import lhp_metrics as lhp
        >>> report = lhp.annual_report_2023_24()
        >>> change = lhp.registration_change(report.spark, report.jro)
        >>> table = change.pick("before", "after", "rate_ratio").sort("rate_ratio", descending=True)
        >>> print("\\n".join(str(table).splitlines()[2:6]))
        Organisation       Before  After              Rate ratio
        --------------------------------------------------------
        Clatterbridge           1     34  59.56 (11.43 to 1,224)
        Alder Hey              10     26     4.55 (2.23 to 9.88)
        """
        from lhp_metrics.results.arrange import picked

        return picked(self, columns)

    def rename(self, headings: Mapping[str, str]) -> Self:
        """Return the table with other printed headings; names in frames and JSON stay.

        Parameters
        ----------
        headings : mapping of str to str
            Field of the rows to its heading, such as ``{"rate_ratio": "Times as many"}``.

        Raises
        ------
        NotFoundError
            If the rows have no such field.
        """
        from lhp_metrics.results.arrange import renamed

        return renamed(self, headings)

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

    def to_html(self, *, document: bool = False) -> str:
        """Return the table as HTML with caption, headings by scope and the footnote.

        Parameters
        ----------
        document : bool, default False
            Whether to return a page of its own, with all rows, such as a file that a word
            processor opens. By default it is a part for other pages, and the middle of more
            than a hundred rows is left out.
        """
        from lhp_metrics.results.display import table_html

        return table_html(self, document=document)

    def to_markdown(self) -> str:
        """Return the table as Markdown, all rows, with title and footnote.

        Text from the data is escaped: it cannot become a heading, a link or HTML.
        """
        from lhp_metrics.results.markdown import table_markdown

        return table_markdown(self)

    @overload
    def to_csv(self, path: None = None) -> str: ...
    @overload
    def to_csv(self, path: "str | Path") -> None: ...
    def to_csv(self, path: "str | Path | None" = None) -> str | None:
        """Return the table as CSV, or write it to a file, without the total.

        Parameters
        ----------
        path : str or Path, optional
            Where to write, in UTF-8 with the mark that Excel needs; by default the text is
            returned.

        Notes
        -----
        CSV is data, and has the columns of `to_frame`. What is not stated, hidden or undefined
        is empty; infinite is ``inf``. Footnotes would be rows that are none: take `to_json` or
        `to_excel` where figures must keep their provenance. A text that a spreadsheet would run
        as a formula has an apostrophe before it.
        """
        from lhp_metrics.results.spreadsheets import table_csv

        return table_csv(self, path)

    def to_excel(self, path: "str | Path") -> None:
        """Write the table as an Excel workbook, with title, total and footnote.

        Parameters
        ----------
        path : str or Path
            Where to write; a file there is replaced.

        Raises
        ------
        MissingExtraError
            If openpyxl is not installed.
        InvalidInputError
            If the table has more rows than Excel holds.

        Notes
        -----
        The columns are those printed; an estimate has three. Numbers are numbers, with the
        decimals of the printed table as their format; what is undefined is "–" and what is
        hidden "*". Text stays text, even where it begins like a formula.
        """
        from lhp_metrics.results.spreadsheets import table_excel

        table_excel(self, path)

    def _repr_html_(self) -> str:
        return self.to_html()


def _is_text(key: Hashable) -> bool:
    return isinstance(key, str)
