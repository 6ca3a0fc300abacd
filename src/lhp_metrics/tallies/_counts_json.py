"""Counts as a service writes them by hand: `{"period": …, "by": …, "counts": {…}}`."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from lhp_metrics._checks import is_total
from lhp_metrics.errors import InvalidInputError, NotFoundError
from lhp_metrics.models import Organisation, Partnership, Period
from lhp_metrics.tallies._grouping import ATTRIBUTIONS
from lhp_metrics.tallies._keys import LARGEST_COUNT, Count, Key, folded_key
from lhp_metrics.tallies._lineage import known_successions
from lhp_metrics.tallies._outcomes import OUTCOMES
from lhp_metrics.tallies._reading import MISSING, Reading, pointer
from lhp_metrics.tallies._regrouping import ORGANISATION
from lhp_metrics.tallies.grants import GrantTally, OutcomeCounts
from lhp_metrics.tallies.registrations import RegistrationTally

__all__ = ["grant_counts", "registration_counts"]

NOT_ZERO = f"{MISSING}: a missing count is not 0"
LATER = ("withdrawn", "not_considered")

_QUARTER = re.compile(r"([0-9]{4}-[0-9]{2}) Q([1-4])")


def _month(text: str) -> Period | None:
    return Period.month(text) if re.fullmatch("[0-9]{4}-[0-9]{2}", text) else None


def _quarter(text: str) -> Period | None:
    found = _QUARTER.fullmatch(text)
    return Period.quarter(found[1], int(found[2])) if found else None


def _year(text: str) -> Period | None:
    return Period.financial_year(text) if re.fullmatch("[0-9]{4}-[0-9]{2}", text) else None


SPANS: Mapping[str, tuple[Callable[[str], Period | None], str]] = {
    "month": (_month, "2023-11"),
    "quarter": (_quarter, "2023-24 Q3"),
    "financial_year": (_year, "2023-24"),
}


def registration_counts(
    reading: Reading, path: str, document: Any, partnership: Partnership | None
) -> RegistrationTally:
    """Return the tally of registrations counted elsewhere."""
    found = reading.record(
        path, document, ("counts",), ("schema", "by", "period", "attribution", "total")
    )
    by, period = _by_and_period(reading, path, found, "organisation")
    attribution, total = found.get("attribution"), found.get("total")
    if attribution is not None:
        reading.choice(pointer(path, "attribution"), attribution, ATTRIBUTIONS)
    if total is not None:
        total = reading.whole(pointer(path, "total"), total, below=LARGEST_COUNT)
    here = pointer(path, "counts")
    given = _groups(reading, here, found)
    names: dict[str, str] = {}
    keys = _keys(reading, here, given, by, period, partnership, names)
    counts: dict[Key, Count] = {
        keys[name]: reading.whole(pointer(here, name), value, below=LARGEST_COUNT)
        for name, value in given.items()
    }
    _refuse_large(reading, here, counts.values())
    reading.finish()
    try:
        tally = RegistrationTally.from_counts(
            counts, by=by, period=period, attribution=attribution, total=total
        )
    except InvalidInputError as error:
        reading.refuse(pointer(path, "total"), total, f"must fit the counts: {error}")
        raise reading.error() from None
    successions = known_successions(partnership)
    return attrs.evolve(tally, names=names, successions=successions)


def grant_counts(
    reading: Reading, path: str, document: Any, partnership: Partnership | None
) -> GrantTally:
    """Return the tally of applications counted elsewhere."""
    found = reading.record(
        path, document, ("counts",), ("schema", "by", "period", "dated_by", "as_of")
    )
    by, period = _by_and_period(reading, path, found, "group")
    dated_by, as_of = found.get("dated_by"), found.get("as_of")
    if dated_by is not None:
        reading.text(pointer(path, "dated_by"), dated_by, blank=False)
    if as_of is not None:
        as_of = reading.date(pointer(path, "as_of"), as_of)
    here = pointer(path, "counts")
    given = _groups(reading, here, found)
    names: dict[str, str] = {}
    keys = _keys(reading, here, given, by, period, partnership, names)
    groups = {name: _outcomes(reading, pointer(here, name), value) for name, value in given.items()}
    stated = _stated(reading, here, groups)
    _refuse_large(reading, here, (n for group in groups.values() for n in group.values()))
    reading.finish()
    unstated = [name for name in LATER if name not in stated]
    counts = {
        keys[name]: OutcomeCounts(**group, unstated=unstated) for name, group in groups.items()
    }
    tally = GrantTally.from_counts(counts, by=by, period=period, dated_by=dated_by, as_of=as_of)
    return attrs.evolve(tally, names=names, successions=known_successions(partnership))


def _by_and_period(
    reading: Reading, path: str, found: Mapping[str, Any], default: str
) -> tuple[str, Period | None]:
    by = reading.text(pointer(path, "by"), found.get("by", default), blank=False)
    period = found.get("period")
    return by, None if period is None else reading.period(pointer(path, "period"), period)


def _groups(reading: Reading, path: str, found: Mapping[str, Any]) -> Mapping[str, Any]:
    if "counts" not in found:
        return {}
    given = reading.mapping(path, found["counts"])
    if isinstance(found["counts"], Mapping) and not given:
        reading.refuse(path, found["counts"], "must have at least one group")
    for name in given:
        if not name.strip():
            reading.refuse(pointer(path, name), name, "must stand under a name that is not blank")
        elif is_total(name):
            rule = "must stand under a group's name, not as the total of the others"
            reading.refuse(pointer(path, name), name, rule)
    return given


def _keys(
    reading: Reading,
    path: str,
    given: Mapping[str, Any],
    by: str,
    period: Period | None,
    partnership: Partnership | None,
    names: dict[str, str],
) -> dict[str, Key]:
    """Return the key that each name of a group means, and keep what organisations are called.

    Two names of one group are a fault.
    """
    keys: dict[str, Key] = {}
    first: dict[object, str] = {}
    for name in given:
        here = pointer(path, name)
        key: Key = name
        if by in SPANS:
            key = _span(reading, here, name, by, period) or name
        elif by in ORGANISATION and partnership is not None:
            body = _body(reading, here, name, period, partnership)
            if body is not None:
                key = body.code
                names[body.code] = body.short_name or body.name
        same = folded_key(key)
        if same in first:
            reading.refuse(here, name, f"must be another group than {first[same]!r}")
        first.setdefault(same, name)
        keys[name] = key
    return keys


def _span(reading: Reading, path: str, name: str, by: str, period: Period | None) -> Period | None:
    read, example = SPANS[by]
    try:
        span = read(name)
    except (ValueError, OverflowError):  # A month 13, or the year 10000.
        span = None
    if span is None:
        reading.refuse(path, name, f"must stand under a {by.replace('_', ' ')} like {example!r}")
        return None
    if period is None:
        return span
    if not span.overlaps(period):
        reading.refuse(path, name, f"must lie in the period {period}")
        return None
    return Period(max(span.start, period.start), min(span.end, period.end))


def _body(
    reading: Reading, path: str, name: str, period: Period | None, partnership: Partnership
) -> Organisation | None:
    try:
        return partnership.resolve(name, on=period.end if period else None)
    except (NotFoundError, InvalidInputError) as error:
        reading.refuse(path, name, f"must be an organisation that is known: {error}")
        return None


def _outcomes(reading: Reading, path: str, value: object) -> dict[str, int]:
    found = reading.record(path, value, (), (*OUTCOMES, "decided"))
    counts = {
        name: reading.whole(pointer(path, name), found[name], below=LARGEST_COUNT)
        for name in (*OUTCOMES, "decided")
        if name in found
    }
    if not isinstance(value, Mapping):
        return counts
    split = [name for name in OUTCOMES[:2] if name in counts]
    missing = ["pending"] * ("pending" not in counts)
    if split or "decided" not in counts:
        missing += [name for name in OUTCOMES[:2] if name not in counts]
    for name in missing:
        alone = split or name == "pending"
        also = "" if alone else "; or give decided alone, where the split is not known"
        reading.refuse(pointer(path, name), None, NOT_ZERO + also)
    if len(split) == 2:
        total = sum(counts[name] for name in split)
        decided = counts.pop("decided", total)
        if decided != total:
            rule = f"must be successful + unsuccessful ({total:,}), or be left out"
            reading.refuse(pointer(path, "decided"), decided, rule)
    return counts


def _stated(reading: Reading, path: str, groups: Mapping[str, Mapping[str, int]]) -> set[str]:
    """Return which of the outcomes that may be left out are stated: by all groups, or by none."""
    times = Counter(name for group in groups.values() for name in group)
    for name in LATER:
        if times[name]:
            for group, counts in groups.items():
                if name not in counts:
                    rule = f"{NOT_ZERO}, and other groups state theirs"
                    reading.refuse(pointer(path, group, name), None, rule)
    return {name for name in LATER if times[name]}


def _refuse_large(reading: Reading, path: str, counts: Any) -> None:
    if (total := sum(counts)) >= LARGEST_COUNT:
        reading.refuse(path, total, f"must add up to less than {LARGEST_COUNT:,}")
