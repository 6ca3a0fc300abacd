"""Several tallies as one: over the same groups, added up, or refused."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import numpy as np

from lhp_metrics._checks import each_of, of_kind
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models import Period
from lhp_metrics.tallies._keys import Count, Key, Piece, accumulated, sorted_keys

if TYPE_CHECKING:
    from lhp_metrics.tallies._tally import Tally

__all__ = [
    "COUNTED_BY",
    "TallyT",
    "added",
    "aligned",
    "combine",
    "pooled",
    "spread",
    "with_keys",
]

TallyT = TypeVar("TallyT", bound="Tally[Any]")

# How tallies were counted: what has to agree before they are pooled, and what besides is compared.
COUNTED_BY = ("by", "dated_by", "as_of", "attribution", "overlapping", "rules", "exposure_unit")


def combine(parts: Iterable[TallyT], *, disjoint: bool) -> TallyT:
    """Return the tally of several parts of one period, such as the chunks of a large file.

    Parameters
    ----------
    parts : sequence of tallies of one kind
        Counted in the same way: period, date, as-of date, groups and attribution agree.
    disjoint : bool
        Your word that no record stands in two parts, which counts alone cannot show.

    Raises
    ------
    InvalidInputError
        If the parts were counted differently, or `disjoint` is not True.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> one = lhp.RegistrationTally.from_counts({"REM": 60})
    >>> two = lhp.RegistrationTally.from_counts({"REM": 9, "REN": 34})
    >>> combine([one, two], disjoint=True)["REM"]
    69
    """
    from lhp_metrics.tallies._tally import Tally

    parts = list(each_of(parts, "tallies", single=Tally, name="parts"))
    for index, part in enumerate(parts):
        of_kind(f"parts[{index}]", part, Tally)
    if not parts:
        raise InvalidInputError("combine needs at least one tally")
    if disjoint is not True:
        raise InvalidInputError(
            "combine adds up parts that share no record: say disjoint=True if that is so"
        )
    if len({part.period for part in parts}) > 1:
        periods = ", ".join(sorted(str(part.period) for part in parts))
        raise InvalidInputError(f"the parts have different periods ({periods}): use + for those")
    return pooled(parts, period=parts[0].period)


def added(one: TallyT, other: TallyT) -> TallyT:
    """Return the tally of two periods together, which must adjoin each other."""
    if one.period is None or other.period is None:
        raise InvalidInputError(
            "only tallies with periods can be added: without them nobody can tell whether a "
            "record stands in both; combine([...], disjoint=True) takes your word for it"
        )
    if one.period.overlaps(other.period):
        rule = "overlap, so a record may stand in both"
        raise InvalidInputError(f"the periods {one.period} and {other.period} {rule}")
    if not one.period.adjoins(other.period):
        rule = "do not adjoin, so together they are not one period"
        raise InvalidInputError(f"the periods {one.period} and {other.period} {rule}")
    return pooled([one, other], period=one.period.union(other.period))


def aligned(one: TallyT, two: TallyT) -> tuple[TallyT, TallyT]:
    """Return both tallies over the groups of either, a group that one lacks being 0 in it."""
    refuse_differing([one, two])
    keys = _all_keys([one, two])
    names = _all_names([one, two], keys)
    return spread(one, keys, names), spread(two, keys, names)


def spread(tally: TallyT, keys: tuple[Key, ...], names: Mapping[str, str]) -> TallyT:
    """Return the tally over more groups, those that it lacks being 0."""
    columns = accumulated([_onto(tally, keys)], len(keys) + 1)
    return attrs.evolve(tally, keys=keys, columns=columns, names=names)


def pooled(parts: Sequence[TallyT], *, period: Period | None) -> TallyT:
    """Return the parts as one tally of `period`; no record stands in two of them."""
    refuse_differing(parts)
    keys = _all_keys(parts)
    excluded: dict[str, Count] = {}
    for part in parts:
        for reason, n in part.excluded.items():
            excluded[reason] = excluded.get(reason, 0) + n
    return attrs.evolve(
        parts[0],
        keys=keys,
        columns=accumulated([_onto(part, keys) for part in parts], len(keys) + 1),
        rows_in=sum(part.rows_in for part in parts),
        excluded=excluded,
        period=period,
        names=_all_names(parts, keys),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        successions=tuple(dict.fromkeys(step for part in parts for step in part.successions)),
    )


def refuse_differing(parts: Sequence["Tally[Any]"]) -> None:
    """Refuse tallies that were not counted in the same way."""
    if any(type(part) is not type(parts[0]) for part in parts):
        raise InvalidInputError("the tallies are of different kinds")
    for name in parts[0].counted_by:
        found = [getattr(part, name) for part in parts]
        if any(value != found[0] for value in found):
            listed = " and ".join(dict.fromkeys(repr(value) for value in found))
            raise InvalidInputError(f"the tallies differ in {name}: {listed}")


def with_keys(tally: TallyT, keys: Iterable[Key], names: Mapping[str, str]) -> TallyT:
    """Return the tally with further groups, in which nothing was counted."""
    more = tuple(key for key in keys if key not in tally)
    in_order = list(tally.keys) == sorted_keys(tally.keys)
    every = (*tally.keys, *more)
    return spread(tally, tuple(sorted_keys(every)) if in_order else every, names)


def _all_keys(parts: Sequence["Tally[Any]"]) -> tuple[Key, ...]:
    """Return the keys of all parts: in order if they were, else as they come."""
    keys = tuple(dict.fromkeys(key for part in parts for key in part.keys))
    in_order = all(list(part.keys) == sorted_keys(part.keys) for part in parts)
    return tuple(sorted_keys(keys)) if in_order else keys


def _all_names(parts: Sequence["Tally[Any]"], keys: tuple[Key, ...]) -> dict[str, str]:
    """Return the display names of all parts; refuse two groups that would look like one."""
    names = {code: name for part in parts for code, name in part.names.items()}
    spelt: dict[str, Key] = {}
    for key in keys if names else ():
        shown = names.get(str(key), str(key))
        if shown in spelt:
            raise InvalidInputError(
                f"{spelt[shown]!r} and {key!r} are both {shown}: count every tally with the same "
                "partnership"
            )
        spelt[shown] = key
    return names


def _onto(tally: "Tally[Any]", keys: tuple[Key, ...]) -> Piece:
    """Return the tally's columns with the place of each of its groups among `keys`."""
    position = {key: index for index, key in enumerate(keys)}
    target = np.array([*(position[key] for key in tally.keys), len(keys)], dtype=np.intp)
    return tally.columns, np.arange(len(target)), target
