"""Partner shares: what part of the total is each partner's?"""

from typing import Literal, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import choice, scalar_level
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.intervals import ShareMethod, proportion_interval, share_intervals
from lhp_metrics.results import Row, Table, column, round_to_total
from lhp_metrics.tallies import GrantTally, RegistrationTally

__all__ = ["PartnerShare", "ShareOf", "partner_shares"]

ShareOf: TypeAlias = Literal["records", "successful"]


@attrs.frozen(kw_only=True)
class PartnerShare(Row):
    """A partner's part of the total, with the count it came from.

    `percent` is the share as printed: rounded so that the column adds up to 100. It is None
    where partners share records, since then no column of parts adds up.
    """

    count: int = column("Count", whole=True)
    share: Estimate = column("Share")
    percent: float | None = column("Percent", optional=True)


def partner_shares(
    tally: RegistrationTally | GrantTally,
    *,
    of: ShareOf = "records",
    method: ShareMethod = "goodman",
    confidence_level: float = 0.95,
    digits: int = 1,
) -> Table[PartnerShare]:
    """What part of the total is each partner's?

    Parameters
    ----------
    tally : RegistrationTally or GrantTally
        Whole counts per partner; a partner with none that belongs in the table is a key with 0.
    of : {"records", "successful"}, default "records"
        What is shared out: studies or applications, or (of grants) the successful ones.
    method : {"goodman", "quesenberry-hurst", "sison-glaz"}, default "goodman"
        Simultaneous intervals; see ``lhp_metrics.intervals.share_intervals``.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive), for all shares at once.
    digits : int, default 1
        Decimal places of `percent`.

    Returns
    -------
    Table of PartnerShare
        Shares of nothing are NaN with the interval (0, 1).

    Raises
    ------
    InvalidInputError
        If the tally has no groups, or counts parts of records.

    Notes
    -----
    The shares of one table depend on each other, so their intervals hold together: with 95 %
    confidence every one of them covers [1]_. Equal remainders in `percent` go to the larger
    count, then to the first key in alphabetical order, whatever the order of the rows.

    Where a record counts whole for each of its partners, a share is the proportion of records
    in which the partner takes part: the intervals are Wilson's, one by one, and there is no
    column that adds up to 100.

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
    choice("of", of, ("records", "successful"))
    level = scalar_level(confidence_level)
    count = _counts(tally, of)
    if not tally.keys:
        raise InvalidInputError("shares need a tally by partner; this one has only a total")
    parts, whole = count[:-1], count[-1]
    if tally.overlapping:
        method_used = "wilson"
        limits = proportion_interval(parts, whole, method="wilson", confidence_level=level)
        percent = np.full(len(parts), np.nan)
    else:
        method_used = method
        limits = share_intervals(parts, method=method, confidence_level=level)
        # In order of keys, so that ties do not depend on the order of the rows.
        order = sorted(range(len(parts)), key=lambda index: str(tally.keys[index]))
        percent = np.empty(len(parts))
        percent[order] = round_to_total(parts[order], digits=digits)
    with np.errstate(invalid="ignore"):
        value = count / whole
    whole_low, whole_high = (1.0, 1.0) if whole else (0.0, 1.0)
    return tally.as_table(
        PartnerShare,
        "Shares of partners",
        {
            "count": count,
            "share": Estimates(
                value,
                np.append(limits.low, whole_low),
                np.append(limits.high, whole_high),
                level,
                method_used,
                "proportion",
            ),
            "percent": np.append(percent, np.nan if tally.overlapping or not whole else 100.0),
        },
        provenance=tally.provenance(
            "partner-shares/1",
            basis=of,
            method=method_used + (", each on its own" if tally.overlapping else ", simultaneous"),
            confidence_level=level,
        ),
        specs={"percent": f".{digits}f"},
    )


def _counts(tally: RegistrationTally | GrantTally, of: ShareOf) -> NDArray[np.int64]:
    """Return what is shared out, one per group and the total at the end."""
    if tally.is_fractional:
        raise InvalidInputError(
            "shares need whole records, but this tally has attribution 'fractional': count with "
            "'lead' or 'whole'"
        )
    if isinstance(tally, RegistrationTally):
        if of != "records":
            raise InvalidInputError(f"registrations have no {of!r}; only of='records'")
        return tally.columns["registrations"]
    if of == "records":
        return tally.submitted
    if tally.columns["undisclosed"].any():
        raise InvalidInputError("of='successful' needs the split of decisions, not published here")
    return tally.columns["successful"]
