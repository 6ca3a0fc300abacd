"""Funnel: every group against its size, between limits that narrow with it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from lhp_metrics._checks import of_kind
from lhp_metrics.charts._axes import (
    DARK_BLUE,
    GREY,
    MARK,
    ORANGE,
    TURQUOISE,
    Size,
    chart_axes,
    finish,
    listed,
    one_line,
    refuse_hidden,
    short,
    wrapped,
)
from lhp_metrics.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from lhp_metrics.metrics.funnel import FunnelPoint, FunnelPoints

__all__ = ["funnel_plot"]

Box: TypeAlias = tuple[float, float, float, float]

MARKS = {
    "within": ("o", DARK_BLUE, "within the limits"),
    "95%": ("^", TURQUOISE, "outside 95%"),
    "99.8%": ("D", ORANGE, "outside 99.8%"),
}
CURVES = {0.95: ("--", "95% limits"), 0.998: ("-", "99.8% limits")}
WIDE = 0.65  # Of a letter, in parts of the type's size: names must not touch.
GAP = 7.0  # Points between a marker's middle and its name.
LETTERS = 18  # Of a name beside its point, where there is less room than beside an axis.


def funnel_plot(
    points: FunnelPoints, *, adjusted: bool = False, ax: Axes | None = None, size: Size = "slide"
) -> Axes:
    """Draw every group's value against its size, between the funnel's limits.

    Parameters
    ----------
    points : FunnelPoints
        From ``funnel``.
    adjusted : bool, default False
        Whether to draw the limits that allow for variation between groups beyond chance, and
        to mark groups by those.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure of pyplot's.
    size : {"slide", "column"}, default "slide"
        Size of the figure and its type.

    Returns
    -------
    matplotlib Axes
        Groups outside the limits have a marker of their own and, where there is room, their
        name. A group of nothing is not drawn; the alternative text says which.

    Raises
    ------
    InvalidInputError
        If no group has a value, or the table is suppressed.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> from lhp_metrics.charts import funnel_plot
    >>> tally = lhp.GrantTally.from_counts({
    ...     "NIHR": lhp.OutcomeCounts(successful=40, unsuccessful=60),
    ...     "MRC": lhp.OutcomeCounts(successful=6, unsuccessful=64),
    ...     "UKRI": lhp.OutcomeCounts(successful=22, unsuccessful=58),
    ... })
    >>> ax = funnel_plot(lhp.funnel(tally))
    >>> print(" ".join(ax.get_title(loc="left").split()))
    Success rates: 2 of 3 groups outside the limits: MRC (8.6%, below 99.8%) and NIHR (40.0%, \
above 95%)
    """
    from lhp_metrics.metrics.funnel import FunnelPoints

    of_kind("points", points, FunnelPoints)
    of_kind("adjusted", adjusted, bool)
    refuse_hidden(points, "a funnel is drawn around all of them")
    rows = [row for row in points if math.isfinite(row.value) and row.trials > 0]
    if not rows:
        raise InvalidInputError("no group has a value: there is nothing to draw")
    where = "adjusted_position" if adjusted else "position"
    ax, font = chart_axes(ax, size)
    legend = _limits(ax, points, 1.08 * max(row.trials for row in rows), adjusted=adjusted)
    for name, (marker, colour, meaning) in MARKS.items():
        marked = [row for row in rows if _band(getattr(row, where)) == name]
        if marked:
            x, y = [row.trials for row in marked], [row.value for row in marked]
            style: dict[str, Any] = {"marker": marker, "ms": MARK * font, "linestyle": "none"}
            drawn = ax.plot(x, y, color=colour, mec=GREY, zorder=3, clip_on=False, **style)
            legend.append((drawn[0], meaning))
    outside = sorted(
        (row for row in rows if getattr(row, where) != "within"),
        key=lambda row: -abs(row.z_adjusted if adjusted else row.z),
    )
    _axis(ax, points, rows, font)
    _names(ax, outside, rows, font)
    title = _finding(points, rows, outside, where)
    each = "; ".join(f"{one_line(row.name)} {_words(points, row, where)}" for row in points)
    finish(ax, title, f"Funnel plot. {title}. {each}.", font, legend=legend)
    return ax


def _limits(
    ax: Axes, points: FunnelPoints, largest: float, *, adjusted: bool
) -> list[tuple[Artist, str]]:
    from lhp_metrics.metrics._funnel_limits import limit_curves

    spread = points.tau_squared if adjusted else None
    legend: list[tuple[Artist, str]] = []
    ax.set_xlim(0, largest)
    drawn = ax.axhline(points.target, color=GREY, linewidth=1, linestyle=":")
    legend.append((drawn, f"target {_number(points, points.target)}"))
    if points.target > 0:
        for level, (style, name) in CURVES.items():
            curves = [
                ax.plot(sizes, np.where(limits > 0, limits, np.nan), color=GREY, linestyle=style)[0]
                for sizes, limits in limit_curves(
                    points.limits_of, points.target, level, largest, spread
                )
            ]
            legend.append((curves[0], f"{name}, adjusted" if adjusted else name))
    return legend


def _axis(ax: Axes, points: FunnelPoints, rows: Sequence[FunnelPoint], font: float) -> None:
    ratios = points.limits_of == "exact Poisson"
    most = 1.15 * max(*(row.value for row in rows), points.target * 1.5)
    ax.set_ylim(0, (most if ratios else min(most, 1.02)) or 1.0)
    if not ratios:
        ax.yaxis.set_major_formatter(lambda value, _: f"{round(100 * value, 10):g}%")
    ax.tick_params(axis="both", labelsize=font)
    basis = (points.provenance.basis or "").partition(" (")[0]
    size = "Registrations expected" if ratios else f"Applications {basis}"
    value = "Registered over expected" if ratios else "Success rate"
    if basis.startswith("clocks due"):
        size, value = f"Number of {basis}", "Share within target"
    ax.set_xlabel(size, fontsize=font)
    ax.set_ylabel(wrapped(ax, value, font), fontsize=font)


def _names(
    ax: Axes, rows: Sequence[FunnelPoint], every: Sequence[FunnelPoint], font: float
) -> None:
    """Name points beside them, the most extreme first, as far as there is room."""
    figure: Any = ax.figure
    place = ax.get_position()
    width = 72 * figure.get_figwidth() * place.width / ax.get_xlim()[1]
    height = 72 * figure.get_figheight() * place.height / ax.get_ylim()[1]
    mark = MARK * font / 2
    taken = [
        (x - mark, y - mark, x + mark, y + mark)
        for x, y in ((row.trials * width, row.value * height) for row in every)
    ]
    edge = ax.get_xlim()[1] * width
    for row in rows:
        name = short(row.name).partition("\n")[0]
        name = name if len(name) <= LETTERS else f"{name[: LETTERS - 1]}…"
        x, y, long = row.trials * width, row.value * height, WIDE * font * len(name)
        for side, start in (("left", x + GAP), ("right", x - GAP - long)):
            box = (start, y - 0.75 * font, start + long, y + 0.75 * font)
            if start < 0 or start + long > edge or any(_overlap(box, other) for other in taken):
                continue
            taken.append(box)
            ax.annotate(
                name,
                (row.trials, row.value),
                (GAP if side == "left" else -GAP, 0),
                textcoords="offset points",
                ha=side,
                va="center",
                fontsize=font,
            )
            break


def _overlap(one: Box, two: Box) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def _band(position: str | None) -> str:
    return "within" if position is None else position.rpartition(" ")[2]


def _number(points: FunnelPoints, value: float) -> str:
    return f"{value:.2f}" if points.limits_of == "exact Poisson" else f"{value:.1%}"


def _words(points: FunnelPoints, row: FunnelPoint, where: str) -> str:
    position = getattr(row, where)
    if position is None:
        return "not drawn, nothing was counted"
    return f"{_number(points, row.value)} of {row.trials:,.10g} ({position})"


def _finding(
    points: FunnelPoints, rows: Sequence[FunnelPoint], outside: Sequence[FunnelPoint], where: str
) -> str:
    what = points.title.removeprefix("Funnel of ")
    what = what[:1].upper() + what[1:]
    plural = "" if len(rows) == 1 else "s"
    if not outside:
        said = f"none of {len(rows)} group{plural} is outside the limits"
    else:
        found = [
            f"{row.name} ({_number(points, row.value)}, {getattr(row, where)})" for row in outside
        ]
        said = f"{len(outside)} of {len(rows)} group{plural} outside the limits: {listed(found)}"
    return f"{what}: {said}"
