"""A kernel that is tabulated is asked for each pair once, and only where that saves work."""

import numpy as np
import pytest

from lhp_metrics.intervals._frame import BLOCK
from lhp_metrics.intervals._tabulated import LARGEST, REUSE, Tabulated, place, places


class Counting:
    """A kernel that notes how many pairs each call asks for."""

    def __init__(self):
        self.asked = []

    def __call__(self, k, n, tail):
        self.asked.append(k.size)
        return k + 1_000 * n, tail * n - k


def foreseeing(size, largest):
    kernel = Counting()
    trials = np.array([0.0, largest]) if largest else np.zeros(1)
    return kernel, Tabulated(kernel).foreseeing(size, trials, trials, 0.5)


# (0, 0), (0, 1), (1, 1), (0, 2), …: n + 1 pairs of each number of trials n.
def test_pairs_stand_in_a_row_by_trials():
    k, n = places(3)

    assert k.tolist() == [0, 0, 1, 0, 1, 2, 0, 1, 2, 3]
    assert n.tolist() == [0, 1, 1, 2, 2, 2, 3, 3, 3, 3]
    assert place(k, n).tolist() == list(range(10))


@pytest.mark.parametrize("largest", [0, 1, 2, 12])
def test_a_table_is_made_where_each_pair_is_needed_often_enough(largest):
    pairs = sum(n + 1 for n in range(largest + 1))

    kernel, chosen = foreseeing(REUSE * pairs - 1, largest)
    assert chosen is kernel
    kernel, chosen = foreseeing(REUSE * pairs, largest)
    assert chosen is not kernel
    assert kernel.asked == [pairs]


def test_a_table_gives_what_the_kernel_gives():
    kernel, chosen = foreseeing(10**6, 200)
    k, n = places(200)

    # It was made in pieces that stay in the cache, each pair once.
    assert sum(kernel.asked) == k.size > BLOCK
    assert max(kernel.asked) <= BLOCK
    for found, expected in zip(chosen(k, n, 0.5), kernel(k, n, 0.5), strict=True):
        np.testing.assert_array_equal(found, expected)


# 630 trials have 631·632/2 = 199,396 pairs, 631 have 200,028.
@pytest.mark.parametrize(("largest", "tabulated"), [(630, True), (631, False)])
def test_no_table_is_larger_than_some_megabytes(largest, tabulated):
    kernel, chosen = foreseeing(10**9, largest)

    assert (chosen is not kernel) == tabulated
    assert sum(kernel.asked) <= LARGEST


def test_nothing_needs_no_table():
    kernel = Counting()

    assert Tabulated(kernel).foreseeing(0, np.zeros(0), np.zeros(0), 0.5) is kernel
    assert kernel.asked == []
