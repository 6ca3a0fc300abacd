"""A study's or site's recruitment against its plan, on one day."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence

import attrs

from lhp_metrics.models import Study, StudySite
from lhp_metrics.provenance import date_text
from lhp_metrics.tallies._records import Selection

__all__ = ["Plan", "Plans", "plans"]


@attrs.frozen(kw_only=True)
class Plan:
    """What was planned, and what has come of it by the day that is asked about.

    Parameters
    ----------
    study : Study
        Whose plan it is.
    organisation : str or None
        The site, where each is judged by itself.
    opened_on, planned_closing_on : date
        First and last day of the plan.
    closed_on : date or None
        When recruitment closed, if it has by then.
    last_on : date
        The closing, or the day that is asked about.
    target, recruited : int
        Participants.
    """

    study: Study
    organisation: str | None
    opened_on: dt.date
    planned_closing_on: dt.date
    closed_on: dt.date | None
    last_on: dt.date
    target: int
    recruited: int

    @property
    def is_closed(self) -> bool:
        """Whether recruitment has closed."""
        return self.closed_on is not None

    @property
    def met(self) -> bool:
        """Whether it reached the target in the time planned."""
        in_time = self.closed_on is None or self.closed_on <= self.planned_closing_on
        return in_time and self.recruited >= self.target

    @property
    def days_open(self) -> int:
        """Days of recruitment so far, the first and the last included."""
        return (self.last_on - self.opened_on).days + 1

    @property
    def days_planned(self) -> int:
        """Days of recruitment that the plan has, the first and the last included."""
        return (self.planned_closing_on - self.opened_on).days + 1

    @property
    def planned(self) -> float:
        """How many should have been recruited by now."""
        return self.target * min(self.days_open / self.days_planned, 1.0)

    def keeps_pace(self, tolerance: float) -> bool:
        """Tell whether recruitment is where the plan has it by now, less the tolerance."""
        # In whole numbers where nothing is tolerated: a third of 60 is not 20.000000000000004.
        if not tolerance:
            days = min(self.days_open, self.days_planned)
            return self.recruited * self.days_planned >= self.target * days
        return self.recruited >= self.planned * (1 - tolerance)


@attrs.define(kw_only=True)
class Plans:
    """The plans that can be judged, and why the others cannot."""

    judged: list[Plan] = attrs.field(factory=list)
    excluded: Counter[str] = attrs.field(factory=Counter)


def plans(studies: Selection[Study], as_of: dt.date, *, by_site: bool) -> Plans:
    """Return the plan of every study, or of every site, that was open by a day."""
    found = Plans(excluded=Counter(studies.excluded))
    for study in studies:
        each = [(site,) for site in study.sites] if by_site else [study.sites]
        if not study.sites:
            found.excluded["no sites listed"] += 1
            continue
        for sites in each:
            plan = _plan(study, sites, as_of, by_site=by_site)
            if isinstance(plan, str):
                found.excluded[plan] += 1
            else:
                found.judged.append(plan)
    return found


def _plan(study: Study, sites: Sequence[StudySite], as_of: dt.date, *, by_site: bool) -> Plan | str:
    """Return the plan of sites taken together, or why there is none."""
    opened = [site.opened_on for site in sites if site.opened_on is not None]
    if not opened:
        return "no opened_on"
    if min(opened) > as_of:
        return f"not open by {date_text(as_of)}"
    # Sites that have not opened have their part of the target, and nothing recruited yet.
    targets = [site.target for site in sites]
    if any(target is None for target in targets):
        return "no target" if by_site else "no target at one of its sites"
    target = sum(target or 0 for target in targets)
    if not target:
        return "a target of 0"
    planned = [site.planned_closing_on for site in sites if site.planned_closing_on is not None]
    if not planned:
        return "no planned_closing_on"
    if max(planned) < min(opened):
        return "planned_closing_on before opened_on"
    running = [site for site in sites if site.opened_on is not None and site.opened_on <= as_of]
    if any(site.recruited is None for site in running):
        return "no recruited" if by_site else "no recruited at one of its open sites"
    closings = [site.closed_on for site in sites]
    closed = [date for date in closings if date is not None and date <= as_of]
    closed_on = max(closed) if closed and len(closed) == len(closings) else None
    return Plan(
        study=study,
        organisation=sites[0].organisation if by_site else None,
        opened_on=min(opened),
        planned_closing_on=max(planned),
        closed_on=closed_on,
        last_on=closed_on or as_of,
        target=target,
        recruited=sum(site.recruited or 0 for site in running),
    )
