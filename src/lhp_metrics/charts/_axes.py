"""What all pictures share: sizes, palette, titles, alternative text, arrows for cut limits.

Colours are the Government Analysis Function's. No picture needs them to be read: markers, hatches
and line styles say the same. Nothing global is touched, neither styles nor the current figure.
"""

from __future__ import annotations

import math
import re
import textwrap
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from lhp_metrics._checks import choice, of_kind
from lhp_metrics._extras import optional
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Estimates
from lhp_metrics.results.columns import row_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.container import Container

    from lhp_metrics.estimates import Estimate
    from lhp_metrics.results import Row, Table

__all__ = [
    "DARK_BLUE",
    "GREY",
    "HIDDEN",
    "MARK",
    "MOST_ROWS",
    "ORANGE",
    "SERIES",
    "SIZES",
    "TURQUOISE",
    "Size",
    "chart_axes",
    "column_heading",
    "detached_axes",
    "estimate_of",
    "estimates_column",
    "finish",
    "fit_height",
    "hidden_note",
    "interval_row",
    "listed",
    "need_matplotlib",
    "one_line",
    "percent_text",
    "refuse_hidden",
    "row_labels",
    "short",
    "wrapped",
]

Size: TypeAlias = Literal["slide", "column"]

DARK_BLUE, TURQUOISE, DARK_PINK = "#12436D", "#28A197", "#801650"
ORANGE, GREY, LIGHT_PURPLE = "#F46A25", "#3D3D3D", "#A285D1"

# Colour, line style and marker of each of a few series on one axis.
SERIES: tuple[tuple[str, str, str], ...] = (
    (DARK_BLUE, "-", "o"),
    (ORANGE, "--", "s"),
    (TURQUOISE, "-.", "^"),
    (DARK_PINK, ":", "D"),
    (LIGHT_PURPLE, "--", "v"),
)

# Width and height in inches, and the size of the type in points.
SIZES: dict[str, tuple[float, float, float]] = {
    "slide": (10.0, 5.6, 12.0),
    "column": (6.3, 4.0, 8.0),
}
LONGEST_LINE = 30  # Characters of a name on one line of its label.
MOST_LINES = 3
MOST_ROWS = 500  # More make a picture that nobody can read, and few programs open.
LETTER, BOLD = 0.56, 1.08  # Mean width of a letter in parts of the type's size; a bold one's.
MARK = 0.65  # Size of a marker in parts of the type's size.
HIDDEN = "*"


def chart_axes(
    ax: Axes | None, size: Size, *, labels: Iterable[str] = (), least: int = 1
) -> tuple[Axes, float]:
    """Return where to draw and the size of the type; a new figure is as high as its rows need.

    A row needs as many lines as its label has, and at least `least`.
    """
    choice("size", size, SIZES)
    width, _, font = SIZES[size]
    need_matplotlib()
    import matplotlib.axes
    import matplotlib.pyplot as plt

    rows = list(map(short, labels))
    if len(rows) > MOST_ROWS:
        raise InvalidInputError(f"{len(rows):,} rows are more than a picture shows ({MOST_ROWS})")
    if ax is not None:
        of_kind("ax", ax, matplotlib.axes.Axes)
        return ax, font
    height = _height(rows, size, least)
    _, new = plt.subplots(figsize=(width, height), layout="constrained")
    return new, font


def detached_axes(size: Size) -> Axes:
    """Return axes of a new figure that pyplot knows nothing of."""
    need_matplotlib()
    from matplotlib.figure import Figure

    return Figure(figsize=SIZES[size][:2], layout="constrained").subplots()


def fit_height(ax: Axes, size: Size, *, least: int = 1) -> None:
    """Make a detached figure as high as its rows need."""
    figure: Any = ax.figure
    labels = [label.get_text() for label in ax.get_yticklabels()]
    figure.set_figheight(_height(labels, size, least))


def _height(labels: Iterable[str], size: Size, least: int) -> float:
    _, height, font = SIZES[size]
    lines = sum(max(least, 1 + label.count("\n")) for label in labels)
    return max(height, (1.6 * lines + 8) * font / 72)


def need_matplotlib() -> None:
    """Refuse where the library that draws is not installed."""
    optional("matplotlib.pyplot", extra="charts", user="a chart")


def one_line(text: str) -> str:
    """Return a text from the data without line breaks and characters that no font or XML has."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def short(name: str) -> str:
    """Return a name as a label of few short lines; the alternative text has it whole."""
    lines = textwrap.wrap(one_line(name), LONGEST_LINE) or [""]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1][: LONGEST_LINE - 1]}…"]
    return "\n".join(lines)


def row_labels(ax: Axes, names: Sequence[str], font: float) -> None:
    """Put one name beside each row, the first at the top."""
    ax.set_yticks(range(len(names)), list(map(short, names)), fontsize=font)
    ax.set_ylim(len(names) - 0.5, -0.5)


def estimate_of(row: Row, name: str) -> Estimate | None:
    """Return one of a row's estimates; None where it was hidden."""
    found: Estimate | None = getattr(row, name)
    return found


