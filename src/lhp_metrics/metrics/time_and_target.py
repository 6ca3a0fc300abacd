"""Time and target: which studies recruit as planned?"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray, choice, numbers, scalar_level
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.intervals import ProportionMethod, proportion_interval, rate_interval
from lhp_metrics.metrics._outcomes import quotient
from lhp_metrics.metrics._recruitment import Plan, plans
from lhp_metrics.models import Partnership, Study
from lhp_metrics.provenance import OVERLAP_NOTES, Provenance
from lhp_metrics.results import Columns, Row, Table, column
from lhp_metrics.tallies import Attribution
from lhp_metrics.tallies._grouping import Grouping, by_names, grouping
from lhp_metrics.tallies._records import Selection, checked_date

__all__ = ["TimeAndTarget", "time_and_target"]

Level: TypeAlias = Literal["study", "site"]

DAYS_PER_MONTH = 365.25 / 12


@attrs.frozen(kw_only=True)
class TimeAndTarget(Row):
    """How the recruitment of one group's studies, or sites, stands against its plan.

    `on_track` and `behind` are open, `closed_met` and `closed_not_met` have closed.
    `recruited_per_month` is that of all of them together, over the months that they were open;
    `planned_per_month` what the plan asked for by now over the same months, and `of_plan` the
    ratio of the two counts.
    """

    on_track: int = column("On track")
    behind: int = column("Behind")
    share_on_track: Estimate = column("Share of the open on track")
    closed_met: int = column("Closed, met")
    closed_not_met: int = column("Closed, not met")
    share_met: Estimate = column("Share of the closed that met")
    recruited: int = column("Recruited", detail=True)
    planned: float = column("Planned by now", spec=",.0f", detail=True)
    of_plan: float = column("Of plan", spec=".0%")
    recruited_per_month: Estimate = column("Recruited per month", spec=".1f", detail=True)
    planned_per_month: float = column("Planned per month", spec=".1f", detail=True)

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.metrics._setup_sentences import say_time_and_target

        return say_time_and_target(self)

    @classmethod
    def describe_table(cls, table: Table[Any]) -> str:
        """Return what the table says; see `Table.describe`."""
        from lhp_metrics.metrics._setup_sentences import say_times_and_targets

        return say_times_and_targets(table)


def time_and_target(
    studies: Iterable[Study],
    as_of: dt.date | str,
    *,
    by: str | Iterable[str] | None = None,
    level: Level = "study",
    tolerance: float = 0.0,
    attribution: Attribution | None = None,
    partnership: Partnership | None = None,
    method: ProportionMethod = "wilson",
    confidence_level: float = 0.95,
) -> Table[TimeAndTarget]:
    """Which studies recruit to time and target: on track, behind, closed and met or not?

    Parameters
    ----------
    studies : iterable of Study
        Each study once, its sites with ``opened_on``, ``planned_closing_on``, ``target`` and
        ``recruited``.
    as_of : date
        The day for which `recruited` was counted.
    by : str or iterable of str, optional
        What to group by, as in `tally_registrations`; periods are those of opening.
    level : {"study", "site"}, default "study"
        Whether a study is judged as a whole, from the sum over its sites, or each site by
        itself.
    tolerance : float, default 0
        By what part of the plan an open study may fall short and still be on track.
    attribution : {"lead", "whole"}, optional
        At study level: for whom a study of several organisations counts. Needed if there is
        such a study and `by` asks for organisations.
    partnership : Partnership, optional
        Resolves the names of organisations to codes; unknown ones are refused.
    method : {"wilson", "clopper-pearson", "mid-p", ...}, default "wilson"
        Interval for the shares; see ``lhp_metrics.intervals.proportion_interval``.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).

    Returns
    -------
    Table of TimeAndTarget
        With nothing open a share on track is NaN with (0, 1), and so with nothing closed is that
        met; over no time at all a rate is NaN with (0, inf). They print as "–". Studies not open
        by `as_of`, or without one of the four fields, are left out, each with its reason.

    Raises
    ------
    InvalidInputError
        If a study stands twice, or is shared and no attribution is said.

    Notes
    -----
    The plan is a straight line from opening to the planned closing, that day included. Open and
    on track is who has at least (1 − `tolerance`) of the recruitment planned by now; that is the
    share of the target over the share of the time, which NIHR's network took from 2021 [1]_. Its
    bands below that are not known here, so the tolerance is 0. Closed and met is who reached the
    target by the planned closing; whoever closed later did not keep to the time.

    The interval of the rate is exact for a Poisson count. Recruits of a site are more alike than
    that, so it is narrow rather than wide.

    References
    ----------
    .. [1] NHS R&D Forum (26 January 2021), Upcoming changes to the method of calculating
       recruitment to time and target for open studies and sites.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> def study(name, recruited):
    ...     return lhp.Study(study_id=name, lead="REM", sites=[lhp.StudySite(
    ...         "REM", opened_on="2024-01-01", planned_closing_on="2024-12-31", target=60,
    ...         recruited=recruited)])
    >>> table = lhp.time_and_target([study("S1", 33), study("S2", 12)], "2024-06-30")
    >>> table.total.on_track, table.total.behind, f"{table.total.of_plan:.0%}"
    (1, 1, '75%')
    """
    confidence = scalar_level(confidence_level)
    choice("level", level, ("study", "site"))
    date = checked_date("as_of", as_of)
    if date is None:
        raise InvalidTypeError("as_of must be a date: for which day was recruited counted?")
    margin = float(_tolerance(tolerance))
    if attribution is not None:
        choice("attribution", attribution, ("lead", "whole"))
        if level == "site":
            raise InvalidInputError(
                "attribution is for studies; at site level each site has its own"
            )
    names = by_names(by)
    found = plans(Selection(studies, Study, "study_id"), date, by_site=level == "site")
    judged = found.judged
    groups = grouping(
        [plan.study for plan in judged],
        names,
        kind=Study,
        days=np.array([plan.opened_on.toordinal() for plan in judged], dtype=np.int64),
        period=None,
        attribution=attribution,
        partnership=partnership,
        owners=[plan.organisation for plan in judged] if level == "site" else None,
        divisible=False,
    )
    notes = [f"On track: at least {1 - margin:.0%} of the plan."] if margin else []
    if attribution == "whole" and "organisation" in names:
        notes.append(OVERLAP_NOTES[0 if len(groups.group) > len(judged) else 1])
    return Table(
        row_type=TimeAndTarget,
        title="Recruitment to time and target",
        by=names,
        keys=groups.keys,
        names=tuple(" × ".join(_shown(key, groups)) for key in groups.keys),
        columns=_columns(judged, groups, margin, method, confidence),
        provenance=Provenance(
            definition="time-and-target/1",
            as_of=date,
            basis=f"each {level} with a plan, a straight line from opening to planned closing",
            attribution=attribution,
            method=f"{method}; rates exact",
            confidence_level=confidence,
            records_in=len(judged) + sum(found.excluded.values()),
            records_excluded=dict(found.excluded),
            notes=tuple(notes),
        ),
    )


def _tolerance(value: float) -> FloatArray:
    margin = numbers("tolerance", value)
    if margin.ndim or not 0 <= margin < 1:
        raise InvalidInputError(f"tolerance must be at least 0 and below 1; got {value!r}")
    return margin


def _shown(key: Any, groups: Grouping) -> Sequence[str]:
    parts = key if isinstance(key, tuple) else (key,)
    return [groups.names.get(str(part), str(part)) for part in parts]


def _columns(
    judged: Sequence[Plan],
    groups: Grouping,
    margin: float,
    method: ProportionMethod,
    confidence: float,
) -> dict[str, Columns]:
    def counted(values: Iterable[Any], kind: type = np.int64) -> NDArray[Any]:
        return groups.summed(np.array(list(values), dtype=kind))

    on_track = counted(not plan.is_closed and plan.keeps_pace(margin) for plan in judged)
    is_open = counted(not plan.is_closed for plan in judged)
    met = counted(plan.is_closed and plan.met for plan in judged)
    closed = counted(plan.is_closed for plan in judged)
    recruited = counted(plan.recruited for plan in judged)
    planned = counted((plan.planned for plan in judged), np.float64)
    months = counted((plan.days_open / DAYS_PER_MONTH for plan in judged), np.float64)
    return {
        "on_track": on_track,
        "behind": is_open - on_track,
        "share_on_track": _share(on_track, is_open, method, confidence),
        "closed_met": met,
        "closed_not_met": closed - met,
        "share_met": _share(met, closed, method, confidence),
        "recruited": recruited,
        "planned": planned,
        "of_plan": quotient(recruited.astype(np.float64), planned),
        "recruited_per_month": _rate(recruited, months, confidence),
        "planned_per_month": quotient(planned, months),
    }


def _share(
    part: NDArray[Any], whole: NDArray[Any], method: ProportionMethod, confidence: float
) -> Estimates:
    low, high = proportion_interval(part, whole, method=method, confidence_level=confidence)
    value = quotient(part.astype(np.float64), whole.astype(np.float64))
    return Estimates(value, low, high, confidence, method, "proportion")


def _rate(recruited: NDArray[Any], months: FloatArray, confidence: float) -> Estimates:
    some = months > 0
    low, high = rate_interval(
        np.where(some, recruited, 0), np.where(some, months, 1.0), confidence_level=confidence
    )
    return Estimates(
        quotient(recruited.astype(np.float64), months),
        np.where(some, low, 0.0),
        np.where(some, high, np.inf),
        confidence,
        "exact",
        "per month",
    )
