"""What counting asks of a record, packed when it is made: a million records are then one array."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from operator import attrgetter
from struct import Struct
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

__all__ = ["Packed", "Packing", "day"]


@attrs.frozen(slots=False)
class Packing:
    """The facts of a kind of record: each one's name and its format, as `struct` spells it.

    Dates are days since the year 1, and 0 where not stated; texts are hashes. The number of the
    kind comes first.
    """

    kind: int
    formats: Mapping[str, str]

    @cached_property
    def pack(self) -> Any:
        """What packs the facts of one record, given in their order."""
        # Aligned as NumPy's are, up to the end: reading columns is then faster.
        return partial(Struct("b" + "".join(self.formats.values()) + "0q").pack, self.kind)

    @cached_property
    def _dtype(self) -> np.dtype[Any]:
        return np.dtype([("kind", "b"), *self.formats.items()], align=True)

    def read(self, records: Sequence[object]) -> NDArray[Any] | None:
        """Return the facts of records as a structured array, shape (n,).

        Or None if some are of another kind: of a million, faster than each one's type is asked.
        """
        packed = map(attrgetter("_facts"), records)
        as_bytes = np.dtype((np.bytes_, self._dtype.itemsize))
        try:
            facts = np.fromiter(packed, dtype=as_bytes, count=len(records)).view(self._dtype)
        except AttributeError:
            return None
        return facts if (facts["kind"] == self.kind).all() else None


@lru_cache(maxsize=10_000)
def _shared(organisations: tuple[str, ...]) -> tuple[str, ...]:
    """Return one tuple for all records of the same organisations: there are few of them."""
    return organisations


class Packed:
    """A record that keeps its facts packed, and its organisations ready to be counted."""

    __slots__ = ("_facts", "_organisations")

    _facts: bytes
    _organisations: tuple[str, ...]

    def _keep(self, facts: bytes, organisations: Iterable[str]) -> None:
        object.__setattr__(self, "_facts", facts)
        object.__setattr__(self, "_organisations", _shared(tuple(organisations)))

    def __reduce__(self) -> tuple[Any, ...]:
        # Made anew, not filled in: the hash of a text differs between processes.
        kind: Any = type(self)
        given = (field for field in attrs.fields(kind) if field.init)
        fields = {field.alias: getattr(self, field.name) for field in given}
        return partial(kind, **fields), ()


def day(date: Any) -> int:
    """Return a date as packed: days since the year 1, 0 for None."""
    return 0 if date is None else date.toordinal()
