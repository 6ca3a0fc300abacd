"""Grant applications counted by outcome, and their money."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import choice
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Grant, Partnership, Period
from lhp_metrics.provenance import date_text
from lhp_metrics.results import Row, Table, column, row_columns
from lhp_metrics.tallies._applications import (
    Resubmissions,
    UnknownFunder,
    funder_names,
    link_resubmissions,
    select_stages,
    stage_names,
    unmixed_stages,
)
from lhp_metrics.tallies._grouping import by_names, counted_by, grouping
from lhp_metrics.tallies._keys import Attribution, Count, KeyT, exact_count
from lhp_metrics.tallies._money import MONEY, money_columns
from lhp_metrics.tallies._records import Selection, checked_date, checked_period
from lhp_metrics.tallies._tally import Tally

__all__ = ["GrantCounts", "GrantTally", "OutcomeCounts", "Undated", "tally_grants"]

Undated = Literal["error", "decided", "pending", "exclude"]

OUTCOMES = ("successful", "unsuccessful", "pending", "withdrawn", "not_considered")


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

    def __attrs_post_init__(self) -> None:
        stated: dict[str, Count | None] = {}
        for name in (*OUTCOMES, "decided"):
            stated[name] = getattr(self, name)
            if stated[name] is not None or name not in ("successful", "unsuccessful", "decided"):
                stated[name] = exact_count(name, stated[name])
                object.__setattr__(self, name, stated[name])
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

    submitted: Count = column("Submitted")
    successful: Count | None = column("Successful", optional=True, whole=True)
    unsuccessful: Count | None = column("Unsuccessful", optional=True, whole=True)
    decided: Count = column("Decided")
    pending: Count = column("Pending")
    withdrawn: Count = column("Withdrawn")
    not_considered: Count = column("Not considered")


@attrs.frozen(eq=False, repr=False, kw_only=True)
class GrantTally(Tally[OutcomeCounts]):
    """Grant applications per group: by outcome, and in pounds.

    Made by `tally_grants` from records, or by `from_counts` from published figures. Addressed
    by key it gives `OutcomeCounts`.

    Examples
    --------
    >>> tally = GrantTally.from_counts(
    ...     {"NIHR": OutcomeCounts(successful=12, unsuccessful=20, pending=5)}, by="funder"
    ... )
    >>> tally["NIHR"].decided
    32
    """

    counting: ClassVar[str] = "applications"

    @classmethod
    def from_counts(
        cls,
        counts: Mapping[KeyT, OutcomeCounts],
        *,
        by: str | tuple[str, ...] = "group",
        period: Period | None = None,
        dated_by: str | None = None,
        as_of: dt.date | str | None = None,
    ) -> "GrantTally":
        """Return the tally of figures that somebody else counted.

        Parameters
        ----------
        counts : mapping of key to OutcomeCounts
            One per group; no application stands in two.
        by : str or tuple of str, default "group"
            What the groups are: ``"funder"``, ``"organisation"``; of several names the keys
            are tuples.
        period : Period, optional
            When the applications are dated.
        dated_by : str, optional
            The date meant by that, if it is known.
        as_of : date, optional
            When it was known which are pending.

        Raises
        ------
        InvalidTypeError
            If a value is not `OutcomeCounts`: a bare number would hide what it counts.
        """
        for key, value in counts.items():
            if not isinstance(value, OutcomeCounts):
                raise InvalidTypeError(f"counts[{key!r}] must be OutcomeCounts; got {value!r}")
        groups = list(counts.values())
        split = [group.successful is not None for group in groups]
        values = {name: [getattr(group, name) or 0 for group in groups] for name in OUTCOMES} | {
            "undisclosed": [
                0 if known else g.decided for known, g in zip(split, groups, strict=True)
            ]
        }
        columns = {name: np.array([*found, sum(found)]) for name, found in values.items()}
        decided = columns["successful"] + columns["unsuccessful"] + columns["undisclosed"]
        columns |= {name: np.zeros(len(decided), dtype=dtype) for name, dtype in MONEY.items()}
        columns["without_amount"] = decided
        columns["without_requested"] = decided + sum(columns[name] for name in OUTCOMES[2:])
        columns["without_award"] = columns["successful"] + columns["undisclosed"]
        return cls(
            by=counted_by(by, counts),
            keys=tuple(counts),
            columns=columns,
            rows_in=sum(group.submitted for group in groups),
            period=checked_period(period),
            dated_by=dated_by,
            as_of=checked_date("as_of", as_of),
        )

    def _cell(self, index: int) -> OutcomeCounts:
        cells = {name: self.columns[name][index] for name in (*OUTCOMES, "undisclosed")}
        undisclosed = cells.pop("undisclosed")
        if not undisclosed:
            return OutcomeCounts(**cells)
        decided = cells.pop("successful") + cells.pop("unsuccessful") + undisclosed
        return OutcomeCounts(decided=decided, **cells)

    @property
    def decided(self) -> NDArray[Any]:
        """Applications with a decision, one element per group and the total's at the end."""
        return self._sum("successful", "unsuccessful", "undisclosed")

    @property
    def events(self) -> NDArray[Any]:
        """All applications that were counted, whatever became of them."""
        return self.submitted

    @property
    def submitted(self) -> NDArray[Any]:
        """All applications, one element per group and the total's at the end."""
        return self._sum(*OUTCOMES, "undisclosed")

    def _sum(self, *names: str) -> NDArray[Any]:
        total: NDArray[Any] = np.sum([self.columns[name] for name in names], axis=0)
        return total

    def to_table(self) -> Table[GrantCounts]:
        """Return the applications by outcome as a `Table`."""
        hidden = self.columns["undisclosed"] > 0
        parts = {name: self.columns[name] for name in OUTCOMES}
        split = {name: np.where(hidden, np.nan, parts[name]) for name in OUTCOMES[:2]}
        counts = {"submitted": self.submitted, **parts, **split, "decided": self.decided}
        columns = {name: counts[name] for name, _ in row_columns(GrantCounts)}
        provenance = self.provenance("grant-counts/1")
        return self.as_table(GrantCounts, "Grant applications by outcome", columns, provenance)


