"""`Interval` and `Estimate`: a number never travels without its limits."""

from collections.abc import Iterator
from typing import Any, Generic, Literal, TypeVar, overload

import attrs
import numpy as np
from numpy.typing import NDArray

__all__ = ["Alternative", "Estimate", "Estimates", "Interval", "read_only", "same_when_nan"]

Alternative = Literal["two-sided", "greater", "less"]

BoundT = TypeVar("BoundT", float, NDArray[np.float64])


def same_when_nan(value: Any) -> Any:
    """Return a key under which NaN equals NaN, so that results compare."""
    return None if value != value else value


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view of `array` that cannot be written through."""
    view = array.view()
    view.setflags(write=False)
    return view


@attrs.frozen(eq=False)
class Interval(Generic[BoundT]):
    """Lower and upper limit: two floats, or two arrays of one shape.

    Unpacks into its two limits. Limits that are NaN in both intervals count as equal.

    Examples
    --------
    >>> low, high = Interval(0.25, 0.75)
    >>> high
    0.75
    """

    low: BoundT
    high: BoundT

    def __iter__(self) -> Iterator[BoundT]:
        return iter((self.low, self.high))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Interval):
            return NotImplemented
        return all(
            np.array_equal(mine, theirs, equal_nan=True)
            for mine, theirs in zip(self, other, strict=True)
        )

    def __hash__(self) -> int:
        return hash((same_when_nan(float(self.low)), same_when_nan(float(self.high))))


@attrs.frozen
class Estimate:
    """A value with the limits of its confidence interval, and how they were made.

    Parameters
    ----------
    value, low, high : float
        Point estimate and limits. An undefined value is NaN (0 of 0), a ratio on a base of
        nothing is infinite.
    confidence_level : float
        A fraction between 0 and 1.
    method : str
        Name of the interval method, as the function that made it takes it.
    unit : str
        ``"proportion"`` (a fraction from 0 to 1), ``"percentage points"`` (a difference of
        two proportions, as a fraction), ``"ratio"``, ``"days"`` (a time that is infinite if
        it is not reached), or a unit in words, such as ``"per 30 days"``.

    Notes
    -----
    Unpacks into value, low and high. Formatting takes Python's number formats and applies
    them to all three; without one, the unit's own is used. An undefined value prints as
    "–", an infinite ratio as "no base", an infinite time as "not reached".

    Examples
    --------
    >>> rate = Estimate(0.5606, 0.4408, 0.6737, 0.95, "wilson", "proportion")
    >>> f"{rate:.0%}"
    '56% (44% to 67%)'
    >>> value, low, high = rate
    >>> print(Estimate(float("nan"), 0.0, 1.0, 0.95, "wilson", "proportion"))
    –
    """

    value: float = attrs.field(eq=same_when_nan)
    low: float = attrs.field(eq=same_when_nan)
    high: float = attrs.field(eq=same_when_nan)
    confidence_level: float
    method: str
    unit: str

    @property
    def interval(self) -> Interval[float]:
        """The limits alone."""
        return Interval(self.low, self.high)

    def __iter__(self) -> Iterator[float]:
        return iter((self.value, self.low, self.high))

    def __str__(self) -> str:
        return format(self, "")

    def __format__(self, spec: str) -> str:
        if self.value != self.value:
            return "–"
        if self.unit == "percentage points":
            return self._format_points(spec or "+.1f")
        if self.unit == "days":
            value, low, high = (_days(number, spec) for number in self)
            return f"{value} ({low} to {high})"
        if not spec and self.unit == "proportion":
            spec = ".1%"
        value = "no base" if self.value == float("inf") else _number(self.value, spec)
        return f"{value} ({_number(self.low, spec)} to {_number(self.high, spec)})"

    def _format_points(self, spec: str) -> str:
        spec = spec.replace("%", "f")
        spec = spec if spec.startswith("+") else f"+{spec}"
        value, low, high = (format(100 * number, spec) for number in self)
        return f"{value} percentage points ({low} to {high})"


def _days(value: float, spec: str) -> str:
    if abs(value) == float("inf"):
        # A difference of times has a sign, and where one is not reached it has no limit.
        return "no limit" if spec.startswith("+") else "not reached"
    return format(value, spec) if spec else format(value, ",.1f").removesuffix(".0")


def _number(value: float, spec: str) -> str:
    if value == float("inf"):
        return "∞"
    # Decimals of a limit such as 1224 would pretend to a precision that it does not have.
    return format(value, spec or (".2f" if abs(value) < 100 else ",.0f"))


@attrs.frozen(eq=False)
class Estimates:
    """A column of estimates that share level, method and unit: arrays inside, `Estimate` outside.

    Examples
    --------
    >>> import numpy as np
    >>> half = np.array([0.5, 0.25])
    >>> column = Estimates(half, half - 0.1, half + 0.1, 0.95, "wilson", "proportion")
    >>> f"{column[1]:.0%}"
    '25% (15% to 35%)'
    """

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    confidence_level: float
    method: str
    unit: str

    def __len__(self) -> int:
        return len(self.value)

    def read_only(self) -> "Estimates":
        """Return the same column over arrays that cannot be written to."""
        value, low, high = map(read_only, (self.value, self.low, self.high))
        return Estimates(value, low, high, self.confidence_level, self.method, self.unit)

    @overload
    def __getitem__(self, index: int) -> Estimate: ...
    @overload
    def __getitem__(self, index: slice | NDArray[np.intp]) -> "Estimates": ...
    def __getitem__(self, index: int | slice | NDArray[np.intp]) -> "Estimate | Estimates":
        parts = self.value[index], self.low[index], self.high[index]
        if isinstance(index, int):
            value, low, high = (float(part) for part in parts)
            return Estimate(value, low, high, self.confidence_level, self.method, self.unit)
        return Estimates(*parts, self.confidence_level, self.method, self.unit)
