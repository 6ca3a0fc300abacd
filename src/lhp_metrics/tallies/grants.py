"""Grant applications counted by outcome, and their money."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import choice
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Grant, Partnership, Period
from lhp_metrics.provenance import date_text
from lhp_metrics.results import Row, Table, column, row_columns
from lhp_metrics.tallies._grouping import Grouping, by_names, grouping
from lhp_metrics.tallies._keys import Attribution, Count, Key, exact_count
from lhp_metrics.tallies._records import Selection, checked_date
from lhp_metrics.tallies._tally import Tally

__all__ = ["GrantCounts", "GrantTally", "OutcomeCounts", "Undated", "tally_grants"]

Undated = Literal["error", "decided", "pending", "exclude"]

OUTCOMES = ("successful", "unsuccessful", "pending", "withdrawn", "not_considered")

# Sums of pence are exact; second moments, which only intervals use, are float pounds squared.
MONEY: Mapping[str, type] = {
    "requested_pence": np.int64,
    "requested_decided_pence": np.int64,
    "requested_successful_pence": np.int64,
    "awarded_pence": np.int64,
    "requested_squared": np.float64,
    "requested_decided_squared": np.float64,
    "requested_successful_squared": np.float64,
    "awarded_squared": np.float64,
    "awarded_times_requested": np.float64,
    "largest_requested_decided_pence": np.int64,
    "without_amount": np.int64,
    "without_requested": np.int64,
    "without_awarded": np.int64,
}


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

    @classmethod
    def from_counts(
        cls,
        counts: Mapping[Key, OutcomeCounts],
        *,
        by: str = "group",
        period: Period | None = None,
        dated_by: str | None = None,
        as_of: dt.date | str | None = None,
    ) -> "GrantTally":
        """Return the tally of figures that somebody else counted.

        Parameters
        ----------
        counts : mapping of key to OutcomeCounts
            One per group; no application stands in two.
        by : str, default "group"
            What the groups are: ``"funder"``, ``"organisation"``.
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
        columns["without_awarded"] = columns["successful"] + columns["undisclosed"]
        return cls(
            by=(by,),
            keys=tuple(counts),
            columns=columns,
            rows_in=int(sum(group.submitted for group in groups)),
            period=period,
            dated_by=dated_by,
            as_of=dt.date.fromisoformat(as_of) if isinstance(as_of, str) else as_of,
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

    Returns
    -------
    GrantTally

    Raises
    ------
    InvalidInputError
        If a reference stands twice, a shared application has no attribution, or a date that is
        needed is missing; every such record is named.
    NotFoundError
        If the partnership does not know an organisation.

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
    date = checked_date("as_of", as_of)
    names = by_names(by)
    chosen = Selection(grants, Grant, "reference")
    if date is not None:
        chosen.exclude(f"submitted after {date_text(date)}", lambda g: g.submitted_on > date)
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
    dates = chosen.within(period, dated_by)
    records = chosen.records
    groups = grouping(
        records,
        names,
        dates=dates,
        period=period,
        attribution=attribution,
        partnership=partnership,
    )
    outcomes = np.array([OUTCOMES.index(outcome(grant)) for grant in records], dtype=np.int64)
    flags = {name: (outcomes == i).astype(np.int64) for i, name in enumerate(OUTCOMES)}
    columns = {name: groups.summed(flag) for name, flag in flags.items()}
    columns["undisclosed"] = 0 * columns["pending"]
    columns |= _money(records, flags, groups)
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
        notes=_later_decisions(records, period, date),
    )


def _is_undated(grant: Grant) -> bool:
    return grant.decided_on is None and grant.outcome != "pending"


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


def _money(
    grants: Sequence[Grant], flags: Mapping[str, NDArray[np.int64]], groups: Grouping
) -> dict[str, NDArray[Any]]:
    """Return sums of money and their second moments, over the outcomes that metrics ask for."""
    requested = np.array([_pence(grant.amount_requested) for grant in grants], dtype=np.int64)
    awarded = np.array([_pence(grant.amount_awarded) for grant in grants], dtype=np.int64)
    missing = np.array([grant.amount_requested is None for grant in grants], dtype=np.int64)
    no_award = np.array([grant.amount_awarded is None for grant in grants], dtype=np.int64)
    won = flags["successful"]
    decided = won + flags["unsuccessful"]
    asked, got = requested / 100, awarded / 100
    columns = {
        "requested_pence": groups.summed(requested),
        "requested_decided_pence": groups.summed(requested * decided),
        "requested_successful_pence": groups.summed(requested * won),
        "awarded_pence": groups.summed(awarded * won),
        "requested_squared": groups.summed(asked**2, moment=2),
        "requested_decided_squared": groups.summed(asked**2 * decided, moment=2),
        "requested_successful_squared": groups.summed(asked**2 * won, moment=2),
        "awarded_squared": groups.summed(got**2 * won, moment=2),
        "awarded_times_requested": groups.summed(got * asked * won, moment=2),
        "largest_requested_decided_pence": groups.largest(requested * decided),
        "without_amount": groups.summed(missing * decided),
        "without_requested": groups.summed(missing),
        "without_awarded": groups.summed(no_award * won),
    }
    if groups.weight is None:
        return columns
    return columns | {
        "submitted_shared": groups.shared(np.ones(len(grants))),
        "successful_shared": groups.shared(won.astype(np.float64)),
        "requested_shared": groups.shared(asked**2),
        "awarded_shared": groups.shared(got**2 * won),
    }


def _pence(pounds: Decimal | None) -> int:
    return 0 if pounds is None else int(pounds * 100)
