"""Rows of values as the content of a file: CSV, JSON or an Excel workbook."""

import csv
import datetime as dt
import io
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias, get_args

from lhp_metrics._checks import choice
from lhp_metrics._files import as_cell, items_cell, openpyxl
from lhp_metrics.errors import InvalidInputError, InvalidTypeError

__all__ = ["FileFormat", "Target", "write_rows"]

FileFormat: TypeAlias = Literal["csv", "json", "excel"]
Target: TypeAlias = str | os.PathLike[str] | IO[Any]

_FORMATS: Mapping[str, FileFormat] = {".csv": "csv", ".json": "json", ".xlsx": "excel"}
# What no CSV or XML can hold, and line ends, which programs change.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LONGEST: Mapping[str, int] = {"csv": 131_072, "excel": 32_767}
_FIRST_EXCEL_DAY = dt.date(1900, 3, 1)


def _cell(heading: str, value: Any, file_format: FileFormat) -> Any:
    """Return a value as a cell of CSV or Excel holds it."""
    if isinstance(value, tuple):
        value = items_cell(value) or None
    elif isinstance(value, Mapping):
        value = items_cell(f"{name}={part}" for name, part in value.items())
    elif isinstance(value, bool):
        value = "yes" if value else "no"
    elif isinstance(value, dt.date) and (file_format == "csv" or value < _FIRST_EXCEL_DAY):
        value = value.isoformat()
    elif isinstance(value, int | Decimal) and file_format == "csv":
        return str(value)
    if not isinstance(value, str):
        return value
    cell = as_cell(value)
    if (unfit := _UNFIT.search(cell)) is not None:
        raise InvalidInputError(
            f"{heading} {value!r:.80} has the character {unfit[0]!r}, which {file_format} lacks"
        )
    if len(cell) > _LONGEST[file_format]:
        raise InvalidInputError(
            f"{heading} {value!r:.80} has {len(cell):,} characters; in {file_format} a cell has at "
            f"most {_LONGEST[file_format]:,}"
        )
    return cell


def write_rows(
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    objects: Iterable[Mapping[str, Any]],
    target: Target,
    file_format: FileFormat | None,
) -> None:
    """Write the whole content at once: an error leaves no half of a file."""
    chosen = _format(target, file_format)
    if chosen == "json":
        content = _json_bytes(list(objects))
    else:
        names = [_cell("heading", heading, chosen) for heading in headings]
        cells = [
            [_cell(name, value, chosen) for name, value in zip(headings, row, strict=True)]
            for row in rows
        ]
        content = _csv_bytes(names, cells) if chosen == "csv" else _excel_bytes(names, cells)
    if isinstance(target, str | os.PathLike):
        Path(target).write_bytes(content)
    elif _is_text(target):
        if chosen == "excel":
            raise InvalidInputError("a workbook needs a file opened for bytes")
        target.write(content.decode("utf-8-sig"))
    else:
        target.write(content)


def _is_text(target: object) -> bool:
    """Tell whether a file is open for text; temporary files are wrapped, but have an encoding."""
    return isinstance(target, io.TextIOBase) or hasattr(target, "encoding")


def _format(target: object, file_format: FileFormat | None) -> FileFormat:
    is_path = isinstance(target, str | os.PathLike)
    if not is_path and not callable(getattr(target, "write", None)):
        raise InvalidTypeError(f"target must be a path or an open file; got {target!r:.80}")
    if file_format is not None:
        choice("file_format", file_format, get_args(FileFormat))
        return file_format
    suffix = Path(str(target)).suffix.lower() if is_path else ""
    if suffix not in _FORMATS:
        listed = ", ".join(_FORMATS)
        raise InvalidInputError(
            f"say file_format='csv', 'json' or 'excel', or name a path that ends in {listed}; got "
            f"{target!r:.80}"
        )
    return _FORMATS[suffix]


def _json_bytes(objects: Sequence[Mapping[str, Any]]) -> bytes:
    import json

    text = json.dumps(objects, ensure_ascii=False, indent=1)
    try:
        return f"{text}\n".encode()
    except UnicodeEncodeError as error:
        letter = text[error.start]
        raise InvalidInputError(
            f"the character {letter!r} is in no text that can be kept"
        ) from None


def _csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _excel_bytes(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    from importlib import import_module

    workbook = openpyxl().Workbook(write_only=True)
    sheet = workbook.create_sheet("records")
    sheet.freeze_panes = "A2"
    make = import_module("openpyxl.cell").WriteOnlyCell

    def cell(value: Any) -> Any:
        made = make(sheet, value=value)
        if isinstance(value, str):
            made.data_type = "s"  # "#N/A" is text here, not an error
        return made

    sheet.append([cell(heading) for heading in headings])
    for row in rows:
        sheet.append([cell(value) for value in row])
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()
