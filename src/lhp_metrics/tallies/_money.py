"""Sums of money over the outcomes that metrics ask for, and the second moments of intervals."""

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics.tallies._grouping import Grouping
from lhp_metrics.tallies._keys import refuse_overflow
from lhp_metrics.tallies._outcomes import OUTCOMES
from lhp_metrics.tallies._records import numbered

__all__ = ["MONEY", "Amounts", "condensed", "outcome_columns"]

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
    def of(cls, grants: NDArray[Any]) -> "Amounts":
        """Return the amounts of records, given their facts."""
        requested_known = (grants["requested"] >= 0).astype(np.int64)
        awarded_known = (grants["awarded"] >= 0).astype(np.int64)
        requested = np.maximum(grants["requested"], 0)
        awarded = np.maximum(grants["awarded"], 0)
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


def condensed(
    amounts: Amounts, outcomes: NDArray[np.int64], groups: Grouping
) -> tuple[Amounts, NDArray[np.int64], NDArray[np.int64], Grouping]:
    """Return records as classes of like ones: their money, how many, their outcome and group.

    Where records stand in several groups or in parts, each stays a class of its own.
    """
    size = len(outcomes)
    if groups.weight is not None or len(groups.record) not in (0, size):
        return amounts, np.ones(size, dtype=np.int64), outcomes, groups
    group = groups.group if len(groups.record) else np.zeros(size, dtype=np.intp)
    codes = (group * len(OUTCOMES) + outcomes) * 2 + amounts.requested_known
    most = 4 * len(OUTCOMES) * max(len(groups.keys), 1)
    kinds, place = numbered(codes * 2 + amounts.awarded_known, most)

    def gathered(values: NDArray[Any], gather: np.ufunc = np.add) -> NDArray[Any]:
        column = np.zeros(len(kinds), dtype=values.dtype)
        if values.any():  # many offices keep no amounts
            gather.at(column, place, values)
        return column

    def total(values: NDArray[Any]) -> NDArray[Any]:
        if values.dtype.kind == "i":
            refuse_overflow(float(values.sum(dtype=float)))
        return gathered(values)

    classes = Amounts(
        requested=total(amounts.requested),
        awarded=total(amounts.awarded),
        largest_requested=gathered(amounts.largest_requested, np.maximum),
        requested_squared=total(amounts.requested_squared),
        awarded_squared=total(amounts.awarded_squared),
        awarded_times_requested=total(amounts.awarded_times_requested),
        requested_known=kinds // 2 % 2,
        awarded_known=kinds % 2,
    )
    every = np.arange(len(kinds) if len(groups.record) else 0, dtype=np.intp)
    where = attrs.evolve(groups, record=every, group=kinds[: len(every)] // (4 * len(OUTCOMES)))
    counts = np.bincount(place, minlength=len(kinds)).astype(np.int64)
    return classes, counts, kinds // 4 % len(OUTCOMES), where


def outcome_columns(
    amounts: Amounts,
    counts: NDArray[np.int64],
    outcomes: NDArray[np.int64],
    groups: Grouping,
) -> dict[str, NDArray[Any]]:
    """Return the records by outcome, and the columns of `MONEY`.

    `counts` are the records of each element, and `outcomes` its place in `OUTCOMES`.
    """
    flags = {name: (outcomes == i).astype(np.int64) for i, name in enumerate(OUTCOMES)}
    columns = {name: groups.summed(counts * flag) for name, flag in flags.items()}
    columns["undisclosed"] = 0 * columns["pending"]
    won, lost, pending = flags["successful"], flags["unsuccessful"], flags["pending"]
    decided = won + lost
    asked, got = amounts.requested_known, amounts.awarded_known
    paired = decided * asked * (1 - won * (1 - got))
    requested, awarded = amounts.requested, amounts.awarded
    asked_squared, got_squared = amounts.requested_squared, amounts.awarded_squared
    times = amounts.awarded_times_requested
    columns |= {
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
