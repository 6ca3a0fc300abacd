"""Grant applications counted by outcome, and their money."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import choice
from lhp_metrics.models import Grant, Partnership, Period
from lhp_metrics.provenance import Provenance
from lhp_metrics.results import Table, row_columns
from lhp_metrics.tallies._applications import (
    PENDING,
    Resubmissions,
    UnknownFunder,
    decided_after,
    funder_names,
    later_decisions,
    outcomes_as_of,
    select_applications,
    stage_names,
    stages_found,
    undated_outcomes,
    unlinked,
    unmixed_stages,
)
from lhp_metrics.tallies._frames import is_frame, refuse_frame_options
from lhp_metrics.tallies._grouping import by_names, grouping
from lhp_metrics.tallies._keys import Attribution, Count, Duplicates, KeyT, Undated, Unknown
from lhp_metrics.tallies._lineage import known_successions
from lhp_metrics.tallies._money import Amounts, condensed, outcome_columns
from lhp_metrics.tallies._outcomes import OUTCOMES, UNDECIDED, GrantCounts, OutcomeCounts
from lhp_metrics.tallies._published import outcome_counts, resolved
from lhp_metrics.tallies._records import checked_date, checked_period
from lhp_metrics.tallies._tally import Tally
from lhp_metrics.tallies._unstated import is_unstated, stated, unstated_notes

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

__all__ = ["GrantCounts", "GrantTally", "OutcomeCounts", "Undated", "tally_grants"]


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
        partnership: Partnership | None = None,
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
        partnership : Partnership, optional
            Resolves names of organisations to codes; its successions are remembered.

        Raises
        ------
        InvalidInputError
            If two names are one organisation.
        InvalidTypeError
            If a value is not `OutcomeCounts`: a bare number would hide what it counts.
        NotFoundError
            If the partnership does not know an organisation.
        """
        columns = outcome_counts(counts)
        groups, values, names = resolved(counts, by, checked_period(period), partnership)
        return cls(
            by=groups,
            keys=tuple(values),
            columns=columns,
            rows_in=sum(group.submitted for group in counts.values()),
            period=period,
            dated_by=dated_by,
            as_of=checked_date("as_of", as_of),
            names=names,
            successions=known_successions(partnership),
        )

    @classmethod
    def from_frame(
        cls,
        frame: "IntoFrame",
        *,
        by: str | tuple[str, ...] = "group",
        columns: Mapping[str, str] | None = None,
        period: Period | None = None,
        dated_by: str | None = None,
        as_of: dt.date | str | None = None,
        partnership: Partnership | None = None,
    ) -> "GrantTally":
        """Return the tally of a data frame that holds counts: a row for each group.

        Parameters
        ----------
        frame : data frame
            Of any library that narwhals reads, eager or lazy: the columns of `by`, and the
            counts of `OutcomeCounts`. Without a column ``pending``, ``withdrawn`` or
            ``not_considered`` none are counted, and a note says that they are not stated.
        by : str or tuple of str, default "group"
            The columns that name the groups.
        columns : mapping, optional
            The frame's column names to these, such as ``{"Funded": "successful"}``.
        period, dated_by, as_of, partnership
            As of `from_counts`.

        Raises
        ------
        InvalidInputError
            If a column is missing, a group has two rows, or counts are impossible: each of those
            groups is named.

        Examples
        --------
        >>> import pandas as pd
        >>> counts = pd.DataFrame({"funder": ["NIHR"], "Funded": [12], "unsuccessful": [20]})
        >>> tally = GrantTally.from_frame(counts, by="funder", columns={"Funded": "successful"})
        >>> tally["NIHR"].decided
        32
        """
        from lhp_metrics.tallies._aggregated_frames import group_outcomes

        return cls.from_counts(
            group_outcomes(frame, by, columns=columns, period=period),
            by=by,
            period=period,
            dated_by=dated_by,
            as_of=as_of,
            partnership=partnership,
        )

    def _cell(self, index: int) -> OutcomeCounts:
        cells = {name: self.columns[name][index] for name in (*OUTCOMES, "undisclosed")}
        unstated = [name for name in UNDECIDED if is_unstated(self.columns, name)[index]]
        undisclosed = cells.pop("undisclosed")
        if not undisclosed:
            return OutcomeCounts(**cells, unstated=unstated)
        decided = cells.pop("successful") + cells.pop("unsuccessful") + undisclosed
        return OutcomeCounts(decided=decided, **cells, unstated=unstated)

    def provenance(self, definition: str, **facts: Any) -> Provenance:
        """Return where a result made from this tally comes from, and what nobody stated."""
        notes = (*facts.pop("notes", ()), *unstated_notes(self))
        return super().provenance(definition, notes=notes, **facts)

    @property
    def counted(self) -> Count:
        """Number of records that the total counts: `rows_in` without the excluded ones."""
        return self.total.submitted

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
        split["pending"] = stated(self.columns, "pending")
        missing = is_unstated(self.columns, "pending")
        submitted = np.where(missing, np.nan, self.submitted) if missing.any() else self.submitted
        counts = {"submitted": submitted, **parts, **split, "decided": self.decided}
        columns = {name: counts[name] for name, _ in row_columns(GrantCounts)}
        provenance = self.provenance("grant-counts/1")
        return self.as_table(GrantCounts, "Grant applications by outcome", columns, provenance)


