"""Cumulative incidence: how likely is each of several outcomes by now, where some wait still?"""

from collections.abc import Hashable, Iterable
from functools import cached_property

import attrs
import numpy as np
from numpy.typing import ArrayLike

from lhp_metrics._checks import (
    FloatArray,
    choice,
    counts,
    refuse_where,
    scalar_level,
)
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Estimate, Estimates, read_only
from lhp_metrics.intervals._life_tables import (
    IntArray,
    LifeTables,
    count_by_time,
    given_counts,
    group_row,
)
from lhp_metrics.intervals._survival_limits import SURVIVAL_METHODS, SurvivalMethod, curve_limits
from lhp_metrics.intervals.survival import SurvivalCurve

__all__ = ["CumulativeIncidence", "cumulative_incidence"]

ROUNDING = 1e-12  # A sum of shares that is 1 may miss it by this, and 1 has limits of its own.


@attrs.frozen(eq=False, repr=False, kw_only=True)
class CumulativeIncidence:
    """Aalen–Johansen curves of competing outcomes, for one group or for several.

    Made by `cumulative_incidence`, or by `from_counts` from counts by time.

    Parameters
    ----------
    times : ndarray of int, shape (t,)
        When something happened in any group, ascending.
    events : ndarray of int, shape (outcomes, groups, t)
        How many ended there, by outcome.
    censored : ndarray of int, shape (groups, t)
        How many were still waiting when last seen.
    keys : tuple
        The groups; empty for a single one.
    method : str
        How limits are made.
    confidence_level : float
        A fraction between 0 and 1.
    """

    times: IntArray = attrs.field(converter=read_only)
    events: IntArray = attrs.field(converter=read_only)
    censored: IntArray = attrs.field(converter=read_only)
    keys: tuple[Hashable, ...] = ()
    method: SurvivalMethod
    confidence_level: float

    @classmethod
    def from_counts(
        cls,
        events: Iterable[ArrayLike],
        censored: ArrayLike,
        *,
        times: ArrayLike | None = None,
        keys: Iterable[Hashable] = (),
        method: SurvivalMethod = "log-log",
        confidence_level: float = 0.95,
    ) -> "CumulativeIncidence":
        """Return the curves of durations that were counted already.

        Parameters
        ----------
        events : iterable of array of int, each of shape (t,) or (groups, t)
            One array of counts by time for each outcome.
        censored : array of int, of the same shape
            Counts of those still waiting.
        times : array of int, shape (t,), optional
            The times, ascending; 0, 1, 2, … by default.
        keys : iterable, optional
            One for each group.
        method, confidence_level
            As `cumulative_incidence` takes them.

        Examples
        --------
        >>> curves = CumulativeIncidence.from_counts([[0, 2, 0], [0, 0, 1]], [0, 0, 1])
        >>> curves.incidence[:, 0].tolist()
        [[0.5, 0.5], [0.0, 0.25]]
        """
        named = [("censored", censored)]
        named += [(f"events[{index}]", column) for index, column in enumerate(events)]
        if len(named) < 2:
            raise InvalidInputError("events must hold counts of one outcome at least")
        return _curves(given_counts(named, times, tuple(keys)), method, confidence_level)

    def __repr__(self) -> str:
        each = ", ".join(f"{int(n):,}" for n in self.events.sum(axis=(1, 2)))
        return f"CumulativeIncidence(events {each}; {int(self.censored.sum()):,} censored)"

    def __getitem__(self, key: Hashable) -> "CumulativeIncidence":
        """Return one group's curves."""
        row = group_row(self.keys, key)
        return attrs.evolve(self, events=self.events[:, row], censored=self.censored[row], keys=())

    @cached_property
    def waiting(self) -> SurvivalCurve:
        """The curve of those for whom nothing had happened: all outcomes as one event."""
        return SurvivalCurve(
            times=self.times,
            events=self.events.sum(axis=0),
            censored=self.censored,
            keys=self.keys,
            method=self.method,
            confidence_level=self.confidence_level,
        )

    @cached_property
    def incidence(self) -> FloatArray:
        """Probability of each outcome by each time, shape (outcomes, groups, t)."""
        total = np.cumsum(self._before * self._hazard, axis=2)
        return read_only(np.where(total > 1 - ROUNDING, 1.0, total))

    @property
    def _before(self) -> FloatArray:
        """Share still waiting just before each time."""
        waiting = self.waiting.survival
        return np.concatenate([np.ones((len(waiting), 1)), waiting], axis=1)[:, :-1]

    @property
    def _hazard(self) -> FloatArray:
        hazard: FloatArray = self.events / np.maximum(self.waiting.at_risk, 1)
        return hazard

    @cached_property
    def standard_error(self) -> FloatArray:
        """Standard errors of `incidence`, by the delta method."""
        at_risk = np.maximum(self.waiting.at_risk, 1).astype(np.float64)
        ended = self.events.sum(axis=0)
        left = at_risk - ended
        with np.errstate(divide="ignore", invalid="ignore"):
            # Once nobody waits the curves stand still: what this term multiplies is 0 from there.
            all_causes = np.where(left > 0, ended / (at_risk * left), 0.0)
        own = self._hazard
        f = self.incidence
        step = self._before * own / at_risk
        total = np.cumsum(all_causes, axis=1)
        variance = (
            f**2 * total
            - 2 * f * np.cumsum(f * all_causes, axis=2)
            + np.cumsum(f**2 * all_causes, axis=2)
            + np.cumsum(self._before * step * (1 - own), axis=2)
            - 2 * (f * np.cumsum(step, axis=2) - np.cumsum(f * step, axis=2))
        )
        return read_only(np.sqrt(np.maximum(variance, 0.0)))

    @cached_property
    def _limits(self) -> tuple[FloatArray, FloatArray]:
        ended = self.events.sum(axis=0)
        known = np.cumsum(ended, axis=1) + self.waiting.at_risk - ended
        return self._limits_of(self.incidence, self._relative_error, known)

    @property
    def _relative_error(self) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            relative: FloatArray = self.standard_error / self.incidence
        return relative

    def _limits_of(
        self, share: FloatArray, error: FloatArray, known: IntArray
    ) -> tuple[FloatArray, FloatArray]:
        return curve_limits(
            share,
            error,
            known.astype(np.float64),
            method=self.method,
            confidence_level=self.confidence_level,
        )

    @property
    def lower(self) -> FloatArray:
        """Lower limits of `incidence`; NaN where the method has none."""
        return read_only(self._limits[0])

    @property
    def upper(self) -> FloatArray:
        """Upper limits of `incidence`; NaN where the method has none."""
        return read_only(self._limits[1])

    def incidence_at(self, time: float, *, outcome: int = 1) -> Estimate:
        """Return the probability that an outcome had happened by `time`, that day included.

        Parameters
        ----------
        time : float
            At least 0, in the durations' unit.
        outcome : int, default 1
            Which, from 1 in the order in which they were given.

        Returns
        -------
        Estimate
            Limits that the method does not have are 0 and 1. After the last time at which
            anybody was seen the value is NaN with (0, 1), unless nobody was left waiting.

        Raises
        ------
        InvalidInputError
            If `time` is negative or not finite, there is no such outcome, or there are several
            groups.
        """
        if len(self.censored) != 1:
            raise InvalidInputError(
                f"the curves have groups {self.keys!r}: name one, as in curves[key], or ask for "
                "all with incidences_at"
            )
        return self.incidences_at(time, outcome=outcome)[0]

    def incidences_at(self, time: float, *, outcome: int = 1) -> Estimates:
        """Return `incidence_at` for every group."""
        if outcome not in range(1, len(self.events) + 1):
            raise InvalidInputError(
                f"outcome must be from 1 to {len(self.events)}; got {outcome!r}"
            )
        still = self.waiting.survivals_at(time)  # also checks the time
        place = int(np.searchsorted(self.times, float(time), side="right"))
        if place:
            value, error = (
                curve[outcome - 1, :, place - 1] for curve in (self.incidence, self._relative_error)
            )
        else:
            value, error = np.zeros(len(self.censored)), np.full(len(self.censored), np.nan)
        ended = self.events[:, :, self.times < time].sum(axis=(0, 2))
        low, high = self._limits_of(value, error, ended + self.waiting.at_risk_at(time))
        value = np.where(np.isnan(still.value), np.nan, value)
        known = ~np.isnan(value)
        return Estimates(
            value,
            np.where(known & ~np.isnan(low), low, 0.0),
            np.where(known & ~np.isnan(high), high, 1.0),
            self.confidence_level,
            self.method,
            "proportion",
        )


