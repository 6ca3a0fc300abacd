"""Records as they come from a file: the good ones, and what is wrong with the rest."""

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar, overload

import attrs

from lhp_metrics.errors import Fault

__all__ = ["Records"]

RecordT = TypeVar("RecordT")


@attrs.frozen(kw_only=True, repr=False)
class Records(Sequence[RecordT], Generic[RecordT]):
    """Records read from a file: a sequence that cannot change.

    Every record of the file is either among these or counted in `unreadable`, so a tally made
    of them accounts for all of the file.

    Parameters
    ----------
    source : str
        What messages call the file.
    records : tuple
        The records that can be read.
    faults : tuple of Fault
        Everything that cannot; none unless the file was read with ``on_error="collect"``.
    unreadable : int
        Records left out: one for each reference with a fault in any of its rows, and one for
        each row that has no readable reference.
    rows_in : int
        Rows of the file, without its headings and blank lines; several may make one record.
    passed_over : tuple of str
        Headings of the columns that were not read.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> grants = lhp.read_grants([
    ...     {"reference": "G1", "submitted_on": "2023-05-01", "outcome": "pending", "note": "-"},
    ...     {"reference": "G2", "submitted_on": "soon", "outcome": "pending", "note": "-"},
    ... ], on_error="collect")
    >>> grants
    <1 record of 2 rows of dicts; 1 record unreadable (1 fault); columns passed over: 'note'>
    >>> grants[0].reference, grants.records_in
    ('G1', 2)
    >>> dict(lhp.tally_grants(grants).excluded)
    {'unreadable in the file': 1}
    """

    source: str
    records: tuple[RecordT, ...]
    faults: tuple[Fault, ...] = ()
    unreadable: int = 0
    rows_in: int
    passed_over: tuple[str, ...] = ()

    @property
    def records_in(self) -> int:
        """Records of the file, readable or not."""
        return len(self.records) + self.unreadable

    @overload
    def __getitem__(self, index: int) -> RecordT: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[RecordT, ...]: ...
    def __getitem__(self, index: int | slice) -> RecordT | tuple[RecordT, ...]:
        """Return a record, or a tuple of those of a slice."""
        return self.records[index]

    def __iter__(self) -> Iterator[RecordT]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def __repr__(self) -> str:
        parts = [
            f"{_many(len(self.records), 'record')} of {_many(self.rows_in, 'row')} of {self.source}"
        ]
        if self.unreadable:
            faults = _many(len(self.faults), "fault")
            parts.append(f"{_many(self.unreadable, 'record')} unreadable ({faults})")
        if self.passed_over:
            parts.append(f"columns passed over: {', '.join(map(repr, self.passed_over))}")
        return f"<{'; '.join(parts)}>"


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
