"""Hypothesis strategies for valid things: what they draw, the library must accept."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import get_args

from hypothesis import strategies as st

from lhp_metrics import GrantTally, OutcomeCounts, RegistrationTally
from lhp_metrics._checks import is_total
from lhp_metrics.models import (
    Grant,
    Outcome,
    Partnership,
    Period,
    Stage,
    Study,
    StudySite,
    Succession,
    Trust,
)
from lhp_metrics.tallies._keys import folded_key

# The calendar of working days covers these years.
DATES = st.dates(dt.date(2017, 1, 1), dt.date(2027, 12, 31))
CODES = ("REM", "REN", "RBS", "RBQ", "REP", "RET", "RW4")
EVERY_STAGE = (*get_args(Stage), "not stated")
SITE_DATES = (
    "invited_on",
    "selected_on",
    "capacity_and_capability_on",
    "opened_on",
    "first_participant_on",
    "closed_on",
)


def is_group(name):
    """Tell whether a name may be a group's: of totals there is none."""
    return not is_total(name)


texts = st.text("abcdefghij XYZ-'’&", min_size=1, max_size=12).filter(str.strip)
pounds = st.decimals(0, 10**7, places=2)


@st.composite
def periods(draw: st.DrawFn, max_days: int = 1200) -> Period:
    start = draw(DATES)
    days = draw(st.integers(0, max_days))
    return Period(start, min(start + dt.timedelta(days=days), dt.date(2027, 12, 31)))


@st.composite
def adjoining_periods(draw: st.DrawFn) -> tuple[Period, Period]:
    whole = draw(periods().filter(lambda period: period.days > 1))
    last = whole.start + dt.timedelta(days=draw(st.integers(0, whole.days - 2)))
    return Period(whole.start, last), Period(last + dt.timedelta(days=1), whole.end)


@st.composite
def successions(
    draw: st.DrawFn, codes: Sequence[str], *, closures: bool, splits: bool
) -> list[Succession]:
    """Successions in which everyone is followed only by those later in the list, if at all."""
    kinds = ["none", "merger", "acquisition"]
    kinds += ["closure"] * closures + ["split"] * splits
    drawn = []
    for index, code in enumerate(codes):
        later = codes[index + 1 :]
        kind = draw(st.sampled_from(kinds))
        on = draw(DATES)
        if kind == "closure":
            drawn.append(Succession(predecessor=code, on=on, kind="closure"))
        elif kind == "split" and len(later) > 1:
            part = Fraction(draw(st.integers(1, 6)), 7)
            heirs = draw(st.lists(st.sampled_from(later), min_size=2, max_size=2, unique=True))
            drawn += [
                Succession(predecessor=code, successor=heir, on=on, kind="split", portion=portion)
                for heir, portion in zip(heirs, (part, 1 - part), strict=True)
            ]
        elif kind in ("merger", "acquisition") and later:
            heir = draw(st.sampled_from(later))
            drawn.append(Succession(predecessor=code, successor=heir, on=on, kind=kind))
    return drawn


@st.composite
def partnerships(draw: st.DrawFn, *, closures: bool = False, splits: bool = False) -> Partnership:
    """Trusts of which some have followed others; predecessors close on the day before."""
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, unique=True))
    steps = draw(successions(codes, closures=closures, splits=splits))
    last_days = {step.predecessor: step.on - dt.timedelta(days=1) for step in steps}
    names = draw(
        st.lists(
            st.text("bcdfghjklm", min_size=4, max_size=9),
            min_size=len(codes),
            max_size=len(codes),
            unique=True,
        )
    )
    trusts = [
        Trust(
            code=code,
            names=f"The {name} & {code} Hospital NHS Foundation Trust",
            short_name=name,
            closed_on=last_days.get(code),
        )
        for code, name in zip(codes, names, strict=True)
    ]
    return Partnership("A partnership", trusts, successions=steps)


@st.composite
def shares(draw: st.DrawFn, organisations: Sequence[str]) -> dict[str, Fraction] | None:
    """Exact parts of some or all of the organisations that add up to one, or none stated."""
    if not organisations or draw(st.booleans()):
        return None
    weights = draw(
        st.lists(
            st.integers(0, 9), min_size=len(organisations), max_size=len(organisations)
        ).filter(any)
    )
    parts = zip(organisations, weights, strict=True)
    return {code: Fraction(weight, sum(weights)) for code, weight in parts}


