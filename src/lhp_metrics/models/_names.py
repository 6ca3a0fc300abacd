"""How names of organisations are compared: what varies harmlessly is left out."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

import attrs

from lhp_metrics.models._fields import in_force
from lhp_metrics.models.organisations import Organisation, University

__all__ = ["KnownName", "NameIndex", "plain_name"]

_APOSTROPHES = "'’‘ʼ`´"
_PASSED_OVER = {"and", "nhs", "ft"}


def plain_name(name: str) -> str:
    """Return a name without what spellings of it differ in.

    These are capitals, punctuation, "&" and "and", a leading "The", and the words for an NHS
    trust. A name made of nothing else keeps its words.

    Examples
    --------
    >>> plain_name("The Walton Centre NHS Foundation Trust")
    'walton centre'
    >>> plain_name("Liverpool Heart & Chest Hospital FT")
    'liverpool heart chest hospital'
    """
    letters = (
        letter if letter.isalnum() else " "
        for letter in name.casefold()
        if letter not in _APOSTROPHES
    )
    words = "".join(letters).split()
    telling = [word for word in words if word not in _PASSED_OVER]
    if telling[:1] == ["the"]:
        del telling[0]
    kept = " ".join(telling).replace("foundation trust", "trust").split()
    return " ".join(word for word in kept if word != "trust") or " ".join(words)


@attrs.frozen
class KnownName:
    """A spelling that means an organisation, and the days on which it may."""

    spelling: str
    organisation: Organisation
    first_on: dt.date | None
    last_on: dt.date | None

    def in_force(self, date: dt.date) -> bool:
        """Tell whether the name was in force on a date; an unknown bound counts as open."""
        return in_force(date, self.first_on, self.last_on)


def _names_of(organisation: Organisation) -> Iterator[KnownName]:
    opened, closed = organisation.opened_on, organisation.closed_on
    yield KnownName(organisation.code, organisation, None, None)
    if isinstance(organisation, University) and organisation.ukprn is not None:
        yield KnownName(organisation.ukprn, organisation, None, None)
    for name in organisation.names:
        first, last = name.first_on or opened, name.last_on or closed
        yield KnownName(name.name, organisation, first, last)
    for spelling in (organisation.short_name, *organisation.aliases):
        if spelling is not None:
            yield KnownName(spelling, organisation, opened, closed)


class NameIndex:
    """Every spelling of every organisation, found by its plain name."""

    def __init__(self, organisations: Iterable[Organisation]) -> None:
        self._names: defaultdict[str, list[KnownName]] = defaultdict(list)
        for organisation in organisations:
            for name in _names_of(organisation):
                self._names[plain_name(name.spelling)].append(name)

    def find(self, spelling: str) -> list[KnownName]:
        """Return the names that a spelling may stand for."""
        return self._names.get(plain_name(spelling), [])

    def spellings(self) -> dict[str, str]:
        """Return one known spelling for each plain name."""
        return {plain: names[0].spelling for plain, names in self._names.items()}

    def clashes(self) -> Iterator[str]:
        """Yield a fault for each name that means two organisations on one day."""
        for names in self._names.values():
            clashing = (pair for pair in combinations(names, 2) if _clash(*pair))
            told: set[frozenset[str]] = set()
            for one, other in clashing:
                codes = frozenset((one.organisation.code, other.organisation.code))
                if codes not in told:
                    told.add(codes)
                    yield (
                        f"{one.spelling!r} of {one.organisation.code!r} and {other.spelling!r} of"
                        f" {other.organisation.code!r} are the same name at the same time"
                    )


def _clash(one: KnownName, other: KnownName) -> bool:
    latest_first = max(one.first_on or dt.date.min, other.first_on or dt.date.min)
    same_time = one.in_force(latest_first) and other.in_force(latest_first)
    return one.organisation != other.organisation and same_time
