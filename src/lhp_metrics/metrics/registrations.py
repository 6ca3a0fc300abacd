"""Registration change: how did registrations change from one period to the next?"""

import math
from collections.abc import Iterator
from typing import Literal, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray, choice, scalar_level
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.intervals import (
    RateRatioMethod,
    rate_interval,
    rate_ratio_interval,
    rate_ratio_p_value,
)
from lhp_metrics.metrics._adjust import Adjustment, adjusted
from lhp_metrics.models import Period
from lhp_metrics.results import Columns, Row, Table, column
from lhp_metrics.tallies import RegistrationTally, aligned, spans

__all__ = [
    "Exposure",
    "Heterogeneity",
    "RegistrationChange",
    "RegistrationChanges",
    "registration_change",
]

Exposure: TypeAlias = Literal["days", "working_days"]

RATE_PER = 30
SMALL_BASE = 10  # A Poisson count of 10 has a relative standard deviation of 1/√10, 32 %.

POISSON_NOTE = (
    "Limits and p-values take registrations to vary as Poisson counts do; two periods cannot "
    "tell a change of pace from a change of definition, a backlog or the time of year."
)


@attrs.frozen(kw_only=True)
class RegistrationChange(Row):
    """Registrations of one partner in two periods, and what changed per day.

    `count_percent_change` compares the bare counts, `rate_percent_change` the counts per day:
    they differ as the periods' lengths do. Both are in per cent, and None on a base of 0.
    `base_note` says where a percentage means little because the base is below 10: chance alone
    then moves such a count by a third of itself or more. `total_ratio_without` is the rate ratio
    of the total without this partner.
    """

    before: int = column("Before", whole=True)
    after: int = column("After", whole=True)
    count_change: int = column("Change", whole=True, spec="+,")
    count_percent_change: float | None = column("Change of count, %", spec="+.1f", optional=True)
    before_rate: Estimate = column("Before, per 30 days")
    after_rate: Estimate = column("After, per 30 days")
    rate_ratio: Estimate = column("Rate ratio")
    rate_percent_change: float | None = column("Change of rate, %", spec="+.0f", optional=True)
    p_value: float | None = column("p", spec="p", optional=True)
    p_adjusted: float | None = column("p, adjusted", spec="p", optional=True)
    contribution: float = column("Contribution per 30 days", spec="+.2f")
    base_note: str | None = column("Note", optional=True)
    total_ratio_without: Estimate = column("")


