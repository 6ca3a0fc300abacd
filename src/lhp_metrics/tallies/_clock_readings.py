"""What a clock shows for each study or site: when it started and ended, or why it has no time."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

import attrs

from lhp_metrics._checks import folded
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Period, Study, StudySite
from lhp_metrics.models.clocks import Clock
from lhp_metrics.provenance import date_text
from lhp_metrics.tallies._records import Selection, listed

__all__ = ["Faults", "Reading", "Readings", "not_applicable", "readings", "type_names"]

Faults: TypeAlias = Literal["error", "exclude"]


@attrs.frozen(kw_only=True)
class Reading:
    """One study's or site's clock, which has started.

    Parameters
    ----------
    study : Study
        Whose clock it is.
    organisation : str or None
        The site, where the clock is a site's.
    started_on : date
        First day.
    ended_on : date or None
        Last day, if there is one.
    closed_on : date or None
        When the last of its sites closed.
    """

    study: Study
    organisation: str | None
    started_on: dt.date
    ended_on: dt.date | None
    closed_on: dt.date | None


@attrs.define(kw_only=True)
class Readings:
    """The clocks that have started, and why the others have not."""

    started: list[Reading] = attrs.field(factory=list)
    excluded: Counter[str] = attrs.field(factory=Counter)
    ends_seen: bool = False

    @property
    def rows_in(self) -> int:
        """How many clocks there were to read."""
        return len(self.started) + sum(self.excluded.values())


def readings(
    studies: Selection[Study],
    clock: Clock,
    *,
    as_of: dt.date,
    period: Period | None,
    faults: Faults,
    study_types: Mapping[str, str] | None,
) -> Readings:
    """Read the clock of every study, or of every site."""
    found = Readings(excluded=Counter(studies.excluded))
    wrong: list[str] = []
    types = type_names(study_types)
    for study in studies:
        refusal = not_applicable(study.commercial, study.study_type, clock, types)
        for site in _sites(study, clock):
            if isinstance(site, str) or refusal:
                found.excluded[refusal or str(site)] += 1
                continue
            start, end, closed = _dates(study, site, clock)
            found.ends_seen |= end is not None
            label = _label(study, site)
            if start is None:
                reason = f"no {clock.start}"
                if end is not None:
                    reason += f", though {clock.end} is given"
                    wrong.append(f"{label}: {clock.end} is {end} but {clock.start} is not given")
                found.excluded[reason] += 1
            elif start > as_of:
                found.excluded[f"not started by {date_text(as_of)}"] += 1
            elif period is not None and not period.start <= start <= period.end:
                found.excluded[f"{clock.start} outside the period"] += 1
            elif end is not None and end < start:
                found.excluded[f"{clock.end} before {clock.start}"] += 1
                wrong.append(f"{label}: {clock.end} ({end}) is before {clock.start} ({start})")
            else:
                found.started.append(
                    Reading(
                        study=study,
                        organisation=site.organisation if isinstance(site, StudySite) else None,
                        started_on=start,
                        ended_on=end,
                        closed_on=closed,
                    )
                )
    if wrong and faults == "error":
        raise InvalidInputError(f"{listed(wrong)}; mend them, or say faults='exclude'")
    return found


def type_names(study_types: Mapping[str, str] | None) -> dict[str, str]:
    """Return the clock's types by the house's words for them."""
    pairs: list[tuple[object, object]] = list((study_types or {}).items())
    for spelling, name in pairs:
        if not (isinstance(spelling, str) and isinstance(name, str)):
            raise InvalidTypeError(
                f"study_types must map spellings to types; got {spelling!r}: {name!r}"
            )
    return {folded(spelling): name for spelling, name in (study_types or {}).items()}


def not_applicable(
    commercial: bool | None, study_type: str | None, clock: Clock, types: Mapping[str, str]
) -> str:
    """Return why the clock is not for a study; empty if it is."""
    if clock.commercial is not None and commercial is not clock.commercial:
        if commercial is None:
            return "commercial or not: not stated"
        return "commercial" if commercial else "not commercial"
    if study_type is None:
        return "study_type not stated" if clock.study_types else ""
    kind = folded(types.get(folded(study_type), study_type))
    if clock.study_types and kind not in map(folded, clock.study_types):
        return f"study_type not {' or '.join(clock.study_types)}"
    if kind in map(folded, clock.not_study_types):
        return f"study_type {study_type}"
    return ""


def _sites(study: Study, clock: Clock) -> Iterator[StudySite | str | None]:
    """Yield whose clocks to read: sites, None for the study's own, or why there is none."""
    if clock.site == "lead" and clock.dates_of_sites:
        if study.lead is None:
            yield "no lead site named"
            return
        own = [site for site in study.sites if site.organisation == study.lead]
        yield own[0] if own else "the lead is not among the sites"
    elif clock.level == "study":
        yield None
    elif study.sites:
        yield from study.sites
    else:
        yield "no sites listed"


def _dates(
    study: Study, site: StudySite | None, clock: Clock
) -> tuple[dt.date | None, dt.date | None, dt.date | None]:
    """Return the clock's two dates, and when the last of its sites closed."""
    sites = study.sites if site is None else (site,)
    start, end = (
        getattr(study, name) if hasattr(study, name) else _earliest(sites, name)
        for name in (clock.start, clock.end)
    )
    closings = [each.closed_on for each in sites]
    closed = [date for date in closings if date is not None]
    return start, end, max(closed) if closed and len(closed) == len(closings) else None


def _earliest(sites: Iterable[StudySite], name: str) -> dt.date | None:
    dates = [date for site in sites if (date := getattr(site, name)) is not None]
    return min(dates, default=None)


def _label(study: Study, site: StudySite | None) -> str:
    place = f" at {site.organisation}" if site is not None else ""
    return f"study {study.study_id!r}{place}"
