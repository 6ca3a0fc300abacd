"""Waterfall: which partner brought how much of the change in registrations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lhp_metrics._checks import of_kind
from lhp_metrics.charts._axes import (
    DARK_BLUE,
    GREY,
    ORANGE,
    TURQUOISE,
    Size,
    chart_axes,
    finish,
    one_line,
    refuse_hidden,
    row_labels,
    wrapped,
)
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.metrics.registrations import RegistrationChange
from lhp_metrics.results import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

__all__ = ["waterfall_plot"]

MIX = "Parts of the exposure"
TOTAL, RISE, FALL = (DARK_BLUE, ""), (TURQUOISE, "///"), (ORANGE, "\\\\\\")
BAR = 0.62


def waterfall_plot(
    changes: Table[RegistrationChange], *, ax: Axes | None = None, size: Size = "slide"
) -> Axes:
    """Draw how the partners' contributions lead from the earlier rate to the later one.

    Parameters
    ----------
    changes : Table of RegistrationChange
        From ``registration_change``.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure of pyplot's.
    size : {"slide", "column"}, default "slide"
        Size of the figure and its type.

    Returns
    -------
    matplotlib Axes
        The total's rates first and last; between them each partner's contribution, from the
        largest rise to the largest fall, beginning where the one above ends. Rises and falls
        differ in hatch and sign. Where partners have exposures of their own, what came from
        their parts of the exposure is a step as well.

    Raises
    ------
    InvalidInputError
        If the contributions do not add up, since partners share studies, or would give a
        suppressed cell away.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> from lhp_metrics.charts import waterfall_plot
    >>> report = lhp.annual_report_2023_24()
    >>> ax = waterfall_plot(lhp.registration_change(report.spark, report.jro))
    >>> print(" ".join(ax.get_title(loc="left").split()))
    Registrations per 30 days rose from 20.34 to 36.99; the largest part Clatterbridge, +7.54
    """
    of_kind("changes", changes, Table)
    if not issubclass(changes.row_type, RegistrationChange):
        raise InvalidTypeError(f"changes must come from registration_change; got {changes.title!r}")
    refuse_hidden(changes, "the gap that they leave in a sum would tell what they are")
    before, after = changes.total.before_rate, changes.total.after_rate
    steps = _steps(changes, after.value - before.value)
    names = ["Before", *(name for name, _ in steps), "After"]
    ax, font = chart_axes(ax, size, labels=names)
    row_labels(ax, names, font)
    _bar(ax, 0, 0.0, before.value, TOTAL, f"{before.value:,.2f}", font)
    level = before.value
    for place, (_, step) in enumerate(steps, start=1):
        _bar(ax, place, level, step, RISE if step >= 0 else FALL, f"{step:+,.2f}", font)
        _join(ax, place, level)
        level += step
    _join(ax, len(steps) + 1, level)
    _bar(ax, len(steps) + 1, 0.0, after.value, TOTAL, f"{after.value:,.2f}", font)
    ax.margins(x=0.1)
    ax.set_xlim(left=0)
    ax.tick_params(axis="x", labelsize=font)
    ax.set_xlabel(wrapped(ax, f"Registrations {before.unit}", font), fontsize=font)
    title = _finding(before.value, after.value, before.unit, steps)
    each = "; ".join(f"{one_line(name)} {step:+,.2f}" for name, step in steps)
    finish(ax, title, f"Waterfall chart of contributions. {title}. {each}.", font)
    return ax


def _steps(changes: Table[RegistrationChange], change: float) -> list[tuple[str, float]]:
    """Return name and size of each step, or refuse steps that do not lead to the total."""
    rows = list(changes)
    found = [(row.name, row.contribution) for row in sorted(rows, key=lambda r: -r.contribution)]
    if changes.total.mix:
        found.append((MIX, changes.total.mix))
    sizes = [step for _, step in found]
    scale = sum(map(abs, sizes)) + abs(change)
    if not math.isclose(math.fsum(sizes), change, abs_tol=1e-9 * scale):
        raise InvalidInputError(
            "the partners share studies, so their contributions do not add up to the total's change"
        )
    return found


def _bar(
    ax: Axes,
    place: int,
    start: float,
    length: float,
    style: tuple[str, str],
    text: str,
    font: float,
) -> None:
    colour, hatch = style
    ax.barh(place, length, BAR, left=start, color=colour, hatch=hatch, edgecolor="white")
    end = (max(start, start + length), place)
    ax.annotate(text, end, (4, 0), textcoords="offset points", va="center", fontsize=font)


def _join(ax: Axes, place: int, level: float) -> None:
    """Draw the line on which one bar ends and the next begins."""
    half = BAR / 2
    ax.plot([level, level], [place - 1 + half, place - half], color=GREY, linewidth=1)


def _finding(before: float, after: float, unit: str, steps: Sequence[tuple[str, float]]) -> str:
    first, last = f"{before:,.2f}", f"{after:,.2f}"
    if first == last:
        return f"Registrations {unit} stayed at {first}"
    rose = after > before
    said = f"Registrations {unit} {'rose' if rose else 'fell'} from {first} to {last}"
    name, step = (max if rose else min)(steps, key=lambda step: step[1])
    return f"{said}; the largest part {one_line(name)}, {step:+,.2f}" if len(steps) > 1 else said
