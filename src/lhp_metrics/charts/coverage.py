"""Coverage: how often an interval of 95 % holds the truth, for every truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lhp_metrics._checks import FloatArray, counts, scalar_level
from lhp_metrics.charts._axes import (
    GREY,
    MARK,
    SERIES,
    Size,
    chart_axes,
    finish,
    listed,
    wrapped,
)
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.intervals import ProportionMethod, proportion_interval

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

__all__ = ["coverage_plot"]

GRID = 1001
NEAR = 0.025  # A bold line is the mean over true rates no further away.
BELOW = 3.0  # The axis reaches so many times the level's distance from 1 below the level.
EDGE = 1e-12


def coverage_plot(
    trials: int,
    *,
    methods: Sequence[ProportionMethod] = ("wilson", "clopper-pearson", "wald"),
    confidence_level: float = 0.95,
    ax: Axes | None = None,
    size: Size = "slide",
) -> Axes:
    """Draw how often each method's interval for a proportion holds the true one.

    Parameters
    ----------
    trials : int
        Number of trials, such as the applications decided in a year.
    methods : sequence of str, default ("wilson", "clopper-pearson", "wald")
        One to five methods of ``lhp_metrics.intervals.proportion_interval``.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure of pyplot's.
    size : {"slide", "column"}, default "slide"
        Size of the figure and its type.

    Returns
    -------
    matplotlib Axes
        Over true proportions from 0 to 1, two lines per method: a pale one, the coverage, which
        jumps at every limit, and a bold one with markers, its mean over proportions within 2.5
        percentage points. A pale line that falls off the axis leaves it at an arrow; the
        alternative text tells how far each falls.

    Raises
    ------
    InvalidInputError
        If `trials` is below 1, or there are no or too many methods, or one that is unknown.
    MissingExtraError
        If matplotlib is not installed.

    Notes
    -----
    Coverage is computed exactly, from the binomial distribution, at a thousand proportions and
    just before and after each limit, where it jumps.

    Examples
    --------
    >>> from lhp_metrics.charts import coverage_plot
    >>> ax = coverage_plot(20, methods=["wilson", "clopper-pearson"])
    >>> print(" ".join(ax.get_title(loc="left").split()))
    95% intervals of 20 trials: clopper-pearson never covers less than 95%; wilson falls to 83.7%
    """
    chosen = _methods(methods)
    level = scalar_level(confidence_level)
    number = counts("trials", trials)
    if number.ndim or number < 1:
        raise InvalidInputError(f"trials must be one whole number of at least 1; got {trials!r}")
    n = int(number)
    ax, font = chart_axes(ax, size)
    bottom = max(0.0, level - BELOW * (1 - level))
    ax.set_ylim(bottom, 1 + 0.1 * (1 - bottom))
    ax.set_xlim(0, 1)
    line = ax.axhline(level, color=GREY, linewidth=1)
    legend: list[tuple[Artist, str]] = [(line, f"{100 * level:g}%, the nominal level")]
    lowest: dict[str, float] = {}
    means: dict[str, float] = {}
    for offset, (method, (colour, style, marker)) in enumerate(zip(chosen, SERIES, strict=False)):
        p, covered = _coverage(n, method, level)
        lowest[method] = float(covered.min())
        at, mean = _local_means(p, covered)
        means[method] = float(_integral(p, covered)[-1])
        ax.plot(p, covered, color=colour, linewidth=0.6, alpha=0.4)
        (drawn,) = ax.plot(
            at,
            mean,
            color=colour,
            linestyle=style,
            linewidth=2,
            marker=marker,
            ms=MARK * font,
            markevery=(4 * offset, 25),
        )
        legend.append((drawn, f"{method}, mean {means[method]:.1%}"))
        off = p[covered < bottom]
        if len(off):
            style_off: dict[str, Any] = {"marker": "v", "ms": MARK * font, "clip_on": False}
            ends = sorted({float(off[0]), float(off[-1])})
            ax.plot(ends, [bottom] * len(ends), color=colour, linestyle="none", **style_off)
    ax.locator_params(axis="y", nbins=6, steps=[1, 2, 5, 10])
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: f"{round(100 * value, 10):g}%")
    ax.tick_params(axis="both", labelsize=font)
    near = f"bold: mean within {100 * NEAR:g} percentage points"
    ax.set_xlabel(wrapped(ax, f"True success rate, of {n:,} trials ({near})", font), fontsize=font)
    ax.set_ylabel(wrapped(ax, "Intervals that hold it", font), fontsize=font)
    title = f"{100 * level:g}% intervals of {n:,} trial{'s'[: n - 1]}: {_finding(lowest, level)}"
    each = "; ".join(
        f"{method} covers {means[method]:.1%} on average and {lowest[method]:.1%} at the lowest"
        for method in chosen
    )
    finish(ax, title, f"Line chart of actual coverage. {title}. {each}.", font, legend=legend)
    return ax


def _methods(methods: Sequence[ProportionMethod]) -> list[ProportionMethod]:
    if isinstance(methods, str) or not isinstance(methods, Sequence):
        raise InvalidTypeError(f"methods must be a list of names; got {methods!r}")
    chosen = list(dict.fromkeys(methods))
    if not 1 <= len(chosen) <= len(SERIES):
        raise InvalidInputError(f"methods must be one to {len(SERIES)}; got {len(chosen)}")
    return chosen


def _coverage(trials: int, method: ProportionMethod, level: float) -> tuple[FloatArray, FloatArray]:
    """Return true proportions and the chance that the interval holds each."""
    from scipy.special import bdtr

    low, high = proportion_interval(
        np.arange(trials + 1), trials, method=method, confidence_level=level
    )
    edges = np.concatenate([low, high])
    p = np.unique(np.concatenate([np.linspace(0, 1, GRID), edges - EDGE, edges + EDGE]))
    p = p[(p > 0) & (p < 1)]
    # Limits rise with the number of successes: those that cover p are one run of numbers.
    last = np.searchsorted(low, p, side="right") - 1
    first = np.searchsorted(high, p, side="left")
    up_to = np.where(last >= 0, bdtr(np.maximum(last, 0.0), trials, p), 0.0)
    below = np.where(first > 0, bdtr(np.maximum(first - 1.0, 0.0), trials, p), 0.0)
    covered: FloatArray = np.maximum(up_to - below, 0.0)
    return p, covered


def _integral(p: FloatArray, covered: FloatArray) -> FloatArray:
    """Return the integral of coverage up to each proportion, by trapezia."""
    parts = np.diff(p, prepend=0.0) * (covered + np.append(covered[0], covered[:-1])) / 2
    result: FloatArray = np.cumsum(parts)
    return result


def _local_means(p: FloatArray, covered: FloatArray) -> tuple[FloatArray, FloatArray]:
    at = np.linspace(0, 1, 101)
    low, high = np.maximum(at - NEAR, 0.0), np.minimum(at + NEAR, 1.0)
    total = _integral(p, covered)
    return at, (np.interp(high, p, total) - np.interp(low, p, total)) / (high - low)


def _finding(lowest: dict[str, float], level: float) -> str:
    kept = [method for method, least in lowest.items() if least >= level - EDGE]
    fallen = sorted((least, method) for method, least in lowest.items() if method not in kept)
    said = []
    if kept:
        verb = "covers" if len(kept) == 1 else "cover"
        said.append(f"{listed(kept, most=5)} never {verb} less than {100 * level:g}%")
    if fallen:
        said.append(f"{fallen[0][1]} falls to {fallen[0][0]:.1%}")
    return "; ".join(said)
