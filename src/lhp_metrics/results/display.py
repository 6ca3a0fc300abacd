"""Tables as text for terminals and as HTML for notebooks and pages."""

import textwrap
from collections.abc import Iterator, Sequence
from html import escape

from lhp_metrics.results.arrange import group_heading, heading, printed
from lhp_metrics.results.columns import cell_text, field_types, row_columns
from lhp_metrics.results.rows import RowT
from lhp_metrics.results.table import Table

__all__ = ["HIDDEN", "table_html", "table_text", "text_cells", "text_headings", "text_places"]

# Colours are left to the page, so that a notebook may be light or dark.
STYLE = """<style>
.lhp-metrics { overflow-x: auto; }
.lhp-metrics table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.lhp-metrics caption { text-align: left; font-weight: bold; padding: .5rem 0; }
.lhp-metrics th, .lhp-metrics td { padding: .25rem .6rem; text-align: right; vertical-align: top; }
.lhp-metrics tr > :first-child, .lhp-metrics tr > .text { text-align: left; }
.lhp-metrics tbody th { font-weight: normal; min-width: 8em; }
.lhp-metrics thead th { vertical-align: bottom; border-bottom: 2px solid; }
.lhp-metrics tfoot th, .lhp-metrics tfoot td { font-weight: bold; border-top: 2px solid; }
.lhp-metrics span { white-space: nowrap; }
.lhp-metrics small { display: block; max-width: 60rem; }
</style>"""

MOST_ROWS = 100
WIDTH = 100
NARROW = 10
HIDDEN = "*"


def table_text(table: Table[RowT]) -> str:
    """Return the table as aligned text, its footnote below; the middle of a long one is cut."""
    lines = [text_cells(table, row, index) for index, row in _shown_rows(table)]
    if table.has_total:
        lines.append(text_cells(table, table.total, len(table)))
    headings = text_headings(table)
    columns = zip(headings, *lines, strict=True)
    widths = [
        max(_longest_word(head), *map(len, cells), min(len(head), NARROW))
        for head, *cells in columns
    ]
    heads = [textwrap.wrap(head, width) for head, width in zip(headings, widths, strict=True)]
    depth = max(map(len, heads))
    heads = [[""] * (depth - len(head)) + head for head in heads]
    texts = [
        "  ".join(_aligned(cells, widths)).rstrip() for cells in [*zip(*heads, strict=True), *lines]
    ]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    texts.insert(depth, rule)
    if table.has_total:
        texts.insert(-1, rule)
    cut = len(table) - MOST_ROWS
    if cut > 0:
        texts.insert(depth + 1 + MOST_ROWS // 2, f"… {cut:,} more rows …")
    footnote = textwrap.wrap(
        table.provenance.footnote(), max(WIDTH, len(rule)), break_on_hyphens=False
    )
    return "\n".join([table.title, "", *texts, "", *footnote])


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)


def _shown_rows(table: Table[RowT]) -> Iterator[tuple[int, RowT]]:
    if len(table) <= MOST_ROWS:
        yield from enumerate(table)
        return
    half = MOST_ROWS // 2
    for index in (*range(half), *range(len(table) - half, len(table))):
        yield index, table[table.keys[index]]


def text_headings(table: Table[RowT]) -> list[str]:
    """Return the printed headings, that of the names first."""
    return [group_heading(table), *(heading(table, name) for name in printed(table))]


def text_places(table: Table[RowT]) -> set[int]:
    """Return which cells of a row hold words, which align left; the name's place is 0."""
    types = field_types(table.row_type)
    return {
        place
        for place, name in enumerate(printed(table), start=1)
        if types[name] <= {str, type(None)}
    }


def text_cells(table: Table[RowT], row: RowT, index: int) -> list[str]:
    """Return a row's cells as they are printed, its name first; the total is the last index."""
    described = dict(row_columns(type(row)))
    cells = [row.name]
    for name in printed(table):
        text = cell_text(table.specs.get(name, described[name].spec), getattr(row, name))
        cells.append(HIDDEN if table.is_hidden(name, index) else text)
    return cells


def _aligned(cells: Sequence[str], widths: list[int]) -> Iterator[str]:
    yield cells[0].ljust(widths[0])
    yield from (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))


def table_html(table: Table[RowT], *, document: bool = False) -> str:
    """Return the table as HTML, or as a page of its own; every text from the data is escaped."""
    side = _sides(table, document=document)
    head = "".join(
        f'<th scope="col"{mark}>{escape(title)}</th>'
        for title, mark in zip(text_headings(table), side, strict=True)
    )
    shown = enumerate(table) if document else _shown_rows(table)
    body = "".join(_html_row(table, row, index, side) for index, row in shown)
    total = _html_row(table, table.total, len(table), side) if table.has_total else ""
    foot = f"<tfoot>{total}</tfoot>" if table.has_total else ""
    cut = 0 if document else len(table) - MOST_ROWS
    more = f"<p>{cut:,} rows in the middle are not shown.</p>" if cut > 0 else ""
    part = (
        f"<table><caption>{escape(table.title)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{foot}</table>"
        f"{more}<p><small>{escape(table.provenance.footnote())}</small></p></div>"
    )
    if not document:
        return f'<div class="lhp-metrics">{STYLE}{part}'
    return (
        f'<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">{STYLE}'
        f"<title>{escape(table.title)}</title></head>"
        f'<body><div class="lhp-metrics">{part}</body></html>\n'
    )


def _sides(table: Table[RowT], *, document: bool) -> list[str]:
    """Return the attribute that aligns each column.

    In a page it is the class; a word processor that opens a document knows styles alone.
    """
    texts = text_places(table)
    places = range(len(printed(table)) + 1)
    if document:
        sides = ("left" if place in texts | {0} else "right" for place in places)
        return [f' style="text-align: {side}"' for side in sides]
    return [' class="text"' if place in texts else "" for place in places]


def _html_row(table: Table[RowT], row: RowT, index: int, side: list[str]) -> str:
    (name, first), *cells = zip(text_cells(table, row, index), side, strict=True)
    tds = "".join(f"<td{mark}>{_unbroken(cell)}</td>" for cell, mark in cells)
    return f'<tr><th scope="row"{first}>{escape(name)}</th>{tds}</tr>'


def _unbroken(cell: str) -> str:
    """Return a cell that a narrow page may break before its interval, but not inside."""
    value, bracket, limits = cell.partition(" (")
    if not bracket:
        return escape(cell)
    return f"{escape(value)} <span>({escape(limits)}</span>"
