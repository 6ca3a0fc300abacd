"""Registration change: how did registrations change from one period to the next?"""

import math
from typing import Literal, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import choice, scalar_level
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.intervals import (
    RateRatioMethod,
    rate_interval,
    rate_ratio_interval,
    rate_ratio_p_value,
)
from lhp_metrics.metrics._adjust import Adjustment, adjusted
from lhp_metrics.results import Row, Table, column
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
    59.56 (11.43 to 1224.11)
    """
    choice("exposure", exposure, ("days", "working_days"))
    level = scalar_level(confidence_level)
    _refuse_incomparable(before, after)
    before, after = aligned(before, after)
    first = before.columns["registrations"].astype(np.float64)
    last = after.columns["registrations"].astype(np.float64)
    days = [float(getattr(tally.period, exposure)) for tally in (before, after)]
    if not all(days):
        raise InvalidInputError(f"a period without {exposure.replace('_', ' ')} has no rate")
    ratio = _ratio(first, last, days, method, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = 100 * (last - first) / np.where(first > 0, first, np.nan)
    p_value = rate_ratio_p_value(last, days[1], first, days[0], method=method)
    p_adjusted = np.append(adjusted(p_value[:-1], adjust), np.nan)
    if after.overlapping:  # Groups are then not independent, nor is a total without one known.
        heterogeneity = Heterogeneity(math.nan, 0, math.nan)
        without = _ratio(0 * first, 0 * last, days, method, level)
    else:
        heterogeneity = _heterogeneity(first[:-1], last[:-1])
        without = _ratio(_without_each(first), _without_each(last), days, method, level)
    rates = [_rate(count, length, level) for count, length in zip((first, last), days, strict=True)]
    notes = [POISSON_NOTE]
    if heterogeneity.p_value < 1 - level:
        notes.append(
            "The groups did not change alike (χ² = "
            f"{heterogeneity.statistic:.1f} on {heterogeneity.degrees_of_freedom} df): the "
            "total's ratio speaks for none of them."
        )
    return RegistrationChanges(
        row_type=RegistrationChange,
        title="Change in registrations",
        by=after.by,
        keys=after.keys,
        names=tuple(map(after.name_of, after.keys)),
        columns={
            "before": first,
            "after": last,
            "count_change": last - first,
            "count_percent_change": percent,
            "before_rate": rates[0],
            "after_rate": rates[1],
            "rate_ratio": ratio,
            "rate_percent_change": np.where(
                np.isfinite(ratio.value), 100 * (ratio.value - 1), np.nan
            ),
            "p_value": p_value,
            "p_adjusted": p_adjusted,
            "contribution": rates[1].value - rates[0].value,
            "base_note": np.select(
                [first == 0, first < SMALL_BASE], ["no base", "small base"], None
            ),
            "total_ratio_without": without,
        },
        provenance=after.provenance(
            "registration-change/1",
            periods=spans({"before": before.period, "after": after.period}),
            exposure=exposure.replace("_", " "),
            method=f"{method} for ratios, exact for rates",
            confidence_level=level,
            notes=tuple(notes),
        ),
        heterogeneity=heterogeneity,
    )


def _refuse_incomparable(before: RegistrationTally, after: RegistrationTally) -> None:
    for name, tally in (("before", before), ("after", after)):
        if tally.period is None:
            raise InvalidInputError(f"{name} has no period, so its registrations have no rate")
        if tally.is_fractional:
            raise InvalidInputError(
                f"{name} counts parts of studies (attribution 'fractional'), and tests need "
                "whole ones: count with 'lead' or 'whole'"
            )
    if before.period.overlaps(after.period):
        raise InvalidInputError(f"before ({before.period}) and after ({after.period}) overlap")
    if before.period.start > after.period.start:
        rule = "is later than"
        raise InvalidInputError(f"before ({before.period}) {rule} after ({after.period})")


def _rate(count: NDArray[np.float64], days: float, level: float) -> Estimates:
    low, high = rate_interval(count, days, method="exact", confidence_level=level)
    scale = RATE_PER
    return Estimates(
        count / days * scale, low * scale, high * scale, level, "exact", f"per {RATE_PER} days"
    )


def _ratio(
    first: NDArray[np.float64],
    last: NDArray[np.float64],
    days: list[float],
    method: RateRatioMethod,
    level: float,
) -> Estimates:
    low, high = rate_ratio_interval(
        last, days[1], first, days[0], method=method, confidence_level=level
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (last / days[1]) / (first / days[0])
    return Estimates(value, low, high, level, method, "ratio")


def _without_each(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the total without each group in turn; the last element is the total itself."""
    return np.append(counts[-1] - counts[:-1], counts[-1])


def _heterogeneity(first: NDArray[np.float64], last: NDArray[np.float64]) -> Heterogeneity:
    from scipy.special import gammaincc

    both = first + last
    degrees = max(int((both > 0).sum()) - 1, 0)
    part = last.sum() / both.sum() if both.sum() else math.nan
    if not 0 < part < 1 or not degrees:
        return Heterogeneity(math.nan, degrees, math.nan)
    known = both > 0
    expected = both[known] * part
    statistic = float(((last[known] - expected) ** 2 / (expected * (1 - part))).sum())
    p_value = float(gammaincc(degrees / 2, statistic / 2))
    return Heterogeneity(statistic, degrees, p_value)
