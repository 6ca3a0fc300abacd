"""Caterpillar: every group's estimate with its interval, in order of size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lhp_metrics._checks import of_kind
from lhp_metrics.charts._axes import (
    DARK_BLUE,
    GREY,
    ORANGE,
    Size,
    chart_axes,
    column_heading,
    estimates_column,
    finish,
    interval_row,
    listed,
    one_line,
    refuse_hidden,
    row_labels,
    wrapped,
)
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.results import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from lhp_metrics.estimates import Estimate

__all__ = ["caterpillar_plot"]

USUAL = ("share", "median", "share_on_track", "rate")
ROOM = 1.05


def caterpillar_plot(
    table: Table[Any], *, of: str | None = None, ax: Axes | None = None, size: Size = "slide"
) -> Axes:
    """Draw every group's estimate with its interval in order of size, against the total's.

    Parameters
    ----------
    table : Table
        With a column of estimates: from ``within_target``, ``setup_times``, ``success_rates``,
        or another.
    of : str, optional
        Which column of estimates to draw, such as ``"median"``; by default the share, the
        median or the rate, whichever the table has first, and else its first estimate.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure of pyplot's.
    size : {"slide", "column"}, default "slide"
        Size of the figure and its type.

    Returns
    -------
    matplotlib Axes
        The largest value is at the top. Groups whose interval does not hold the total's value
        have a diamond. Limits that run off the axis, as those that are not reached do, end in an
        arrow; undefined values are at the bottom, marked "–".

    Raises
    ------
    InvalidInputError
        If the table has no such estimates, none is defined, or it is suppressed: the order
        would give hidden ones away.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> from lhp_metrics.charts import caterpillar_plot
    >>> ax = caterpillar_plot(lhp.success_rates(lhp.nihr_rfpb_success_rates().one_stage))
    >>> print(ax.get_yticklabels()[0].get_text())
    2010-11
    """
    of_kind("table", table, Table)
    of, column = estimates_column(table, of, USUAL)
    refuse_hidden(table, "their order would give them away")
    rows = sorted(table, key=lambda row: _rank(getattr(row, of)))
    estimates: list[Estimate] = [getattr(row, of) for row in rows]
    total: Estimate | None = getattr(table.total, of) if table.has_total else None
    edges = _edges([*estimates, *([total] if total is not None else [])])
    ax, font = chart_axes(ax, size, labels=[row.name for row in rows])
    row_labels(ax, [row.name for row in rows], font)
    ax.set_xlim(*edges)
    legend = _total_line(ax, total, edges)
    outside: list[str] = []
    for place, (row, estimate) in enumerate(zip(rows, estimates, strict=True)):
        side = _side(estimate, total)
        if side:
            outside.append(f"{one_line(row.name)} ({side})")
        colour, marker = (ORANGE, "D") if side else (DARK_BLUE, "o")
        text = str(estimate)
        interval_row(ax, place, estimate, text, edges, font, colour=colour, marker=marker)
    ax.tick_params(axis="x", labelsize=font)
    if column.unit == "proportion":
        ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    ax.set_xlabel(wrapped(ax, column_heading(table, of), font), fontsize=font)
    title = f"{table.title}: {_finding(outside, total, len(rows))}"
    each = "; ".join(
        f"{one_line(row.name)} {estimate if estimate.value == estimate.value else 'undefined'}"
        for row, estimate in zip(rows, estimates, strict=True)
    )
    alternative = f"Caterpillar plot: {column_heading(table, of)}, with intervals. {title}. {each}."
    finish(ax, title, alternative, font, legend=legend)
    return ax


def _rank(estimate: Estimate) -> tuple[bool, float]:
    undefined = estimate.value != estimate.value
    return undefined, 0.0 if undefined else -estimate.value


def _edges(estimates: Sequence[Estimate]) -> tuple[float, float]:
    """Return where the axis begins and ends; what is infinite lies beyond it."""
    known = [e for e in estimates if e.value == e.value]
    finite = [end for e in known for end in e if math.isfinite(end)]
    if not known or not finite:
        raise InvalidInputError("no group has a value: there is nothing to draw")
    low, high = min(0.0, *finite), max(finite)
    if known[0].unit == "proportion":
        return 0.0, min(1.0, ROOM * high)
    # Where something runs off the axis there is room for the arrow to mean further.
    beyond = any(math.isinf(end) for e in known for end in e)
    return low, (1.15 if beyond else ROOM) * (high or 1.0)


def _total_line(
    ax: Axes, total: Estimate | None, edges: tuple[float, float]
) -> list[tuple[Artist, str]]:
    if total is None or not edges[0] <= total.value <= edges[1]:
        return []
    line = ax.axvline(total.value, color=GREY, linewidth=1, linestyle="--")
    left, right = (min(max(end, edges[0]), edges[1]) for end in total.interval)
    ax.axvspan(left, right, color=GREY, alpha=0.1, linewidth=0)
    return [(line, f"total {total}")]


def _side(estimate: Estimate, total: Estimate | None) -> str:
    """Return on which side of the total's value an interval lies as a whole; empty if on none."""
    if total is None or total.value != total.value or estimate.value != estimate.value:
        return ""
    if estimate.low > total.value:
        return f"{str(estimate).partition(' (')[0]}, above"
    return f"{str(estimate).partition(' (')[0]}, below" if estimate.high < total.value else ""


def _finding(outside: Sequence[str], total: Estimate | None, groups: int) -> str:
    if total is None or total.value != total.value:
        return f"{groups:,} groups"
    if not outside:
        return f"{total} in total, which no group clearly differs from"
    verb = "differs" if len(outside) == 1 else "differ"
    return f"{total} in total; {len(outside)} of {groups:,} clearly {verb}: {listed(outside)}"
