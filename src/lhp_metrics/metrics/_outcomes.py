"""Numerator, denominator and pending of a success rate: what all metrics of grants start from."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray, choice, of_kind
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.tallies import GrantTally, OutcomeCounts, is_unstated

__all__ = [
    "BASES",
    "ONE_IS_TRUE",
    "Basis",
    "Outcomes",
    "as_grant_tally",
    "hidden_note",
    "outcomes",
    "quotient",
]

Basis: TypeAlias = Literal["decided", "submitted", "considered"]

BASES: Mapping[str, str] = {
    "decided": "applications with a decision",
    "submitted": "all applications submitted",
    "considered": "applications considered: all but the withdrawn and those not considered",
}
ONE_IS_TRUE = "The number of successes is not known: one of these rows is true."


@attrs.frozen(eq=False, kw_only=True)
class Outcomes:
    """Counts for rates on one basis, one element per group; 0 of 0 where the split is hidden.

    Parameters
    ----------
    known, settled, rated : ndarray of bool
        Whether it is known how the decisions split, besides how many are pending, and all that
        the rate needs.
    successes, trials : ndarray of float
        The rate's numerator and denominator.
    pending : ndarray of float
        Applications still open.
    final : ndarray of float
        What the denominator will be once nothing is pending; 0 where that is not known.
    """

    known: NDArray[np.bool_]
    settled: NDArray[np.bool_]
    rated: NDArray[np.bool_]
    successes: FloatArray
    trials: FloatArray
    pending: FloatArray
    final: FloatArray

    @property
    def rate(self) -> FloatArray:
        """Successes of trials; NaN where there are none."""
        return quotient(self.successes, self.trials)

    @property
    def worst(self) -> FloatArray:
        """The rate if every pending application fails."""
        return quotient(self.fewest, self.final)

    @property
    def best(self) -> FloatArray:
        """The rate if every pending application succeeds."""
        return quotient(self.most, self.final)

    @property
    def fewest(self) -> FloatArray:
        """Successes in the end if every pending application fails."""
        return np.where(self.settled, self.successes, 0.0)

    @property
    def most(self) -> FloatArray:
        """Successes in the end if every pending application succeeds."""
        return np.where(self.settled, self.successes + self.pending, 0.0)


def outcomes(columns: Mapping[str, NDArray[Any]], basis: Basis) -> Outcomes:
    """Return the counts of a rate from a tally's columns, or from parts or sums of them.

    Where nobody stated how many are pending, a rate of more than the decided is not known.
    """
    choice("basis", basis, BASES)
    part = {name: values.astype(np.float64) for name, values in columns.items()}
    known = part["undisclosed"] == 0
    won, pending = part["successful"], part["pending"]
    decided = won + part["unsuccessful"] + part["undisclosed"]
    considered = decided + pending
    submitted = considered + part["withdrawn"] + part["not_considered"]
    final = submitted if basis == "submitted" else considered
    settled = known & ~is_unstated(part, "pending")
    trials, rated = (decided, known) if basis == "decided" else (final, settled)
    return Outcomes(
        known=known,
        settled=settled,
        rated=rated,
        successes=np.where(rated, won, 0.0),
        trials=np.where(rated, trials, 0.0),
        pending=pending,
        final=np.where(settled, final, 0.0),
    )


def quotient(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Return part of whole; NaN where the whole is 0."""
    return part / np.where(whole > 0, whole, np.nan)


def as_grant_tally(name: str, counts: GrantTally | OutcomeCounts, wanted: str) -> GrantTally:
    """Return a tally of whole applications; `wanted` is what the message says needs them."""
    of_kind(name, counts, (GrantTally, OutcomeCounts))
    if isinstance(counts, OutcomeCounts):
        tally = GrantTally.from_counts({"all": counts})
        total = {column: values[-1:] for column, values in tally.columns.items()}
        counts = attrs.evolve(tally, by=(), keys=(), columns=total)
    if counts.is_fractional:
        raise InvalidInputError(
            f"{wanted} need whole applications, but this tally has attribution 'fractional': "
            "count with 'lead' or 'whole'"
        )
    return counts


def hidden_note(tally: GrantTally) -> tuple[str, ...]:
    """Name the groups of which nobody published how the decisions split."""
    undisclosed = tally.columns["undisclosed"]
    if not tally.keys and undisclosed.any():
        return ("How the decisions split is not published.",)
    hidden = np.flatnonzero(undisclosed[:-1])
    names = ", ".join(tally.name_of(tally.keys[index]) for index in hidden.tolist())
    return (f"How decisions split is not published: {names}.",) * bool(names)
