"""What every tally is: counts per group that add up, and nothing lost on the way."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property, partial
from typing import Any, ClassVar, Generic, Self, TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import near_matches
from lhp_metrics.errors import InvalidInputError, NotFoundError
from lhp_metrics.estimates import read_only
from lhp_metrics.models import Partnership, Period, Succession
from lhp_metrics.provenance import OVERLAP_NOTE, Provenance
from lhp_metrics.results import Columns, RowT, Table
from lhp_metrics.tallies._keys import (
    NOT_STATED,
    Attribution,
    Count,
    Key,
    accumulated,
    key_part,
    parted,
    with_part,
)
from lhp_metrics.tallies._lineage import heirs_of, moved
from lhp_metrics.tallies._pooling import COUNTED_BY, pooled
from lhp_metrics.tallies._records import checked_date
from lhp_metrics.tallies._regrouping import Groups, chosen_rows, group_members, without_shared

__all__ = ["Tally", "spans"]

CellT = TypeVar("CellT")

ORGANISATION = ("organisation", "lead")

SAID = ("rows_in", "excluded", "period")

CENTRE_NOTE = "Centre: the one that a record names; what its partners do otherwise is not in it."


def spans(periods: Mapping[str, Period | None]) -> tuple[tuple[str, dt.date, dt.date], ...]:
    """Return labelled periods as `Provenance` keeps them."""
    known = ((label, period) for label, period in periods.items() if period is not None)
    return tuple((label, period.start, period.end) for label, period in known)


def _read_only(columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name: read_only(values) for name, values in columns.items()}


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Tally(Generic[CellT]):
    """Counts per group with their total; the base of `GrantTally` and `RegistrationTally`.

    Made by ``tally_grants``, ``tally_registrations`` and the classes' ``from_counts``, which
    check what this constructor takes on trust.

    Parameters
    ----------
    by : tuple of str
        What the groups are; empty if there is only the total.
    keys : tuple
        Key of each group: text, `Period`, or a tuple of them.
    columns : mapping
        What was counted, by name: one element per group, the total's at the end.
    rows_in : int
        Records handed in; each was counted or stands in `excluded`.
    excluded : mapping
        Records left out, by reason.
    period : Period or None
        When the counted records are dated; None where nobody said.
    dated_by : str or None
        The date that placed a record in `period`.
    as_of : date or None
        Decisions after this day were counted as pending.
    attribution : {"lead", "whole", "fractional"} or None
        For whom a record of several organisations counts.
    overlapping : bool
        Whether a record may stand in several groups: then they add up to more than the total.
    names : mapping
        Display names of keys.
    rules : tuple of str
        How else records were chosen, in sentences for the footnote.
    notes : tuple of str
        What a reader of any figure made from this tally has to know.
    exposure_unit : str or None
        What the column ``exposure`` holds, if there is one.
    successions : tuple of Succession
        What became of the organisations, as far as the partnership that named them knows, and
        is not yet in the counts: `restate` takes out what it applies.
    """

    by: tuple[str, ...]
    keys: tuple[Key, ...]
    columns: Mapping[str, NDArray[Any]] = attrs.field(converter=_read_only)
    rows_in: Count
    excluded: Mapping[str, int] = attrs.field(factory=dict)
    period: Period | None = None
    dated_by: str | None = None
    as_of: dt.date | None = None
    attribution: Attribution | None = None
    overlapping: bool = False
    names: Mapping[str, str] = attrs.field(factory=dict)
    rules: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    exposure_unit: str | None = None
    successions: tuple[Succession, ...] = ()

    # What has to agree before tallies of this kind are pooled.
    counted_by: ClassVar[tuple[str, ...]] = COUNTED_BY

    def _cell(self, index: int) -> CellT:
        raise NotImplementedError

    @cached_property
    def _index(self) -> dict[Key, int]:
        texts = {str(key): i for i, key in enumerate(self.keys) if not isinstance(key, str)}
        return texts | {key: index for index, key in enumerate(self.keys)}

    def __getitem__(self, key: Key) -> CellT:
        """Return what was counted for `key`; a period may be given as the text it prints as."""
        if key not in self._index:
            shown = {self.name_of(known): str(known) for known in self.keys}
            shown |= {known: known for known in shown.values()}
            near = near_matches(str(key), shown, shown=shown)
            raise NotFoundError(f"the tally has no group {key!r}{near}")
        return self._cell(self._index[key])

    def __contains__(self, key: object) -> bool:
        return key in self._index

    def __iter__(self) -> Iterator[Key]:
        return iter(self.keys)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def total(self) -> CellT:
        """Everything counted, each record once."""
        return self._cell(len(self.keys))

    @property
    def counted(self) -> Count:
        """Number of records counted: `rows_in` without the excluded ones."""
        return self.rows_in - sum(self.excluded.values())

    @property
    def is_fractional(self) -> bool:
        """Whether parts of records were counted, which intervals for counts refuse."""
        return any(values.dtype == object for values in self.columns.values())

    def provenance(self, definition: str, **facts: Any) -> Provenance:
        """Return where a result made from this tally comes from; `facts` are the metric's own."""
        own: dict[str, Any] = {
            "periods": spans({"": self.period}),
            "dated_by": self.dated_by,
            "as_of": self.as_of,
            "attribution": self.attribution,
            "records_in": self.rows_in,
            "records_excluded": self.excluded,
        }
        notes = (*self.rules, *self.notes, *facts.pop("notes", ()))
        if "centre" in self.by:
            notes += (CENTRE_NOTE,)
        if self.overlapping:
            notes += (OVERLAP_NOTE,)
        return Provenance(definition=definition, notes=notes, **own | facts)

    def name_of(self, key: Key) -> str:
        """Return the display name of a key: "Liverpool Women's" for "REP"."""
        if isinstance(key, tuple):
            return " × ".join(map(self.name_of, key))
        return self.names.get(str(key), str(key))

    def __eq__(self, other: object) -> bool:
        """Compare what was counted and how; the order of groups and their names do not matter."""
        if not isinstance(other, type(self)):
            return NotImplemented
        if any(getattr(self, name) != getattr(other, name) for name in (*self.counted_by, *SAID)):
            return False
        if set(self.keys) != set(other.keys) or self.columns.keys() != other.columns.keys():
            return False
        places = {key: index for index, key in enumerate(other.keys)}
        order = [*(places[key] for key in self.keys), len(self.keys)]
        return all(
            np.array_equal(values, other.columns[name][order])
            for name, values in self.columns.items()
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # Made anew, not filled in: a copy's columns are then as read-only as the original's.
        return partial(type(self), **attrs.asdict(self, recurse=False)), ()

    def __repr__(self) -> str:
        return str(self.to_table())

    def _repr_html_(self) -> str:
        return self.to_table().to_html()

    def to_table(self) -> Table[Any]:
        """Return the counts as a `Table`."""
        raise NotImplementedError

    def as_table(
        self,
        row_type: type[RowT],
        title: str,
        columns: Mapping[str, Columns],
        provenance: Provenance,
        *,
        specs: Mapping[str, str] | None = None,
    ) -> Table[RowT]:
        """Return a metric's columns, in the order of this tally's groups, as its table."""
        return Table(
            row_type=row_type,
            title=title,
            by=self.by,
            keys=self.keys,
            names=tuple(map(self.name_of, self.keys)),
            columns=columns,
            provenance=provenance,
            specs=specs or {},
        )

    def __add__(self, other: Self) -> Self:
        """Return the tally of both periods together, which must adjoin each other."""
        if not isinstance(other, type(self)):
            return NotImplemented
        if self.period is None or other.period is None:
            raise InvalidInputError(
                "only tallies with periods can be added: without them nobody can tell whether a "
                "record stands in both; combine([...], disjoint=True) takes your word for it"
            )
        if self.period.overlaps(other.period):
            rule = "overlap, so a record may stand in both"
            raise InvalidInputError(f"the periods {self.period} and {other.period} {rule}")
        if not self.period.adjoins(other.period):
            rule = "do not adjoin, so together they are not one period"
            raise InvalidInputError(f"the periods {self.period} and {other.period} {rule}")
        return pooled([self, other], period=self.period.union(other.period))

    def regroup(self, groups: Groups, *, on: dt.date | str | None = None) -> Self:
        """Return the tally of groups of organisations; the rest stay as they are.

        Parameters
        ----------
        groups : mapping, or iterable of Centre
            Name of each group to the keys of its members, such as ``partnership.groups(on)``;
            or centres, which count through their
            partners: ``partnership.centres``, ``[partnership.centre("LCCS")]``. An organisation
            in several groups counts in each: the result is then `overlapping`, its total stays
            what it is. Partners of a centre that have no counts here are named in a note.
        on : date, optional
            The day whose partners a centre counts through; the last day of the period by
            default.

        Raises
        ------
        InvalidInputError
            If the tally counted shared records whole: a record of two members would count
            twice in their group. Or if centres are given and no date is known.
        NotFoundError
            If a member of a named group has no counts here.

        Examples
        --------
        >>> import lhp_metrics as lhp
        >>> tally = lhp.RegistrationTally.from_counts({"REN": 34, "REM": 69, "RET": 10})
        >>> site = tally.regroup({"Royal Liverpool site": ["REN", "REM"]})
        >>> site["Royal Liverpool site"], site["RET"], site.total
        (103, 10, 113)
        >>> partnership = lhp.liverpool_health_partners()
        >>> tally.regroup([partnership.centre("LHNC")], on="2024-03-31")["LHNC"]
        113
        """
        place = self._organisation_place("regroup")
        codes = dict.fromkeys(str(key_part(key, place)) for key in self.keys)
        known = {code: self.name_of(code) for code in codes}
        targets, notes = group_members(groups, known, on=on, period=self.period)
        regrouped = self._mapped(
            place, lambda key: dict.fromkeys(targets.get(str(key), [key]), Fraction(1))
        )
        overlapping = self.overlapping or any(len(names) > 1 for names in targets.values())
        return attrs.evolve(regrouped, overlapping=overlapping, notes=(*self.notes, *notes))

    def among(self, codes: Iterable[str]) -> Self:
        """Return the tally of some organisations alone; its total is theirs.

        Parameters
        ----------
        codes : iterable of str
            Keys of organisations, such as ``centre.partners_on("2024-03-31")``. Those without
            counts here are named in a note.

        Raises
        ------
        InvalidInputError
            If groups share records, so that nobody knows how many these have together.
        NotFoundError
            If none of them has counts here.

        Examples
        --------
        >>> import lhp_metrics as lhp
        >>> tally = lhp.RegistrationTally.from_counts({"REN": 34, "REM": 69, "RBS": 26})
        >>> tally.among(["REN", "REM", "RET"]).total
        103
        """
        if self.overlapping and self.attribution != "whole":
            raise InvalidInputError(
                "cannot take some organisations of a tally whose groups share records: how many "
                "records they have together is not in it"
            )
        place = self._organisation_place("take some organisations of")
        rows, note = chosen_rows([str(key_part(key, place)) for key in self.keys], codes)
        size = len(rows)
        source = np.concatenate([rows, rows])
        target = np.concatenate([np.arange(size), np.full(size, size)])
        columns = accumulated([(self.columns, source, target)], size + 1)
        return attrs.evolve(
            self,
            keys=tuple(self.keys[row] for row in rows),
            columns=without_shared(columns, np.arange(size + 1) == size),
            notes=(*self.notes, note),
        )

    def restate(self, partnership: Partnership, *, as_of: dt.date | str | None = None) -> Self:
        """Return the tally as if every merger up to `as_of` had always been in force.

        Parameters
        ----------
        partnership : Partnership
            Knows who succeeded whom.
        as_of : date, optional
            Later successions are not applied; all are by default.

        Returns
        -------
        Tally
            With parts of records where work was split between several. Where nobody took over
            the work, the figures stay under the name that had them.

        Raises
        ------
        InvalidInputError
            If the tally counted shared records whole: a study at two merged trusts would count
            twice.

        Examples
        --------
        >>> import lhp_metrics as lhp
        >>> tally = lhp.RegistrationTally.from_counts({"REM": 60, "RQ6": 40})
        >>> tally.restate(lhp.liverpool_health_partners())["REM"]
        100
        """
        place = self._organisation_place("restate")
        day = checked_date("as_of", as_of)
        codes = dict.fromkeys(str(key_part(key, place)) for key in self.keys)
        heirs = heirs_of([code for code in codes if code != NOT_STATED], partnership, day)
        restated = self._mapped(place, lambda code: heirs.get(code, {code: Fraction(1)}))
        bodies = {heir: partnership.organisation(heir) for to in heirs.values() for heir in to}
        changes = "; ".join(moved(heirs))
        return attrs.evolve(
            restated,
            names=dict(self.names) | {code: b.short_name or b.name for code, b in bodies.items()},
            notes=(*self.notes, *([f"Restated: {changes}."] if changes else [])),
            successions=tuple(
                step for step in partnership.successions if day is not None and step.on > day
            ),
        )

    def _organisation_place(self, verb: str) -> int:
        """Return where in the keys the organisations stand, or refuse."""
        if self.attribution == "whole":
            raise InvalidInputError(
                f"cannot {verb} a tally with attribution 'whole': a record of two members would "
                "count twice in their group; group the records while counting"
            )
        if self.overlapping:
            raise InvalidInputError(
                f"cannot {verb} a tally whose groups overlap: a record of two groups would count "
                f"twice; {verb} the tally that it was made from"
            )
        places = [place for place, name in enumerate(self.by) if name in ORGANISATION]
        if len(places) > 1:
            raise InvalidInputError(
                f"cannot {verb} a tally by {self.by}: count by one kind of organisation"
            )
        if places or len(self.by) == 1:
            return places[0] if places else 0
        raise InvalidInputError(f"cannot {verb} a tally by {self.by}: it has no organisations")

    def _mapped(self, place: int, new_parts: Callable[[str], Mapping[str, Fraction]]) -> Self:
        """Return the tally with each group's counts handed to others, by exact parts."""
        triples = [
            (index, with_part(key, place, part), weight)
            for index, key in enumerate(self.keys)
            for part, weight in new_parts(key_part(key, place)).items()
        ]
        keys = tuple(dict.fromkeys(key for _, key, _ in triples))
        position = {key: index for index, key in enumerate(keys)}
        source = np.array([*(index for index, _, _ in triples), len(self.keys)], dtype=np.intp)
        target = np.array([*(position[key] for _, key, _ in triples), len(keys)], dtype=np.intp)
        weights = [*(weight for _, _, weight in triples), Fraction(1)]
        given = parted(self.columns, source, weights)
        columns = accumulated([(given, np.arange(len(source)), target)], len(keys) + 1)
        merged = np.bincount(target, minlength=len(keys) + 1) > 1
        return attrs.evolve(self, keys=keys, columns=without_shared(columns, merged))
