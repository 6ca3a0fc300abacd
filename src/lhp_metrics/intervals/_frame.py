"""The frame of every interval function: check, broadcast, cut into blocks, unwrap scalars.

A *kernel* holds one method's formula and nothing else. It takes the samples as float64
arrays of one dimension and one length, already checked, and the probability ``tail`` that
each end leaves out (a float, or an array of that length); it returns the two limits, or,
for a test, the probabilities of a result at least as high and at least as low.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NoReturn, Protocol, TypeVar

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics._checks import (
    FloatArray,
    broadcast,
    choice,
    confidence_levels,
    counts,
    exposures,
    not_above,
    numbers,
)
from lhp_metrics.estimates import Alternative, Interval

__all__ = [
    "Binomial",
    "Kernel",
    "Poisson",
    "Tail",
    "interval",
    "limits",
    "lookup",
    "normal_quantile",
    "p_value",
]

Tail = float | FloatArray
Kernel = Callable[..., tuple[FloatArray, FloatArray]]
KernelT = TypeVar("KernelT")

ALTERNATIVES = ("two-sided", "greater", "less")

# Formulas with many steps run fastest when their temporaries stay in the cache; below
# `WHOLE` elements a single pass costs less than the cutting.
BLOCK = 4_096
WHOLE = 20_000


class Sample(Protocol):
    """Two arguments that belong together, by name, and the rules that they keep."""

    @property
    def names(self) -> tuple[str, str]:
        """The two arguments' names, as the public function spells them."""
        ...

    def keeps_rules(self, first: FloatArray, second: FloatArray, /) -> bool:
        """Say quickly whether every element is possible."""
        ...

    def refuse(self, first: ArrayLike, second: ArrayLike, /) -> None:
        """Raise the error that names the first impossible element."""
        ...


Given = tuple[Sample, ArrayLike, ArrayLike]


@attrs.frozen
class Binomial:
    """So many successes of so many trials."""

    successes: str = "successes"
    trials: str = "trials"

    @property
    def names(self) -> tuple[str, str]:
        """The two arguments' names."""
        return self.successes, self.trials

    def keeps_rules(self, k: FloatArray, n: FloatArray) -> bool:
        """Whole numbers, 0 <= k <= n < infinity; a NaN fails every comparison."""
        fine = (k >= 0) & (k <= n) & (n < np.inf) & (np.floor(k) == k) & (np.floor(n) == n)
        return bool(fine.all())

    def refuse(self, successes: ArrayLike, trials: ArrayLike) -> None:
        """Raise for the first impossible element."""
        k, n = counts(self.successes, successes), counts(self.trials, trials)
        not_above(self.successes, k, self.trials, n)


@attrs.frozen
class Poisson:
    """So many events over so much exposure."""

    events: str = "events"
    exposure: str = "exposure"

    @property
    def names(self) -> tuple[str, str]:
        """The two arguments' names."""
        return self.events, self.exposure

    def keeps_rules(self, events: FloatArray, exposure: FloatArray) -> bool:
        """Whole events, exposure above 0, both finite; a NaN fails every comparison."""
        fine = (events >= 0) & (events < np.inf) & (np.floor(events) == events)
        return bool((fine & (exposure > 0) & (exposure < np.inf)).all())

    def refuse(self, events: ArrayLike, exposure: ArrayLike) -> None:
        """Raise for the first impossible element."""
        counts(self.events, events)
        exposures(self.exposure, exposure)


def lookup(name: str, methods: Mapping[str, KernelT]) -> KernelT:
    """Return the kernel of exactly this name, or refuse and list the right ones."""
    choice("method", name, methods)
    return methods[name]


def interval(
    kernel: Kernel,
    samples: Sequence[Given],
    *,
    confidence_level: ArrayLike,
    alternative: Alternative,
    edges: tuple[float, float],
) -> Interval[float] | Interval[NDArray[np.float64]]:
    """Run an interval's kernel; a one-sided limit leaves the other end at its edge."""
    choice("alternative", alternative, ALTERNATIVES)
    low, high = limits(kernel, samples, confidence_level, 1 + (alternative == "two-sided"))
    if alternative == "greater":
        high = np.full_like(high, edges[1])
    elif alternative == "less":
        low = np.full_like(low, edges[0])
    if low.ndim == 0:
        return Interval(float(low), float(high))
    return Interval(low, high)


