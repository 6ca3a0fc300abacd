"""Tables for spreadsheets: CSV is data, Excel is for reading."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lhp_metrics._extras import optional
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.results.arrange import group_heading, heading, printed
from lhp_metrics.results.columns import P_VALUE, PENCE, POINTS, cell_text, row_columns
from lhp_metrics.results.display import HIDDEN
from lhp_metrics.results.frames import FlatColumn, flat_columns

if TYPE_CHECKING:
    from lhp_metrics.results.table import Table

__all__ = ["table_csv", "table_excel"]

# What a spreadsheet takes for the beginning of a formula, in full width as well.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NOT_IN_SHEET_NAMES = re.compile(r"[\\/*?:\[\]]")
MOST_ROWS = 1_048_576 - 20
WIDEST = 40
SPEC = re.compile(r"(?P<sign>\+?)(?P<comma>,?)\.(?P<digits>\d+)(?P<kind>[f%])")


def table_csv(table: "Table[Any]", path: str | Path | None) -> str | None:
    """Write the table as CSV, or return it; see `Table.to_csv`."""
    import csv
    import io

    columns = flat_columns(table)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_harmless(column.name) for column in columns)
    writer.writerows(zip(*map(_csv_cells, columns), strict=True))
    if path is None:
        return text.getvalue()
    # Excel takes a file without this mark for another encoding than UTF-8.
    checked_path(path).write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    return None


def checked_path(path: object) -> Path:
    """Return where to write."""
    if not isinstance(path, str | Path):
        raise InvalidTypeError(f"path must be text or a Path; got {path!r}")
    return Path(path)


def _csv_cells(column: FlatColumn) -> list[object]:
    values = column.listed()
    if column.kind == "text":
        return ["" if value is None else _harmless(value) for value in values]
    return ["" if value is None or value != value else value for value in values]


def _harmless(text: str) -> str:
    """Return text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def table_excel(table: "Table[Any]", path: str | Path) -> None:
    """Write the table as an Excel workbook; see `Table.to_excel`."""
    openpyxl = optional("openpyxl", extra="excel", user="to_excel")
    target = checked_path(path)
    if len(table) > MOST_ROWS:
        raise InvalidInputError(
            f"Excel holds {MOST_ROWS:,} rows, and the table has {len(table):,}: use to_csv"
        )
    book: Any = openpyxl.Workbook()
    sheet = book.active
    sheet.title = NOT_IN_SHEET_NAMES.sub(" ", _printable(table.title)).strip(" '")[:31] or "Table"
    _fill(sheet, table)
    book.save(target)


