"""The exceptions that the library raises; each is also one of Python's own."""

from collections.abc import Iterable
from itertools import islice

import attrs

__all__ = [
    "Fault",
    "FaultyInputError",
    "InvalidInputError",
    "InvalidTypeError",
    "LhpMetricsError",
    "MissingExtraError",
    "NotFoundError",
]


class LhpMetricsError(Exception):
    """Base of every exception raised on purpose by this library."""


class InvalidInputError(LhpMetricsError, ValueError):
    """A value breaks a rule; the message names the record, the field, the rule and the value."""


@attrs.frozen
class Fault:
    """One value that breaks a rule, as data that another program can act on.

    Parameters
    ----------
    field : str
        Where the value stands: a column, or a JSON pointer such as ``"/counts/REM"``.
    value : object
        What stands there; None where it is missing.
    rule : str
        What holds of every such value, in words.
    row : int, optional
        Which line of a file it stands in.
    """

    field: str
    value: object
    rule: str
    row: int | None = None

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
        self.what = what
        self.faults = tuple(faults)
        super().__init__(what, self.faults)

    def __str__(self) -> str:
        n = len(self.faults)
        lines = [f"{self.what} has {n:,} fault{'s' * (n != 1)}:"]
        lines += [f"  {fault}" for fault in islice(self.faults, 10)]
        return "\n".join(lines + [f"  and {n - 10:,} more"] * (n > 10))


class InvalidTypeError(LhpMetricsError, TypeError):
    """A value is of a kind that cannot be taken without guessing, such as a float for money."""


class NotFoundError(LhpMetricsError, LookupError):
    """A name, code or key is unknown or ambiguous; the message lists the nearest ones."""


class MissingExtraError(LhpMetricsError, ImportError):
    """An optional library is not installed; the message says which extra brings it."""
