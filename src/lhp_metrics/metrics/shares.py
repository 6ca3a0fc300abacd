"""Partner shares: what part of the total is each partner's?"""

from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias, get_args, overload

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray, choice, decimal_places, scalar_level
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.intervals import ShareMethod
from lhp_metrics.metrics._share_basis import (
    ShareBasis,
    ShareOf,
    SharesOut,
    blocks,
    scaled,
    share_basis,
)
from lhp_metrics.results import Columns, Row, Table, column, round_to_total
from lhp_metrics.tallies import Count

__all__ = ["CountsOf", "PartnerShare", "PoundsOf", "PoundsShare", "ShareOf", "partner_shares"]

CountsOf: TypeAlias = Literal["records", "successful"]
PoundsOf: TypeAlias = Literal["pounds_requested", "pounds_awarded"]

ATTRIBUTIONS = {
    "lead": "each with its lead",
    "whole": "shared ones whole for each of theirs",
    "fractional": "shared ones divided",
}


@attrs.frozen(kw_only=True)
class PartnerShare(Row):
    """A partner's part of the total, with the count it came from.

    `percent` is the share as printed: rounded so that the column adds up to 100. It is None
    where groups share records, since then no column of parts adds up.
    """

    count: Count = column("Count", whole=True)
    share: Estimate = column("Share")
    percent: float | None = column("Percent", optional=True, pooled=True)

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.metrics._count_sentences import say_share

        return say_share(self)

    @classmethod
    def describe_table(cls, table: Table[Any]) -> str:
        """Return what the table says; see `Table.describe`."""
        from lhp_metrics.metrics._count_sentences import say_shares

        return say_shares(table)


@attrs.frozen(kw_only=True)
class PoundsShare(PartnerShare):
    """A partner's part of the pounds; `count` is the number of grants that brought them."""

    pounds: Decimal | Fraction = column("Pounds", spec=",.0f")


