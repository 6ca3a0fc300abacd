"""The exceptions that the library raises; each is also one of Python's own."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Self

import attrs

__all__ = [
    "Fault",
    "FaultyInputError",
    "InvalidFileError",
    "InvalidInputError",
    "InvalidTypeError",
    "LhpMetricsError",
    "MissingExtraError",
    "NotFoundError",
]

MOST_KINDS, MOST_WORDS, MOST_VALUES, MOST_ROWS, MOST_LETTERS = 30, 200, 10, 5, 80


class LhpMetricsError(Exception):
    """Base of every exception raised on purpose by this library."""


class InvalidInputError(LhpMetricsError, ValueError):
    """A value breaks a rule; the message names the record, the field, the rule and the value."""


class InvalidTypeError(LhpMetricsError, TypeError):
    """A value is of a kind that cannot be taken without guessing, such as a float for money."""


class NotFoundError(LhpMetricsError, LookupError):
    """A name, code or key is unknown or ambiguous; the message lists the nearest ones."""


class MissingExtraError(LhpMetricsError, ImportError):
    """An optional library is not installed; the message says which extra brings it."""


@attrs.frozen(kw_only=True)
class Fault:
    """One value that breaks a rule, as data that another program can act on.

    Parameters
    ----------
    field : str or None
        Where the value stands: the heading of a column as a file words it, or a JSON pointer such
        as ``"/counts/REM"``. None where several columns are at fault together.
    value : object
        What stands there; None where it is missing.
    rule : str
        What holds of every such value, in words.
    row : int or None
        As a spreadsheet numbers its rows: the headings are row 1. In a list of objects the first
        is 1. None where the fault is the whole file's, or there are no rows.
    hint : str
        What is particular to this value: near names, or the row that it contradicts.
    is_word : bool
        Whether the value is a word of the house that a map would mend.
    """

    field: str | None = None
    value: Any = None
    rule: str
    row: int | None = None
    hint: str = ""
    is_word: bool = False

    @property
    def column(self) -> str | None:
        """The field, which in a file is a column."""
        return self.field

    def __str__(self) -> str:
        where = self.field or "the whole"
        if self.row is not None:
            where = f"row {self.row}, {where}"
        shown = "" if self.value is None else f"; got {self.value!r}"
        return f"{where}: {self.rule}{shown if len(shown) <= 70 else shown[:67] + '...'}"


class FaultyInputError(InvalidInputError):
    """Everything that is wrong with one input, at once.

    Parameters
    ----------
    what : str
        What was read.
    faults : iterable of Fault
        At least one. They are kept as the attribute ``faults``; the message lists the first ten.
    """

    def __init__(self, what: str, faults: Iterable[Fault]) -> None:
        self.what: str = what
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(what, self.faults)

    def __str__(self) -> str:
        n = len(self.faults)
        lines = [f"{self.what} has {n:,} fault{'s' * (n != 1)}:"]
        lines += [f"  {fault}" for fault in islice(self.faults, 10)]
        return "\n".join(lines + [f"  and {n - 10:,} more"] * (n > 10))


class InvalidFileError(FaultyInputError, ExceptionGroup[InvalidInputError]):
    """A file cannot be read; the message lists everything wrong with it, `faults` as data.

    As an `ExceptionGroup` it holds one error for each kind of fault.

    Parameters
    ----------
    source : str
        What the message calls the file.
    faults : sequence of Fault
        At least one.
    """

    def __new__(cls, source: str, faults: Sequence[Fault]) -> Self:
        """Make the group: an exception group's message is set before its constructor runs."""
        kinds = list(_kinds(faults))
        rows = {fault.row for fault in faults if fault.row is not None}
        many = _number(len(faults), "fault")
        if rows:
            many += f" in {_number(len(rows), 'row')}"
        shown = kinds[:MOST_KINDS]
        if len(kinds) > MOST_KINDS:
            shown.append(f"and {_number(len(kinds) - MOST_KINDS, 'more kind')} of fault")
        listed = "".join(f"\n- {text}" for text in shown)
        message = f"{source} cannot be read: {many}{listed}"
        errors = [InvalidInputError(text) for text in kinds]
        return ExceptionGroup.__new__(cls, message, errors)

    def __init__(self, source: str, faults: Sequence[Fault]) -> None:
        self.what: str = source
        self.source: str = source
        self.faults: tuple[Fault, ...] = tuple(faults)

    def __str__(self) -> str:
        return self.message

    def derive(self, excs: Sequence[Any]) -> ExceptionGroup[Any]:
        """Return the group that ``except*`` makes of a part."""
        return ExceptionGroup(self.message, excs)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.source, self.faults)


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _kinds(faults: Iterable[Fault]) -> Iterator[str]:
    """Yield one text for each column and rule: the values that break it, and where they stand."""
    kinds: dict[tuple[str | None, str], dict[tuple[str, str], list[Fault]]] = {}
    for fault in faults:
        values = kinds.setdefault((fault.field, fault.rule), {})
        values.setdefault((_shown(fault.value), fault.hint), []).append(fault)
    for (column, rule), values in kinds.items():
        title = rule if column is None else f"{column}: {rule}"
        if all(fault.row is None for same in values.values() for fault in same):
            yield "; ".join((title, *(hint for _, hint in values if hint)))
            continue
        lines = [_line(*shown, same) for shown, same in values.items()]
        is_word = any(same[0].is_word for same in values.values())
        most = MOST_WORDS if is_word else MOST_VALUES
        if len(lines) > most:
            lines[most:] = [f"and {_number(len(lines) - most, 'more value')}"]
        yield "\n    ".join((title, *lines))


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}…"


def _line(text: str, hint: str, same: Sequence[Fault]) -> str:
    numbers = [f"{fault.row:,}" for fault in same if fault.row is not None]
    if len(numbers) == 1:
        where = f"row {numbers[0]}"
    else:
        more = ", …" if len(numbers) > MOST_ROWS else ""
        where = f"{len(numbers):,} times: rows {', '.join(numbers[:MOST_ROWS])}{more}"
    return f"{text} ({where}){f'; {hint}' if hint else ''}"
