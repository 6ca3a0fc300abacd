"""Sums of money over the outcomes that metrics ask for, and the second moments of intervals."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics.models import Grant
from lhp_metrics.tallies._grouping import Grouping
from lhp_metrics.tallies._records import values_of

__all__ = ["MONEY", "Amounts", "money_columns"]

# Sums of pence are exact; second moments, which only intervals use, are float pounds squared.
# "paired" are decided applications of which both amounts are known: the request and, if they
# succeeded, the award.
MONEY: Mapping[str, type] = {
    "requested_pence": np.int64,
    "requested_decided_pence": np.int64,
    "requested_successful_pence": np.int64,
    "requested_pending_pence": np.int64,
    "awarded_pence": np.int64,
    "requested_squared": np.float64,
    "awarded_squared": np.float64,
    "requested_successful_squared": np.float64,
    "requested_unsuccessful_squared": np.float64,
    "largest_requested_decided_pence": np.int64,
    "without_amount": np.int64,
    "without_requested": np.int64,
    "without_award": np.int64,
    "paired": np.int64,
    "paired_requested_pence": np.int64,
    "paired_awarded_pence": np.int64,
    "paired_requested_squared": np.float64,
    "paired_awarded_squared": np.float64,
    "paired_awarded_times_requested": np.float64,
}


@attrs.frozen(kw_only=True)
class Amounts:
    """Money of each element, a record or a class of like records.

    Parameters
    ----------
    requested, awarded, largest_requested : ndarray of int64
        Pence, 0 where not stated: sums over the element's records, and their largest.
    requested_squared, awarded_squared, awarded_times_requested : ndarray of float64
        Second moments in pounds.
    requested_known, awarded_known : ndarray of int64
        1 where the amount is stated, else 0.
    """

    requested: NDArray[np.int64]
    awarded: NDArray[np.int64]
    largest_requested: NDArray[np.int64]
    requested_squared: NDArray[np.float64]
    awarded_squared: NDArray[np.float64]
    awarded_times_requested: NDArray[np.float64]
    requested_known: NDArray[np.int64]
    awarded_known: NDArray[np.int64]

    @classmethod
    def of(cls, grants: Sequence[Grant]) -> "Amounts":
        """Return the amounts of records."""
        requested, requested_known = _pence(values_of(grants, "amount_requested"))
        awarded, awarded_known = _pence(values_of(grants, "amount_awarded"))
        asked, got = requested / 100, awarded / 100
        return cls(
            requested=requested,
            awarded=awarded,
            largest_requested=requested,
            requested_squared=asked**2,
            awarded_squared=got**2,
            awarded_times_requested=got * asked,
            requested_known=requested_known,
            awarded_known=awarded_known,
        )


def money_columns(
    amounts: Amounts,
    counts: NDArray[np.int64],
    flags: Mapping[str, NDArray[np.int64]],
    groups: Grouping,
) -> dict[str, NDArray[Any]]:
    """Return the columns of `MONEY`.

    `counts` are the records of each element, and `flags` tell which outcome it has.
    """
    won, lost, pending = flags["successful"], flags["unsuccessful"], flags["pending"]
    decided = won + lost
    asked, got = amounts.requested_known, amounts.awarded_known
    paired = decided * asked * (1 - won * (1 - got))
    requested, awarded = amounts.requested, amounts.awarded
    asked_squared, got_squared = amounts.requested_squared, amounts.awarded_squared
    times = amounts.awarded_times_requested
    columns = {
        "requested_pence": groups.summed(requested),
        "requested_decided_pence": groups.summed(requested * decided),
        "requested_successful_pence": groups.summed(requested * won),
        "requested_pending_pence": groups.summed(requested * pending),
        "awarded_pence": groups.summed(awarded * won),
        "requested_squared": groups.summed(asked_squared, moment=2),
        "awarded_squared": groups.summed(got_squared * won, moment=2),
        "requested_successful_squared": groups.summed(asked_squared * won, moment=2),
        "requested_unsuccessful_squared": groups.summed(asked_squared * lost, moment=2),
        "largest_requested_decided_pence": groups.largest(amounts.largest_requested * decided),
        "without_amount": groups.summed(counts * (1 - asked) * decided),
        "without_requested": groups.summed(counts * (1 - asked)),
        "without_award": groups.summed(counts * (1 - got) * won),
        "paired": groups.summed(counts * paired),
        "paired_requested_pence": groups.summed(requested * paired),
        "paired_awarded_pence": groups.summed(awarded * won * paired),
        "paired_requested_squared": groups.summed(asked_squared * paired, moment=2),
        "paired_awarded_squared": groups.summed(got_squared * won * paired, moment=2),
        "paired_awarded_times_requested": groups.summed(times * won * paired, moment=2),
    }
    if groups.weight is None:
        return columns
    return columns | {
        "submitted_shared": groups.shared(counts.astype(np.float64)),
        "successful_shared": groups.shared((counts * won).astype(np.float64)),
        "requested_shared": groups.shared(asked_squared),
        "awarded_shared": groups.shared(got_squared * won),
    }


def _pence(
    amounts: Sequence[Decimal | None],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return amounts in pence, 0 for None, and which are known."""
    size = len(amounts)
    if not any(amounts):
        known = [amount is not None for amount in amounts]
        return np.zeros(size, dtype=np.int64), np.array(known, dtype=np.int64)
    pounds = np.array(amounts, dtype=np.float64)  # None becomes NaN
    stated = ~np.isnan(pounds)
    # Exact: an amount is below a million million pounds, so a float is off by less than a penny.
    pence = np.rint(np.where(stated, pounds, 0.0) * 100).astype(np.int64)
    return pence, stated.astype(np.int64)
