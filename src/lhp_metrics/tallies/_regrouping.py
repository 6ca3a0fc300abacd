"""Counts of other organisations: of groups, of some alone, or as if mergers had always been."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import near_matches, of_kind
from lhp_metrics.errors import InvalidInputError, InvalidTypeError, NotFoundError
from lhp_metrics.models import Centre, Partnership, Period
from lhp_metrics.provenance import date_text
from lhp_metrics.tallies._keys import NOT_STATED, accumulated, key_part, parted, with_part
from lhp_metrics.tallies._lineage import heirs_of, moved
from lhp_metrics.tallies._records import checked_date

if TYPE_CHECKING:
    from lhp_metrics.tallies._tally import Tally

__all__ = ["ORGANISATION", "Groups", "chosen", "regrouped", "restated"]

TallyT = TypeVar("TallyT", bound="Tally[Any]")

ORGANISATION = ("organisation", "lead")
OTHERS = "other organisations"

Groups: TypeAlias = Mapping[str, Iterable[str]] | Iterable[Centre]


def regrouped(tally: TallyT, groups: Groups, on: dt.date | str | None) -> TallyT:
    """Return the tally of groups of organisations; see `Tally.regroup`."""
    place = _organisation_place(tally, "regroup")
    codes = dict.fromkeys(str(key_part(key, place)) for key in tally.keys)
    known = {code: tally.name_of(code) for code in codes}
    targets, notes = _group_members(groups, known, on=on, period=tally.period)
    handed = _handed_on(
        tally, place, lambda key: dict.fromkeys(targets.get(str(key), [key]), Fraction(1))
    )
    overlapping = tally.overlapping or any(len(names) > 1 for names in targets.values())
    return attrs.evolve(handed, overlapping=overlapping, notes=(*tally.notes, *notes))


def chosen(tally: TallyT, codes: Iterable[str]) -> TallyT:
    """Return the tally of some organisations alone; see `Tally.among`."""
    if tally.overlapping and tally.attribution != "whole":
        raise InvalidInputError(
            "cannot take some organisations of a tally whose groups share records: how many "
            "records they have together is not in it"
        )
    place = _organisation_place(tally, "take some organisations of")
    rows, note = _chosen_rows([str(key_part(key, place)) for key in tally.keys], codes)
    size = len(rows)
    source = np.concatenate([rows, rows])
    target = np.concatenate([np.arange(size), np.full(size, size)])
    columns = accumulated([(tally.columns, source, target)], size + 1)
    taken = attrs.evolve(
        tally,
        keys=tuple(tally.keys[row] for row in rows),
        columns=_without_shared(columns, np.arange(size + 1) == size),
        notes=(*tally.notes, note),
    )
    excluded = dict(tally.excluded)
    if others := tally.counted - taken.counted:
        excluded[OTHERS] = excluded.get(OTHERS, 0) + others
    return attrs.evolve(taken, excluded=excluded)


def restated(tally: TallyT, partnership: Partnership, as_of: dt.date | str | None) -> TallyT:
    """Return the tally as if mergers had always been in force; see `Tally.restate`."""
    of_kind("partnership", partnership, Partnership)
    place = _organisation_place(tally, "restate")
    day = checked_date("as_of", as_of)
    codes = dict.fromkeys(str(key_part(key, place)) for key in tally.keys)
    heirs = heirs_of([code for code in codes if code != NOT_STATED], partnership, day)
    handed = _handed_on(tally, place, lambda code: heirs.get(code, {code: Fraction(1)}))
    bodies = {heir: partnership.organisation(heir) for to in heirs.values() for heir in to}
    changes = "; ".join(moved(heirs))
    return attrs.evolve(
        handed,
        names=dict(tally.names) | {code: b.short_name or b.name for code, b in bodies.items()},
        notes=(*tally.notes, *([f"Restated: {changes}."] if changes else [])),
        successions=tuple(
            step for step in partnership.successions if day is not None and step.on > day
        ),
    )


def _organisation_place(tally: "Tally[Any]", verb: str) -> int:
    """Return where in the keys the organisations stand, or refuse."""
    if tally.attribution == "whole":
        raise InvalidInputError(
            f"cannot {verb} a tally with attribution 'whole': a record of two members would "
            "count twice in their group; count with attribution='lead' or 'fractional'"
        )
    if tally.overlapping:
        raise InvalidInputError(
            f"cannot {verb} a tally whose groups overlap: a record of two groups would count "
            f"twice; {verb} the tally that it was made from"
        )
    places = [place for place, name in enumerate(tally.by) if name in ORGANISATION]
    if len(places) > 1:
        raise InvalidInputError(
            f"cannot {verb} a tally by {tally.by}: count by one kind of organisation"
        )
    if places or len(tally.by) == 1:
        return places[0] if places else 0
    raise InvalidInputError(f"cannot {verb} a tally by {tally.by}: it has no organisations")


def _handed_on(
    tally: TallyT, place: int, new_parts: Callable[[str], Mapping[str, Fraction]]
) -> TallyT:
    """Return the tally with each group's counts handed to others, by exact parts."""
    triples = [
        (index, with_part(key, place, part), weight)
        for index, key in enumerate(tally.keys)
        for part, weight in new_parts(key_part(key, place)).items()
    ]
    keys = tuple(dict.fromkeys(key for _, key, _ in triples))
    position = {key: index for index, key in enumerate(keys)}
    source = np.array([*(index for index, _, _ in triples), len(tally.keys)], dtype=np.intp)
    target = np.array([*(position[key] for _, key, _ in triples), len(keys)], dtype=np.intp)
    weights = [*(weight for _, _, weight in triples), Fraction(1)]
    given = parted(tally.columns, source, weights)
    columns = accumulated([(given, np.arange(len(source)), target)], len(keys) + 1)
    merged = np.bincount(target, minlength=len(keys) + 1) > 1
    return attrs.evolve(tally, keys=keys, columns=_without_shared(columns, merged))


