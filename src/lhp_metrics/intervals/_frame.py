"""The frame of every interval function: check, broadcast, cut into blocks, unwrap scalars.

A *kernel* holds one method's formula and nothing else. It takes the samples as float64
arrays of one dimension and one length, already checked, and the probability ``tail`` that
each end leaves out (a float, or an array of that length); it returns the two limits, or,
for a test, the probabilities of a result at least as high and at least as low. A kernel
that gains by knowing the whole input beforehand has a method ``foreseeing(size, *samples,
tail)``, which returns the kernel to use for it.
"""

import functools
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
    "Given",
    "Kernel",
    "Limits",
    "Poisson",
    "Tail",
    "interval",
    "limits",
    "lookup",
    "normal_quantile",
    "p_value",
    "two_sided_quantile",
]

Tail = float | FloatArray
Limits = tuple[FloatArray, FloatArray]  # or the probabilities of both tails
Kernel = Callable[..., Limits]
Foresight = Callable[..., Kernel]
KernelT = TypeVar("KernelT")

ALTERNATIVES = ("two-sided", "greater", "less")

# Formulas with many steps run fastest when their temporaries stay in the cache; below
# `WHOLE` elements a single pass costs less than the cutting.
BLOCK = 16_000
WHOLE = 20_000

NARROWEST = 1e-6  # the confidence level below which rounding may turn two limits round


class Sample(Protocol):
    """Two arguments that belong together, by name, and the rules that they keep."""

    @property
    def names(self) -> tuple[str, str]:
        """The two arguments' names, as the public function spells them."""
        ...

    def keeps_rules(self, first: FloatArray, second: FloatArray, /, *, integers: bool) -> bool:
        """Say quickly whether every element is possible; `integers` came as such."""
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

    def keeps_rules(self, k: FloatArray, n: FloatArray, *, integers: bool) -> bool:
        """Whole numbers, 0 <= k <= n < infinity; a NaN fails every comparison."""
        fine = k >= 0
        fine &= k <= n
        if not integers:
            fine &= (n < np.inf) & (np.floor(k) == k) & (np.floor(n) == n)
        return int(np.count_nonzero(fine)) == fine.size  # several times faster than all()

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

    def keeps_rules(self, events: FloatArray, exposure: FloatArray, *, integers: bool) -> bool:
        """Whole events, exposure above 0, both finite; a NaN fails every comparison."""
        fine = events >= 0
        fine &= exposure > 0
        if not integers:
            fine &= (events < np.inf) & (np.floor(events) == events) & (exposure < np.inf)
        return int(np.count_nonzero(fine)) == fine.size

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
    if type(alternative) is not str or alternative != "two-sided":
        choice("alternative", alternative, ALTERNATIVES)
    sides = 2 if alternative == "two-sided" else 1
    low, high = limits(kernel, samples, confidence_level, sides)
    if alternative == "greater":
        high = np.full_like(high, edges[1])
    elif alternative == "less":
        low = np.full_like(low, edges[0])
    if low.ndim == 0:
        return Interval(float(low), float(high))
    return Interval(low, high)


def limits(
    kernel: Kernel, samples: Sequence[Given], confidence_level: ArrayLike, sides: int = 2
) -> Limits:
    """Run an interval's kernel with what the level leaves out shared by so many sides."""
    tail = _tails(confidence_level, sides)
    low, high = _run(kernel, samples, "confidence_level", tail)
    largest = tail.max(initial=0.0) if isinstance(tail, np.ndarray) else tail
    if sides == 2 and largest > (1 - NARROWEST) / 2:
        return np.minimum(low, high), np.maximum(low, high)
    return low, high


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
    if isinstance(tail, float):
        return _deviate(tail)
    levels, where = np.unique(tail, return_inverse=True)
    return np.array([_deviate(level) for level in levels.tolist()])[where]


def two_sided_quantile(confidence_level: float) -> float:
    """Return how many standard errors to each side hold this part of a normal distribution."""
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + confidence_level) / 2)


