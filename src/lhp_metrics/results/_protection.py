"""Which further rows must be hidden, so that no hidden count follows from the known sums."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray

__all__ = ["Slack", "protected"]

# Parts of records are added up as floats.
ALMOST = 1e-6


@attrs.frozen
class Slack:
    """How far each count of one column could be from the truth, for all that a reader knows.

    Steps of at most one each way are looked for: one is enough, and has an end where the sums
    have none.

    Parameters
    ----------
    down, up : array
        From 0 to 1, one element per row.
    settled : array
        Rows that need no protection here (their count is 0, which is no secret) or have it. Set
        as it is found: hiding more rows never takes it away.
    """

    down: FloatArray
    up: FloatArray
    settled: NDArray[np.bool_]

    @property
    def is_whole(self) -> bool:
        """Whether each takes a whole step or none, as whole counts do."""
        return all(np.isin(limits, (0, 1)).all() for limits in (self.down, self.up))


def protected(
    places: NDArray[np.intp],
    sizes: FloatArray,
    slacks: Sequence[Slack],
    hidden: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Return which rows are hidden so that no hidden count can be derived.

    Parameters
    ----------
    places : array
        One line per key: to which of its known sums each row adds.
    sizes : array
        Of rows that could be hidden as well, those with the smallest are the least loss.
    slacks : sequence of Slack
        One per column of counts.
    hidden : array
        The rows that are hidden anyhow.
    """
    hidden = hidden.copy()
    known = _OneSum() if len(places) == 1 else _Sums(places)
    for row in np.flatnonzero(hidden).tolist():
        known.hide(row)
    while True:
        derivable = (row for slack in slacks for row in known.derivable(slack, hidden))
        found = next(derivable, None)
        if found is None:
            return hidden
        shares_a_sum = (places == places[:, [found]]).any(axis=0)
        beside = np.flatnonzero(shares_a_sum & ~hidden & (sizes > 0))
        if not len(beside):
            return np.ones_like(hidden)
        least = int(beside[np.argmin(sizes[beside])])
        hidden[least] = True
        known.hide(least)


class _OneSum:
    """The total is known: what one count has more, others have less."""

    def hide(self, row: int) -> None:
        """Take note of a hidden row: there is nothing to note."""

    def derivable(self, slack: Slack, hidden: NDArray[np.bool_]) -> Iterator[int]:
        """Yield hidden rows whose count the total pins down to one number."""
        down, up = slack.down[hidden], slack.up[hidden]
        others_down, others_up = down.sum() - down, up.sum() - up
        steps = np.maximum(np.minimum(up, others_down), np.minimum(down, others_up))
        slack.settled[hidden] |= steps >= 1 - ALMOST
        yield from np.flatnonzero(hidden & ~slack.settled).tolist()


class _Sums:
    """The sums for each part of each of several keys are known."""

    def __init__(self, places: NDArray[np.intp]) -> None:
        self.places = places
        # A step must leave the sums of any two keys as they are. Of two keys that is all there is.
        self.needed = [_Exchanges(one, two) for one, two in combinations(places, 2)]
        # Of more, it does so if it leaves those of one and of all others together.
        self.enough = []
        if len(places) > 2:
            for key, one in enumerate(places):
                others = np.delete(places, key, axis=0)
                together = np.unique(others, axis=1, return_inverse=True)[1].ravel()
                self.enough.append(_Exchanges(one, together))

    def hide(self, row: int) -> None:
        """Take note of a hidden row."""
        for exchanges in (*self.needed, *self.enough):
            exchanges.hide(row)

    def derivable(self, slack: Slack, hidden: NDArray[np.bool_]) -> Iterator[int]:
        """Yield hidden rows whose count the known sums pin down to one number."""
        limits = {-1: slack.down.tolist(), 1: slack.up.tolist()}
        for row in np.flatnonzero(hidden & ~slack.settled).tolist():
            for sign in (1, -1):
                if not slack.settled[row] and limits[sign][row] >= 1 - ALMOST:
                    slack.settled[self._steps(row, sign, limits, slack, hidden)] = True
            if not slack.settled[row]:
                yield row

    def _steps(
        self,
        row: int,
        sign: int,
        limits: dict[int, list[float]],
        slack: Slack,
        hidden: NDArray[np.bool_],
    ) -> list[int]:
        """Return this and other rows that can take a step; none if this one cannot."""
        found: list[int] = []
        for exchanges in self.needed:
            found = exchanges.steps(row, sign, limits)
            if not found:
                return []
        if len(self.needed) == 1:
            return found
        ways = (exchanges.steps(row, sign, limits) for exchanges in self.enough)
        return next(filter(None, ways), None) or _solved(row, sign, slack, self.places, hidden)


