"""Shares of two periods, side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lhp_metrics._checks import of_kind
from lhp_metrics.charts._axes import (
    DARK_BLUE,
    TURQUOISE,
    Size,
    chart_axes,
    estimate_of,
    finish,
    hidden_note,
    one_line,
    percent_text,
    row_labels,
    wrapped,
)
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.results import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.container import Container

    from lhp_metrics.metrics.shares import PartnerShare

__all__ = ["shares_plot"]

STYLES = ((TURQUOISE, "///"), (DARK_BLUE, ""))
BAR = 0.38


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
        An undefined share has no bar and is marked "–", a hidden one "*".

    Raises
    ------
    InvalidInputError
        If the partners differ, or `labels` are not two.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> from lhp_metrics.charts import shares_plot
    >>> report = lhp.annual_report_2023_24()
    >>> ax = shares_plot(lhp.partner_shares(report.spark), lhp.partner_shares(report.jro))
    >>> print(" ".join(ax.get_title(loc="left").split()))
    LUHFT: share fell from 67.7% to 42.1%
    """
    of_kind("before", before, Table)
    of_kind("after", after, Table)
    if set(before.keys) != set(after.keys):
        raise InvalidInputError("the two tables must have the same partners")
    names: Sequence[str] = labels
    if isinstance(names, str) or len(names) != 2:
        raise InvalidInputError(f"labels must be two, for before and after; got {labels!r}")
    pairs = [(before[row.key], row) for row in sorted(after, key=_size)]
    ax, font = chart_axes(ax, size, labels=[row.name for _, row in pairs], least=2)
    row_labels(ax, [row.name for _, row in pairs], font)
    legend: list[tuple[Container, str]] = []
    for which, (label, (colour, hatch)) in enumerate(zip(labels, STYLES, strict=True)):
        rows = [pair[which] for pair in pairs]
        shares = np.array([_value(row) for row in rows])
        places = np.arange(len(pairs)) + 0.4 * (which - 0.5)
        known = np.isfinite(shares)
        bars = ax.barh(
            places[known], 100 * shares[known], BAR, color=colour, hatch=hatch, edgecolor="white"
        )
        legend.append((bars, str(label)))
        for place, row, share in zip(places, rows, np.nan_to_num(shares), strict=True):
            ax.annotate(
                _printed(row),
                (100 * share, place),
                (4, 0),
                textcoords="offset points",
                va="center",
                fontsize=font,
            )
    ax.margins(x=0.12)
    ax.set_xlim(left=0)
    ax.tick_params(axis="x", labelsize=font)
    counted = after.provenance.attribution
    rule = f" (attribution: {counted})" if counted else ""
    stars = hidden_note(estimate_of(row, "share") for pair in pairs for row in pair)
    ax.set_xlabel(wrapped(ax, f"Share of the total, %{rule}{stars}", font), fontsize=font)
    title = _largest_move(pairs, labels)
    each = "; ".join(f"{one_line(new.name)} {_words(old)} then {_words(new)}" for old, new in pairs)
    kind = f"Bar chart of shares, {one_line(labels[0])} and {one_line(labels[1])}"
    finish(ax, title, f"{kind}. {title}. {each}.", font, legend=legend)
    return ax


def _value(row: PartnerShare) -> float:
    share = estimate_of(row, "share")
    return math.nan if share is None else share.value


def _size(row: PartnerShare) -> float:
    return -float(np.nan_to_num(_value(row)))


def _printed(row: PartnerShare) -> str:
    share = estimate_of(row, "share")
    if share is None or row.percent is None:
        return percent_text(None if share is None else share.value)
    return f"{row.percent}%"


def _words(row: PartnerShare) -> str:
    return "hidden" if _is_hidden(row) else percent_text(row.share.value)


def _is_hidden(row: PartnerShare) -> bool:
    return estimate_of(row, "share") is None


def _largest_move(
    pairs: Sequence[tuple[PartnerShare, PartnerShare]], labels: tuple[str, str]
) -> str:
    """Return the title: the share that moved most, as far as the printed digits show it."""
    shown = [pair for pair in pairs if not any(map(_is_hidden, pair))]
    if not shown:
        return "Shares: all are hidden" if pairs else "Shares: there are no partners"
    for which, label in enumerate(labels):
        if any(pair[which].share.value != pair[which].share.value for pair in shown):
            return f"Shares: undefined {one_line(label)}, nothing was counted"
    old, new = max(shown, key=lambda pair: abs(pair[1].share.value - pair[0].share.value))
    first, last = percent_text(old.share.value), percent_text(new.share.value)
    if first == last:
        return "Shares did not change"
    verb = "rose" if new.share.value > old.share.value else "fell"
    return f"{one_line(new.name)}: share {verb} from {first} to {last}"
