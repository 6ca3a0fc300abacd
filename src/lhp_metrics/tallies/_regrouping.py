"""Which organisations does a group hold: named by hand, or a centre's partners on a day?"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import near_matches
from lhp_metrics.errors import InvalidInputError, InvalidTypeError, NotFoundError
from lhp_metrics.models import Centre, Period
from lhp_metrics.provenance import date_text
from lhp_metrics.tallies._records import checked_date

__all__ = ["Groups", "chosen_rows", "group_members", "without_shared"]

Groups: TypeAlias = Mapping[str, Iterable[str]] | Iterable[Centre]


def group_members(
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
    if isinstance(groups, str | Centre):
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


def chosen_rows(keys: Sequence[str], codes: Iterable[str]) -> tuple[NDArray[np.intp], str]:
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


def without_shared(
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
