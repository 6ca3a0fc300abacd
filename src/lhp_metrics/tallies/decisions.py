"""Grant applications, counted by the days until their decision."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Literal

import attrs
import numpy as np

from lhp_metrics._checks import choice
from lhp_metrics.errors import InvalidTypeError
from lhp_metrics.models import Grant, Partnership, Period
from lhp_metrics.results import Table
from lhp_metrics.tallies._applications import (
    PENDING,
    Resubmissions,
    outcomes_as_of,
    select_applications,
    stage_names,
    stages_found,
    undated_outcomes,
    unmixed_stages,
)
from lhp_metrics.tallies._grouping import by_names, grouping
from lhp_metrics.tallies._keys import Attribution, Count
from lhp_metrics.tallies._lineage import known_successions
from lhp_metrics.tallies._outcomes import OUTCOMES
from lhp_metrics.tallies._records import checked_date, checked_period
from lhp_metrics.tallies._tally import Tally
from lhp_metrics.tallies.grants import GrantCounts, OutcomeCounts

__all__ = ["DecisionTally", "tally_decisions"]


@attrs.frozen(eq=False, repr=False, kw_only=True)
class DecisionTally(Tally[OutcomeCounts]):
    """Grant applications by outcome and by days from submission until it, per group.

    Made by `tally_decisions`; what `time_to_decision` needs to know of the applications.
    Addressed by key it gives `OutcomeCounts`.

    Notes
    -----
    The columns, one for each outcome, have a second axis: the number of days. A pending
    application stands on the days that it has waited.
    """

    def _cell(self, index: int) -> OutcomeCounts:
        cells: dict[str, Any] = {name: int(self.columns[name][index].sum()) for name in OUTCOMES}
        return OutcomeCounts(**cells)

    @property
    def counted(self) -> Count:
        """Number of records that the total counts: `rows_in` without the excluded ones."""
        return self.total.submitted

    def to_table(self) -> Table[GrantCounts]:
        """Return the applications by outcome as a `Table`."""
        counts = {name: self.columns[name].sum(axis=1) for name in OUTCOMES}
        decided = counts["successful"] + counts["unsuccessful"]
        submitted = sum(counts.values())
        columns = {
            "submitted": np.asarray(submitted),
            "successful": counts["successful"],
            "unsuccessful": counts["unsuccessful"],
            "decided": decided,
            "pending": counts["pending"],
            "withdrawn": counts["withdrawn"],
            "not_considered": counts["not_considered"],
        }
        provenance = self.provenance("grant-counts/1")
        return self.as_table(GrantCounts, "Grant applications by outcome", columns, provenance)


def tally_decisions(
    grants: Iterable[Grant],
    *,
    as_of: dt.date | str,
    by: str | Iterable[str] | None = None,
    period: Period | None = None,
    undated: Literal["error", "exclude"] = "error",
    attribution: Attribution | None = None,
    partnership: Partnership | None = None,
    stages: str | Iterable[str] | None = None,
    resubmissions: Resubmissions = "each",
) -> DecisionTally:
    """Count grant applications by outcome and by the days that it took.

    Parameters
    ----------
    grants : iterable of Grant
        Each reference once.
    as_of : date
        The day on which it was known what was decided: applications submitted later are
        excluded, decisions taken later are pending, with the days until then.
    by : str or iterable of str, optional
        What to group by, as in `tally_grants`; periods are those of submission.
    period : Period, optional
        Count only applications submitted in it; the others are in ``excluded``.
    undated : {"error", "exclude"}, default "error"
        What an outcome without `decided_on` is: an error, or left out.
    attribution : {"lead", "whole"}, optional
        For whom an application of several organisations counts. Needed if there is such an
        application and `by` asks for organisations.
    partnership : Partnership, optional
        Resolves the names of organisations to codes; unknown ones are refused.
    stages, resubmissions
        As `tally_grants` takes them.

    Returns
    -------
    DecisionTally

    Raises
    ------
    InvalidInputError
        If a reference stands twice, a shared application has no attribution, or an outcome has
        no date; every such record is named.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> grants = [
    ...     lhp.Grant(reference="G1", submitted_on="2023-05-01", decided_on="2023-09-01",
    ...               outcome="successful"),
    ...     lhp.Grant(reference="G2", submitted_on="2023-06-01", outcome="pending"),
    ... ]
    >>> lhp.tally_decisions(grants, as_of="2024-03-31").total.pending
    1
    """
    date = checked_date("as_of", as_of)
    if date is None:
        raise InvalidTypeError("as_of must be a date: on which day was it known what is pending?")
    choice("undated", undated, ("error", "exclude"))
    choice("resubmissions", resubmissions, ("each", "latest"))
    if attribution is not None:
        choice("attribution", attribution, ("lead", "whole"))
    names, wanted = by_names(by), stage_names(stages)
    chosen, rules = select_applications(
        grants, as_of=date, stages=wanted, resubmissions=resubmissions
    )
    chosen.within(checked_period(period), "submitted_on")
    missing = undated_outcomes(chosen.facts)
    if undated == "error":
        chosen.refuse(missing, "outcome without decided_on; say undated='exclude'")
    else:
        chosen.exclude("outcome without decided_on", missing)
    facts = chosen.facts
    unmixed = () if wanted or "stage" in names else unmixed_stages(stages_found(facts))
    groups = grouping(
        chosen,
        names,
        kind=Grant,
        days=chosen.days("submitted_on"),
        period=period,
        attribution=attribution,
        partnership=partnership,
        divisible=False,
    )
    outcomes = outcomes_as_of(facts, date)
    end = np.where(outcomes == PENDING, date.toordinal(), facts["decided_on"])
    days = end.astype(np.int64) - facts["submitted_on"]
    length = int(days.max(initial=-1)) + 1
    return DecisionTally(
        by=names,
        keys=groups.keys,
        columns={
            name: groups.by_day(days, (outcomes == index).astype(np.int64), length)
            for index, name in enumerate(OUTCOMES)
        },
        rows_in=chosen.rows_in,
        excluded=chosen.excluded,
        period=period,
        dated_by="submitted_on",
        as_of=date,
        attribution=attribution,
        overlapping=attribution == "whole" and "organisation" in names,
        names=groups.names,
        rules=rules,
        notes=(*unmixed, *groups.notes),
        successions=known_successions(partnership),
    )
