"""Clocks: from which date to which, at which site, and by when; as data, with versions."""

from collections.abc import Iterator
from typing import Literal, TypeAlias

import attrs

from lhp_metrics._checks import near_matches
from lhp_metrics.errors import InvalidTypeError, NotFoundError
from lhp_metrics.models._fields import (
    is_read,
    one_of,
    refuse_faults,
    text,
    text_or_none,
    texts,
    whole_or_none,
    yes_no_or_none,
)

__all__ = ["Clock", "ClockLevel", "ClockSite", "clock", "clocks"]

ClockLevel: TypeAlias = Literal["study", "site"]
ClockSite: TypeAlias = Literal["first", "lead", "each"]

STUDY_FIELDS = (
    "registered_on",
    "regulatory_submission_on",
    "combined_review_on",
    "hra_approval_on",
)
SITE_FIELDS = (
    "invited_on",
    "selected_on",
    "capacity_and_capability_on",
    "valid_application_on",
    "opened_on",
    "first_participant_on",
    "closed_on",
)
SITES: dict[str, tuple[str, ...]] = {"study": ("first", "lead"), "site": ("each", "lead")}


def _usual_site(clock: "Clock") -> ClockSite:
    return "each" if str(clock.level) == "site" else "first"


@attrs.frozen(repr=False)
class Clock:
    """How long something takes: the two dates, whose they are, and by when it should be done.

    Parameters
    ----------
    name : str
        Such as ``"hra-approval-to-open"``.
    version : str, default "own"
        Whose definition, as of when: clocks of one name and different versions are not mixed.
    start, end : str
        Fields of `Study` or `StudySite` that hold the two dates.
    level : {"site", "study"}
        Whether every site or every study has a clock of its own.
    site : {"first", "lead", "each"}, optional
        Whose dates count. At study level ``"first"`` (the default) takes the earliest date of any
        site; at site level ``"each"`` (the default) counts them all. ``"lead"`` takes the lead
        site alone.
    commercial : bool, optional
        Only commercial studies, or only the others; all by default.
    study_types : iterable of str, optional
        Only studies of these types, such as ``["CTIMP"]``; all by default.
    not_study_types : iterable of str, optional
        Not studies of these types.
    target_days : int, optional
        Days within which it should be done, the last one included.
    source : str, optional
        Who defined it, and what is not known of the definition.

    Raises
    ------
    InvalidInputError
        If a field does not exist or cannot have this level, or the target is negative; every
        fault is listed.

    Examples
    --------
    >>> own = Clock("capacity-to-open", start="capacity_and_capability_on", end="opened_on",
    ...             level="site", target_days=14)
    >>> print(own)
    capacity-to-open (own): capacity_and_capability_on to opened_on, each site, target 14 days
    """

    name: str = attrs.field(converter=text)
    version: str = attrs.field(default="own", converter=text, kw_only=True)
    start: str = attrs.field(kw_only=True)
    end: str = attrs.field(kw_only=True)
    level: ClockLevel = attrs.field(kw_only=True)
    site: ClockSite = attrs.field(default=attrs.Factory(_usual_site, takes_self=True), kw_only=True)
    commercial: bool | None = attrs.field(default=None, converter=yes_no_or_none, kw_only=True)
    study_types: tuple[str, ...] = attrs.field(default=(), converter=texts, kw_only=True)
    not_study_types: tuple[str, ...] = attrs.field(default=(), converter=texts, kw_only=True)
    target_days: int | None = attrs.field(default=None, converter=whole_or_none, kw_only=True)
    source: str | None = attrs.field(default=None, converter=text_or_none, kw_only=True)

    def __attrs_post_init__(self) -> None:
        refuse_faults("clock", self.name, self, self._broken_rules())

    def _broken_rules(self) -> Iterator[str]:
        given = {name: getattr(self, name) for name in ("start", "end", "level", "site")}
        wrong = [name for name, value in given.items() if not isinstance(value, str)]
        yield from (f"{name} must be text; got {given[name]!r}" for name in wrong)
        if wrong:
            return
        fields = (*STUDY_FIELDS, *SITE_FIELDS)
        for name in ("start", "end"):
            value = getattr(self, name)
            if value not in fields:
                near = near_matches(str(value), fields)
                yield f"{name} must be a date of Study or StudySite; got {value!r}{near}"
        if self.start == self.end:
            yield f"start and end are both {self.start!r}"
        yield from one_of("level", self.level, ("study", "site"))
        sites = SITES.get(str(self.level), ("first", "lead", "each"))
        yield from one_of("site", self.site, sites)
        if self.level == "site" and not self.dates_of_sites:
            yield "level is 'site' but both dates are the study's"
        if is_read(self.study_types, self.not_study_types):
            both = {kind.casefold() for kind in self.study_types} & {
                kind.casefold() for kind in self.not_study_types
            }
            if both:
                yield f"study_types and not_study_types both name {', '.join(sorted(both))}"

    def __str__(self) -> str:
        whose = {"each": "each site", "lead": "lead site", "first": "first site"}[self.site]
        if not self.dates_of_sites:
            whose = "study"
        parts = [f"{self.name} ({self.version}): {self.start} to {self.end}", whose]
        if self.commercial is not None:
            parts.append("commercial studies" if self.commercial else "non-commercial studies")
        if self.study_types:
            parts.append(f"of type {' or '.join(self.study_types)}")
        if self.not_study_types:
            parts.append(f"not of type {' or '.join(self.not_study_types)}")
        if self.target_days is not None:
            parts.append(f"target {self.target_days} days")
        return ", ".join(parts)

    def __repr__(self) -> str:
        return f"Clock({str(self)!r})"

    @property
    def dates_of_sites(self) -> bool:
        """Whether one of the two dates is a site's."""
        return not {self.start, self.end} <= set(STUDY_FIELDS)


