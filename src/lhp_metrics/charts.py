"""Pictures of results, with matplotlib (extra ``charts``).

Colours are the Government Analysis Function's; no picture needs them to be read. Titles state
the finding; so does the alternative text, which is the axes' label (``ax.get_label()``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from lhp_metrics._checks import choice
from lhp_metrics.errors import InvalidInputError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from lhp_metrics.estimates import Estimate
    from lhp_metrics.metrics.control_chart import ControlChart, ControlPoint
    from lhp_metrics.metrics.registrations import RegistrationChanges
    from lhp_metrics.metrics.shares import PartnerShare
    from lhp_metrics.results import Table

__all__ = ["Size", "control_chart_plot", "forest_plot", "save_chart", "shares_plot"]

Size: TypeAlias = Literal["slide", "column"]

DARK_BLUE, TURQUOISE, GREY, ORANGE = "#12436D", "#28A197", "#3D3D3D", "#F46A25"
SIGNAL_MARKS = {
    "outside_limits": ("D", "outside the limits"),
    "shift": ("s", "seven or more on one side"),
    "trend": ("^", "six or more rising or falling"),
    "near_limit": ("v", "two of three near a limit"),
}
SIZES: dict[str, tuple[float, float, float]] = {
    "slide": (10.0, 5.6, 12.0),
    "column": (6.3, 4.0, 8.0),
}
CLIP = 4.0  # How far beyond the outermost value limits are drawn before an arrow replaces them.


def forest_plot(
    changes: RegistrationChanges, *, ax: Axes | None = None, size: Size = "slide"
) -> Axes:
    """Draw the rate ratio of every partner with its interval, on a logarithmic axis.

    Parameters
    ----------
    changes : RegistrationChanges
        From ``registration_change``.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure of pyplot's.
    size : {"slide", "column"}, default "slide"
        Size of the figure and its type: for a slide, or for the column of a printed page.

    Returns
    -------
    matplotlib Axes
        Limits that run off the axis end in an arrow; the numbers stand beside every row.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    ax, font = _axes(ax, size, rows=len(changes) + 1)
    rows = [*changes, changes.total]
    values = np.array([row.rate_ratio.value for row in rows])
    drawn = values[np.isfinite(values) & (values > 0)]
    if not len(drawn):
        raise InvalidInputError("no rate ratio is finite and above 0: there is nothing to draw")
    left, right = min(drawn.min() / CLIP, 0.5), max(drawn.max() * CLIP, 2.0)
    ax.set_xscale("log")
    ax.set_xlim(left, right)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.axvline(1, color=GREY, linewidth=1, linestyle="--")
    for place, row in enumerate(rows):
        _interval_line(ax, place, row.rate_ratio, (left, right), is_total=row is rows[-1])
        ax.annotate(
            str(row.rate_ratio),
            (1.03, place),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=font,
        )
    ax.set_yticks(range(len(rows)), [row.name for row in rows], fontsize=font)
    ax.tick_params(axis="x", labelsize=font)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    per = (changes.provenance.exposure or "days").removesuffix("s")
    ax.set_xlabel(
        f"Registrations per {per}, after ÷ before (log scale; line: no change)", fontsize=font
    )
    total = changes.total.rate_ratio
    title = f"Registrations per {per}: {_moved(total)} in total, ratio {total}"
    _finish(ax, title, font)
    listed = "; ".join(f"{row.name} {row.rate_ratio}" for row in rows)
    ax.set_label(f"Forest plot of rate ratios with intervals. {title}. {listed}.")
    return ax


def _moved(ratio: Estimate) -> str:
    if ratio.low > 1:
        return "higher"
    return "lower" if ratio.high < 1 else "no clear change"


def _interval_line(
    ax: Axes, place: int, ratio: Estimate, edges: tuple[float, float], *, is_total: bool
) -> None:
    left, right = edges
    if ratio.value != ratio.value:
        return
    colour = GREY if is_total else DARK_BLUE
    low, high = max(ratio.low, left), min(ratio.high, right)
    ax.plot([low, high], [place, place], color=colour, linewidth=2, solid_capstyle="butt")
    for end, limit, marker in ((left, ratio.low, "<"), (right, ratio.high, ">")):
        if not left <= limit <= right:
            ax.plot(end, place, marker=marker, color=colour, markersize=9, clip_on=False)
    if 0 < ratio.value < float("inf"):
        marker = "D" if is_total else "s"
        ax.plot(ratio.value, place, marker=marker, color=colour, markersize=8)