def tally_grants(
    grants: Iterable[Grant],
    *,
    by: str | Iterable[str] | None = None,
    period: Period | None = None,
    dated_by: Literal["submitted_on", "decided_on"] = "submitted_on",
    as_of: dt.date | str | None = None,
    undated: Undated = "error",
    attribution: Attribution | None = None,
    partnership: Partnership | None = None,
    stages: str | Iterable[str] | None = None,
    resubmissions: Resubmissions = "each",
    funders: Mapping[str, str] | None = None,
    unknown_funders: UnknownFunder = "error",
) -> GrantTally:
    """Count grant applications by outcome.

    Parameters
    ----------
    grants : iterable of Grant
        Each reference once.
    by : str or iterable of str, optional
        What to group by: a field of `Grant` that holds text (``"funder"``, ``"stage"``,
        ``"lead"``), ``"organisation"``, or ``"month"``, ``"quarter"``, ``"financial_year"`` of
        the date that `dated_by` names. Nothing stated is the group "not stated".
    period : Period, optional
        Count only applications dated in it; the others are in ``excluded``.
    dated_by : {"submitted_on", "decided_on"}, default "submitted_on"
        The date that places an application in a cohort. By decision, applications without one
        are excluded.
    as_of : date, optional
        Reprint what was known then: applications submitted later are excluded, decisions taken
        later are pending.
    undated : {"error", "decided", "pending", "exclude"}, default "error"
        With `as_of` or ``dated_by="decided_on"``, what an outcome without `decided_on` is: an
        error, decided all the same, still pending, or left out.
    attribution : {"lead", "whole", "fractional"}, optional
        For whom an application of several organisations counts: its lead, every one of them,
        or each by its part. Needed if there is such an application and `by` asks for
        organisations.
    partnership : Partnership, optional
        Resolves the names of organisations to codes; unknown ones are refused.
    stages : {"outline", "full", "single", "not stated"} or several of them, optional
        Count only applications at these stages, several of them together. By default all
        count, and several stages are refused unless `by` keeps them apart: an outline and its
        full application are one attempt.
    resubmissions : {"each", "latest"}, default "each"
        Whether a resubmission counts beside the application that it follows, or the two count
        once, as the latest of them that was submitted by `as_of`, in its own period.
    funders : mapping, optional
        Spelling to name, such as ``{"N.I.H.R.": "NIHR"}``; case and spaces do not matter, and a
        name stands for itself.
    unknown_funders : {"error", "keep", "other"}, default "error"
        What a funder is that `funders` does not have: an error that lists them all, itself, or
        "other".

    Returns
    -------
    GrantTally

    Raises
    ------
    InvalidInputError
        If a reference stands twice, a shared application has no attribution, or a date that is
        needed is missing, every such record being named; if stages are mixed; or if
        resubmissions form a circle or come before what they follow.
    NotFoundError
        If the partnership does not know an organisation, or `funders` a funder.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> grants = [
    ...     lhp.Grant(reference="G1", submitted_on="2023-05-01", decided_on="2023-09-01",
    ...               outcome="successful", funder="NIHR"),
    ...     lhp.Grant(reference="G2", submitted_on="2023-06-01", outcome="pending"),
    ... ]
    >>> lhp.tally_grants(grants, by="funder")["NIHR"].successful
    1
    """
    choice("dated_by", dated_by, ("submitted_on", "decided_on"))
    choice("undated", undated, ("error", "decided", "pending", "exclude"))
    choice("resubmissions", resubmissions, ("each", "latest"))
    choice("unknown_funders", unknown_funders, ("error", "keep", "other"))
    date = checked_date("as_of", as_of)
    names = by_names(by)
    wanted = stage_names(stages)
    chosen = Selection(grants, Grant, "reference")
    if date is not None:
        chosen.exclude(f"submitted after {date_text(date)}", lambda g: g.submitted_on > date)
    select_stages(chosen, wanted)
    rules = link_resubmissions(chosen, resubmissions)
    if dated_by == "submitted_on":  # What is not in the cohort needs no decision date.
        chosen.within(checked_period(period), dated_by)
    needed = date is not None or dated_by == "decided_on"
    if needed and undated == "error":
        chosen.refuse(
            _is_undated,
            "outcome without decided_on; say undated='decided', 'pending' or 'exclude'",
        )
    elif needed and undated == "exclude":
        chosen.exclude("outcome without decided_on", _is_undated)

    def outcome(grant: Grant) -> str:
        if _is_undated(grant):
            return "pending" if needed and undated == "pending" else grant.outcome
        return grant.outcome if date is None else grant.outcome_as_of(date)

    if dated_by == "decided_on":
        chosen.exclude("no decision yet", lambda g: outcome(g) == "pending")
        chosen.refuse(_is_undated, "no decided_on to date it by; say undated='exclude'")
        chosen.within(checked_period(period), dated_by)
    records = chosen.records
    notes = () if wanted or "stage" in names else unmixed_stages(records)
    notes += (*_unlinked(records, resubmissions), *_later_decisions(records, period, date))
    groups = grouping(
        records,
        names,
        dates=chosen.dates(dated_by),
        period=period,
        attribution=attribution,
        partnership=partnership,
        renamed={"funder": funder_names(records, funders, unknown_funders)},
    )
    outcomes = np.array([OUTCOMES.index(outcome(grant)) for grant in records], dtype=np.int64)
    flags = {name: (outcomes == i).astype(np.int64) for i, name in enumerate(OUTCOMES)}
    columns = {name: groups.summed(flag) for name, flag in flags.items()}
    columns["undisclosed"] = 0 * columns["pending"]
    columns |= money_columns(records, flags, groups)
    return GrantTally(
        by=names,
        keys=groups.keys,
        columns=columns,
        rows_in=chosen.rows_in,
        excluded=chosen.excluded,
        period=period,
        dated_by=dated_by,
        as_of=date,
        attribution=attribution,
        overlapping=attribution == "whole" and "organisation" in names,
        names=groups.names,
        rules=((f"Stages: {', '.join(wanted)}.",) if wanted else ()) + rules,
        notes=notes,
    )


def _is_undated(grant: Grant) -> bool:
    return grant.decided_on is None and grant.outcome != "pending"


def _unlinked(grants: Sequence[Grant], resubmissions: Resubmissions) -> tuple[str, ...]:
    """Note resubmissions that count beside what they follow."""
    again = sum(grant.resubmission_of is not None for grant in grants)
    if not again or resubmissions == "latest":
        return ()
    return (f"Resubmissions count each: {again:,} of the applications are one.",)


def _later_decisions(
    grants: Sequence[Grant], period: Period | None, as_of: dt.date | None
) -> tuple[str, ...]:
    """Note decisions that nobody could know at the period's end."""
    if period is None or as_of is not None:
        return ()
    later = sum(g.decided_on is not None and g.decided_on > period.end for g in grants)
    if not later:
        return ()
    end = date_text(period.end)
    return (f"{later:,} decisions were taken after {end}; as_of= shows what was known on a day.",)