_PUBLISHED = {"2026-04": "April 2026", "2025-12": "December 2025"}
_FIRST_SITE = ". It speaks of studies: that the first site counts is read into it."


def _key_indicator(
    version: str,
    name: str,
    dates: tuple[str, str],
    target_days: int,
    indicator: str,
    *,
    commercial: bool | None = None,
    study_types: tuple[str, ...] = (),
    not_study_types: tuple[str, ...] = (),
) -> Clock:
    """Return a clock of UK Clinical Research Delivery, as a methodology defines it."""
    return Clock(
        name,
        version=version,
        start=dates[0],
        end=dates[1],
        level="study",
        commercial=commercial,
        study_types=study_types,
        not_study_types=not_study_types,
        target_days=target_days,
        source="UK Clinical Research Delivery key performance indicators, methodology of "
        f"{_PUBLISHED[version]}, indicator {indicator}",
    )


_HRA_TO_OPEN = "hra-approval-to-open", ("hra_approval_on", "opened_on"), 60
_OPEN_TO_FIRST = "open-to-first-participant", ("opened_on", "first_participant_on"), 30
_SUBMISSION_TO_FIRST = (
    "submission-to-first-participant",
    ("regulatory_submission_on", "first_participant_on"),
    150,
)
_REVIEW = "regulatory_submission_on", "combined_review_on"
_COMBINED_REVIEW = "combined-review", _REVIEW, 60
_COMBINED_REVIEW_ATIMP = "combined-review-atimp", _REVIEW, 90

_KNOWN: tuple[Clock, ...] = (
    _key_indicator("2026-04", *_HRA_TO_OPEN, "3" + _FIRST_SITE),
    _key_indicator("2025-12", *_HRA_TO_OPEN, "2" + _FIRST_SITE, commercial=True),
    _key_indicator("2026-04", *_OPEN_TO_FIRST, "4" + _FIRST_SITE),
    _key_indicator("2025-12", *_OPEN_TO_FIRST, "3" + _FIRST_SITE, commercial=True),
    _key_indicator(
        "2026-04",
        *_SUBMISSION_TO_FIRST,
        "1: study level, the first site to recruit.",
        commercial=True,
        study_types=("CTIMP",),
    ),
    _key_indicator("2026-04", *_COMBINED_REVIEW, "2, all but ATIMPs.", not_study_types=("ATIMP",)),
    _key_indicator("2025-12", *_COMBINED_REVIEW, "1, all but ATIMPs.", not_study_types=("ATIMP",)),
    _key_indicator("2026-04", *_COMBINED_REVIEW_ATIMP, "2, ATIMPs.", study_types=("ATIMP",)),
    _key_indicator("2025-12", *_COMBINED_REVIEW_ATIMP, "1, ATIMPs.", study_types=("ATIMP",)),
    Clock(
        "application-to-first-participant",
        version="2018-19",
        start="valid_application_on",
        end="first_participant_on",
        level="site",
        target_days=70,
        source="The benchmark of 70 days, not assessed since 2018-19; trusts worded its start "
        "differently.",
    ),
)


def clocks() -> tuple[Clock, ...]:
    """Return all the clocks that have a name, the newest version of each first.

    Examples
    --------
    >>> print(clocks()[0])
    hra-approval-to-open (2026-04): hra_approval_on to opened_on, first site, target 60 days
    """
    return _KNOWN


def clock(name: str, *, version: str | None = None) -> Clock:
    """Return the clock of a name.

    Parameters
    ----------
    name : str
        Such as ``"hra-approval-to-open"``; see `clocks`.
    version : str, optional
        Such as ``"2025-12"``; the newest by default. The indicators of UK Clinical Research
        Delivery were renumbered and, in part, widened from commercial to all studies between
        December 2025 and April 2026.

    Returns
    -------
    Clock
        To change it, ``attrs.evolve(clock(name), level="site", site="each", version="own")``.

    Raises
    ------
    NotFoundError
        If there is no such name or version; the message lists those that there are.

    Examples
    --------
    >>> clock("open-to-first-participant").target_days
    30
    """
    if not isinstance(name, str):
        raise InvalidTypeError(f"name must be the name of a clock; got {name!r}")
    named = [known for known in _KNOWN if known.name == name.strip().casefold()]
    if not named:
        names = tuple(dict.fromkeys(known.name for known in _KNOWN))
        near = near_matches(name, names)
        raise NotFoundError(f"no clock is named {name!r}; there are {', '.join(names)}{near}")
    for known in named:
        if version in (None, known.version):
            return known
    versions = ", ".join(repr(known.version) for known in named)
    raise NotFoundError(f"clock {name!r} has no version {version!r}; it has {versions}")
