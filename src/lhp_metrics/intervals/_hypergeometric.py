"""Exact statements about an odds ratio, given the margins of the 2 × 2 table.

Successes of the group are then noncentral hypergeometric: of two neighbouring tables the one
with a success more in the group is ``odds ratio × (y x0) / ((x + 1) (y0 + 1))`` times as
likely, x and y being the group's successes and failures, x0 and y0 the base's. All sums are
taken outwards from the observed table, whose own probability is the unit, so that nothing
under- or overflows and nothing cancels.
"""

import numpy as np

from lhp_metrics._checks import FloatArray
from lhp_metrics.intervals._frame import Limits, Tail

__all__ = ["lower_odds_ratio", "tail_probabilities"]

# Tables times terms that are held at once: what the cache likes.
CHUNK = 32_768

Cells = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def tail_probabilities(cells: Cells, odds_ratio: FloatArray, *, own_share: float) -> Limits:
    """Return the probabilities of at least and at most as many group successes as observed.

    Of the observed table itself, `own_share` counts: 1 for exact, 1/2 for mid-p values.
    """
    x, y, x0, y0 = cells
    above, _ = _sums(x, y, x0, y0, odds_ratio)
    below, _ = _sums(y, x, y0, x0, 1 / odds_ratio)
    total = 1 + above + below
    # Where one side overflows the other cannot be seen beside it.
    return (
        np.where(np.isinf(above), 1.0, (own_share + above) / total),
        np.where(np.isinf(below), 1.0, (own_share + below) / total),
    )


def lower_odds_ratio(
    cells: Cells, tail: Tail, start: FloatArray, *, own_share: float
) -> FloatArray:
    """Return the odds ratio at which the upper tail probability equals `tail`.

    The group has a success and the base a failure at least: otherwise the limit is 0.
    """
    x, y, x0, y0 = cells
    # (share + above) / (1 + above + below) = tail, solved for the sum below. The logarithms of
    # both sides are almost linear in that of the odds ratio, so Newton's steps are safe.
    tail = np.minimum(tail, own_share * (1 - 1e-9))
    odds_ratio = start
    for _ in range(40):
        above, rise = _sums(x, y, x0, y0, odds_ratio)
        below, fall = _sums(y, x, y0, x0, 1 / odds_ratio)
        wanted = own_share / tail - 1 + above * (1 / tail - 1)
        slope = fall / below + rise * (1 / tail - 1) / wanted
        step = np.log(below / wanted) / slope
        odds_ratio = odds_ratio * np.exp(np.clip(step, -20, 20))
        if not np.any(np.abs(step) > 1e-9):
            break
    return odds_ratio


def _sums(
    x: FloatArray, y: FloatArray, x0: FloatArray, y0: FloatArray, odds_ratio: FloatArray
) -> Limits:
    """Sum P(x + j) / P(x), and j times that, over j = 1, 2, and so on."""
    total, moment = np.zeros_like(x), np.zeros_like(x)
    lanes = np.flatnonzero(np.minimum(y, x0) > 0)
    columns = tuple(column[lanes, None] for column in (x, y, x0, y0, odds_ratio))
    term, done = np.ones((lanes.size, 1)), 0
    while lanes.size:
        j = np.arange(done + 1.0, done + 1 + min(max(CHUNK // lanes.size, 8), 4096))
        x, y, x0, y0, odds_ratio = columns
        ratio = (
            odds_ratio
            * (np.maximum(y - j + 1, 0) * np.maximum(x0 - j + 1, 0))
            / ((x + j) * (y0 + j))
        )
        terms = term * np.cumprod(ratio, axis=1)
        block = terms.sum(axis=1)
        total[lanes] += np.where(np.isnan(block), np.inf, block)  # NaN: 0 times infinity
        moment[lanes] += terms @ j
        # The ratios fall, so a geometric series bounds what is still to come.
        last, falls = terms[:, -1], ratio[:, -1]
        sum_so_far = 1 + total[lanes]
        left = (last * falls > 1e-17 * sum_so_far * (1 - falls)) & np.isfinite(sum_so_far)
        lanes, term, done = lanes[left], terms[left, -1:], done + j.size
        columns = tuple(column[left] for column in columns)
    return total, moment
