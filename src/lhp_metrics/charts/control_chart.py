"""Control chart: points in the order of time, their limits, and every signal's marker."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lhp_metrics._checks import of_kind
from lhp_metrics.charts._axes import (
    DARK_BLUE,
    GREY,
    MARK,
    ORANGE,
    Size,
    chart_axes,
    finish,
    listed,
    one_line,
    refuse_hidden,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from lhp_metrics.metrics.control_chart import ControlChart, ControlPoint

__all__ = ["control_chart_plot"]

SIGNAL_MARKS = {
    "outside_limits": ("D", "outside the limits"),
    "shift": ("s", "seven or more on one side"),
    "trend": ("^", "six or more rising or falling"),
    "near_limit": ("v", "two of three near a limit"),
}


def control_chart_plot(
    chart: ControlChart, *, ax: Axes | None = None, size: Size = "slide"
) -> Axes:
    """Draw a control chart: points, centre and limits of each phase, and every signal's marker.

    Parameters
    ----------
    chart : ControlChart
        From ``control_chart``.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure of pyplot's.
    size : {"slide", "column"}, default "slide"
        Size of the figure and its type.

    Returns
    -------
    matplotlib Axes
        A point that is part of several signals has the marker of the first in the legend. Of
        more points than the axis has room for, every second or third is named.

    Raises
    ------
    InvalidTypeError
        If `chart` is no control chart.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> from lhp_metrics.charts import control_chart_plot
    >>> ax = control_chart_plot(
    ...     lhp.control_chart([22, 19, 27, 24, 21, 20, 25, 29, 31, 26, 23, 40]))
    >>> print(ax.get_title(loc="left"))
    1 of 12 points is out of the ordinary: 12 (40.00)
    """
    from lhp_metrics.metrics.control_chart import ControlChart

    of_kind("chart", chart, ControlChart)
    refuse_hidden(chart, "a line through the others would say where they are")
    ax, font = chart_axes(ax, size)
    points = list(chart)
    for phase in dict.fromkeys(point.phase for point in points):
        places = [place for place, point in enumerate(points) if point.phase == phase]
        _phase(ax, places, [points[place] for place in places], font)
    legend: list[tuple[Artist, str]] = []
    for name, (marker, meaning) in SIGNAL_MARKS.items():
        marked = [
            (place, point.value) for place, point in enumerate(points) if name in point.signals[:1]
        ]
        if marked:
            style: dict[str, Any] = {"marker": marker, "ms": 1.2 * MARK * font, "linestyle": "none"}
            marks = ax.plot(*zip(*marked, strict=True), color=ORANGE, mec=GREY, **style)
            legend.append((marks[0], meaning))
    _point_labels(ax, points, font)
    _line_labels(ax, points[-1], font)
    ax.tick_params(axis="y", labelsize=font)
    ax.set_ylabel(f"Registrations {chart.unit}" if chart.unit else "Value", fontsize=font)
    title = _finding(chart.special, len(points))
    each = "; ".join(f"{one_line(point.name)} {point.value:.2f}{_why(point)}" for point in points)
    finish(ax, title, f"Control chart{_limits_text(points)}. {title}. {each}.", font, legend=legend)
    return ax


def _phase(ax: Axes, places: list[int], points: list[ControlPoint], font: float) -> None:
    values = [point.value for point in points]
    ax.plot(places, values, color=DARK_BLUE, marker="o", ms=0.6 * MARK * font, linewidth=1.5)
    edges = [places[0] - 0.5, *(place + 0.5 for place in places)]
    for name, style in (("centre", "-"), ("lower", "--"), ("upper", "--")):
        heights = [getattr(point, name) for point in points]
        if None not in heights:
            ax.stairs(heights, edges, baseline=None, color=GREY, linestyle=style)


def _point_labels(ax: Axes, points: Sequence[ControlPoint], font: float) -> None:
    figure: Any = ax.figure
    room = 72 * figure.get_figwidth() * ax.get_position().width / (1.4 * font)
    step = max(1, math.ceil(len(points) / room))
    places = range(0, len(points), step)
    ax.set_xticks(
        places,
        [one_line(points[place].name) for place in places],
        fontsize=font,
        rotation=45,
        ha="right",
        rotation_mode="anchor",
    )


def _line_labels(ax: Axes, last: ControlPoint, font: float) -> None:
    """Name centre and limits at their right ends, where they are far enough apart."""
    figure: Any = ax.figure
    bottom, top = ax.get_ylim()
    line = 1.2 * font * (top - bottom) / (72 * figure.get_figheight() * ax.get_position().height)
    named = {"mean": last.centre}
    if last.lower is not None and last.upper is not None and last.upper - last.centre > line:
        named |= {"lower limit": last.lower, "upper limit": last.upper}
    for name, height in named.items():
        ax.annotate(
            f"{name} {height:.2f}",
            (1.01, height),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=font,
        )


def _finding(special: Sequence[ControlPoint], size: int) -> str:
    if not special:
        return "No point is out of the ordinary"
    verb = "is" if len(special) == 1 else "are"
    names = listed([f"{point.name} ({point.value:.2f})" for point in special])
    plural = "" if size == 1 else "s"
    return f"{len(special)} of {size} point{plural} {verb} out of the ordinary: {names}"


def _why(point: ControlPoint) -> str:
    why = ", ".join(SIGNAL_MARKS[name][1] for name in point.signals)
    return f" ({why})" if why else ""


def _limits_text(points: Sequence[ControlPoint]) -> str:
    """Return each phase's centre and limits in words, where they are the same all along."""
    said = []
    for phase in dict.fromkeys(point.phase for point in points):
        own = [point for point in points if point.phase == phase]
        if len({(point.centre, point.lower, point.upper) for point in own}) > 1:
            said.append(f"centre {own[0].centre:.2f}, limits that vary with each point's exposure")
        elif own[0].lower is None or own[0].upper is None:
            said.append(f"centre {own[0].centre:.2f}, no limits")
        else:
            point = own[0]
            said.append(f"centre {point.centre:.2f}, limits {point.lower:.2f} to {point.upper:.2f}")
    return f", {'; then '.join(said)}"