def _fill(sheet: Any, table: "Table[Any]") -> None:
    from openpyxl.styles import Alignment, Border, Font, Side

    heads = [
        group_heading(table),
        *(head for name in printed(table) for head, _ in _parts(table, name)),
    ]
    bold, line = Font(bold=True), Side(style="thin")
    _put(sheet, 1, 1, table.title).font = Font(bold=True, size=13)
    top = 3
    for place, head in enumerate(heads, start=1):
        cell = _put(sheet, top, place, head)
        cell.font, cell.border = bold, Border(bottom=line)
        cell.alignment = Alignment(
            wrap_text=True, vertical="bottom", horizontal="left" if place == 1 else "right"
        )
    row_number = top
    for row_number, (name, cells) in enumerate(_rows(table), start=top + 1):
        _put(sheet, row_number, 1, name)
        for place, (value, number_format) in enumerate(cells, start=2):
            cell = _put(sheet, row_number, place, value)
            text = isinstance(value, str) and len(value) > 1
            cell.alignment = Alignment(horizontal="left" if text else "right")
            if number_format:
                cell.number_format = number_format
    if table.has_total:
        for cell in sheet[row_number]:
            cell.font, cell.border = bold, Border(top=line)
    note = _put(sheet, row_number + 2, 1, table.provenance.footnote())
    last = len(heads)
    sheet.merge_cells(
        start_row=row_number + 2, end_row=row_number + 2, start_column=1, end_column=last
    )
    note.alignment = Alignment(wrap_text=True, vertical="top")
    widths = _widths(table, heads)
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[sheet.cell(top, place).column_letter].width = width
    lines = -(-len(note.value) // max(int(sum(widths)), 1)) + 1
    sheet.row_dimensions[row_number + 2].height = 15 * lines
    sheet.freeze_panes = sheet.cell(top + 1, 2)
    sheet.print_title_rows = f"{top}:{top}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _widths(table: "Table[Any]", heads: list[str]) -> list[float]:
    longest = max((len(name) for name in table.names), default=0)
    first = min(max(longest, len(heads[0]), 8), WIDEST) + 2
    return [first, *(max(min(len(head) / 2, 20), 11) + 1 for head in heads[1:])]


def _put(sheet: Any, row: int, column: int, value: object) -> Any:
    """Write a cell; text is text even where it looks like a formula."""
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = _printable(value)
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(FORMULA)
    else:
        cell.value = value
    return cell


def _printable(text: str) -> str:
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def _parts(table: "Table[Any]", name: str) -> list[tuple[str, str]]:
    """Return heading and number format of the one or three cells that a column has."""
    values, column = table.columns[name], dict(row_columns(table.row_type))[name]
    head, spec = heading(table, name), table.specs.get(name, column.spec)
    if not isinstance(values, Estimates):
        return [(head, _number_format(spec, whole=column.whole or values.dtype.kind in "iu"))]
    shown = {"proportion": "0.0%", POINTS: "+0.0;-0.0;0.0"}.get(values.unit, "#,##0.00")
    if spec and values.unit != POINTS:
        shown = _number_format(spec, whole=False)
    level = f"{100 * values.confidence_level:.10g}%"
    return [
        (head, shown),
        (f"{head}: {level} interval from", shown),
        (f"{head}: {level} interval to", shown),
    ]


def _number_format(spec: str, *, whole: bool) -> str:
    """Return Excel's format for one of Python's."""
    if spec == P_VALUE:
        return '[<0.001]"<0.001";0.000'
    if spec == PENCE or (whole and not spec):
        return "#,##0"
    if spec == POINTS:
        return "+0.0;-0.0;0.0"
    if spec == "+,":
        return "+#,##0;-#,##0;0"
    found = SPEC.fullmatch(spec)
    if not found:
        return "General"
    digits = int(found["digits"])
    base = ("#,##0" if found["comma"] else "0") + ("." + "0" * digits if digits else "")
    base += "%" if found["kind"] == "%" else ""
    return f"+{base};-{base};{base}" if found["sign"] else base


def _rows(table: "Table[Any]") -> Iterator[tuple[str, list[tuple[object, str]]]]:
    described = dict(row_columns(table.row_type))
    names = printed(table)
    formats = {name: [shown for _, shown in _parts(table, name)] for name in names}
    rows = [*table, *([table.total] if table.has_total else [])]
    for index, row in enumerate(rows):
        cells: list[tuple[object, str]] = []
        for name in names:
            value = getattr(row, name)
            size = len(formats[name])
            if table.is_hidden(name, index):
                cells += [(HIDDEN, "")] * size
                continue
            spec = table.specs.get(name, described[name].spec)
            parts = _numbers(value) if isinstance(value, Estimate) else [value]
            shown = [_cell(part, spec) for part in parts]
            cells += zip(shown, formats[name], strict=True)
        yield row.name, cells


def _numbers(estimate: Estimate) -> list[float]:
    factor = 100 if estimate.unit == POINTS else 1
    return [factor * part for part in estimate]


def _cell(value: Any, spec: str) -> object:
    """Return a cell as Excel can hold it: numbers as numbers, what is none as printed."""
    if isinstance(value, str | bool) or value is None:
        return cell_text(spec, value)
    number = float(value) / 100 if spec == PENCE else 100 * value if spec == POINTS else value
    if not np.isfinite(float(number)):
        return "–" if value != value else "∞"
    return number if isinstance(number, int) else float(number)