class _Exchanges:
    """Hidden rows as edges of a graph: each joins the two sums that it adds to.

    A count can change by one if a chain of others leads from its one sum to its other, by turns
    one less and one more, so that all sums stay as they are.
    """

    def __init__(self, one: NDArray[np.intp], other: NDArray[np.intp]) -> None:
        self.ends = list(zip(one.tolist(), (~other).tolist(), strict=True))
        self.rows: dict[int, list[int]] = defaultdict(list)

    def hide(self, row: int) -> None:
        for end in self.ends[row]:
            self.rows[end].append(row)

    def steps(self, row: int, sign: int, limits: dict[int, list[float]]) -> list[int]:
        """Return this and other rows that can take a step; none if this one cannot."""
        missing, chain = 1.0, self._chain(row, sign, limits)
        while chain:
            step = min(missing, *(limits[way][other] for other, way in chain))
            missing -= step
            if missing <= ALMOST:
                return [row, *(other for other, _ in chain if step >= 1 - ALMOST)]
            # Parts of records may need several chains, and a later one may undo an earlier one.
            limits = {way: list(left) for way, left in limits.items()}
            for other, way in chain:
                limits[way][other] -= step
                limits[-way][other] += step
            chain = self._chain(row, sign, limits)
        return []

    def _chain(self, row: int, sign: int, limits: dict[int, list[float]]) -> list[tuple[int, int]]:
        """Return a chain that makes up for a step of `row`, as rows and their ways, if any."""
        # From the sum with fewer hidden rows it is seen sooner that there is none.
        start, goal = sorted(self.ends[row], key=lambda end: len(self.rows[end]))
        before: dict[int, tuple[int, int, int]] = {start: (start, row, sign)}
        reached = [start]
        while reached and goal not in before:
            end = reached.pop()
            way = -sign if (end < 0) == (start < 0) else sign
            left = limits[way]
            for other in self.rows[end]:
                if left[other] > ALMOST and other != row:
                    one, two = self.ends[other]
                    further = two if end == one else one
                    if further not in before:
                        before[further] = end, other, way
                        reached.append(further)
        chain: list[tuple[int, int]] = []
        while goal != start and goal in before:
            goal, other, way = before[goal]
            chain.append((other, way))
        return chain


def _solved(
    row: int,
    sign: int,
    slack: Slack,
    places: NDArray[np.intp],
    hidden: NDArray[np.bool_],
) -> list[int]:
    """Return rows that take a step together with this one, by a linear program; or none."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, vstack

    rows = np.flatnonzero(hidden)
    ones = np.ones(len(rows))
    sums = vstack([coo_array((ones, (key[rows], np.arange(len(rows))))) for key in places])
    low, high = -slack.down[rows], slack.up[rows]
    low[rows == row] = high[rows == row] = sign
    found = milp(
        np.zeros(len(rows)),
        integrality=np.full(len(rows), slack.is_whole),
        bounds=Bounds(low, high),
        constraints=LinearConstraint(sums.tocsr(), 0, 0),
    )
    if found.x is None:
        return []
    taken: list[int] = rows[np.abs(found.x) >= 1 - ALMOST].tolist()
    return taken
