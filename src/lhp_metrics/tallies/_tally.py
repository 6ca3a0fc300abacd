"""What every tally is: counts per group that add up, and nothing lost on the way."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any, ClassVar, Generic, Self, TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import near_matches
from lhp_metrics.errors import NotFoundError
from lhp_metrics.estimates import read_only
from lhp_metrics.models import Partnership, Period, Succession
from lhp_metrics.provenance import OVERLAP_NOTES, Provenance
from lhp_metrics.results import Columns, RowT, Table
from lhp_metrics.tallies._keys import Attribution, Count, Key
from lhp_metrics.tallies._lineage import outlived
from lhp_metrics.tallies._pooling import COUNTED_BY, added
from lhp_metrics.tallies._reading import JsonSource
from lhp_metrics.tallies._regrouping import Groups, chosen, regrouped, restated

__all__ = ["Tally", "spans"]

CellT = TypeVar("CellT")

SAID = ("rows_in", "excluded", "period")

CENTRE_NOTE = "Centre: the one that a record names; what its partners do otherwise is not in it."


def spans(periods: Mapping[str, Period | None]) -> tuple[tuple[str, dt.date, dt.date], ...]:
    """Return labelled periods as `Provenance` keeps them."""
    known = ((label, period) for label, period in periods.items() if period is not None)
    return tuple((label, period.start, period.end) for label, period in known)


def _frozen(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(facts))


def _read_only(columns: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
    return _frozen({name: read_only(values) for name, values in columns.items()})


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Tally(ABC, Generic[CellT]):
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
        Records left out, by reason; by parts where others of a record's parts were counted.
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
    excluded: Mapping[str, Count] = attrs.field(factory=dict, converter=_frozen)
    period: Period | None = None
    dated_by: str | None = None
    as_of: dt.date | None = None
    attribution: Attribution | None = None
    overlapping: bool = False
    names: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    rules: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    exposure_unit: str | None = None
    successions: tuple[Succession, ...] = ()

    # What has to agree before tallies of this kind are pooled.
    counted_by: ClassVar[tuple[str, ...]] = COUNTED_BY

    @abstractmethod
    def _cell(self, index: int) -> CellT:
        """Return what was counted for one group, or at the end for all."""

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
    @abstractmethod
    def counted(self) -> Count:
        """Number of records that the total counts: `rows_in` without the excluded ones."""

    @property
    def is_fractional(self) -> bool:
        """Whether parts of records were counted, which intervals for counts refuse."""
        return any(values.dtype == object for values in self.columns.values())

    @property
    def exposures(self) -> NDArray[Any] | None:
        """What it is counted over, in `exposure_unit`; None where that is nothing but days."""
        return self.columns.get("exposure")

    def provenance(self, definition: str, **facts: Any) -> Provenance:
        """Return where a result made from this tally comes from; `facts` are the metric's own."""
        own: dict[str, Any] = {
            "periods": spans({"": self.period}),
            "dated_by": self.dated_by,
            "as_of": self.as_of,
            "attribution": self.attribution,
            "records_in": self.rows_in,
            "records_excluded": dict(self.excluded),
        }
        notes = (*self.rules, *self.notes, *facts.pop("notes", ()))
        notes += tuple(outlived(self))
        if "centre" in self.by:
            notes += (CENTRE_NOTE,)
        if self.overlapping:
            notes += (OVERLAP_NOTES[0 if self._shares_records() else 1],)
        return Provenance(definition=definition, notes=notes, **own | facts)

    def _shares_records(self) -> bool:
        """Whether groups add up to more than the total: that they may is `overlapping`."""
        return any(
            np.any(values[:-1].sum(axis=0) != values[-1])
            for name, values in self.columns.items()
            if values.dtype.kind != "f" and not name.startswith("largest_")
        )

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
        fields = attrs.asdict(self, recurse=False)
        plain = {name: dict(fields[name]) for name in ("columns", "excluded", "names")}
        return partial(type(self), **fields | plain), ()

    def __repr__(self) -> str:
        return str(self.to_table())

    def _repr_html_(self) -> str:
        return self.to_table().to_html()

    @abstractmethod
    def to_table(self) -> Table[Any]:
        """Return the counts as a `Table`."""

    def to_json(self) -> str:
        """Return all that the tally knows as JSON, from which `from_json` makes it again.

        Raises
        ------
        InvalidTypeError
            If the tally is by days, as a `SetupTally` and a `DecisionTally` are: they hold nearly
            as much as the records. Hand on those, or the tables made of the tally.
        """
        from lhp_metrics.tallies._json import written

        return written(self)

    @classmethod
    def from_json(
        cls, source: JsonSource, *, partnership: Partnership | None = None, at: str = ""
    ) -> Self:
        """Return the tally that JSON describes: counts written by hand, or `to_json`.

        Parameters
        ----------
        source : str, bytes or mapping
            A JSON object as text, or as `parse_json` returns it. Counts stand under ``"counts"``
            by group; ``"by"`` and ``"period"`` are optional. `json_schema` has every field.
        partnership : Partnership, optional
            Resolves names of organisations among counts to codes; unknown ones are faults.
        at : str, default ""
            JSON pointer of the tally in a larger document: what the fields of faults begin with.
            `source` is then a value of that document, as `parse_json` returns it: text is a fault.

        Raises
        ------
        FaultyInputError
            With everything that is wrong as data in ``.faults``. Unknown and repeated fields are
            faults; so is a missing count, which is not 0. Of grants only ``withdrawn`` and
            ``not_considered`` may be left out, by all groups together: a note then says so.

        Examples
        --------
        >>> import lhp_metrics as lhp
        >>> grants = lhp.GrantTally.from_json('''{
        ...     "by": "funder",
        ...     "period": {"start": "2023-04-01", "end": "2024-03-31"},
        ...     "counts": {"NIHR": {"successful": 12, "unsuccessful": 20, "pending": 5}}
        ... }''')
        >>> grants["NIHR"].decided, lhp.GrantTally.from_json(grants.to_json()) == grants
        (32, True)
        >>> try:
        ...     lhp.RegistrationTally.from_json('{"counts": {"REM": "12", "REN": -1}}')
        ... except lhp.FaultyInputError as error:
        ...     [(fault.field, fault.value) for fault in error.faults]
        [('/counts/REM', '12'), ('/counts/REN', -1)]
        """
        from lhp_metrics.tallies._json import read_tally

        return read_tally(cls, source, at, partnership)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema (2020-12) of what `from_json` reads."""
        from lhp_metrics.tallies._json import schema_of

        return schema_of(cls)

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
        return added(self, other)

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
        return regrouped(self, groups, on)

    def among(self, codes: Iterable[str]) -> Self:
        """Return the tally of some organisations alone; its total is theirs.

        Parameters
        ----------
        codes : iterable of str
            Keys of organisations, such as ``centre.partners_on("2024-03-31")``. Those without
            counts here are named in a note; records of others go to `excluded`.

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
        return chosen(self, codes)

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
            twice. Counted with attribution "lead" or "fractional", it counts once.

        Examples
        --------
        >>> import lhp_metrics as lhp
        >>> tally = lhp.RegistrationTally.from_counts({"REM": 60, "RQ6": 40})
        >>> tally.restate(lhp.liverpool_health_partners())["REM"]
        100
        """
        return restated(self, partnership, as_of)
