"""Files that others publish, read as the library's own objects."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path

from lhp_metrics._checks import of_kind
from lhp_metrics.errors import InvalidInputError, LhpMetricsError
from lhp_metrics.models import Trust
from lhp_metrics.readers._streams import checked_path

__all__ = ["read_ods"]

CODE, NAME, OPENED, CLOSED = 0, 1, 10, 11
MOST_FAULTS = 10


def read_ods(path: str | Path) -> tuple[Trust, ...]:
    """Read NHS trusts from a file of the Organisation Data Service (ODS).

    Parameters
    ----------
    path : str or Path
        A file such as ``etr.csv``: comma-separated, quoted, without a header; its columns 1, 2,
        11 and 12 are code, name, open date and close date (yyyymmdd). In UTF-8 or, as older
        copies are, in Windows' Western code page.

    Returns
    -------
    tuple of Trust
        In the order of the file, names as it writes them (in capitals). Build a `Partnership`
        of those that matter; what followed whom is not in the file.

    Raises
    ------
    InvalidInputError
        If the file has no trusts, or lines that are none; the message lists the first ten with
        their numbers.

    Notes
    -----
    ODS overwrites names in place, so a code's former name is lost, and a close date is the last
    day. Codes have three characters, newer ones five.

    References
    ----------
    .. [1] NHS England, Organisation Data Service, "Other NHS organisations", file etr (Open
       Government Licence v3.0).

    Examples
    --------
    >>> import tempfile
    >>> line = '"RQ6","ROYAL LIVERPOOL",,,,,,,,"L7 8XP","19950401","20190930"'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = Path(folder, "etr.csv").write_text(line)
    ...     trust, = read_ods(Path(folder, "etr.csv"))
    >>> trust.code, str(trust.closed_on)
    ('RQ6', '2019-09-30')
    """
    of_kind("path", path, (str, Path))
    path = checked_path(path, name="path")
    trusts: dict[str, Trust] = {}
    faults: list[str] = []
    for line, fields in _lines(path):
        try:
            trust = _trust(fields)
        except LhpMetricsError as error:
            faults.append(f"line {line}: {error}")
            continue
        if trust.code in trusts:
            faults.append(f"line {line}: code {trust.code!r} stands there twice")
        trusts[trust.code] = trust
    if not faults and not trusts:
        faults.append("it has no lines")
    if faults:
        more = len(faults) - MOST_FAULTS
        shown = faults[:MOST_FAULTS] + ([f"and {more} more"] if more > 0 else [])
        raise InvalidInputError(f"{path.name} cannot be read: {'; '.join(shown)}")
    return tuple(trusts.values())


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    rows = csv.reader(io.StringIO(text, newline=""))
    yield from ((rows.line_num, fields) for fields in rows if fields)


def _trust(fields: list[str]) -> Trust:
    if len(fields) <= CLOSED:
        raise InvalidInputError(f"must have at least {CLOSED + 1} columns; it has {len(fields)}")
    return Trust(
        code=fields[CODE],
        names=fields[NAME],
        opened_on=_date("open date", fields[OPENED]),
        closed_on=_date("close date", fields[CLOSED]),
    )


def _date(name: str, text: str) -> dt.date | None:
    text = text.strip()
    if not text:
        return None
    digits = len(text) == 8 and text.isascii() and text.isdecimal()
    try:
        return dt.date.fromisoformat(text if digits else "")
    except ValueError:
        raise InvalidInputError(f"{name} must be like 20190930; got {text!r}") from None
