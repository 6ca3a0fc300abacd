"""Sums of money over the outcomes that metrics ask for, and the second moments of intervals."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lhp_metrics.models import Grant
from lhp_metrics.tallies._grouping import Grouping

__all__ = ["MONEY", "money_columns"]

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


def money_columns(
    grants: Sequence[Grant], flags: Mapping[str, NDArray[np.int64]], groups: Grouping
) -> dict[str, NDArray[Any]]:
    """Return the columns of `MONEY`; `flags` tell which grant has which outcome."""
    requested = _pence([grant.amount_requested for grant in grants])
    awarded = _pence([grant.amount_awarded for grant in grants])
    no_request = _missing([grant.amount_requested for grant in grants])
    no_award = _missing([grant.amount_awarded for grant in grants])
    won, lost, pending = flags["successful"], flags["unsuccessful"], flags["pending"]
    decided = won + lost
    paired = decided * (1 - no_request) * (1 - won * no_award)
    asked, got = requested / 100, awarded / 100
    columns = {
        "requested_pence": groups.summed(requested),
        "requested_decided_pence": groups.summed(requested * decided),
        "requested_successful_pence": groups.summed(requested * won),
        "requested_pending_pence": groups.summed(requested * pending),
        "awarded_pence": groups.summed(awarded * won),
        "requested_squared": groups.summed(asked**2, moment=2),
        "awarded_squared": groups.summed(got**2 * won, moment=2),
        "requested_successful_squared": groups.summed(asked**2 * won, moment=2),
        "requested_unsuccessful_squared": groups.summed(asked**2 * lost, moment=2),
        "largest_requested_decided_pence": groups.largest(requested * decided),
        "without_amount": groups.summed(no_request * decided),
        "without_requested": groups.summed(no_request),
        "without_award": groups.summed(no_award * won),
        "paired": groups.summed(paired),
        "paired_requested_pence": groups.summed(requested * paired),
        "paired_awarded_pence": groups.summed(awarded * won * paired),
        "paired_requested_squared": groups.summed(asked**2 * paired, moment=2),
        "paired_awarded_squared": groups.summed(got**2 * won * paired, moment=2),
        "paired_awarded_times_requested": groups.summed(got * asked * won * paired, moment=2),
    }
    if groups.weight is None:
        return columns
    return columns | {
        "submitted_shared": groups.shared(np.ones(len(grants))),
        "successful_shared": groups.shared(won.astype(np.float64)),
        "requested_shared": groups.shared(asked**2),
        "awarded_shared": groups.shared(got**2 * won),
    }


def _pence(amounts: Sequence[Decimal | None]) -> NDArray[np.int64]:
    return np.array([0 if a is None else int(a * 100) for a in amounts], dtype=np.int64)


def _missing(amounts: Sequence[Decimal | None]) -> NDArray[np.int64]:
    return np.array([amount is None for amount in amounts], dtype=np.int64)