@overload
def partner_shares(
    tally: SharesOut,
    *,
    of: CountsOf = "records",
    within: str | None = None,
    method: ShareMethod = "goodman",
    confidence_level: float = 0.95,
    digits: int = 1,
) -> Table[PartnerShare]: ...
@overload
def partner_shares(
    tally: SharesOut,
    *,
    of: PoundsOf,
    within: str | None = None,
    method: ShareMethod = "goodman",
    confidence_level: float = 0.95,
    digits: int = 1,
) -> Table[PoundsShare]: ...
def partner_shares(
    tally: SharesOut,
    *,
    of: ShareOf = "records",
    within: str | None = None,
    method: ShareMethod = "goodman",
    confidence_level: float = 0.95,
    digits: int = 1,
) -> Table[PartnerShare] | Table[PoundsShare]:
    """What part of the total is each partner's?

    Parameters
    ----------
    tally : RegistrationTally or GrantTally
        Counts by partner, or by anything else: funder, theme, commercial or not. A group with
        nothing that belongs in the table is a key with 0.
    of : {"records", "successful", "pounds_requested", "pounds_awarded"}, default "records"
        What is shared out: studies or applications, or (of grants) the successful ones, the
        pounds requested in all applications, the pounds awarded.
    within : str, optional
        One of the names that the tally is by, such as ``"financial_year"`` of a tally by
        organisation and financial year: shares are then of what that year has. An organisation
        of another year counts as one that had nothing.
    method : {"goodman", "quesenberry-hurst", "sison-glaz"}, default "goodman"
        Simultaneous intervals of whole counts; see ``lhp_metrics.intervals.share_intervals``.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive), for all shares at once.
    digits : int, default 1
        Decimal places of `percent`.

    Returns
    -------
    Table of PartnerShare
        Of pounds, a table of `PoundsShare`. Shares of nothing are NaN with the interval (0, 1).

    Raises
    ------
    InvalidInputError
        If the tally is empty or has no groups, states no amounts where pounds are asked for, or
        is not by `within`.

    Notes
    -----
    The shares of one table depend on each other, so their intervals hold together: with 95 %
    confidence every one of them covers [1]_. Equal remainders in `percent` go to the larger
    count, then to the first key in alphabetical order, whatever the order of the rows.

    Pounds and parts of records come in unequal pieces. Their intervals are those of the ratio
    estimator, as wide as an effective number of equal records would make them; see
    ``lhp_metrics.intervals.weighted_share_interval``. They hold together as well.

    Where a record counts whole for each of its partners, or centres share a partner, a share is
    the proportion of records in which the group takes part: the intervals are Wilson's, one by
    one, and there is no column that adds up to 100.

    References
    ----------
    .. [1] L. A. Goodman (1965), Technometrics 7, 247-254.

    Examples
    --------
    >>> from lhp_metrics import RegistrationTally, partner_shares
    >>> jro = RegistrationTally.from_counts(
    ...     {"RBS": 26, "REN": 34, "RBQ": 8, "REM": 69, "REP": 17, "RET": 10}
    ... )
    >>> print(partner_shares(jro)["REM"].share)
    42.1% (32.4% to 52.4%)
    """
    level = scalar_level(confidence_level)
    decimal_places(digits)
    choice("method", method, get_args(ShareMethod))
    basis = share_basis(tally, of)
    used = basis.method or method
    size = len(tally.keys)
    value, low, high, percent = (np.full(size + 1, np.nan) for _ in range(4))
    for rows, cells in blocks(tally, within):
        low[rows], high[rows] = basis.limits(method, level, rows, cells)
        whole = basis.part[-1] if basis.overlapping else basis.part[rows].sum()
        if whole:
            value[rows] = basis.part[rows] / whole
        if not basis.overlapping:
            percent[rows] = _percent(tally, basis, rows, digits)
    some = basis.part[-1] > 0
    value[-1], low[-1], high[-1] = (1.0, 1.0, 1.0) if some else (np.nan, 0.0, 1.0)
    percent[-1] = np.nan if basis.overlapping or not some else 100.0
    columns: dict[str, Columns] = {
        "count": basis.count,
        "share": Estimates(value, low, high, level, used, "proportion"),
        "percent": percent,
    }
    notes = basis.notes
    if some and not basis.overlapping:
        where = f" within each {within}".replace("_", " ") if within else ""
        notes += (f"Percent is rounded so that the column totals 100{where}.",)
    each = ", each on its own" if basis.overlapping else ", simultaneous"
    provenance = tally.provenance(
        "partner-shares/1",
        basis=of.replace("_", " "),
        method=used + each + (f" within each {within}".replace("_", " ") if within else ""),
        confidence_level=level,
        notes=notes,
    )
    specs = {"percent": f".{digits}f"}
    title = _title(tally, basis, within)
    if basis.pence is None:
        table = tally.as_table(PartnerShare, title, columns, provenance, specs=specs)
        return table if within is None else table.without_total(_within_note(within))
    columns["pounds"] = basis.exact_amounts()
    pounds = tally.as_table(PoundsShare, title, columns, provenance, specs=specs)
    return pounds if within is None else pounds.without_total(_within_note(within))


def _percent(
    tally: SharesOut, basis: ShareBasis, rows: NDArray[np.intp], digits: int
) -> FloatArray:
    # In order of keys, so that ties do not depend on the order of the rows.
    order = np.array(sorted(rows.tolist(), key=lambda index: str(tally.keys[index])))
    rounded = np.empty(len(tally.keys))
    rounded[order] = round_to_total(scaled(basis.exact[order]), digits=digits)
    return rounded[rows]


def _title(tally: SharesOut, basis: ShareBasis, within: str | None) -> str:
    by = " and ".join(name for name in tally.by if name != within).replace("_", " ")
    inside = f" within each {within}".replace("_", " ") if within else ""
    title = f"Shares of {basis.words} by {by}{inside}"
    rule = ATTRIBUTIONS.get(tally.attribution or "")
    if rule and "organisation" in tally.by:
        title += f", {rule}"
    return title


def _within_note(within: str) -> str:
    return f"Shares are of what each {within.replace('_', ' ')} has: there is no total of them."