@functools.lru_cache(maxsize=1_000)
def _deviate(tail: float) -> float:
    from statistics import NormalDist

    return max(-NormalDist().inv_cdf(tail), 1e-100)


def _tails(confidence_level: ArrayLike, sides: int) -> Tail:
    # A plain float in range needs none of the array checks, which cost more than a formula.
    if not (isinstance(confidence_level, float) and 0.0 < confidence_level < 1.0):
        levels = confidence_levels(confidence_level)
        if levels.ndim:
            return (1.0 - levels) / sides
        confidence_level = float(levels)
    return (1.0 - confidence_level) / sides


# At the edges formulas divide by 0 on the way; each kernel says what comes of it.
@np.errstate(all="ignore")
def _run(kernel: Kernel, samples: Sequence[Given], name: str, last: Tail) -> Limits:
    """Apply `kernel` to the samples and the `last` argument, called `name`, block by block."""
    arrays, integers = _arrays(samples)
    fixed: tuple[float, ...] = ()
    if isinstance(last, np.ndarray):
        arrays.append(last)
    else:
        fixed = (last,)

    def checked(values: Sequence[FloatArray]) -> Limits:
        for i, (kind, _, _) in enumerate(samples):
            if not kind.keeps_rules(values[2 * i], values[2 * i + 1], integers=integers):
                _refuse(samples)
        return kernel(*values, *fixed)

    shape = arrays[0].shape
    if arrays[0].size <= WHOLE and all(array.shape == shape for array in arrays):
        values = [array.astype(np.float64, copy=False) for array in arrays]
        if len(shape) == 1:
            return checked(values)
        low, high = checked([value.reshape(-1) for value in values])
        return low.reshape(shape), high.reshape(shape)

    blocks, low, high = _blocks(arrays, samples, name)
    foreseeing: Foresight | None = getattr(kernel, "foreseeing", None)
    if fixed and foreseeing is not None:
        kernel = foreseeing(low.size, *arrays, *fixed)
    with blocks:
        for block in blocks:
            block[-2][...], block[-1][...] = checked(block[:-2])
    return low, high


def _arrays(samples: Sequence[Given]) -> tuple[list[NDArray[Any]], bool]:
    """Return the samples as arrays of numbers, uncopied, and whether all hold integers."""
    arrays: list[NDArray[Any]] = []
    integers = True
    for kind, first, second in samples:
        for i, value in ((0, first), (1, second)):
            array = value
            if not (type(array) is np.ndarray and array.dtype.kind in "iuf"):
                array = numbers(kind.names[i], value)
            if array.dtype.kind == "f":
                integers = False
            arrays.append(array)
    return arrays, integers


def _refuse(samples: Sequence[Given]) -> NoReturn:
    """Raise with the index in the whole input, which a block does not know."""
    for kind, first, second in samples:
        kind.refuse(first, second)
    raise AssertionError("a sample broke a rule that its `refuse` does not know")


def _blocks(
    arrays: list[NDArray[Any]], samples: Sequence[Given], name: str
) -> tuple[np.nditer, FloatArray, FloatArray]:
    """Return cache-sized float64 blocks of the broadcast arrays and two new outputs, and those."""
    try:
        shape = np.broadcast(*arrays).shape
    except ValueError:
        names = [argument for kind, _, _ in samples for argument in kind.names]
        broadcast(dict(zip([*names, name], arrays, strict=False)))
        raise
    # One piece of memory for both: the system hands it out again without clearing it.
    both = np.empty((2, *shape))
    low, high = both[0, ...], both[1, ...]
    operands = [*arrays, low, high]
    read: list[Literal["readonly"]] = ["readonly"]
    write: list[Literal["writeonly"]] = ["writeonly"]
    blocks = np.nditer(
        operands,
        flags=["buffered", "external_loop", "zerosize_ok"],
        op_flags=[*[read] * len(arrays), write, write],
        op_dtypes=[np.float64] * len(operands),
        order="C",
        casting="same_kind",
        buffersize=BLOCK if low.size > WHOLE else WHOLE,
    )
    return blocks, low, high
