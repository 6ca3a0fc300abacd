"""Rows of a CSV file, as spreadsheets and research offices' systems write them."""

import csv
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import IO

from lhp_metrics._files import from_cell
from lhp_metrics.readers._table import Table, refuse_file, rows_table

__all__ = ["DELIMITERS", "csv_table"]

DELIMITERS = (",", ";", "\t")
MOST_LETTERS = 2**20  # of a line: without a limit one could fill the memory


def csv_table(stream: IO[str], name: str, delimiter: str | None) -> Table:
    """Return the table of an open text file; without a delimiter its headings tell which."""
    lines = _lines(stream, name)
    opening: list[str] = []
    for line in lines:
        opening.append(line)
        if line.strip("\r\n\t ,;"):
            break
    if not opening or not opening[-1].strip("\r\n\t ,;"):
        refuse_file(name, "it is empty: there are no headings")
    between = delimiter or _delimiter(opening[-1], name)
    return rows_table(
        name, _rows(chain(opening, lines), name, between), kind="text", text=from_cell
    )


def _lines(stream: IO[str], name: str) -> Iterator[str]:
    number = 0
    while line := stream.readline(MOST_LETTERS + 1):
        number += 1
        if number == 1:
            line = line.removeprefix("\ufeff")
        if len(line) > MOST_LETTERS:
            refuse_file(name, f"line {number:,} is longer than {MOST_LETTERS:,} characters")
        if "\0" in line:
            refuse_file(name, f"line {number:,} holds a NUL byte: it is no text, or it is UTF-16")
        yield line


def _delimiter(headings: str, name: str) -> str:
    """Return what parts the headings."""
    found: dict[str, int] = {}
    for delimiter in DELIMITERS:
        try:
            found[delimiter] = max(map(len, csv.reader([headings], delimiter=delimiter)), default=1)
        except csv.Error:
            found[delimiter] = 1
    most = max(found.values())
    best = [delimiter for delimiter, many in found.items() if many == most]
    if most > 1 and len(best) > 1:
        options = " or ".join(map(repr, best))
        refuse_file(name, f"its headings may be parted by {options}: say delimiter=")
    return best[0]


def _rows(lines: Iterator[str], name: str, delimiter: str) -> Iterator[tuple[int, Sequence[str]]]:
    # strict: a quote that is never closed would swallow the rest of the file as one cell.
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, cells
    except csv.Error as error:
        rule = f"row {number + 1:,}, which ends in line {reader.line_num:,}, is no CSV: {error}"
        if "unexpected end of data" in str(error):
            rule = f"row {number + 1:,} opens a quote that is never closed"
        refuse_file(name, rule)
