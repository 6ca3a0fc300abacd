"""Kernels that answer a long input of few distinct (k, n) from a table of all of them."""

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray
from lhp_metrics.intervals._frame import BLOCK, Kernel, Limits, Tail

__all__ = ["Tabulated", "place", "places"]

LARGEST = 200_000  # entries of a table: some megabytes
REUSE = 4  # how often an entry should be needed on average


def places(largest: int) -> Limits:
    """Return the k and the n of the row (0, 0), (0, 1), (1, 1), (0, 2), …, up to this n."""
    sizes = np.arange(1.0, largest + 2)
    n = np.repeat(sizes - 1, sizes.astype(np.intp))
    return np.arange(float(n.size)) - n * (n + 1) / 2, n


def place(k: FloatArray, n: FloatArray) -> NDArray[np.intp]:
    """Return where (k, n) stands in that row."""
    where = n + 1
    where *= n
    where *= 0.5
    where += k
    return where.astype(np.intp)


@attrs.frozen
class Tabulated:
    """A kernel of k successes of n trials that takes longer than looking its limits up."""

    kernel: Kernel

    def __call__(self, k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
        """Return the limits."""
        return self.kernel(k, n, tail)

    def foreseeing(
        self, size: int, _: NDArray[np.generic], trials: NDArray[np.generic], tail: float
    ) -> Kernel:
        """Return a kernel for `size` elements with no more trials than these."""
        largest = float(trials.max()) if trials.size else -1.0
        entries = (largest + 1) * (largest + 2) / 2
        if not (largest >= 0 and entries <= min(LARGEST, size / REUSE)):
            return self.kernel
        all_k, all_n = places(int(largest))
        low, high = np.empty_like(all_k), np.empty_like(all_k)
        for start in range(0, all_k.size, BLOCK):
            part = slice(start, start + BLOCK)
            low[part], high[part] = self.kernel(all_k[part], all_n[part], tail)

        def from_table(k: FloatArray, n: FloatArray, _: float) -> Limits:
            found = place(k, n)
            return low.take(found), high.take(found)

        return from_table