def cumulative_incidence(
    durations: ArrayLike,
    outcomes: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    method: SurvivalMethod = "log-log",
    confidence_level: float = 0.95,
) -> CumulativeIncidence:
    """Probability of each of several outcomes by time, of which only one can happen.

    Parameters
    ----------
    durations : array of int, shape (n,)
        Whole days (or weeks, or months) of at least 0, each until its outcome, or until it was
        last known to have none.
    outcomes : array of int, shape (n,)
        1, 2, … for the outcomes; 0 for none yet (censored).
    groups : array, shape (n,), optional
        Which group each belongs to.
    method : {"log-log", "log", "plain", "logit", "arcsin", "wilson"}
        How limits are made, as in `kaplan_meier`; the default is "log-log" [3]_.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).

    Returns
    -------
    CumulativeIncidence

    Raises
    ------
    InvalidInputError
        If a duration or an outcome is negative, not whole, or NaN, if lengths differ, or if an
        option is unknown.

    Notes
    -----
    The Aalen–Johansen estimator [1]_: at each time the share still waiting is handed out by the
    share of them that had the outcome. One minus a Kaplan–Meier curve that censors the other
    outcomes is larger: it answers how likely the outcome would be if the others could not
    happen. The variance is the delta method's [2]_; with a single outcome it is Greenwood's.

    References
    ----------
    .. [1] O. O. Aalen and S. Johansen (1978), Scandinavian Journal of Statistics 5, 141-150.
    .. [2] E. Marubini and M. G. Valsecchi (1995), Analysing Survival Data from Clinical Trials
       and Observational Studies, (10.12).
    .. [3] J. B. Choudhury (2002), Statistics in Medicine 21, 1129-1144.

    Examples
    --------
    >>> curves = cumulative_incidence([90, 120, 120, 200, 200], [1, 2, 0, 1, 0])
    >>> print(f"{curves.incidence_at(150):.0%}, {curves.incidence_at(150, outcome=2):.0%}")
    20% (1% to 58%), 20% (1% to 58%)
    """
    found = counts("outcomes", outcomes)
    refuse_where(found > 1000, found, "outcomes", "must be numbered from 1, without such a gap")
    causes = found.astype(np.int64)
    last = int(causes.max(initial=1))
    return _curves(count_by_time(durations, causes, last + 1, groups), method, confidence_level)


def _curves(
    tables: LifeTables, method: SurvivalMethod, confidence_level: float
) -> CumulativeIncidence:
    choice("method", method, SURVIVAL_METHODS)
    return CumulativeIncidence(
        times=tables.times,
        events=tables.left[1:],
        censored=tables.left[0],
        keys=tables.keys,
        method=method,
        confidence_level=scalar_level(confidence_level),
    )
