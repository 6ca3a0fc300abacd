"""Survival curves: what share is still waiting, day by day, and how many that is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lhp_metrics._checks import near_matches, of_kind
from lhp_metrics.charts._axes import (
    DARK_BLUE,
    DARK_PINK,
    GREY,
    ORANGE,
    TURQUOISE,
    Size,
    chart_axes,
    finish,
    one_line,
    wrapped,
)
from lhp_metrics.errors import InvalidInputError, InvalidTypeError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from lhp_metrics._checks import FloatArray
    from lhp_metrics.intervals import SurvivalCurve
    from lhp_metrics.tallies import Key
    from lhp_metrics.tallies.setup import SetupTally

__all__ = ["survival_plot"]

STYLES: Sequence[tuple[str, Any]] = (
    (DARK_BLUE, "-"),
    (ORANGE, (0, (6, 2))),
    (TURQUOISE, (0, (1, 1.2))),
    (DARK_PINK, (0, (6, 2, 1, 2))),
)
MOST_BANDS = 2  # More bands than this hide one another.
NICE = (1, 2, 5, 7, 10, 14, 20, 30, 50, 60, 90, 100, 120, 180, 200, 365, 500, 730, 1000, 2000, 5000)
MOST_TICKS = 8
TOTAL = "Total"


def survival_plot(
    tally: SetupTally,
    *,
    groups: Iterable[Key] | None = None,
    ax: Axes | None = None,
    size: Size = "slide",
) -> Axes:
    """Draw the share still waiting by day, with the clock's target and the numbers at risk.

    Parameters
    ----------
    tally : SetupTally
        From ``tally_setup``.
    groups : iterable of keys, optional
        Up to four groups to draw; by default all where there are no more, and otherwise the
        total alone.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure of pyplot's.
    size : {"slide", "column"}, default "slide"
        Size of the figure and its type.

    Returns
    -------
    matplotlib Axes
        A tick marks the days on which clocks still running were last seen; each curve ends with
        the last of them. One or two curves have their limits shaded. Below stand the numbers
        that were still waiting on each day.

    Raises
    ------
    InvalidInputError
        If nothing was counted, or more than four groups are asked for.
    NotFoundError
        If the tally has no such group.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> from lhp_metrics.charts import survival_plot
    >>> studies = [
    ...     lhp.Study(study_id=n, hra_approval_on="2024-01-01",
    ...               sites=[lhp.StudySite("REM", opened_on=date)])
    ...     for n, date in enumerate(["2024-01-31", "2024-03-20", "2024-04-15", None])
    ... ]
    >>> ax = survival_plot(
    ...     lhp.tally_setup(studies, clock="hra-approval-to-open", as_of="2024-06-30"))
    >>> print(" ".join(ax.get_title(loc="left").split()))
    hra-approval-to-open: half by day 92 (30 to not reached) in total
    """
    from lhp_metrics.metrics.setup_times import setup_curves
    from lhp_metrics.tallies.setup import SetupTally

    of_kind("tally", tally, SetupTally)
    keys = _keys(tally, groups)
    curves = setup_curves(tally)
    if not len(curves.times):
        raise InvalidInputError("no clock was counted: there is nothing to draw")
    drawn = [(_name(tally, key), curves[key]) for key in keys]
    ax, font = chart_axes(ax, size)
    target = tally.clock.target_days
    last = _last_day(drawn)
    legend: list[tuple[Artist, str]] = []
    for place, (name, curve) in enumerate(drawn):
        line = _curve(ax, curve, place, last, with_band=len(drawn) <= MOST_BANDS)
        if len(drawn) > 1:
            legend.append((line, name))
    if target is not None and target <= last:
        mark = ax.axvline(target, color=GREY, linewidth=1.2, linestyle="--")
        legend.append((mark, f"target: {target:,} days"))
    _axis(ax, last, font)
    _numbers_at_risk(ax, drawn, font)
    title = f"{tally.clock.name}: {_finding(curves[TOTAL], target, among_others=keys != [TOTAL])}"
    each = "; ".join(f"{one_line(name)} {_words(curve, target)}" for name, curve in drawn)
    what = f"Survival curves, {tally.clock.start} to {tally.clock.end}"
    finish(ax, title, f"{what}. {title}. {each}.", font, legend=legend)
    return ax


def _keys(tally: SetupTally, groups: Iterable[Key] | None) -> list[Key]:
    if groups is None:
        return list(tally.keys) if 0 < len(tally.keys) <= len(STYLES) else [TOTAL]
    if isinstance(groups, str):
        raise InvalidTypeError(f"groups must be a list of keys; got {groups!r}")
    keys = list(dict.fromkeys(groups))
    for key in keys:
        if key not in tally and key != TOTAL:
            near = near_matches(str(key), map(str, tally.keys))
            raise NotFoundError(f"the tally has no group {key!r}{near}")
    if not 0 < len(keys) <= len(STYLES):
        raise InvalidInputError(f"groups must be one to {len(STYLES)}; got {len(keys)}")
    return keys


def _name(tally: SetupTally, key: Key) -> str:
    return one_line(TOTAL if key == TOTAL else tally.name_of(key))


def _last_day(drawn: Sequence[tuple[str, SurvivalCurve]]) -> float:
    last = max(
        float(curve.times[np.flatnonzero((curve.events + curve.censored)[0])].max(initial=0))
        for _, curve in drawn
    )
    return max(last, 1.0)


def _curve(ax: Axes, curve: SurvivalCurve, place: int, last: float, *, with_band: bool) -> Artist:
    colour, style = STYLES[place]
    seen = np.flatnonzero((curve.events + curve.censored)[0])
    days = np.concatenate([[0.0], curve.times[seen]])
    share = np.concatenate([[1.0], curve.survival[0, seen]])
    (line,) = ax.plot(
        days, 100 * share, drawstyle="steps-post", color=colour, linestyle=style, linewidth=2
    )
    waiting = seen[curve.censored[0, seen] > 0]
    ax.plot(
        curve.times[waiting],
        100 * curve.survival[0, waiting],
        linestyle="none",
        marker="|",
        color=colour,
        markersize=8,
    )
    if with_band:
        low, high = (
            100 * _held(np.concatenate([[np.nan], limit[0, seen]]))
            for limit in (curve.lower, curve.upper)
        )
        ax.fill_between(days, low, high, step="post", color=colour, alpha=0.15, linewidth=0)
    ax.set_xlim(0, 1.02 * last)
    return line


def _held(limits: FloatArray) -> FloatArray:
    """Return limits with the last one held where the curve has come to 0, so that it is drawn."""
    known = np.flatnonzero(~np.isnan(limits))
    if len(known):
        limits[known[-1] :] = limits[known[-1]]
    return limits


def _axis(ax: Axes, last: float, font: float) -> None:
    step = next((step for step in NICE if last / step <= MOST_TICKS), 10_000)
    ax.set_xticks(np.arange(0, last + 1, step))
    ax.set_ylim(0, 102)
    ax.set_yticks(range(0, 101, 25), [f"{share}%" for share in range(0, 101, 25)])
    ax.tick_params(labelsize=font)
    ax.axhline(50, color=GREY, linewidth=0.6, linestyle=":")
    ax.set_ylabel("Still waiting", fontsize=font)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def _numbers_at_risk(ax: Axes, drawn: Sequence[tuple[str, SurvivalCurve]], font: float) -> None:
    """Write below the axis how many were still waiting on the day of each tick."""
    ticks = [float(tick) for tick in ax.get_xticks()]
    line = 1.45 * font
    top = -2.0 * font
    ax.set_xlabel(
        wrapped(ax, "Days since the start of the clock; below: still waiting on that day", font),
        fontsize=font,
        labelpad=line * len(drawn) + 0.4 * font,
    )
    for place, (name, curve) in enumerate(drawn):
        height = top - line * place
        for tick, number in zip(ticks, curve.at_risk_at(ticks)[0].tolist(), strict=True):
            ax.annotate(
                f"{number:,}",
                (tick, 0),
                (0, height),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                ha="center",
                va="top",
                fontsize=font,
                color=GREY,
            )
        if len(drawn) > 1:
            ax.annotate(
                name[:24],
                (0, 0),
                (-1.8 * font, height),
                xycoords="axes fraction",
                textcoords="offset points",
                ha="right",
                va="top",
                fontsize=font,
                color=GREY,
            )


def _finding(curve: SurvivalCurve, target: int | None, *, among_others: bool) -> str:
    return f"{_words(curve, None)} in total" if among_others else _words(curve, target)


def _within(curve: SurvivalCurve, target: int | None) -> str:
    if target is None:
        return ""
    late = curve.survival_at(target)
    return "" if late.value != late.value else f"; {1 - late.value:.1%} within {target:,} days"


def _words(curve: SurvivalCurve, target: int | None) -> str:
    half = curve.quantile(0.5)
    day = "half not reached" if math.isinf(half.value) else f"half by day {half}"
    return f"{day}{_within(curve, target)}"
