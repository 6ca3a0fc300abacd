"""Forest plot: every group's value with its interval, one below the other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lhp_metrics._checks import of_kind
from lhp_metrics.charts._axes import (
    DARK_BLUE,
    GREY,
    HIDDEN,
    Size,
    chart_axes,
    column_heading,
    estimate_of,
    estimates_column,
    finish,
    hidden_note,
    interval_row,
    listed,
    one_line,
    row_labels,
    wrapped,
)
from lhp_metrics.results import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from lhp_metrics.estimates import Estimate
    from lhp_metrics.results import Row

__all__ = ["forest_plot"]

CLIP = 4.0  # How far beyond the outermost value limits are drawn before an arrow replaces them.
USUAL = ("rate_ratio", "difference", "rate")
POINTS = "percentage points"
RATIO_TICKS = [m * 10.0**e for e in range(-9, 10) for m in (1, 2, 5)]
MOST_TICKS = 9


def forest_plot(
    table: Table[Any], *, of: str | None = None, ax: Axes | None = None, size: Size = "slide"
) -> Axes:
    """Draw every group's estimate with its interval, and the total's; ratios on a log axis.

    Parameters
    ----------
    table : Table
        With a column of estimates: from ``registration_change``, ``success_rates``,
        ``success_rate_change``, ``compare_success_rates``, or another.
    of : str, optional
        Which column of estimates to draw, such as ``"ratio"``; by default the rate ratio, the
        difference or the rate, whichever the table has first, and else its first estimate.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure of pyplot's.
    size : {"slide", "column"}, default "slide"
        Size of the figure and its type: for a slide, or for the column of a printed page.

    Returns
    -------
    matplotlib Axes
        Limits that run off the axis end in an arrow; the numbers stand beside every row, "–"
        for an undefined value and "*" for a hidden one. The dashed line is no change, or no
        difference, or for rates the total's.

    Raises
    ------
    InvalidInputError
        If the table has no such estimates.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> from lhp_metrics.charts import forest_plot
    >>> ax = forest_plot(lhp.success_rates(lhp.nihr_rfpb_success_rates().one_stage))
    >>> print(" ".join(ax.get_title(loc="left").split()))
    Success rates of grant applications: 21.5% (19.7% to 23.5%) in total
    """
    of_kind("table", table, Table)
    of, column = estimates_column(table, of, USUAL)
    rows = [*table, *([table.total] if table.has_total else [])]
    estimates = [estimate_of(row, of) for row in rows]
    unit = column.unit
    edges = _edges(estimates, unit)
    ax, font = chart_axes(ax, size, labels=[row.name for row in rows])
    row_labels(ax, [row.name for row in rows], font)
    _scale(ax, unit, edges)
    line = _base(table, of, unit)
    if line is not None and edges[0] <= line <= edges[1]:
        ax.axvline(line, color=GREY, linewidth=1, linestyle="--")
    for place, estimate in enumerate(estimates):
        is_total = place == len(table)
        colour, marker = (GREY, "D") if is_total else (DARK_BLUE, "s")
        text = _text(estimate)
        interval_row(ax, place, estimate, text, edges, font, colour=colour, marker=marker)
    ax.tick_params(axis="x", labelsize=font)
    label = _axis_label(table, of, unit) + hidden_note(estimates)
    ax.set_xlabel(wrapped(ax, label, font), fontsize=font)
    title = f"{_subject(table, of)}: {_finding(table, of, unit, rows)}"
    pairs = zip(rows, estimates, strict=True)
    each = "; ".join(f"{one_line(row.name)} {_words(estimate)}" for row, estimate in pairs)
    finish(
        ax,
        title,
        f"Forest plot: {column_heading(table, of)}, with intervals. {title}. {each}.",
        font,
    )
    return ax


def _edges(estimates: Sequence[Estimate | None], unit: str) -> tuple[float, float]:
    """Return where the axis begins and ends."""
    known = [estimate for estimate in estimates if estimate is not None and _is_known(estimate)]
    finite = [estimate for estimate in known if math.isfinite(estimate.value)]
    if unit == "ratio":
        values = [estimate.value for estimate in finite if estimate.value > 0] or [1.0]
        return min(min(values) / CLIP, 0.5), max(max(values) * CLIP, 2.0)
    low = min((estimate.low for estimate in finite), default=0.0)
    high = max((estimate.high for estimate in finite), default=0.0)
    if unit == POINTS:
        room = 0.05 * (max(high, 0.0) - min(low, 0.0)) or 0.01
        return min(low, 0.0) - room, max(high, 0.0) + room
    furthest = CLIP * max((estimate.value for estimate in finite), default=0.0)
    most = min(1.05 * high, furthest or math.inf) or 1.0
    return min(low, 0.0), min(most, 1.0) if unit == "proportion" else most


def _scale(ax: Axes, unit: str, edges: tuple[float, float]) -> None:
    ax.set_xlim(*edges)
    if unit == "ratio":
        ax.set_xscale("log")
        ax.set_xlim(*edges)
        ticks = [tick for tick in RATIO_TICKS if edges[0] <= tick <= edges[1]]
        while len(ticks) > MOST_TICKS:  # Then powers of ten, and at last every other of them.
            tens = [tick for tick in ticks if f"{tick:e}".startswith("1.0")]
            ticks = tens if len(tens) < len(ticks) else ticks[::2]
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
    elif unit in ("proportion", POINTS):
        sign = "+" if unit == POINTS else ""
        ax.xaxis.set_major_formatter(lambda value, _: _percent_tick(value, sign))


def _percent_tick(value: float, sign: str) -> str:
    number = round(100 * value, 10)
    return f"{number:{sign if number else ''}g}{'' if sign else '%'}"


def _base(table: Table[Any], of: str, unit: str) -> float | None:
    """Return where the dashed line stands, if anywhere."""
    if unit in ("ratio", POINTS):
        return 1.0 if unit == "ratio" else 0.0
    total = _comparable_total(table, of)
    return None if total is None else total.value


def _comparable_total(table: Table[Any], of: str) -> Estimate | None:
    """Return the total, where groups can be held against it: not counts, nor shares of 100 %."""
    total = estimate_of(table.total, of) if table.has_total else None
    if total is None or not math.isfinite(total.value) or total.low == total.high:
        return None
    return total if total.unit == "proportion" or total.unit.startswith("per ") else None


def _axis_label(table: Table[Any], of: str, unit: str) -> str:
    if of == "rate_ratio":
        return f"{_subject(table, of)}, after ÷ before (log scale; line: no change)"
    heading = column_heading(table, of)
    if unit == "ratio":
        return f"{heading} (log scale; line: no difference)"
    if unit == POINTS:
        return f"{heading}, percentage points (line: no difference)"
    dashed = "" if _base(table, of, unit) is None else " (line: total)"
    return f"{heading}{dashed}"


def _subject(table: Table[Any], of: str) -> str:
    if of == "rate_ratio":
        per = (table.provenance.exposure or "days").removesuffix("s")
        return f"Registrations per {per}"
    return table.title


def _finding(table: Table[Any], of: str, unit: str, rows: Sequence[Row]) -> str:
    total = estimate_of(table.total, of) if table.has_total else None
    known = [row for row in rows[: len(table)] if _is_known(estimate_of(row, of))]
    if unit in ("ratio", POINTS):
        if total is None or not _is_known(total):
            return _differing(of, unit, known)
        name = "ratio " if unit == "ratio" else ""
        return f"{_moved(total, unit)} in total, {name}{total}"
    comparable = _comparable_total(table, of)
    if comparable is not None:
        return f"{comparable} in total{_beyond(known, of, comparable)}"
    if not known:
        return "no group has a value"
    low, high = (end(known, key=lambda row: getattr(row, of).value) for end in (min, max))
    if low is high:
        return str(getattr(low, of))
    return f"from {_value(low, of)} to {_value(high, of)}"


def _beyond(rows: Sequence[Row], of: str, total: Estimate) -> str:
    """Return which groups' intervals do not hold the total's value."""
    above = [_value(row, of) for row in rows if getattr(row, of).low > total.value]
    below = [_value(row, of) for row in rows if getattr(row, of).high < total.value]
    sides = (("above", above), ("below", below))
    said = [f"{side} it {listed(names)}" for side, names in sides if names]
    return "".join(f"; {text}" for text in said)


def _is_known(estimate: Estimate | None) -> bool:
    return estimate is not None and estimate.value == estimate.value


def _value(row: Row, of: str) -> str:
    return f"{one_line(row.name)} {str(getattr(row, of)).partition(' (')[0]}"


def _moved(estimate: Estimate, unit: str) -> str:
    none = 1 if unit == "ratio" else 0
    if estimate.low > none:
        return "higher"
    return "lower" if estimate.high < none else "no clear change"


def _differing(of: str, unit: str, rows: Sequence[Any]) -> str:
    """Return which groups differ, allowing for their number where the table does."""
    adjusted: list[float | None] = [getattr(row, "p_adjusted", None) for row in rows]
    if rows and None not in adjusted:
        level = getattr(rows[0], of).confidence_level
        pairs = zip(rows, adjusted, strict=True)
        differ = [row for row, p in pairs if p is not None and p < 1 - level]
        allowing = f", allowing for {len(rows)} comparisons"
    else:
        differ = [row for row in rows if _moved(getattr(row, of), unit) != "no clear change"]
        allowing = ", each by itself"
    if not rows:
        return "no group has a value"
    if not differ:
        return f"none of {len(rows)} clearly differs{allowing}"
    found = [f"{one_line(row.name)} {getattr(row, of)}" for row in differ]
    return f"{len(differ)} of {len(rows)} clearly differ{allowing}: {listed(found)}"


def _text(estimate: Estimate | None) -> str:
    return HIDDEN if estimate is None else str(estimate).replace(f" {POINTS}", "")


def _words(estimate: Estimate | None) -> str:
    if estimate is None:
        return "hidden"
    return str(estimate) if _is_known(estimate) else "undefined"
