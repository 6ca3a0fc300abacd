"""The exceptions that the library raises; each is also one of Python's own."""

__all__ = [
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


class InvalidTypeError(LhpMetricsError, TypeError):
    """A value is of a kind that cannot be taken without guessing, such as a float for money."""


class NotFoundError(LhpMetricsError, LookupError):
    """A name, code or key is unknown or ambiguous; the message lists the nearest ones."""


class MissingExtraError(LhpMetricsError, ImportError):
    """An optional library is not installed; the message says which extra brings it."""
