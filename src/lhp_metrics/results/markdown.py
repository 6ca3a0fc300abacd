"""Tables as Markdown, with every text from the data escaped."""

import re
from typing import TYPE_CHECKING, Any

from lhp_metrics.results.display import text_cells, text_headings, text_places

if TYPE_CHECKING:
    from lhp_metrics.results.table import Table

__all__ = ["table_markdown"]

# What emphasises, links, quotes code or mathematics, ends a cell or begins HTML; an underscore
# only where it is not inside a word, the colon and the dot only where they make a link.
MARKS = re.compile(r"[\\`*\[\]{}<>&|~$]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=\w)@(?=\w)")
AFTER_WWW = re.compile(r"(?i)\b(www)\.")
# What makes a line a heading, a list or an underline.
BEGINNING = re.compile(r"^(\d*)([#+=.)-])")
FIGURE = re.compile(r"[+-]?[\d,.]+%?( \([+-]?[\d,.]+%? to [+-]?[\d,.∞]+%?\))?")


def table_markdown(table: "Table[Any]") -> str:
    """Return the table as Markdown; see `Table.to_markdown`."""
    headings = text_headings(table)
    texts = text_places(table) | {0}
    aligned = [":---" if place in texts else "---:" for place in range(len(headings))]
    lines = [_line(headings), f"|{'|'.join(aligned)}|"]
    lines += [_line(text_cells(table, row, index)) for index, row in enumerate(table)]
    if table.has_total:
        cells = text_cells(table, table.total, len(table))
        lines.append(_line(cells, bold=True))
    title = _escaped(table.title)
    footnote = _escaped(table.provenance.footnote())
    return "\n".join([*([f"**{title}**", ""] if title else []), *lines, "", footnote, ""])


def _line(cells: list[str], *, bold: bool = False) -> str:
    texts = [_escaped(cell) for cell in cells]
    if bold:
        texts = [f"**{text}**" if text else "" for text in texts]
    return f"| {' | '.join(texts)} |"


def _escaped(text: str) -> str:
    """Return text that Markdown prints as it is, on one line; figures stay as they read."""
    text = " ".join(text.split())
    if FIGURE.fullmatch(text):
        return text
    text = BEGINNING.sub(r"\1\\\2", MARKS.sub(r"\\\g<0>", text))
    return AFTER_WWW.sub(r"\1\\.", text)
