"""Words for sentences that a reader of a board paper can take as they stand."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lhp_metrics.estimates import Estimate
from lhp_metrics.provenance import Provenance, date_text
from lhp_metrics.results.columns import cell_text, row_columns
from lhp_metrics.results.rows import TOTAL

if TYPE_CHECKING:
    from lhp_metrics.results.rows import Row
    from lhp_metrics.results.table import Table

__all__ = [
    "NOT_SHOWN",
    "about",
    "by_chance",
    "fewer_or_more",
    "groups_shown",
    "is_hidden",
    "joined",
    "level_text",
    "listed",
    "number_of",
    "percent",
    "plain_row",
    "plain_table",
    "points",
    "signed_points",
    "when",
    "with_limits",
]

MOST_LISTED = 12
NOT_SHOWN = "The figures are not shown, because counts are too small to publish."
DATED = {"submitted_on": "Submitted", "decided_on": "Decided", "registered_on": "Registered"}


def number_of(count: Any, singular: str, plural: str | None = None) -> str:
    """Return "1 application", "1,234 applications"; parts of records with two decimals."""
    text = f"{count:,}" if isinstance(count, int) else f"{float(count):,.2f}".removesuffix(".00")
    return f"{text} {singular if count == 1 else plural or singular + 's'}"


def percent(value: float) -> str:
    """Return a fraction as per cent."""
    return f"{value:.1%}"


def points(value: float) -> str:
    """Return a difference of fractions without its sign."""
    return f"{100 * abs(value):.1f}"


def signed_points(value: float) -> str:
    """Return a difference of fractions in percentage points, "+5.3" or "−0.4"."""
    text = f"{100 * value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "−")


def level_text(estimate: Estimate, kind: str = "confidence") -> str:
    """Return "95% confidence interval"."""
    return f"{100 * estimate.confidence_level:.10g}% {kind} interval"


def with_limits(share: Estimate) -> str:
    """Return "70.8% (95% confidence interval 50.8% to 85.1%)"."""
    low, high = percent(share.low), percent(share.high)
    return f"{percent(share.value)} ({level_text(share)} {low} to {high})"


def fewer_or_more(ratio: float) -> str:
    """Return "17% fewer", "82% more" or "no change"; 100% fewer is none at all."""
    if ratio == float("inf"):
        return "no limit to how many more"
    text = f"{100 * abs(ratio - 1):,.0f}%"
    if text == "100%" and 0 < ratio < 1:
        return "over 99% fewer"
    return "no change" if text == "0%" else f"{text} {'more' if ratio > 1 else 'fewer'}"


def by_chance(estimate: Estimate, null: float, p_adjusted: float | None = None) -> str:
    """Return what the interval says of chance, and what the number of comparisons leaves of it."""
    if estimate.low <= null <= estimate.high:
        return "chance alone could explain it"
    if p_adjusted is not None and p_adjusted >= 1 - estimate.confidence_level:
        return (
            "by itself more than chance would explain, but not once the number of "
            "comparisons is allowed for"
        )
    return "more than chance alone would explain"


def about(row: "Row", sentence: str) -> str:
    """Return the sentence with the group that it is about before it; the total needs no name."""
    return sentence if row.name == TOTAL else f"{row.name}: {sentence[:1].lower()}{sentence[1:]}"


def when(provenance: Provenance) -> str:
    """Return a sentence with the period, and when the outcomes were known; or nothing."""
    if len(provenance.periods) != 1:
        return ""
    ((_, first, last),) = provenance.periods
    verb = DATED.get(provenance.dated_by or "", "Counted")
    known = f", as known on {date_text(provenance.as_of)}" if provenance.as_of else ""
    return f"{verb} from {date_text(first)} to {date_text(last)}{known}."


def joined(*sentences: str) -> str:
    """Return the sentences that there are, one after the other."""
    return " ".join(sentence for sentence in sentences if sentence)


def listed(names: Iterable[str]) -> str:
    """Return "A, B and C"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def is_hidden(row: "Row") -> str:
    """Return the sentence that says so where figures of the row are hidden, or nothing."""
    if any(
        getattr(row, name) is None and not column.optional
        for name, column in row_columns(type(row))
    ):
        return about(row, NOT_SHOWN)
    return ""


def groups_shown(table: "Table[Any]", number: int) -> str:
    """Return "6 groups", or "6 groups shown" where others are hidden."""
    hidden = any(cells[: len(table)].any() for cells in table.hidden.values())
    return number_of(number, "group") + (" shown" if hidden else "")


def plain_row(row: "Row") -> str:
    """Return heading and figure of each printed column, for a metric without words of its own."""
    hidden = is_hidden(row)
    if hidden:
        return hidden
    parts = [
        f"{column.title} {cell_text(column.spec, getattr(row, name))}"
        for name, column in row_columns(type(row))
        if column.title and not column.detail and getattr(row, name) not in (None, "")
    ]
    return f"{row.name}: {'; '.join(parts)}."


def plain_table(table: "Table[Any]") -> str:
    """Return the total's words, or those of the rows, a line each."""
    if table.has_total:
        said: str = table.total.describe()
        return said
    lines = [row.describe() for _, row in zip(range(MOST_LISTED), table, strict=False)]
    more = len(table) - MOST_LISTED
    return "\n".join([*lines, *([f"… and {more:,} more."] if more > 0 else [])])