def shares_plot(
    before: Table[PartnerShare],
    after: Table[PartnerShare],
    *,
    labels: tuple[str, str] = ("before", "after"),
    ax: Axes | None = None,
    size: Size = "slide",
) -> Axes:
    """Draw every partner's share before and after, the largest at the top.

    Parameters
    ----------
    before, after : Table of PartnerShare
        From ``partner_shares``, for the same partners.
    labels : tuple of str, default ("before", "after")
        What the legend calls the two periods: exactly two texts.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure of pyplot's.
    size : {"slide", "column"}, default "slide"
        Size of the figure and its type.

    Returns
    -------
    matplotlib Axes
        An undefined share has no bar and is marked "–".

    Raises
    ------
    InvalidInputError
        If the partners differ, cells of a table are hidden, or `labels` are not two.
    MissingExtraError
        If matplotlib is not installed.
    """
    if set(before.keys) != set(after.keys):
        raise InvalidInputError("the two tables must have the same partners")
    _refuse_hidden(before, after)
    names: Sequence[str] = labels
    if isinstance(names, str) or len(names) != 2:
        raise InvalidInputError(f"labels must be two, for before and after; got {labels!r}")
    ax, font = _axes(ax, size, rows=len(after))
    rows = sorted(after, key=lambda row: -np.nan_to_num(row.share.value))
    pairs = [(before[row.key], row) for row in rows]
    styles = ((TURQUOISE, "///"), (DARK_BLUE, ""))
    for which, (label, (colour, hatch)) in enumerate(zip(labels, styles, strict=True)):
        shares = np.array([pair[which].share.value for pair in pairs])
        places = np.arange(len(pairs)) + 0.4 * (which - 0.5)
        known = np.isfinite(shares)
        ax.barh(
            places[known],
            100 * shares[known],
            0.38,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            label=label,
        )
        for place, pair, share in zip(places, pairs, shares, strict=True):
            percent = pair[which].percent
            ax.annotate(
                _percent(share) if percent is None else f"{percent}%",
                (np.nan_to_num(100 * share), place),
                (4, 0),
                textcoords="offset points",
                va="center",
                fontsize=font,
            )
    ax.set_yticks(range(len(rows)), [row.name for row in rows], fontsize=font)
    ax.invert_yaxis()
    ax.margins(x=0.12)
    ax.set_xlim(left=0)
    ax.tick_params(axis="x", labelsize=font)
    counted = after.provenance.attribution
    rule = f" (attribution: {counted})" if counted else ""
    ax.set_xlabel(f"Share of the total, %{rule}", fontsize=font)
    ax.legend(fontsize=font, frameon=False, loc="lower right")
    title = _largest_move(pairs, labels)
    _finish(ax, title, font)
    listed = "; ".join(
        f"{new.name} {_percent(old.share.value)} then {_percent(new.share.value)}"
        for old, new in pairs
    )
    ax.set_label(f"Bar chart of shares, {labels[0]} and {labels[1]}. {title}. {listed}.")
    return ax


def _percent(share: float) -> str:
    return "–" if share != share else f"{share:.1%}"