def _group_members(
    groups: Groups,
    known: Mapping[str, str],
    *,
    on: dt.date | str | None,
    period: Period | None,
) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """Return the groups of each member that the tally knows, and notes on how they were found.

    Parameters
    ----------
    groups : mapping of str to str, or iterable of Centre
        Members by name of the group, each of which must be known; or centres, of whose partners
        some may not be.
    known : mapping of str to str
        Keys of the tally with their display names.
    on : date or None
        The day whose partners are meant; the last day of `period` by default.
    period : Period or None
        When the tally's records are dated.
    """
    if isinstance(groups, Mapping):
        if on is not None:
            raise InvalidInputError("on= is for centres, whose partners have dates")
        named = _named(cast("Mapping[str, Iterable[str]]", groups), known)
        return named, tuple(_members_notes(named, known))
    if isinstance(groups, str | Centre) or not isinstance(groups, Iterable):
        raise InvalidTypeError(f"groups must be a mapping or a list of centres; got {groups!r}")
    centres = list(groups)
    for centre in centres:
        if not isinstance(centre, Centre):
            raise InvalidTypeError(
                f"groups must be a mapping, or centres such as partnership.centre('LCCS'); got "
                f"{centre!r}"
            )
    date = checked_date("on", on) or (period.end if period is not None else None)
    if date is None:
        raise InvalidInputError("a centre's partners have dates: say on=, the tally has no period")
    targets: dict[str, list[str]] = {}
    notes: list[str] = []
    for centre in centres:
        partners = centre.partners_on(date)
        here = [code for code in partners if code in known]
        for code in here:
            targets.setdefault(code, []).append(centre.label)
        notes.append(_partners_note(centre.label, partners, known, date))
    return targets, tuple(notes)


def _named(groups: Mapping[str, Iterable[str]], known: Mapping[str, str]) -> dict[str, list[str]]:
    targets: dict[str, list[str]] = {}
    for group, members in groups.items():
        if isinstance(members, str):
            raise InvalidInputError(f"group {group!r}: members must be a list of keys")
        for member in dict.fromkeys(members):
            if member not in known:
                shown = {**{name: code for code, name in known.items()}, **{c: c for c in known}}
                near = near_matches(member, shown, shown=shown)
                raise NotFoundError(f"no group {member!r} in the tally{near}")
            targets.setdefault(member, []).append(group)
    for group in groups:
        if group in known and group not in targets:
            raise InvalidInputError(
                f"group {group!r} is also the key of {known[group]}, which stays as it is: give "
                "the group another name"
            )
    return targets


def _members_notes(targets: Mapping[str, Sequence[str]], known: Mapping[str, str]) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for member, names in targets.items():
        for name in names:
            groups.setdefault(name, []).append(known[member])
    yield from (f"{name}: {', '.join(members)}." for name, members in groups.items())


def _partners_note(
    label: str, partners: tuple[str, ...], known: Mapping[str, str], date: dt.date
) -> str:
    day = date_text(date)
    if not partners:
        return f"{label} had no partners on {day}, so it has no row."
    here = [known[code] for code in partners if code in known]
    absent = [code for code in partners if code not in known]
    without = f"; without a row in the tally: {', '.join(absent)}" if absent else ""
    if not here:
        return f"{label} has no row: none of its partners on {day} has one in the tally{without}."
    return f"{label} counts through its partners on {day}: {', '.join(here)}{without}."


def _chosen_rows(keys: Sequence[str], codes: Iterable[str]) -> tuple[NDArray[np.intp], str]:
    """Return the rows whose key is among `codes`, and a note on what the total is of."""
    if isinstance(codes, str):
        raise InvalidTypeError(f"codes must be a list of keys; got {codes!r}")
    wanted = dict.fromkeys(codes)
    rows = [row for row, key in enumerate(keys) if key in wanted]
    here = dict.fromkeys(keys[row] for row in rows)
    absent = [code for code in wanted if code not in here]
    if not rows:
        near = near_matches(absent[0], keys) if absent else ""
        listed = ", ".join(map(repr, absent))
        raise NotFoundError(f"the tally has none of the organisations [{listed}]{near}")
    without = f"; without a row: {', '.join(absent)}" if absent else ""
    return np.array(rows, dtype=np.intp), f"Among {', '.join(here)} alone{without}."


def _without_shared(
    columns: Mapping[str, NDArray[Any]], merged: NDArray[np.bool_]
) -> dict[str, NDArray[Any]]:
    """Return the columns with second moments that hold where groups were merged.

    Parts of one record that come together leave cross terms that no column has. There the
    square of the parts is replaced by the most it can be: what the record would add if one
    partner, drawn by lot, had it whole.
    """
    adjusted = dict(columns)
    for name, shared in columns.items():
        if name.endswith("_shared"):
            squared = name.removesuffix("_shared") + "_squared"
            if squared in columns:
                adjusted[squared] = columns[squared] + np.where(merged, shared, 0.0)
            adjusted[name] = np.where(merged, 0.0, shared)
    return adjusted
