"""Rows of an Excel workbook's sheet."""

import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from lhp_metrics._checks import near_matches
from lhp_metrics._files import from_cell, openpyxl
from lhp_metrics.errors import InvalidFileError
from lhp_metrics.readers._table import Table, Unreadable, refuse_file, rows_table

__all__ = ["workbook_table"]

MOST_BYTES = 2**29  # unpacked: a small file may hold gigabytes of zeros
MOST_CELLS = 2 * 10**7
FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")


def workbook_table(stream: IO[bytes], name: str, sheet: str | int | None) -> Table:
    """Return the table of a sheet; a workbook of several needs to be told which."""
    library = openpyxl()
    try:
        has_formulas = _looked_through(stream, name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl passes over when it saves
            values = library.load_workbook(stream, read_only=True, data_only=True)
            chosen = _sheet(values, name, sheet)
            written = None
            if has_formulas:
                formulas = library.load_workbook(stream, read_only=True)
                written = formulas[chosen.title]
            rows = _rows(chosen, written, name)
            return rows_table(name, rows, kind="workbook", text=from_cell)
    except InvalidFileError:
        raise
    except Exception as error:  # openpyxl raises what it happens to stumble over
        refuse_file(name, f"it is no workbook that can be read ({type(error).__name__}: {error})")


def _looked_through(stream: IO[bytes], name: str) -> bool:
    """Refuse what unpacks to too much; tell whether there are formulas."""
    with zipfile.ZipFile(stream) as archive:
        size = sum(part.file_size for part in archive.infolist())
        if size > MOST_BYTES:
            refuse_file(name, f"it unpacks to {size:,} bytes; up to {MOST_BYTES:,} are read")
        sheets = (part for part in archive.namelist() if "worksheets/" in part)
        return any(_has_formula(archive, sheet) for sheet in sheets)


def _has_formula(archive: zipfile.ZipFile, sheet: str) -> bool:
    with archive.open(sheet) as content:
        last = b""
        while block := content.read(2**20):
            if FORMULA.search(last + block):
                return True
            last = block[-64:]
    return False


def _sheet(workbook: Any, name: str, sheet: str | int | None) -> Any:
    sheets = {found.title: found for found in workbook.worksheets}
    titles = ", ".join(map(repr, sheets))
    if sheet is None:
        if len(sheets) != 1:
            refuse_file(name, f"it has the sheets {titles}: say sheet=")
        return next(iter(sheets.values()))
    if isinstance(sheet, int):
        if not 1 <= sheet <= len(sheets):
            refuse_file(name, f"it has {len(sheets)} sheets ({titles}), none is number {sheet}")
        return list(sheets.values())[sheet - 1]
    if sheet not in sheets:
        near = near_matches(sheet, sheets)
        refuse_file(name, f"it has no sheet {sheet!r}; it has {titles}{near}")
    return sheets[sheet]


def _rows(values: Any, written: Any, name: str) -> Iterator[tuple[int, list[Any]]]:
    """Yield the cells' values; of formulas what they came to when the workbook was saved."""
    many = 0
    values.reset_dimensions()  # which programs other than Excel write wrongly
    beside: Any = None
    if written is not None:
        written.reset_dimensions()
        beside = written.iter_rows()
    for number, cells in enumerate(values.iter_rows(), start=1):
        many += len(cells)
        if many > MOST_CELLS:
            refuse_file(name, f"it has more than {MOST_CELLS:,} cells")
        formulas = [None] * len(cells) if beside is None else [cell.value for cell in next(beside)]
        yield number, [_value(cell, formula) for cell, formula in zip(cells, formulas, strict=True)]


def _value(cell: Any, formula: Any) -> Any:
    value = cell.value
    if value is not None and cell.data_type == "e":
        return Unreadable(str(value), "must be a value; it is an error that Excel reports")
    if value is None and formula is not None:
        text = formula if isinstance(formula, str) else getattr(formula, "text", None)
        rule = "must be a value; it is a formula not yet worked out: save the file from Excel first"
        return Unreadable(str(text), rule)
    return value