def _largest_move(
    pairs: Sequence[tuple[PartnerShare, PartnerShare]], labels: tuple[str, str]
) -> str:
    """Return the title: the share that moved most, as far as the printed digits show it."""
    for which, label in enumerate(labels):
        if any(pair[which].share.value != pair[which].share.value for pair in pairs):
            return f"Shares: undefined {label}, nothing was counted"
    old, new = max(pairs, key=lambda pair: abs(pair[1].share.value - pair[0].share.value))
    first, last = _percent(old.share.value), _percent(new.share.value)
    if first == last:
        return "Shares did not change"
    verb = "rose" if new.share.value > old.share.value else "fell"
    return f"{new.name}'s share {verb} from {first} to {last}"


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
        A point that is part of several signals has the marker of the first in the legend.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    ax, font = _axes(ax, size, rows=0)
    points = list(chart)
    for phase in dict.fromkeys(point.phase for point in points):
        places = [place for place, point in enumerate(points) if point.phase == phase]
        _phase(ax, places, [points[place] for place in places])
    for name, (marker, meaning) in SIGNAL_MARKS.items():
        marked = [
            (place, point.value) for place, point in enumerate(points) if name in point.signals[:1]
        ]
        if marked:
            x, y = zip(*marked, strict=True)
            ax.plot(
                x,
                y,
                linestyle="none",
                marker=marker,
                markersize=10,
                color=ORANGE,
                markeredgecolor=GREY,
                label=meaning,
            )
    ax.set_xticks(
        range(len(points)),
        [point.name for point in points],
        fontsize=font,
        rotation=45,
        ha="right",
        rotation_mode="anchor",
    )
    ax.tick_params(axis="y", labelsize=font)
    ax.set_ylabel(f"Registrations {chart.unit}" if chart.unit else "Value", fontsize=font)
    special = [point.name for point in chart.special]
    if special:
        ax.legend(fontsize=font, frameon=False, loc="best")
    title = _special_points(special) if special else "No point is out of the ordinary"
    _finish(ax, title, font)
    listed = "; ".join(f"{point.name} {point.value:.2f}" for point in points)
    ax.set_label(f"Control chart with limits. {title}. {listed}.")
    return ax


def _phase(ax: Axes, places: list[int], points: list[ControlPoint]) -> None:
    ax.plot(places, [point.value for point in points], color=DARK_BLUE, marker="o", linewidth=1.5)
    edges = [places[0] - 0.5, *(place + 0.5 for place in places)]
    for name, style in (("centre", "-"), ("lower", "--"), ("upper", "--")):
        heights = [getattr(point, name) for point in points]
        if None not in heights:
            ax.stairs(heights, edges, baseline=None, color=GREY, linestyle=style)


def _special_points(names: list[str]) -> str:
    if len(names) == 1:
        return f"One point is out of the ordinary: {names[0]}"
    return f"{len(names)} points are out of the ordinary, the first of them {names[0]}"


def save_chart(ax: Axes, path: str | Path) -> None:
    """Write a chart's figure to a file; an SVG carries its title and alternative text.

    Parameters
    ----------
    ax : matplotlib Axes
        From a function of this module.
    path : str or Path
        Ends in ``.svg``, ``.png`` or ``.pdf``.
    """
    from pathlib import Path

    path = Path(path)
    if path.suffix.lower() == ".svg":
        path.write_text(svg_text(ax), encoding="utf-8")
        return
    figure: Any = ax.figure
    figure.savefig(path, dpi=200)


def svg_text(ax: Axes) -> str:
    """Return a chart's figure as SVG that a screen reader can read out."""
    import hashlib
    import io
    import re
    from html import escape

    import matplotlib as mpl

    buffer = io.StringIO()
    figure: Any = ax.figure
    # Text stays text, and no date or random identifier makes two runs differ.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "lhp-metrics"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    svg = buffer.getvalue()
    # Identifiers must differ between the charts of a page, and not between runs.
    prefix = f"c{hashlib.sha256(svg.encode()).hexdigest()[:10]}-"
    svg = re.sub(r'(\sid="|url\(#|href="#)', rf"\g<1>{prefix}", svg)
    start = svg.index("<svg")
    end = svg.index(">", start)
    title, description = escape(ax.get_title(loc="left")), escape(str(ax.get_label()))
    named = f"><title>{title}</title><desc>{description}</desc>"
    return f'{svg[start:end]} role="img" aria-label="{description}"{named}{svg[end + 1 :]}'


def _refuse_hidden(*tables: Table[Any]) -> None:
    for table in tables:
        if any(cells.any() for cells in table.hidden.values()):
            raise InvalidInputError(f"the table {table.title!r} is suppressed: it has hidden cells")


def _axes(ax: Axes | None, size: Size, *, rows: int) -> tuple[Axes, float]:
    choice("size", size, SIZES)
    width, height, font = SIZES[size]
    if ax is None:
        try:
            import matplotlib.pyplot as plt
        except ImportError:
            raise MissingExtraError("charts need matplotlib: install lhp-metrics[charts]") from None
        height = max(height, 0.055 * font * rows)
        _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    return ax, font


def _finish(ax: Axes, title: str, font: float) -> None:
    ax.set_title(title, loc="left", fontsize=font + 2, fontweight="bold")
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.tick_params(axis="y", length=0)