def tally_grants(
    grants: "Iterable[Grant] | IntoFrame",
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
    columns: Mapping[str, str] | None = None,
    outcomes: Mapping[str, str] | None = None,
    organisations: Mapping[str, str] | None = None,
    unknown: Unknown = "error",
    duplicates: Duplicates = "error",
) -> GrantTally:
    """Count grant applications by outcome.

    Parameters
    ----------
    grants : iterable of Grant, or data frame
        Each reference once. Or any frame, eager or lazy, that narwhals reads (pandas, Polars,
        PyArrow, DuckDB, Dask, PySpark): a row for each application, or for each application and
        ``organisation``; it is counted in its own engine.
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
        Resolves the names of organisations to codes; unknown ones are refused. Its successions
        are remembered: changes across them are refused.
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
    columns : mapping, optional
        Of a frame: its column names to the fields of `Grant`, such as ``{"Status": "outcome"}``.
        ``organisation`` is the row's organisation; ``share`` its part of the application, in
        whole numbers such as 2 and 1. Amounts are pounds, or whole pence in the columns
        ``amount_requested_pence`` and ``amount_awarded_pence``.
    outcomes : mapping, optional
        Of a frame: the house's words to outcomes, such as ``{"Funded": "successful"}``.
    organisations : mapping, optional
        Of a frame: the house's names of organisations to codes, or to names that the
        partnership knows.
    unknown : {"error", "other"}, default "error"
        Of a frame: what a label is that no map has: an error that lists them all and how often;
        or, of organisations, "other", and of outcomes, excluded.
    duplicates : {"error", "unchecked"}, default "error"
        Of a frame: whether to look for references that stand twice, which is the one check that
        moves all rows. Unchecked, every row is an application; the notes say so.

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
    MissingExtraError
        If the frame is Spark's, and PyArrow is not installed.

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
    if is_frame(grants):
        from lhp_metrics.tallies._frame_grouping import Question
        from lhp_metrics.tallies._grant_frames import GrantRules, tally_grant_frame

        question = Question(
            kind="grant",
            id_field="reference",
            by=names,
            period=checked_period(period),
            dated_by=dated_by,
            attribution=attribution,
            partnership=partnership,
            columns=columns,
            organisations=organisations,
            unknown=unknown,
            duplicates=duplicates,
        )
        own = GrantRules(
            as_of=date,
            undated=undated,
            stages=wanted,
            resubmissions=resubmissions,
            funders=funders,
            unknown_funders=unknown_funders,
            outcomes=outcomes,
        )
        return tally_grant_frame(grants, question, own)
    refuse_frame_options(columns=columns, outcomes=outcomes, organisations=organisations)
    records = cast("Iterable[Grant]", grants)
    chosen, rules = select_applications(
        records, as_of=date, stages=wanted, resubmissions=resubmissions
    )
    if dated_by == "submitted_on":  # What is not in the cohort needs no decision date.
        chosen.within(checked_period(period), dated_by)
    needed = date is not None or dated_by == "decided_on"
    if needed and undated == "error":
        rule = "outcome without decided_on; say undated='decided', 'pending' or 'exclude'"
        chosen.refuse(undated_outcomes(chosen.facts), rule)
    elif needed and undated == "exclude":
        chosen.exclude("outcome without decided_on", undated_outcomes(chosen.facts))
    pending = needed and undated == "pending"
    if dated_by == "decided_on":
        known = outcomes_as_of(chosen.facts, date, undated_pending=pending)
        chosen.exclude("no decision yet", known == PENDING)
        rule = "no decided_on to date it by; say undated='exclude'"
        chosen.refuse(undated_outcomes(chosen.facts), rule)
        chosen.within(checked_period(period), dated_by)
    facts = chosen.facts
    mixed = not wanted and "stage" not in names
    notes = unmixed_stages(stages_found(facts)) if mixed else ()
    notes += unlinked(int(facts["is_resubmission"].sum()), resubmissions)
    notes += later_decisions(decided_after(facts, period, date), period)
    found = {} if funders is None else Counter(map(attrgetter("funder"), chosen))
    groups = grouping(
        chosen,
        names,
        kind=Grant,
        days=chosen.days(dated_by),
        period=period,
        attribution=attribution,
        partnership=partnership,
        renamed={"funder": funder_names(found, funders, unknown_funders)},
    )
    known = outcomes_as_of(facts, date, undated_pending=pending)
    return GrantTally(
        by=names,
        keys=groups.keys,
        columns=outcome_columns(*condensed(Amounts.of(facts), known, groups)),
        rows_in=chosen.rows_in,
        excluded=chosen.excluded,
        period=period,
        dated_by=dated_by,
        as_of=date,
        attribution=attribution,
        overlapping=attribution == "whole" and "organisation" in names,
        names=groups.names,
        rules=rules,
        notes=(*notes, *groups.notes),
        successions=known_successions(partnership),
    )
