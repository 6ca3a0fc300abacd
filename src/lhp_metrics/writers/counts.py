"""Counts written to files."""

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from lhp_metrics._checks import is_total
from lhp_metrics._files import OUTCOME_COLUMNS
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Period
from lhp_metrics.tallies import GrantTally, OutcomeCounts, RegistrationTally, Tally
from lhp_metrics.writers._target import FileFormat, Target, write_rows

__all__ = ["write_counts"]

_PERIODS = ("month", "quarter", "financial_year", "period")


def write_counts(
    counts: Mapping[Any, int] | Mapping[Any, OutcomeCounts] | GrantTally | RegistrationTally,
    target: Target,
    *,
    by: str | Sequence[str] | None = None,
    file_format: FileFormat | None = None,
) -> None:
    """Write counts to a file, one row per group.

    Parameters
    ----------
    counts : mapping or tally
        Key to a number of registrations, or to `OutcomeCounts`; of a tally its groups, without
        the total and without what it says of its period and rules.
    target : path or open file
        What the name of a path ends in tells the format: ``.csv``, ``.json`` or ``.xlsx``.
    by : str or sequence of str, optional
        Headings of the keys; by default what the tally is by, or ``"group"``. Periods need one
        of ``"month"``, ``"quarter"``, ``"financial_year"`` and ``"period"``.
    file_format : {"csv", "json", "excel"}, optional
        Needed for an open file.

    Raises
    ------
    InvalidInputError
        If there are no groups, a count is not whole, keys and headings do not agree, or a key
        does not fit into the format; nothing is written then.
    MissingExtraError
        For Excel, if openpyxl is not installed (extra ``excel``).

    See Also
    --------
    read_counts : Gives back an equal mapping.

    Examples
    --------
    >>> import io
    >>> import lhp_metrics as lhp
    >>> file = io.StringIO()
    >>> lhp.write_counts({"REM": 107, "REN": 1}, file, by="organisation", file_format="csv")
    >>> file.getvalue().split()
    ['organisation,registrations', 'REM,107', 'REN,1']
    """
    if isinstance(counts, Tally):
        by = counts.by if by is None else by
        groups: Mapping[Any, Any] = {key: counts[key] for key in counts}
    elif isinstance(counts, Mapping):
        groups = counts
    else:
        raise InvalidTypeError(f"counts must be a mapping or a tally; got {counts!r:.80}")
    headings = _headings(by)
    values = list(groups.values())
    outcomes = all(isinstance(value, OutcomeCounts) for value in values)
    if not values:
        raise InvalidInputError("counts must have a group; without any, nobody could read it back")
    columns = _stated(groups) if outcomes else ("registrations",)
    taken = OUTCOME_COLUMNS if outcomes else columns
    twice = [heading for heading in headings if heading in taken]
    if twice or len(set(headings)) < len(headings):
        raise InvalidInputError(f"by must name columns of its own; got {by!r}")
    rows = [
        [*_key_cells(key, headings), *_numbers(key, value, columns)]
        for key, value in groups.items()
    ]
    names = [*headings, *columns]
    objects = (
        {name: cell for name, cell in zip(names, row, strict=True) if cell is not None}
        for row in rows
    )
    write_rows(names, rows, objects, target, file_format)


def _stated(groups: Mapping[Any, OutcomeCounts]) -> tuple[str, ...]:
    """Return the columns of what all groups state; a count that only some state is refused."""
    columns = []
    for name in OUTCOME_COLUMNS:
        without = [key for key, counts in groups.items() if name in counts.unstated]
        if not without:
            columns.append(name)
        elif len(without) < len(groups) or any(getattr(groups[key], name) for key in without):
            raise InvalidInputError(
                f"counts[{without[0]!r}] does not state {name}, or not all, while others do, and "
                "a blank cell is not 0: GrantTally.from_counts(counts).to_json() keeps both"
            )
    return tuple(columns)


def _headings(by: object) -> tuple[str, ...]:
    given = ("group",) if by is None else (by,) if isinstance(by, str) else by
    if not isinstance(given, Sequence) or not all(isinstance(name, str) for name in given):
        raise InvalidTypeError(f"by must be headings; got {by!r:.80}")
    headings = tuple(given)
    if not headings or not all(name.strip() == name and name for name in headings):
        raise InvalidInputError(f"by must name a column for each part of a key; got {by!r}")
    return headings


def _key_cells(key: Hashable, headings: tuple[str, ...]) -> list[str]:
    parts = key if isinstance(key, tuple) else (key,)
    if len(parts) != len(headings) or isinstance(key, tuple) != (len(headings) > 1):
        raise InvalidInputError(f"key {key!r} must have a part for each of by {headings!r}")
    cells = []
    for part, heading in zip(parts, headings, strict=True):
        is_period = isinstance(part, Period)
        if is_period != (heading in _PERIODS):
            raise InvalidInputError(
                f"key {key!r}: periods, and only they, stand in a column {', '.join(_PERIODS)}; "
                f"by says {heading!r}"
            )
        text = f"{part.start}/{part.end}" if isinstance(part, Period) else part
        if not isinstance(text, str):
            raise InvalidTypeError(f"key {key!r} must be text or a Period")
        if text != text.strip() or not text:
            raise InvalidInputError(f"key {key!r} must be text without spaces around it")
        if is_total(text):
            raise InvalidInputError(f"key {key!r} must be a group, not the total of the others")
        cells.append(text)
    return cells


def _numbers(key: Hashable, value: Any, columns: Sequence[str]) -> list[int | None]:
    several: list[Any] = [value]
    if isinstance(value, OutcomeCounts):
        several = [getattr(value, name, value) for name in columns]
    for number in several:
        if number is not None and (isinstance(number, bool) or not isinstance(number, int)):
            kind = InvalidInputError if isinstance(number, Fraction) else InvalidTypeError
            raise kind(f"counts[{key!r}] must be whole numbers, all of one kind; got {value!r}")
        if number is not None and number < 0:
            raise InvalidInputError(f"counts[{key!r}] must be at least 0; got {number}")
    return several
