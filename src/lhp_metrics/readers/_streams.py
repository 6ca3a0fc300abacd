"""Which format a source has, and in which encoding its text is."""

import codecs
import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, NoReturn, TypeGuard

from lhp_metrics._checks import choice, near_matches
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.readers._csv import DELIMITERS, MOST_LETTERS, csv_table
from lhp_metrics.readers._excel import workbook_table
from lhp_metrics.readers._json import json_table
from lhp_metrics.readers._table import Source, Table, refuse_file, source_name, table_of_dicts
from lhp_metrics.tallies._frames import is_frame

__all__ = ["checked_path", "read_table"]

WORKBOOK, OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MOST_KEPT = 2**28
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_table(
    source: Source, *, encoding: str, delimiter: str | None, sheet: str | int | None
) -> Table:
    """Return the headings and rows of a path, an open file or dicts.

    The content, not the name, tells workbooks from text, and JSON from CSV unless the name ends
    in ``.csv``.
    """
    codec = _codec(encoding)
    if delimiter is not None:
        choice("delimiter", delimiter, DELIMITERS)
    if isinstance(sheet, bool) or not (sheet is None or isinstance(sheet, str | int)):
        raise InvalidTypeError(f"sheet must be a name or a number from 1; got {sheet!r}")
    if isinstance(source, str | os.PathLike):
        path = checked_path(source, hint=" (io.StringIO makes a file of text)")
        with path.open("rb") as file:
            return _binary_table(file, source_name(path), codec, delimiter, sheet)
    if _is_open_file(source):
        name = source_name(source)
        stream = _rewindable(source)
        if isinstance(stream.read(0), str):
            try:
                return _text_table(stream, name, delimiter)
            except UnicodeError as error:
                refuse_file(name, f"it is not in the encoding that it was opened with ({error})")
        return _binary_table(stream, name, codec, delimiter, sheet)
    if is_frame(source):
        raise InvalidTypeError(
            f"source must be a path, an open file or dicts; got a {type(source).__name__}: "
            "tally_grants and tally_registrations count a data frame of records, from_frame takes "
            "one of counts; dicts of it are df.to_dict('records'), in Polars df.to_dicts()"
        )
    if isinstance(source, bytes | bytearray | memoryview) or not isinstance(source, Iterable):
        raise InvalidTypeError(
            f"source must be a path, an open file or dicts; got {source!r:.80} (io.BytesIO makes "
            "a file of bytes)"
        )
    return table_of_dicts(source)


def _codec(encoding: object) -> str:
    """Return an encoding's one name among its spellings."""
    if not isinstance(encoding, str):
        raise InvalidTypeError(f"encoding must be text such as 'cp1252'; got {encoding!r}")
    try:
        io.TextIOWrapper(io.BytesIO(), encoding)  # refuses what is no encoding of text
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):
        near = near_matches(encoding, ("utf-8", "utf-16", "cp1252", "latin-1"))
        raise InvalidInputError(f"encoding {encoding!r} is not known{near}") from None


def checked_path(source: str | os.PathLike[str], *, name: str = "source", hint: str = "") -> Path:
    """Return a path; refuse the text of a file in its place."""
    text = os.fspath(source)
    if not isinstance(text, str):
        raise InvalidTypeError(f"{name} must be a path as text; got {source!r}")
    if not text.strip() or "\n" in text or "\0" in text or text.lstrip()[:1] in ("{", "["):
        raise InvalidInputError(f"{name} must be a path; got {text!r:.80}{hint}")
    return Path(text)


def _is_open_file(source: object) -> TypeGuard[IO[Any]]:
    return callable(getattr(source, "read", None))


def _rewindable(stream: IO[Any]) -> IO[Any]:
    """Return a stream whose beginning can be read twice."""
    seekable = getattr(stream, "seekable", None)
    if callable(seekable) and seekable():
        return stream
    content = stream.read(MOST_KEPT + 1)
    if len(content) > MOST_KEPT:
        refuse_file(source_name(stream), "it is long and cannot be rewound: save it first")
    return io.StringIO(content, newline="") if isinstance(content, str) else io.BytesIO(content)


def _binary_table(
    stream: IO[bytes], name: str, codec: str, delimiter: str | None, sheet: str | int | None
) -> Table:
    start = stream.tell()
    head = stream.read(4)
    stream.seek(start)
    if head == WORKBOOK:
        return workbook_table(stream, name, sheet)
    if head == OLD_WORKBOOK:
        refuse_file(name, "it is an Excel 97-2003 workbook (.xls): save it as .xlsx or CSV")
    if head[:2] in UTF_16 and codec == "utf-8":
        refuse_file(name, "it is UTF-16, which Excel calls Unicode Text: say encoding='utf-16'")
    if sheet is not None:
        refuse_file(name, f"it is no workbook, so it has no sheet {sheet!r}")
    text = io.TextIOWrapper(stream, "utf-8-sig" if codec == "utf-8" else codec, newline="")
    try:
        return _text_table(text, name, delimiter)
    except UnicodeError as error:
        stream.seek(start)
        _refuse_encoding(stream, name, codec, error)
    finally:
        text.detach()  # else the caller's file would be closed with ours


def _text_table(stream: IO[str], name: str, delimiter: str | None) -> Table:
    start = stream.tell()
    suffix = Path(name).suffix.lower()
    opening = stream.read(256).lstrip("\ufeff \t\r\n")[:1]
    stream.seek(start)
    if suffix == ".json" or (suffix != ".csv" and opening in ("[", "{")):
        return json_table(stream.read(), name)
    return csv_table(stream, name, delimiter)


def _refuse_encoding(stream: IO[bytes], name: str, codec: str, error: UnicodeError) -> NoReturn:
    """Raise the error of bytes that the encoding does not have; name the first and its line."""
    rule = f"it is not in the encoding {codec!r} ({error})"
    # Bytes are letters, and lines end in one, where the encoding has ASCII within it.
    has_ascii = "\n".encode(codec) == b"\n"
    lines = iter(lambda: stream.readline(MOST_LETTERS) if has_ascii else b"", b"")
    for number, line in enumerate(lines, start=1):
        try:
            line.decode(codec)
        except UnicodeDecodeError as first:
            byte = line[first.start : first.start + 1]
            rule = f"it is not in the encoding {codec!r}: line {number:,} has the byte {byte!r}"
            letter = byte.decode("cp1252", errors="ignore")
            if letter and codec != "cp1252":
                rule += (
                    f", which is {letter!r} in cp1252, the encoding in which Excel on Windows "
                    "saves CSV: say encoding='cp1252'"
                )
            break
        except UnicodeError:
            break
    refuse_file(name, rule)
