"""Grant applications by outcome: what a group's counts are."""

from collections.abc import Collection
from typing import get_args

import attrs

from lhp_metrics._checks import choice, each_of
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models.grants import Outcome
from lhp_metrics.results import Row, column
from lhp_metrics.tallies._keys import Count, exact_count

__all__ = ["OUTCOMES", "GrantCounts", "OutcomeCounts"]

OUTCOMES: tuple[str, ...] = get_args(Outcome)
UNDECIDED = OUTCOMES[2:]


@attrs.frozen(kw_only=True)
class OutcomeCounts:
    """Grant applications by outcome.

    Parameters
    ----------
    successful, unsuccessful : int, optional
        Decided applications; both, or neither if only `decided` is published.
    pending, withdrawn, not_considered : int, default 0
        Applications without a funding decision: still open, taken back by the applicant, or
        turned away by the funder before assessment.
    decided : int, optional
        Applications with a decision, where the split is not published; otherwise their sum.
    unstated : iterable of str, optional
        Which of ``"pending"``, ``"withdrawn"`` and ``"not_considered"`` the source does not
        state, or not of all applications. They are not 0 then: a note of every result says so,
        and what the pending could change is not known.

    Raises
    ------
    InvalidInputError
        If a count is negative or not whole, one of the two outcomes is missing, or `decided`
        is not their sum.

    Examples
    --------
    >>> counts = OutcomeCounts(successful=15, unsuccessful=51, pending=57)
    >>> counts.decided, counts.submitted
    (66, 123)
    >>> OutcomeCounts(decided=66, pending=57).successful is None
    True
    """

    successful: Count | None = None
    unsuccessful: Count | None = None
    pending: Count = 0
    withdrawn: Count = 0
    not_considered: Count = 0
    decided: Count = attrs.field(default=None)
    unstated: Collection[str] = attrs.field(default=(), eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        stated: dict[str, Count | None] = {}
        for name in (*OUTCOMES, "decided"):
            stated[name] = getattr(self, name)
            if stated[name] is not None or name not in ("successful", "unsuccessful", "decided"):
                stated[name] = exact_count(name, stated[name])
                object.__setattr__(self, name, stated[name])
        unstated = tuple(each_of(self.unstated, "names", name="unstated"))
        for name in unstated:
            choice("unstated", name, UNDECIDED)
        object.__setattr__(self, "unstated", unstated)
        for given, missing in (("successful", "unsuccessful"), ("unsuccessful", "successful")):
            if stated[given] is not None and stated[missing] is None:
                raise InvalidInputError(
                    f"{given} ({stated[given]}) needs {missing} beside it; where only the "
                    "number of decisions is published, give decided= alone"
                )
        if self.successful is None or self.unsuccessful is None:
            if stated["decided"] is None:
                raise InvalidInputError("give successful and unsuccessful, or decided alone")
            return
        total = self.successful + self.unsuccessful
        if stated["decided"] not in (None, total):
            rule = f"is not successful + unsuccessful ({total})"
            raise InvalidInputError(f"decided ({self.decided}) {rule}")
        object.__setattr__(self, "decided", total)

    @property
    def submitted(self) -> Count:
        """All applications, whatever became of them."""
        return self.decided + self.pending + self.withdrawn + self.not_considered


@attrs.frozen(kw_only=True)
class GrantCounts(Row):
    """Applications of one group by outcome."""

    submitted: Count | None = column("Submitted", optional=True, whole=True)
    successful: Count | None = column("Successful", optional=True, whole=True)
    unsuccessful: Count | None = column("Unsuccessful", optional=True, whole=True)
    decided: Count = column("Decided")
    pending: Count | None = column("Pending", optional=True, whole=True)
    withdrawn: Count = column("Withdrawn")
    not_considered: Count = column("Not considered")