@attrs.frozen
class Heterogeneity:
    """Whether the partners changed alike: the conditional chi-squared test.

    Parameters
    ----------
    statistic : float
        Pearson's chi-squared of the partners' counts given each partner's total of both
        periods; NaN where nothing was registered in one of the periods.
    degrees_of_freedom : int
        Number of partners with registrations, less one.
    p_value : float
        Chance of a statistic at least as large if all partners had one rate ratio.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float


@attrs.frozen(eq=False, repr=False, kw_only=True)
class RegistrationChanges(Table[RegistrationChange]):
    """The table of `registration_change`, with what qualifies its total.

    Parameters
    ----------
    heterogeneity : Heterogeneity
        Whether one ratio can stand for all partners.
    """

    heterogeneity: Heterogeneity

    @property
    def dispersion(self) -> float:
        """The heterogeneity statistic per degree of freedom: about 1 is what chance gives."""
        degrees = self.heterogeneity.degrees_of_freedom
        return self.heterogeneity.statistic / degrees if degrees else math.nan


def registration_change(
    before: RegistrationTally,
    after: RegistrationTally,
    *,
    exposure: Exposure = "days",
    method: RateRatioMethod = "mid-p",
    adjust: Adjustment = "holm",
    confidence_level: float = 0.95,
) -> RegistrationChanges:
    """How did registrations change from one period to the next?

    Parameters
    ----------
    before, after : RegistrationTally
        Counted in the same way in two periods that do not overlap; they need be neither
        adjoining nor of one length.
    exposure : {"days", "working_days"}, default "days"
        What the rates are per: calendar days, or days that are neither weekend nor bank
        holiday in England.
    method : {"mid-p", "exact", "score", ...}, default "mid-p"
        Interval and test for the rate ratio; see
        ``lhp_metrics.intervals.rate_ratio_interval``. Rates have exact intervals.
    adjust : {"holm", "benjamini-hochberg", "none"}, default "holm"
        How `p_adjusted` allows for the number of partners; the total is not one of them.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).

    Returns
    -------
    RegistrationChanges
        A `Table` of `RegistrationChange`. On a base of no registrations the ratio is infinite
        with a finite lower limit and the percentages are None; 0 against 0 has the ratio NaN
        with the limits (0, inf). A method without a test gives `p_value` None.

    Raises
    ------
    InvalidInputError
        If a tally has no period, the periods overlap or are in reverse, the tallies were
        counted differently, or count parts of studies.

    Notes
    -----
    Given how many studies a partner registered in both periods, the later ones are binomial,
    and under no change their expected part is the later period's part of the exposure: unequal
    lengths need no further correction, and zeros no special case [1]_ [2]_.

    The heterogeneity test asks whether one ratio can stand for all partners. Where it cannot,
    the total's ratio describes the mix of these partners and no one of them.

    References
    ----------
    .. [1] K. Gu, H. K. T. Ng, M. L. Tang and W. R. Schucany (2008), Biometrical Journal 50,
       283-298.
    .. [2] M. P. Fay (2010), Biostatistics 11, 373-374.

    Examples
    --------
    >>> from lhp_metrics import Period, RegistrationTally, registration_change
    >>> spark = RegistrationTally.from_counts(
    ...     {"REM": 107, "REN": 1}, period=Period("2023-04-01", "2023-11-19"))
    >>> jro = RegistrationTally.from_counts(
    ...     {"REM": 69, "REN": 34}, period=Period("2023-11-20", "2024-03-31"))
    >>> change = registration_change(spark, jro)
    >>> change["REM"].rate_ratio.value.__round__(2)
    1.13
    >>> print(change["REN"].rate_ratio)
    59.56 (11.43 to 1,224)
    """
    choice("exposure", exposure, ("days", "working_days"))
    level = scalar_level(confidence_level)
    periods = _comparable(before, after)
    before, after = aligned(before, after)
    days = [_days(period, exposure) for period in periods]
    first, last = (tally.columns["registrations"].astype(np.float64) for tally in (before, after))
    if after.overlapping:  # Groups are then not independent, nor is a total without one known.
        heterogeneity = Heterogeneity(math.nan, 0, math.nan)
        without = _ratio(0 * first, 0 * last, days, method, level)
    else:
        heterogeneity = _heterogeneity(first[:-1], last[:-1])
        without = _ratio(_without_each(first), _without_each(last), days, method, level)
    before_rate, after_rate = (
        _rate(count, length, level) for count, length in zip((first, last), days, strict=True)
    )
    ratio = _ratio(first, last, days, method, level)
    p_value = _p_value(first, last, days, method)
    columns: dict[str, Columns] = {
        "before": first,
        "after": last,
        "count_change": last - first,
        "count_percent_change": _percent(last / np.where(first > 0, first, np.nan)),
        "before_rate": before_rate,
        "after_rate": after_rate,
        "rate_ratio": ratio,
        "rate_percent_change": _percent(ratio.value),
        "p_value": p_value,
        "p_adjusted": np.append(adjusted(p_value[:-1], adjust), np.nan),
        "contribution": after_rate.value - before_rate.value,
        "base_note": _base_note(first),
        "total_ratio_without": without,
    }
    return RegistrationChanges(
        row_type=RegistrationChange,
        title="Change in registrations",
        by=after.by,
        keys=after.keys,
        names=tuple(map(after.name_of, after.keys)),
        columns=columns,
        provenance=after.provenance(
            "registration-change/1",
            periods=spans(dict(zip(("before", "after"), periods, strict=True))),
            exposure=exposure.replace("_", " "),
            method=f"{method} for ratios, exact for rates",
            confidence_level=level,
            notes=(POISSON_NOTE, *_uneven_note(heterogeneity, level)),
        ),
        heterogeneity=heterogeneity,
    )


def _comparable(before: RegistrationTally, after: RegistrationTally) -> tuple[Period, Period]:
    """Return the two periods, or refuse tallies that cannot be compared."""
    for name, tally in (("before", before), ("after", after)):
        if tally.is_fractional:
            raise InvalidInputError(
                f"{name} counts parts of studies (attribution 'fractional'), and tests need "
                "whole ones: count with 'lead' or 'whole'"
            )
    if before.period is None or after.period is None:
        name = "before" if before.period is None else "after"
        raise InvalidInputError(f"{name} has no period, so its registrations have no rate")
    if before.period.overlaps(after.period):
        raise InvalidInputError(f"before ({before.period}) and after ({after.period}) overlap")
    if before.period > after.period:
        raise InvalidInputError(f"before ({before.period}) is later than after ({after.period})")
    return before.period, after.period


def _days(period: Period, exposure: Exposure) -> float:
    days = period.days if exposure == "days" else period.working_days
    if not days:
        raise InvalidInputError(f"{period} has no working days, so its registrations have no rate")
    return float(days)


def _rate(count: FloatArray, days: float, level: float) -> Estimates:
    limits = rate_interval(count, days, method="exact", confidence_level=level)
    value, low, high = (RATE_PER * rate for rate in (count / days, *limits))
    return Estimates(value, low, high, level, "exact", f"per {RATE_PER} days")


def _ratio(
    first: FloatArray, last: FloatArray, days: list[float], method: RateRatioMethod, level: float
) -> Estimates:
    low, high = rate_ratio_interval(
        last, days[1], first, days[0], method=method, confidence_level=level
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (last / days[1]) / (first / days[0])
    return Estimates(value, low, high, level, method, "ratio")


def _p_value(
    first: FloatArray, last: FloatArray, days: list[float], method: RateRatioMethod
) -> FloatArray:
    if method == "mover-score":  # An interval made of two intervals: there is no test behind it.
        return np.full(len(first), np.nan)
    return rate_ratio_p_value(last, days[1], first, days[0], method=method)


def _percent(ratio: FloatArray) -> FloatArray:
    """Return a ratio as percentage change; NaN where it has no base."""
    return np.where(np.isfinite(ratio), 100 * (ratio - 1), np.nan)


def _base_note(first: FloatArray) -> NDArray[np.object_]:
    note = np.full(len(first), None, dtype=object)
    note[first < SMALL_BASE] = "small base"
    note[first == 0] = "no base"
    return note


def _without_each(counts: FloatArray) -> FloatArray:
    """Return the total without each group in turn; the last element is the total itself."""
    return np.append(counts[-1] - counts[:-1], counts[-1])


def _heterogeneity(first: FloatArray, last: FloatArray) -> Heterogeneity:
    from scipy.special import gammaincc

    both = first + last
    first, last, both = (values[both > 0] for values in (first, last, both))
    degrees = max(len(both) - 1, 0)
    if not degrees or not first.any() or not last.any():
        return Heterogeneity(math.nan, degrees, math.nan)
    part = last.sum() / both.sum()
    statistic = float(((last - both * part) ** 2 / (both * part * (1 - part))).sum())
    p_value = float(gammaincc(degrees / 2, statistic / 2))
    return Heterogeneity(statistic, degrees, p_value)


def _uneven_note(found: Heterogeneity, level: float) -> Iterator[str]:
    if found.p_value < 1 - level:
        yield (
            f"The groups did not change alike (χ² = {found.statistic:.1f} on "
            f"{found.degrees_of_freedom} df): the total's ratio speaks for none of them."
        )
