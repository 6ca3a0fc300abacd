"""What the score methods of two samples share: one test statistic, one root finder.

A score method judges a null value by the likeliest pair of parameters that agrees with it.
Those pairs form a path, and along it the Lagrange multiplier m of the constraint is a
coordinate in which both parameters, hence the statistic, are elementary functions; at m = 0
lies the estimate. So a limit is the root of one elementary function: no cubic equation, which
would lose digits, has to be solved for every trial value.

Only the side below the estimate is written down, where m > 0. Above it, the groups swap.
"""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray
from lhp_metrics.intervals._frame import Limits, Tail

__all__ = [
    "FAR",
    "TINY",
    "Falling",
    "Moments",
    "beyond_corner",
    "corrected",
    "falling_root",
    "inflation",
    "normal_tails",
    "shortfall",
    "stacked",
    "swapped",
    "tails_beside",
]

TINY = 1e-50  # a coordinate that is as good as at the edge, while its square is still a number
FAR = 1e10  # times its first guess is as far as a root is sought
MOST_STEPS = 200  # a bound that no input comes near: each bisection halves the bracket


class Moments(NamedTuple):
    """The score at a point of the path, its variance and, for a skewness correction, μ₃.

    They come scaled such that score / √variance is u times the standardised score. The scale
    u goes to 0 where the parameter reaches its edge, so that the product stays finite there.
    """

    score: FloatArray
    variance: FloatArray
    third: FloatArray | None


class Falling(Protocol):
    """A function of u, element by element: positive up to its root, negative beyond."""

    def __call__(self, u: FloatArray, /, *columns: FloatArray) -> FloatArray:
        """Return its values; `columns` are the other arguments of the same elements."""
        ...


def stacked(
    x: FloatArray, n: FloatArray, x0: FloatArray, n0: FloatArray, z: Tail
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return the samples, for lower limits, and after them the swapped ones, for upper limits."""
    return (
        np.concatenate([x, x0]),
        np.concatenate([n, n0]),
        np.concatenate([x0, x]),
        np.concatenate([n0, n]),
        np.tile(z, 2) if isinstance(z, np.ndarray) else np.full(2 * x.size, z),
    )


def swapped(
    swap: NDArray[np.bool_], x: FloatArray, n: FloatArray, x0: FloatArray, n0: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Swap the groups where `swap`."""
    return (
        np.where(swap, x0, x),
        np.where(swap, n0, n),
        np.where(swap, x, x0),
        np.where(swap, n, n0),
    )


def inflation(n: FloatArray, n0: FloatArray) -> FloatArray:
    """Return N / (N − 1), Miettinen and Nurminen's factor of the variance."""
    return (n + n0) / (n + n0 - 1)


def shortfall(u: FloatArray, z: FloatArray, moments: Moments) -> FloatArray:
    """Return u (statistic − z), whose root in u is the limit."""
    spread = np.sqrt(moments.variance)
    if moments.third is None:
        return moments.score / np.maximum(spread, np.finfo(float).tiny) - z * u
    known = moments.variance > 0
    score = np.where(known, moments.score / spread, 0.0)
    bend = np.where(known, moments.third / (6 * moments.variance * spread), 0.0)
    gap = score - bend * (z * z - 1) - z * u
    # Far from the normal there is a second root, which is no limit (see `corrected`).
    branch = u + 2 * bend * z
    return np.where(branch < 0, np.minimum(gap, branch), gap)


def tails_beside(u: FloatArray, moments: Moments, above: NDArray[np.bool_]) -> Limits:
    """Return the tails of the test of a null on this path; `above`: above the estimate."""
    spread = np.sqrt(moments.variance) * u
    deviate = moments.score / spread
    if moments.third is not None:
        skewness = moments.third / (moments.variance * spread)
        # The correction never carries the null past the estimate.
        deviate = np.maximum(corrected(deviate, skewness), 0.0)
    return normal_tails(np.where(above, -deviate, deviate))


def corrected(deviate: FloatArray, skewness: FloatArray) -> FloatArray:
    """Return z that solves deviate = z + skewness/6 (z² − 1), the skewness-corrected score.

    Of the two roots it is the one that tends to `deviate` without skewness; beyond the point
    where both merge, it stays there.
    """
    a = skewness / 6
    discriminant = 1 + 4 * a * (deviate + a)
    root = 2 * (deviate + a) / (1 + np.sqrt(np.maximum(discriminant, 0.0)))
    return np.where(discriminant > 0, root, -0.5 / a)


def normal_tails(deviate: FloatArray) -> Limits:
    """Return the normal probabilities at least, and at most, as high as `deviate`.

    An undefined deviate (nothing expected, nothing seen) says nothing: 1/2 each.
    """
    from scipy.special import ndtr

    deviate = np.where(np.isnan(deviate), 0.0, deviate)
    return ndtr(-deviate), ndtr(deviate)


def beyond_corner(
    gap: Falling, columns: tuple[FloatArray, ...], at_edge: NDArray[np.bool_]
) -> FloatArray:
    """Return 1 where the root of `gap` lies beyond the corner of the path, 0 elsewhere.

    A path that starts on the edge of the parameters leaves it at a corner. From there the
    multiplier stays what it is, and `gap`, told so by its second argument, goes another way.
    """
    corner = np.zeros(at_edge.size)
    lanes = np.flatnonzero(at_edge)
    if lanes.size:
        here = tuple(column[lanes] for column in columns)
        corner[lanes] = gap(np.full(lanes.size, 1 / TINY), np.ones(lanes.size), *here) < 0
    return corner


def falling_root(
    function: Falling, columns: tuple[FloatArray, ...], start: FloatArray, top: FloatArray
) -> FloatArray:
    """Find where `function` falls through 0 between 0 and `top`, for all elements at once.

    A secant step that leaves the bracket, or that is not half as long as the one before the
    last, is replaced by the bracket's middle; elements that are done are dropped. A function
    that is nowhere positive has its root at 0, one that is nowhere negative at `top`; a root
    hit exactly is returned as it is.
    """
    root = np.zeros_like(start)
    lanes = np.flatnonzero(function(TINY * top, *columns) > 0)
    high, new = top[lanes], start[lanes]
    columns = tuple(column[lanes] for column in columns)
    low, old = np.zeros_like(new), np.minimum(1.001 * new, (new + high) / 2)
    f_old = function(old, *columns)
    last = before_last = np.full_like(new, np.inf)
    for _ in range(MOST_STEPS):
        if not lanes.size:
            break
        f_new = function(new, *columns)
        low = np.where(f_new > 0, np.maximum(low, new), low)
        high = np.where(f_new > 0, high, np.minimum(high, new))
        target = new - f_new * ((new - old) / (f_new - f_old))
        step = np.abs(target - new)
        trusted = (low <= target) & (target <= high) & (step <= before_last / 2)
        middle = np.where(high > 4 * low, np.sqrt(low * high), (low + high) / 2)
        middle = np.where(low > 0, middle, high / 2)
        target = np.where(f_new == 0, new, np.where(trusted, target, middle))
        step = np.abs(target - new)
        # What remains after a secant step is about the product of the last two.
        small = step * np.abs(new - old) <= 1e-17 * new * new
        done = (trusted & small) | (step <= 1e-16 * new)
        root[lanes] = target
        before_last, last = last, step
        old, f_old, new = new, f_new, target
        if done.any():
            left = ~done
            lanes = lanes[left]
            low, high, old, f_old, new, last, before_last = (
                values[left] for values in (low, high, old, f_old, new, last, before_last)
            )
            columns = tuple(column[left] for column in columns)
    return root
