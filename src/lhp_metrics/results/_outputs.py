"""What can be made of every table: sentences, frames, files, other orders and columns."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, cast, overload

if TYPE_CHECKING:
    from pathlib import Path

    from lhp_metrics.results.frames import FrameLibrary
    from lhp_metrics.results.table import Table

__all__ = ["Outputs"]


class Outputs:
    """The part of `Table` that hands it on; the work is done where each form has its module."""

    __slots__ = ()

    @property
    def _table(self) -> "Table[Any]":
        return cast("Table[Any]", self)

    def describe(self) -> str:
        """Return what the table says, in sentences to paste into a paper.

        They give counts, the figure with its interval, what chance would explain, and what is
        not known. A row has its own, ``table["REM"].describe()``.

        Examples
        --------
        >>> import lhp_metrics as lhp
        >>> counts = lhp.OutcomeCounts(successful=15, unsuccessful=51, pending=57)
        >>> print(lhp.success_rate(counts).describe())
        Of 66 decided applications, 15 succeeded: 22.7% (95% confidence interval 14.3% to 34.2%).
        57 are still pending: once they are decided, the rate will be between 12.2% (if all fail)
        and 58.5% (if all succeed).
        """
        from lhp_metrics.results.wording import NOT_SHOWN, is_hidden

        if self._table.hidden and len(self._table) and all(map(is_hidden, self._table)):
            return NOT_SHOWN
        said: str = self._table.row_type.describe_table(self._table)
        return said

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one flat dict of plain Python values per row, without the total.

        The entries are those of the column contract, as for `to_frame`. What is not stated or
        hidden is None, what is undefined NaN; dates are ISO text.
        """
        from lhp_metrics.results.frames import flat_dicts

        return flat_dicts(self._table)

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
        >>> lhp.partner_shares(tally).to_frame("polars").columns[:4]
        ['organisation', 'organisation_name', 'count', 'share']
        """
        from lhp_metrics.results.frames import to_frame

        return to_frame(self._table, library)

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
        from lhp_metrics.results._json_documents import table_json

        return table_json(self._table, indent=indent)

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
            wrote it, or it holds another class than the one that this was called on. Columns
            alone that may be empty, and came later than the text, need not be there. Also if no
            table could be so: an object names a member twice, two rows have one key, a count is
            negative, limits are the wrong way round, or only a part of a row is hidden.
        NotFoundError
            If it names a kind of result that the library does not have.

        Examples
        --------
        >>> import lhp_metrics as lhp
        >>> shares = lhp.partner_shares(lhp.annual_report_2023_24().jro)
        >>> lhp.Table.from_json(shares.to_json()) == shares
        True
        """
        from lhp_metrics.results._json_reading import read_table

        return cast("Self", read_table(text, cast("type[Table[Any]]", cls)))

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

        return cast("Self", sorted_rows(self._table, by, descending=descending))

    def pick(self, *columns: str) -> Self:
        r"""Return the table of which only some columns are printed and handed on, in that order.

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
        InvalidInputError
            If a field is named twice or none is, or if two would have one heading.

        Examples
        --------
        >>> import lhp_metrics as lhp
        >>> report = lhp.annual_report_2023_24()
        >>> change = lhp.registration_change(report.spark, report.jro)
        >>> table = change.pick("before", "after", "rate_ratio").sort("rate_ratio", descending=True)
        >>> print("\n".join(str(table).splitlines()[2:6]))
        Organisation       Before  After              Rate ratio
        --------------------------------------------------------
        Clatterbridge           1     34  59.56 (11.43 to 1,224)
        Alder Hey              10     26     4.55 (2.23 to 9.88)
        """
        from lhp_metrics.results.arrange import picked, told_apart

        return cast("Self", told_apart(picked(self._table, columns)))

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
        InvalidInputError
            If two of the columns that are printed would have one heading.
        """
        from lhp_metrics.results.arrange import renamed

        return cast("Self", renamed(self._table, headings))

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

        return table_html(self._table, document=document)

    def to_markdown(self) -> str:
        """Return the table as Markdown, all rows, with title and footnote.

        Text from the data is escaped: it cannot become a heading, a link or HTML.
        """
        from lhp_metrics.results.markdown import table_markdown

        return table_markdown(self._table)

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

        return table_csv(self._table, path)

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

        table_excel(self._table, path)
