"""Solve for the point at which a tail probability is as wanted, all elements at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray
from lhp_metrics.intervals._frame import Tail

__all__ = ["Evaluation", "solve", "where"]

# Tail probability, its derivative in log u, and the logarithmic derivative of that one.
Evaluation = tuple[FloatArray, FloatArray, FloatArray]


def solve(
    evaluate: Callable[[FloatArray], Evaluation], start: FloatArray, tail: Tail
) -> FloatArray:
    """Solve "probability = tail" for u > 0 by Halley's method on log probability in log u.

    The log of these probabilities is concave in log u, so steps from a fair start cannot
    run away, and a third-order step below 1e-8 leaves nothing that a float could show.
    """
    u = start
    for _ in range(50):
        probability, derivative, slope = evaluate(u)
        rate = derivative / probability
        newton = np.log(probability / tail) / rate
        step = newton / np.maximum(1 - newton * (slope - rate) / 2, 0.5)
        u = u * np.exp(-step)
        if not np.any(np.abs(step) > 1e-8):
            break
    return u


def where(
    wanted: NDArray[np.bool_],
    function: Callable[..., FloatArray],
    otherwise: float | FloatArray,
    *arguments: Tail,
) -> FloatArray:
    """Apply `function` where `wanted` alone, so that it never meets an impossible argument."""
    if wanted.all():
        return function(*arguments)
    result = np.array(np.broadcast_to(otherwise, wanted.shape))
    result[wanted] = function(*(a[wanted] if isinstance(a, np.ndarray) else a for a in arguments))
    return result
