"""Registration change: how did registrations change from one period to the next?"""

import math
from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray, of_kind, scalar_level
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Estimate
from lhp_metrics.intervals import RateRatioMethod
from lhp_metrics.metrics._adjust import Adjustment, adjusted
from lhp_metrics.metrics._before_after import (
    LineageRule,
    lineage_notes,
    refuse_disorder,
    said_of_each,
    same_groups,
)
from lhp_metrics.metrics._exposures import Exposure, Exposures, Per, exposures_of
from lhp_metrics.metrics._heterogeneity import Heterogeneity, heterogeneity_of
from lhp_metrics.metrics._variation import Dispersion, variation
from lhp_metrics.models import Period
from lhp_metrics.results import Columns, Row, Table, column
from lhp_metrics.tallies import RegistrationTally, spans

__all__ = [
    "Dispersion",
    "Exposure",
    "Heterogeneity",
    "LineageRule",
    "Per",
    "RegistrationChange",
    "RegistrationChanges",
    "registration_change",
]

SMALL_BASE = 10  # A Poisson count of 10 has a relative standard deviation of 1/√10, 32 %.


@attrs.frozen(kw_only=True)
class RegistrationChange(Row):
    """Registrations of one partner in two periods, and what changed per day.

    `count_percent_change` compares the bare counts, `rate_percent_change` the counts per day or
    other exposure: they differ as the periods' lengths do. Both are in per cent, and None on a
    base of 0. `base_note` says where a percentage means little because the base is below 10:
    chance alone then moves such a count by a third of itself or more. `total_ratio_without` is
    the rate ratio of the total without this partner.

    `contribution` is the partner's part of the change in the total's rate. Where partners have
    exposures of their own, `mix` is the part that came from its larger or smaller share of the
    exposure; else it is 0. Both columns add up to the total's, and those two to the change.
    """

    before: int = column("Before", whole=True)
    after: int = column("After", whole=True)
    count_change: int = column("Change", whole=True, spec="+,")
    count_percent_change: float | None = column("Change of count, %", spec="+,.1f", optional=True)
    rate_ratio: Estimate = column("Rate ratio")
    rate_percent_change: float | None = column("Change of rate, %", spec="+,.0f", optional=True)
    p_value: float | None = column("p", spec="p", optional=True)
    p_adjusted: float | None = column("p, adjusted", spec="p", optional=True, pooled=True)
    before_rate: Estimate = column("Before, per 30 days", detail=True)
    after_rate: Estimate = column("After, per 30 days", detail=True)
    contribution: float = column("Contribution per 30 days", spec="+.2f")
    base_note: str | None = column("Note", optional=True)
    total_ratio_without: Estimate = column("")
    mix: float = column("", spec="+.2f")

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.metrics._count_sentences import say_registration_change

        return say_registration_change(self)

    @classmethod
    def describe_table(cls, table: Table[Any]) -> str:
        """Return what the table says; see `Table.describe`."""
        from lhp_metrics.metrics._count_sentences import say_registration_changes

        return say_registration_changes(table)


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
        return self.heterogeneity.dispersion