def estimates_column(
    table: Table[Any], of: str | None, usual: Sequence[str]
) -> tuple[str, Estimates]:
    """Return the estimates to draw and their column's name: as asked for, or the first usual."""
    found = {name: part for name, part in table.columns.items() if isinstance(part, Estimates)}
    if not found:
        raise InvalidInputError(f"the table {table.title!r} has no estimates to draw")
    if of is None:
        of = next(name for name in (*usual, *found) if name in found)
    choice("of", of, tuple(found))
    return of, found[of]


def column_heading(table: Table[Any], of: str) -> str:
    """Return what a column is called."""
    titles = {name: column.title for name, column in row_columns(table.row_type)}
    return table.headings.get(of, titles[of]) or of.replace("_", " ").capitalize()


def percent_text(share: float | None) -> str:
    """Return a proportion as printed; "–" where it is undefined, "*" where it is hidden."""
    if share is None:
        return HIDDEN
    return "–" if share != share else f"{share:.1%}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return names as a title lists them: "A, B and 3 more"."""
    shown = [one_line(name) for name in names]
    if len(shown) > most:
        shown = [*shown[: most - 1], f"{len(shown) - most + 1} more"]
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else ""


def interval_row(
    ax: Axes,
    place: float,
    estimate: Estimate | None,
    text: str,
    edges: tuple[float, float],
    font: float,
    *,
    colour: str,
    marker: str,
) -> None:
    """Draw a value and its limits along a row, its text beside it; None was hidden.

    A limit beyond the edges ends in an arrow.
    """
    beside: dict[str, Any] = {
        "xycoords": ("axes fraction", "data"),
        "va": "center",
        "fontsize": font,
    }
    ax.annotate(text, (1.03, place), **beside)
    left, right = edges
    if estimate is None or estimate.value != estimate.value:
        return
    low, high = max(estimate.low, left), min(estimate.high, right)
    ax.plot([low, high], [place, place], color=colour, linewidth=2, solid_capstyle="butt")
    for end, limit, arrow in ((left, estimate.low, "<"), (right, estimate.high, ">")):
        if not left <= limit <= right:
            ax.plot(end, place, marker=arrow, color=colour, markersize=MARK * font, clip_on=False)
    if left <= estimate.value <= right:
        ax.plot(estimate.value, place, marker=marker, color=colour, markersize=MARK * font)


def hidden_note(estimates: Iterable[Estimate | None]) -> str:
    """Return what an axis says of the stars beside it."""
    return f" ({HIDDEN} hidden)" if None in list(estimates) else ""


def refuse_hidden(table: Table[Any], why: str) -> None:
    """Refuse a suppressed table that the picture would give away, or could not show."""
    if any(cells.any() for cells in table.hidden.values()):
        raise InvalidInputError(
            f"the table {table.title!r} is suppressed: it has hidden cells, and {why}"
        )


def wrapped(ax: Axes, text: str, font: float) -> str:
    """Return a text in even lines that the axes' part of the figure is wide enough for."""
    # An interval stays in one piece.
    text = re.sub(r"\([^()]{1,24}\)", lambda found: found[0].replace(" ", "\xa0"), text)
    most = _letters(ax, font)
    lines = textwrap.wrap(text, most, break_on_hyphens=False)
    for width in range(most, 19, -1):
        narrower = textwrap.wrap(text, width, break_on_hyphens=False)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return "\n".join(lines).replace("\xa0", " ")


def _letters(ax: Axes, font: float) -> int:
    figure: Any = ax.figure
    spec = ax.get_subplotspec()
    columns = 1 if spec is None else spec.get_gridspec().ncols
    labels = ax.get_yticklabels()
    longest = max((len(line) for tick in labels for line in tick.get_text().split("\n")), default=0)
    taken = LETTER * longest * float(labels[0].get_fontsize()) if longest else 0.0
    points: float = 72 * figure.get_figwidth() / columns - taken - 2 * font
    return max(20, math.floor(points / (LETTER * font)))


def finish(
    ax: Axes,
    title: str,
    alternative: str,
    font: float,
    *,
    legend: Sequence[tuple[Artist | Container, str]] = (),
) -> None:
    """Give a picture its title, its legend between title and axes, and its alternative text."""
    from matplotlib.text import Text

    pad = font / 2
    if legend:
        pad += _legend_above(ax, legend, font)
    heading = wrapped(ax, title, BOLD * (font + 2))
    ax.set_title(heading, loc="left", fontsize=font + 2, fontweight="bold", pad=pad)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.tick_params(axis="y", length=0)
    # A dollar or an underscore in a name is no formula.
    for text in ax.findobj(Text):
        text.set_parse_math(False)
    ax.set_label(alternative)


def _legend_above(ax: Axes, legend: Sequence[tuple[Artist | Container, str]], font: float) -> float:
    """Draw the legend above the axes, where no data are, and return its height in points."""
    names = [one_line(name) for _, name in legend]
    letters = max(map(len, names)) + 8
    columns = max(1, min(len(names), _letters(ax, font) // letters))
    drawn = ax.legend(
        [handle for handle, _ in legend],
        ["."] * len(names),
        fontsize=font,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0,
        ncols=columns,
    )
    # matplotlib would leave out a name that begins with an underscore.
    for text, name in zip(drawn.get_texts(), names, strict=True):
        text.set_text(name)
    return 1.6 * font * math.ceil(len(names) / columns)
