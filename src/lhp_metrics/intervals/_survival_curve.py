"""`SurvivalCurve`: counts by time, and what follows from them."""

from collections.abc import Hashable, Iterable
from functools import cached_property

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics._checks import (
    FloatArray,
    choice,
    numbers,
    refuse_where,
    scalar_level,
)
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Estimate, Estimates, read_only
from lhp_metrics.intervals._frame import two_sided_quantile
from lhp_metrics.intervals._life_tables import IntArray, LifeTables, given_counts, group_row
from lhp_metrics.intervals._survival_limits import SURVIVAL_METHODS, SurvivalMethod, curve_limits

__all__ = ["SurvivalCurve", "curve_of"]

# Curves that are computed reach a half only to within rounding.
TIE = 1.5e-8


@attrs.frozen(eq=False, repr=False, kw_only=True)
class SurvivalCurve:
    """Kaplan–Meier curves over one time axis: one for each group, or a single one.

    Made by ``kaplan_meier`` from durations, or by `from_counts` from counts by time. Arrays have a
    row for each group, or one row; ``curve["REM"]`` is one group's curve.

    Parameters
    ----------
    times : ndarray of int, shape (t,)
        When something happened in any group, ascending, in the durations' unit.
    events, censored : ndarray of int, shape (groups, t)
        How many ended there by the event, and how many were still waiting when last seen.
    keys : tuple
        The groups; empty for a single curve.
    method : str
        How limits are made.
    confidence_level : float
        A fraction between 0 and 1.

    Examples
    --------
    >>> from lhp_metrics.intervals import kaplan_meier
    >>> curve = kaplan_meier([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161],
    ...                      [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0])
    >>> print(curve.quantile(0.5))
    31 (13 to not reached)
    >>> print(f"{curve.survival_at(30):.0%}")
    61% (27% to 84%)
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
        events: ArrayLike,
        censored: ArrayLike,
        *,
        times: ArrayLike | None = None,
        keys: Iterable[Hashable] = (),
        method: SurvivalMethod = "log-log",
        confidence_level: float = 0.95,
    ) -> "SurvivalCurve":
        """Return the curves of durations that were counted already.

        Parameters
        ----------
        events, censored : array of int, shape (t,) or (groups, t)
            Counts by time.
        times : array of int, shape (t,), optional
            The times, ascending; 0, 1, 2, … by default.
        keys : iterable, optional
            One for each group.
        method, confidence_level
            As ``kaplan_meier`` takes them.

        Raises
        ------
        InvalidInputError
            If counts are negative or not whole, or shapes do not fit.

        Examples
        --------
        >>> SurvivalCurve.from_counts([0, 2, 1], [0, 0, 1]).survival.tolist()
        [[0.5, 0.25]]
        """
        counts = [("censored", censored), ("events", events)]
        return curve_of(given_counts(counts, times, tuple(keys)), method, confidence_level)

    def __repr__(self) -> str:
        groups = f" in {len(self.keys)} groups" if self.keys else ""
        events, total = int(self.events.sum()), int(self.events.sum() + self.censored.sum())
        return f"SurvivalCurve({events:,} events of {total:,}{groups})"

    def __getitem__(self, key: Hashable) -> "SurvivalCurve":
        """Return one group's curve."""
        row = group_row(self.keys, key)
        return attrs.evolve(self, events=self.events[row], censored=self.censored[row], keys=())

    @cached_property
    def at_risk(self) -> IntArray:
        """Number still waiting just before each time, shape (groups, t)."""
        leaving = self.events + self.censored
        return read_only(np.cumsum(leaving[:, ::-1], axis=1)[:, ::-1])

    @cached_property
    def survival(self) -> FloatArray:
        """Share for whom it had not happened after each time, shape (groups, t)."""
        waiting = np.maximum(self.at_risk, 1)
        return read_only(np.cumprod((waiting - self.events) / waiting, axis=1))

    @cached_property
    def standard_error(self) -> FloatArray:
        """Greenwood's standard error of the logarithm of `survival`; NaN where that is 0."""
        left = self.at_risk - self.events
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = np.where(self.events > 0, self.events / (self.at_risk * left), 0.0)
            error = np.sqrt(np.cumsum(steps, axis=1))
        return read_only(np.where(np.isfinite(error), error, np.nan))

    @cached_property
    def _limits(self) -> tuple[FloatArray, FloatArray]:
        known = np.cumsum(self.events, axis=1) + self.at_risk - self.events
        return self._limits_of(self.survival, self.standard_error, known)

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
        """Lower limits of `survival`; NaN where the method has none."""
        return read_only(self._limits[0])

    @property
    def upper(self) -> FloatArray:
        """Upper limits of `survival`; NaN where the method has none."""
        return read_only(self._limits[1])

    def _single(self) -> None:
        if len(self.events) != 1:
            raise InvalidInputError(
                f"the curves have groups {self.keys!r}: name one, as in curve[key], or ask for "
                "all with quantiles, survivals_at or restricted_means"
            )

    def quantile(self, p: float) -> Estimate:
        """Return the time by which it had happened for the share `p`, such as 0.5.

        Parameters
        ----------
        p : float
            Between 0 and 1 (exclusive): 0.5 for the median, 0.25 for the time of the fastest
            quarter.

        Returns
        -------
        Estimate
            The first time at which the curve is at or below 1 − p; where it stays at exactly
            that, the middle of the flat stretch. Limits are where the curve's own limits do so.
            What is not reached is inf, and prints as "not reached". Where the method has no
            limits (no event at all; everyone at once) they are 0 and inf. Without anybody the
            value is NaN with (0, inf).

        Raises
        ------
        InvalidInputError
            If `p` is not between 0 and 1, or there are several groups.
        """
        self._single()
        return self.quantiles(p)[0]

    def quantiles(self, p: float) -> Estimates:
        """Return `quantile` for every group."""
        share = numbers("p", p)
        refuse_where(~((share > 0) & (share < 1)), share, "p", "must be between 0 and 1")
        if share.ndim:
            raise InvalidInputError(f"p must be one number; got shape {share.shape}")
        level = 1 - float(share)
        value = self._first_at_or_below(self.survival, level)
        low = self._first_at_or_below(self.lower, level)
        high = self._first_at_or_below(self.upper, level)
        # The limit of a curve that is still 1 follows those at risk down, also between times.
        still = np.cumsum(self.events, axis=1) == self.events
        before, _ = self._limits_of(np.ones(still.shape), np.zeros(still.shape), self.at_risk)
        starts = np.concatenate([[0.0], self.times])[:-1]
        early = np.where(still & (before <= level), starts, np.inf).min(axis=1, initial=np.inf)
        low = np.minimum(low, early)
        none = ~(self.events.sum(axis=1) > 0)
        low = np.where(none | (np.isinf(low) & np.isfinite(value)), 0.0, low)
        value = np.where(self._empty, np.nan, value)
        return Estimates(value, low, high, self.confidence_level, self.method, "days")

    @property
    def _empty(self) -> NDArray[np.bool_]:
        empty: NDArray[np.bool_] = (self.events + self.censored).sum(axis=1) == 0
        return empty

    @cached_property
    def _last(self) -> FloatArray:
        """The last time at which anybody of a group was seen; 0 without anybody."""
        if not len(self.times):
            return np.zeros(len(self.events))
        seen = (self.events + self.censored) > 0
        place = len(self.times) - 1 - np.argmax(seen[:, ::-1], axis=1)
        return np.where(seen.any(axis=1), self.times[place], 0).astype(np.float64)

    def _first_at_or_below(self, curves: FloatArray, level: float) -> FloatArray:
        """Return when each curve first is at or below a level, by the middle of a flat stretch."""
        if not len(self.times):
            return np.full(len(curves), np.inf)
        found = np.empty((2, len(curves)))
        for side, bound in enumerate((level + TIE, level - TIE)):
            below = curves <= bound  # NaN, where a method has no limit, is not.
            place = np.argmax(below, axis=1)
            found[side] = np.where(below.any(axis=1), self.times[place], np.inf)
        flat = np.isfinite(found[0]) & np.isinf(found[1])
        crossed: FloatArray = np.where(flat, found[0] + self._last, found.sum(axis=0)) / 2
        return crossed

    def survival_at(self, time: float) -> Estimate:
        """Return the share for whom it had not happened by `time`, that day included.

        Parameters
        ----------
        time : float
            At least 0, in the durations' unit.

        Returns
        -------
        Estimate
            Limits that the method does not have are 0 and 1. After the last time at which
            anybody was seen the value is NaN with (0, 1), unless the curve has reached 0.

        Raises
        ------
        InvalidInputError
            If `time` is negative or not finite, or there are several groups.
        """
        self._single()
        return self.survivals_at(time)[0]

    def survivals_at(self, time: float) -> Estimates:
        """Return `survival_at` for every group."""
        moment = _moment("time", time)
        place = int(np.searchsorted(self.times, moment, side="right"))
        if place:
            value, error = self.survival[:, place - 1], self.standard_error[:, place - 1]
        else:  # Nobody has left: what holds at the start.
            value, error = np.ones(len(self.events)), np.zeros(len(self.events))
        known = self.events[:, self.times < moment].sum(axis=1) + self.at_risk_at(moment)
        low, high = self._limits_of(value, error, known)
        reached = (moment <= self._last) | (value == 0)
        value = np.where(~self._empty & reached, value, np.nan)
        known = ~np.isnan(value)
        return Estimates(
            value,
            np.where(known & ~np.isnan(low), low, 0.0),
            np.where(known & ~np.isnan(high), high, 1.0),
            self.confidence_level,
            self.method,
            "proportion",
        )

    def at_risk_at(self, times: ArrayLike) -> IntArray:
        """Return how many were still waiting just before each of `times`, shape (groups, times).

        Parameters
        ----------
        times : array of float
            In the durations' unit.
        """
        place = np.searchsorted(self.times, numbers("times", times), side="left")
        waiting = np.concatenate([self.at_risk, np.zeros((len(self.events), 1), np.int64)], axis=1)
        return waiting[:, place]

    def restricted_mean(self, upto: float | None = None) -> Estimate:
        """Return the mean time waited within the first `upto`: the area under the curve.

        Parameters
        ----------
        upto : float, optional
            The last time at which anybody was seen, by default.

        Returns
        -------
        Estimate
            Value ± normal quantile × standard error, cut to 0 and `upto`; NaN with (0, upto)
            without anybody.

        Raises
        ------
        InvalidInputError
            If nobody was followed as long as `upto` while some were still waiting, or there are
            several groups.

        References
        ----------
        .. [1] J. P. Klein and M. L. Moeschberger (2003), Survival Analysis, 2nd ed., (4.5.1-2).
        """
        self._single()
        return self.restricted_means(upto)[0]

    def restricted_means(self, upto: float | None = None) -> Estimates:
        """Return `restricted_mean` for every group, of one `upto`.

        By default that is the longest for which every group's curve is known, so that the means
        can be compared.
        """
        end, mean, error = self.areas(upto)
        reach = two_sided_quantile(self.confidence_level) * error
        low, high = np.maximum(mean - reach, 0.0), np.minimum(mean + reach, end)
        none = np.isnan(mean)
        return Estimates(
            mean,
            np.where(none, 0.0, low),
            np.where(none, end, high),
            self.confidence_level,
            "greenwood",
            "days",
        )

    def areas(self, upto: float | None = None) -> tuple[float, FloatArray, FloatArray]:
        """Return `upto`, and each group's restricted mean with its standard error."""
        open_ended = ~self._empty & (self.survival > 0).all(axis=1)
        if upto is not None:
            end = _moment("upto", upto)
        elif open_ended.any():
            end = float(self._last[open_ended].min())
        else:  # A curve that has come down to 0 stays there.
            end = float(self._last.max())
        short = open_ended & (self._last < end)
        if short.any():
            raise InvalidInputError(
                f"nobody was followed to {end:g}: the longest was {self._last[short].min():g}"
            )
        inside = self.times < end
        edges = np.concatenate([[0.0], self.times[inside], [end]])
        heights = np.concatenate([np.ones((len(self.events), 1)), self.survival[:, inside]], axis=1)
        parts = heights * np.diff(edges)
        after = np.cumsum(parts[:, ::-1], axis=1)[:, ::-1][:, 1:]
        left = (self.at_risk - self.events)[:, inside]
        events, waiting = self.events[:, inside], self.at_risk[:, inside]
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = np.where(left > 0, events / (waiting * left), 0.0)
        mean, error = parts.sum(axis=1), np.sqrt((after**2 * steps).sum(axis=1))
        return end, np.where(self._empty, np.nan, mean), np.where(self._empty, np.nan, error)


def curve_of(tables: LifeTables, method: SurvivalMethod, confidence_level: float) -> SurvivalCurve:
    choice("method", method, SURVIVAL_METHODS)
    return SurvivalCurve(
        times=tables.times,
        events=tables.left[1],
        censored=tables.left[0],
        keys=tables.keys,
        method=method,
        confidence_level=scalar_level(confidence_level),
    )


def _moment(name: str, value: float) -> float:
    moment = numbers(name, value)
    refuse_where(~((moment >= 0) & np.isfinite(moment)), moment, name, "must be finite, at least 0")
    if moment.ndim:
        raise InvalidInputError(f"{name} must be one number; got shape {moment.shape}")
    return float(moment)