def registration_change(
    before: RegistrationTally,
    after: RegistrationTally,
    *,
    exposure: Exposure | None = None,
    per: Per | None = None,
    method: RateRatioMethod | None = None,
    adjust: Adjustment = "holm",
    dispersion: Dispersion = "poisson",
    lineage: LineageRule = "refuse",
    confidence_level: float = 0.95,
) -> RegistrationChanges:
    """How did registrations change from one period to the next?

    Parameters
    ----------
    before, after : RegistrationTally
        Counted in the same way in two periods that do not overlap; they need be neither
        adjoining nor of one length.
    exposure : {"days", "working_days"}, optional
        What counts are divided by: calendar days, or days that are neither weekend nor bank
        holiday in England. By default the tallies' own exposures, if ``with_exposure`` gave
        them any, and else days.
    per : {"30 days", "year"} or int, optional
        What rates are printed per; it changes no ratio. Of days 30 (the default) or a year of
        365.25; of working days 30; of the tallies' own exposure any number, 1,000 by default.
    method : {"mid-p", "exact", "score", ...}, optional
        Interval and test for the rate ratio; see
        ``lhp_metrics.intervals.rate_ratio_interval``. ``"mid-p"`` by default; rates then have
        exact intervals.
    adjust : {"holm", "benjamini-hochberg", "none"}, default "holm"
        How `p_adjusted` allows for the number of partners; the total is not one of them.
    dispersion : {"poisson", "quasi"}, default "poisson"
        ``"quasi"`` takes variances to be as many times Poisson's as the table's `dispersion`
        says, if that is above 1: all limits widen, by the score method [3]_.
    lineage : {"refuse", "ignore"}, default "refuse"
        What to do where tallies made with a partnership count bodies of which one followed
        another between the periods: refuse, so that they are restated first, or compare the
        codes as they are and say so in a note.
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
        counted differently, or count parts of studies; if a partner has no exposure; or if work
        passed from one body to another in between and was not restated.

    Notes
    -----
    Given how many studies a partner registered in both periods, the later ones are binomial,
    and under no change their expected part is the later period's part of the exposure: unequal
    lengths need no further correction, and zeros no special case [1]_ [2]_.

    With exposures of their own, partners' rates r and their parts w of the exposure make the
    total's rate, Σ w·r. Its change is split symmetrically [4]_: Σ w̄·Δr are the contributions and
    Σ (r̄ − R̄)·Δw is the mix, where a bar is the mean of both periods and R the total's rate.

    The heterogeneity test asks whether one ratio can stand for all partners. Where it cannot,
    the total's ratio describes the mix of these partners and no one of them.

    References
    ----------
    .. [1] K. Gu, H. K. T. Ng, M. L. Tang and W. R. Schucany (2008), Biometrical Journal 50,
       283-298.
    .. [2] M. P. Fay (2010), Biostatistics 11, 373-374.
    .. [3] P. McCullagh and J. A. Nelder (1989), Generalized Linear Models, 2nd ed., chapter 9.
    .. [4] E. M. Kitagawa (1955), Journal of the American Statistical Association 50, 1168-1194.

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
    level = scalar_level(confidence_level)
    of_kind("before", before, RegistrationTally)
    of_kind("after", after, RegistrationTally)
    periods = _comparable(before, after)
    passed = lineage_notes(before, after, lineage)
    before, after = same_groups(before, after)
    over = exposures_of((before, after), periods, exposure, per)
    first, last = (tally.columns["registrations"].astype(np.float64) for tally in (before, after))
    heterogeneity = Heterogeneity(math.nan, 0, math.nan)
    if not after.overlapping:  # Else groups are not independent.
        heterogeneity = heterogeneity_of(first, last, over)
    chance = variation(method, dispersion, heterogeneity.dispersion, level)
    before_rate = chance.rate(first, over.before, over)
    after_rate = chance.rate(last, over.after, over)
    ratio = chance.ratio(first, last, over.before, over.after)
    p_value = chance.p_value(first, last, over)
    # Where records are shared no total without a group is known.
    alone = 0.0 if after.overlapping else 1.0
    without = chance.ratio(
        alone * _without_each(first), alone * _without_each(last), *over.without_each()
    )
    contribution, mix = _split(before_rate.value, after_rate.value, over, after.overlapping)
    columns: dict[str, Columns] = {
        "before": first,
        "after": last,
        "count_change": last - first,
        "count_percent_change": _percent(last / np.where(first > 0, first, np.nan)),
        "rate_ratio": ratio,
        "rate_percent_change": _percent(ratio.value),
        "p_value": p_value,
        "p_adjusted": np.append(adjusted(p_value[:-1], adjust), np.nan),
        "before_rate": before_rate,
        "after_rate": after_rate,
        "contribution": contribution,
        "base_note": _base_note(first),
        "total_ratio_without": without,
        "mix": mix,
    }
    return RegistrationChanges(
        row_type=RegistrationChange,
        title="Change in registrations",
        by=after.by,
        keys=after.keys,
        names=tuple(map(after.name_of, after.keys)),
        columns=columns,
        provenance=attrs.evolve(
            after, notes=tuple(dict.fromkeys((*before.notes, *after.notes)))
        ).provenance(
            "registration-change/1",
            periods=spans(dict(zip(("before", "after"), periods, strict=True))),
            exposure=over.what,
            method=chance.words,
            confidence_level=level,
            records_in=None,
            records_excluded={},
            notes=(
                *said_of_each(before, after),
                *passed,
                chance.note,
                *_mix_note(mix[-1], over),
                *_uneven_note(heterogeneity, level),
            ),
        ),
        headings={
            "before_rate": f"Before, {over.unit}",
            "after_rate": f"After, {over.unit}",
            "contribution": f"Contribution {over.unit}",
        },
        heterogeneity=heterogeneity,
    )


def _comparable(before: RegistrationTally, after: RegistrationTally) -> tuple[Period, Period]:
    """Return the two periods, or refuse tallies that cannot be compared."""
    for name, tally in (("before", before), ("after", after)):
        if tally.is_fractional:
            raise InvalidInputError(
                f"{name} counts parts of studies (attribution 'fractional', or restated over a "
                "split), and tests need whole ones: count with 'lead' or 'whole'"
            )
    if before.period is None or after.period is None:
        name = "before" if before.period is None else "after"
        raise InvalidInputError(f"{name} has no period, so its registrations have no rate")
    refuse_disorder(before, after)
    return before.period, after.period


def _split(
    before: FloatArray, after: FloatArray, over: Exposures, overlapping: bool
) -> tuple[FloatArray, FloatArray]:
    """Return each group's part of the total's change: by its own rate, and by the mix."""
    change = after - before
    if not over.own:
        return change, np.zeros(len(change))
    if overlapping:
        unknown = np.full(len(change), np.nan)
        return np.append(unknown[:-1], change[-1]), unknown
    old, new = (values[:-1] / values[-1] for values in (over.before, over.after))
    within = (old + new) / 2 * change[:-1]
    middle = (before + after) / 2
    mix = (new - old) * (middle[:-1] - middle[-1])
    return np.append(within, within.sum()), np.append(mix, mix.sum())


def _mix_note(mix: float, over: Exposures) -> Iterator[str]:
    if over.own and mix == mix:
        yield (
            f"Of the change in the total's rate, {mix:+.2f} {over.unit} came from the groups' "
            "parts of the exposure, the rest from their own rates."
        )


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


def _uneven_note(found: Heterogeneity, level: float) -> Iterator[str]:
    if found.p_value < 1 - level:
        yield (
            f"The groups did not change alike (χ² = {found.statistic:.1f} on "
            f"{found.degrees_of_freedom} df): the total's ratio speaks for none of them."
        )