def limits(
    kernel: Kernel, samples: Sequence[Given], confidence_level: ArrayLike, sides: int = 2
) -> tuple[FloatArray, FloatArray]:
    """Run an interval's kernel with what the level leaves out shared by so many sides."""
    return _run(kernel, samples, "confidence_level", _tails(confidence_level, sides))


def p_value(
    kernel: Kernel,
    samples: Sequence[Given],
    null: Tail,
    *,
    alternative: Alternative = "two-sided",
) -> float | FloatArray:
    """Run a test's kernel; the two-sided value doubles the smaller probability, at most 1."""
    choice("alternative", alternative, ALTERNATIVES)
    at_least, at_most = _run(kernel, samples, "null", null)
    if alternative == "greater":
        result = at_least
    elif alternative == "less":
        result = at_most
    else:
        result = np.minimum(1.0, 2.0 * np.minimum(at_least, at_most))
    return float(result) if result.ndim == 0 else result


def normal_quantile(tail: Tail) -> Tail:
    """Return z with this probability above it.

    Never quite 0, so that formulas may divide by z or z².
    """
    from statistics import NormalDist

    if isinstance(tail, float):
        return max(-NormalDist().inv_cdf(tail), 1e-100)
    levels, where = np.unique(tail, return_inverse=True)
    inverse = NormalDist().inv_cdf
    return np.array([max(-inverse(level), 1e-100) for level in levels.tolist()])[where]


def _tails(confidence_level: ArrayLike, sides: int) -> Tail:
    # A plain float in range needs none of the array checks, which cost more than a formula.
    if not (isinstance(confidence_level, float) and 0.0 < confidence_level < 1.0):
        levels = confidence_levels(confidence_level)
        if levels.ndim:
            return (1.0 - levels) / sides
        confidence_level = float(levels)
    return (1.0 - confidence_level) / sides


def _run(
    kernel: Kernel, samples: Sequence[Given], name: str, last: Tail
) -> tuple[FloatArray, FloatArray]:
    """Apply `kernel` to the samples and the `last` argument, called `name`, block by block."""
    inputs = {
        argument: _real(argument, value)
        for kind, *values in samples
        for argument, value in zip(kind.names, values, strict=True)
    }
    fixed: tuple[float, ...] = ()
    if isinstance(last, np.ndarray):
        inputs[name] = last
    else:
        fixed = (last,)

    # At the edges formulas divide by 0 on the way; each kernel says what comes of it.
    with np.errstate(all="ignore"), _blocks(inputs) as blocks:
        for block in blocks:
            values, outputs = block[:-2], block[-2:]
            for i, (kind, *_) in enumerate(samples):
                if not kind.keeps_rules(*values[2 * i : 2 * i + 2]):
                    _refuse(samples)
            outputs[0][...], outputs[1][...] = kernel(*values, *fixed)
        low, high = blocks.operands[-2:]
    return low, high


def _refuse(samples: Sequence[Given]) -> NoReturn:
    """Raise with the index in the whole input, which a block does not know."""
    for kind, first, second in samples:
        kind.refuse(first, second)
    raise AssertionError("a sample broke a rule that its `refuse` does not know")


def _real(name: str, value: ArrayLike) -> NDArray[Any]:
    """Return the numbers uncopied; the blocks convert them to float64 as they go."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        return value
    return numbers(name, value)


def _blocks(inputs: dict[str, NDArray[Any]]) -> np.nditer:
    """Iterate over the broadcast inputs and two new outputs in cache-sized float64 blocks."""
    largest = max(array.size for array in inputs.values())
    operands: list[Any] = [*inputs.values(), None, None]  # None: to be allocated
    read: list[Literal["readonly"]] = ["readonly"]
    write: list[Literal["writeonly", "allocate"]] = ["writeonly", "allocate"]
    try:
        return np.nditer(
            operands,
            flags=["buffered", "external_loop", "zerosize_ok"],
            op_flags=[*[read] * len(inputs), write, write],
            op_dtypes=[np.float64] * len(operands),
            order="C",
            casting="same_kind",
            buffersize=BLOCK if largest > WHOLE else WHOLE,
        )
    except ValueError:
        broadcast(inputs)  # names the arguments and their shapes
        raise
