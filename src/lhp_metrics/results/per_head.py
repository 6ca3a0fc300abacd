"""Counts per head: how many for each thousand of staff?"""

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray, exposures, near_matches, of_kind, scalar_level
from lhp_metrics.errors import InvalidInputError, InvalidTypeError, NotFoundError
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.intervals import rate_interval
from lhp_metrics.provenance import OVERLAP_NOTES
from lhp_metrics.results.columns import column
from lhp_metrics.results.rows import Row
from lhp_metrics.results.table import Table
from lhp_metrics.results.wording import is_hidden, level_text

__all__ = ["PerHead", "per_head"]


@attrs.frozen(kw_only=True)
class PerHead(Row):
    """A count, the heads that it is for, and the rate."""

    count: int = column("Count", whole=True)
    heads: float = column("Heads", spec=",.10g", given=True)
    rate: Estimate = column("Rate")

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        hidden = is_hidden(self)
        if hidden:
            return hidden
        value, low, high = (f"{part:,.2f}" for part in self.rate)
        return (
            f"{self.name}: {self.count:,}, which is {value} {self.rate.unit} "
            f"({level_text(self.rate)} {low} to {high})."
        )


def per_head(
    table: Table[Any],
    heads: Mapping[Any, float],
    *,
    count: str,
    per: int = 1000,
    unit: str = "staff",
    confidence_level: float = 0.95,
) -> Table[PerHead]:
    """How many are there for each thousand of staff?

    Parameters
    ----------
    table : Table
        With whole counts, such as a tally's ``to_table()``.
    heads : mapping of key to float
        Staff, beds or people of every row's key; above 0.
    count : str
        The table's column that is counted, such as ``"registrations"``.
    per : int, default 1000
        What the rate is per.
    unit : str, default "staff"
        What the heads are, for print.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).

    Returns
    -------
    Table of PerHead
        The total's rate is of all heads together; where groups may share records it is left out,
        since they may share heads too.

    Raises
    ------
    NotFoundError
        If a row has no heads, or the table no such column.
    InvalidInputError
        If heads are not above 0, or the counts are not whole: then nothing is known of how
        they vary.

    Notes
    -----
    The limits are exact for a count that varies as Poisson's law has it [1]_. The heads are taken
    as known. Rates of organisations of different kinds are not comparable by that alone: a
    specialist trust has fewer staff and more studies each.

    References
    ----------
    .. [1] F. Garwood (1936), Biometrika 28, 437-442.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> tally = lhp.RegistrationTally.from_counts({"A": 69, "B": 34})
    >>> table = lhp.per_head(tally.to_table(), {"A": 14_000, "B": 1_700}, count="registrations")
    >>> print(table["B"].rate)
    20.00 (13.85 to 27.95)
    """
    level = scalar_level(confidence_level)
    of_kind("table", table, Table)
    values = table.column(count)
    column_values = table.columns[count]
    if isinstance(column_values, Estimates) or not _are_whole(values):
        raise InvalidInputError(f"a rate per head needs whole counts, and {count!r} has others")
    if not isinstance(heads, Mapping):
        raise InvalidTypeError(f"heads must map the table's keys to numbers; got {heads!r}")
    missing = [str(key) for key in table.keys if key not in heads]
    if missing:
        near = near_matches(missing[0], map(str, heads))
        raise NotFoundError(f"heads lack {', '.join(map(repr, missing))}{near}")
    each = [exposures(f"heads[{key!r}]", heads[key]) for key in table.keys]
    staff: FloatArray = np.array(each, dtype=np.float64)
    has_total = table.has_total and not set(OVERLAP_NOTES) & set(table.provenance.notes)
    counts: FloatArray = values.astype(np.float64)
    if has_total:
        counts = column_values.astype(np.float64)
        staff = np.append(staff, staff.sum())
    low, high = rate_interval(counts, staff, method="exact", confidence_level=level)
    unit_text = f"per {per:,} {unit}"
    rate = Estimates(per * counts / staff, per * low, per * high, level, "exact", unit_text)
    return Table(
        row_type=PerHead,
        title=f"{table.title}, {unit_text}",
        by=table.by,
        keys=table.keys,
        names=table.names,
        columns={"count": counts, "heads": staff, "rate": rate},
        provenance=attrs.evolve(
            table.provenance,
            definition="per-head/1",
            exposure=f"{per:,} {unit}",
            method="exact (Poisson)",
            confidence_level=level,
        ),
        has_total=has_total,
    )


def _are_whole(values: NDArray[Any]) -> bool:
    if values.dtype == object:
        return all(isinstance(value, int) for value in values)
    return not (values % 1 != 0).any()