@st.composite
def grants(
    draw: st.DrawFn, *, codes: Sequence[str] = CODES, reference: st.SearchStrategy[str] = texts
) -> Grant:
    submitted_on = draw(DATES)
    outcome: Outcome = draw(st.sampled_from(get_args(Outcome)))
    waited = draw(st.none() | st.integers(0, 700))
    decided = outcome != "pending" and waited is not None
    involved = draw(st.lists(st.sampled_from(codes), unique=True, max_size=4))
    lead_stated = draw(st.booleans())
    return Grant(
        reference=draw(reference),
        submitted_on=submitted_on,
        outcome=outcome,
        decided_on=submitted_on + dt.timedelta(days=waited or 0) if decided else None,
        funder=draw(st.none() | st.sampled_from(["NIHR", "UKRI", "Wellcome"])),
        stage=draw(st.none() | st.sampled_from(get_args(Stage))),
        lead=involved[0] if involved and lead_stated else None,
        partners=involved[1:] if lead_stated else involved,
        shares=draw(shares(involved)),
        amount_requested=draw(st.none() | pounds),
        amount_awarded=draw(st.none() | pounds) if outcome == "successful" else None,
        theme=draw(st.none() | texts),
    )


def grant_lists(
    *, codes: Sequence[str] = CODES, min_size: int = 0, max_size: int = 20
) -> st.SearchStrategy[list[Grant]]:
    """Grants with distinct references."""
    return st.lists(
        grants(codes=codes),
        min_size=min_size,
        max_size=max_size,
        unique_by=lambda grant: grant.reference,
    )


@st.composite
def study_sites(draw: st.DrawFn, organisation: str) -> StudySite:
    steps = sorted(draw(st.lists(DATES, min_size=len(SITE_DATES), max_size=len(SITE_DATES))))
    known = {
        name: step for name, step in zip(SITE_DATES, steps, strict=True) if draw(st.booleans())
    }
    recruited = draw(st.none() | st.integers(0, 500)) if "opened_on" in known else None
    if recruited == 0:
        known.pop("first_participant_on", None)
    target = draw(st.none() | st.integers(0, 500))
    return StudySite(organisation, target=target, recruited=recruited, **known)


@st.composite
def studies(
    draw: st.DrawFn, *, codes: Sequence[str] = CODES, study_id: st.SearchStrategy[str] = texts
) -> Study:
    sites = draw(st.lists(st.sampled_from(codes), unique=True, max_size=4))
    lead = draw(st.none() | st.sampled_from(codes))
    involved = list(dict.fromkeys(([lead] if lead else []) + sites))
    return Study(
        study_id=draw(study_id),
        registered_on=draw(DATES),
        registered_with=draw(st.none() | st.sampled_from(["SPARK", "JRO"])),
        lead=lead,
        sites=[draw(study_sites(code)) for code in sites],
        shares=draw(shares(involved)),
        commercial=draw(st.none() | st.booleans()),
        theme=draw(st.none() | texts),
    )


def study_lists(
    *, codes: Sequence[str] = CODES, min_size: int = 0, max_size: int = 20
) -> st.SearchStrategy[list[Study]]:
    """Studies with distinct ids."""
    return st.lists(
        studies(codes=codes),
        min_size=min_size,
        max_size=max_size,
        unique_by=lambda study: study.study_id,
    )


def as_text(amount: Decimal) -> str:
    """Write pounds as a spreadsheet shows them."""
    return f"£{amount:,.2f}"


@st.composite
def outcome_counts(draw: st.DrawFn, most: int = 300) -> OutcomeCounts:
    """At least one decision."""
    number = st.integers(0, most)
    successful = draw(number)
    return OutcomeCounts(
        successful=successful,
        unsuccessful=draw(number if successful else st.integers(1, most)),
        pending=draw(number),
        withdrawn=draw(number),
        not_considered=draw(number),
    )


@st.composite
def registration_tallies(
    draw: st.DrawFn, *, period: Period | None = None, codes: Sequence[str] = CODES
) -> RegistrationTally:
    counts = draw(st.dictionaries(st.sampled_from(codes), st.integers(0, 500)))
    return RegistrationTally.from_counts(counts, period=period)


@st.composite
def grant_tallies(
    draw: st.DrawFn, *, period: Period | None = None, codes: Sequence[str] = CODES
) -> GrantTally:
    counts = draw(st.dictionaries(st.sampled_from(codes), outcome_counts()))
    return GrantTally.from_counts(counts, by="organisation", period=period)


def two_names(longest):
    """Two names of groups, which differ in more than capitals and spaces."""
    names = st.text(max_size=longest).filter(is_group)
    return st.lists(names, min_size=2, max_size=2, unique_by=folded_key)
