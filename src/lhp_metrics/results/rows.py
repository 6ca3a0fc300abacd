"""`Row`: one group's result, by itself or in a table."""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, cast

import attrs

from lhp_metrics.provenance import Provenance

if TYPE_CHECKING:
    from lhp_metrics.results.table import Table

__all__ = ["TOTAL", "Row", "RowT"]

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

    # Why `suppress` refuses tables of such rows; nothing where it does not.
    never_suppressed: ClassVar[str] = ""

    key: Hashable
    name: str
    provenance: Provenance = attrs.field(repr=False)

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.results.wording import plain_row

        return plain_row(self)

    def _repr_html_(self) -> str:
        from html import escape

        footnote = escape(self.provenance.footnote())
        return f"<p>{escape(self.describe())}</p><p><small>{footnote}</small></p>"

    @classmethod
    def describe_table(cls, table: "Table[Any]") -> str:
        """Return what a table of such rows says; see `Table.describe`."""
        from lhp_metrics.results.wording import plain_table

        return plain_table(table)

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
        from lhp_metrics.results._json_documents import row_json

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
        from lhp_metrics.results._json_reading import read_row

        return cast("Self", read_row(text, cls))


RowT = TypeVar("RowT", bound=Row)
