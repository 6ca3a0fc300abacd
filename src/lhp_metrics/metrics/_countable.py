"""What funnels and control charts need of a tally, whatever it counts."""

from typing import Any, ClassVar, Protocol

from numpy.typing import NDArray

from lhp_metrics.provenance import Provenance
from lhp_metrics.tallies import Key

__all__ = ["Countable"]


class Countable(Protocol):
    """Events by group, and what they are over.

    Without an exposure they are over the days of their period, if groups are periods.
    """

    @property
    def by(self) -> tuple[str, ...]: ...

    @property
    def keys(self) -> tuple[Key, ...]: ...

    @property
    def events(self) -> NDArray[Any]:
        """One number per group, and the total's at the end."""
        ...

    @property
    def exposures(self) -> NDArray[Any] | None:
        """The same of the exposure, in `exposure_unit`; None if there is none."""
        ...

    @property
    def exposure_unit(self) -> str | None: ...

    # What the events are, in words.
    counting: ClassVar[str]

    @property
    def is_fractional(self) -> bool: ...

    def provenance(self, definition: str, **facts: Any) -> Provenance: ...
