"""Successions: what became of an organisation."""

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, get_args

import attrs

from lhp_metrics.models._fields import one_of, refuse_faults, required_date, text_or_none
from lhp_metrics.models._organisation_fields import code_or_none, code_required, portion_or_none

__all__ = ["Lineage", "Succession", "SuccessionKind"]

SuccessionKind = Literal["merger", "acquisition", "split", "closure"]

_KINDS: tuple[str, ...] = get_args(SuccessionKind)


@attrs.frozen(kw_only=True)
class Succession:
    """What became of an organisation: its work went to another, or ended.

    Parameters
    ----------
    predecessor : str or Organisation
        The body whose work moved or ended.
    successor : str or Organisation, optional
        The body that carries the work on; None for a closure, whose successor is none or unknown.
    on : datetime.date or str
        The first day of the new state: the day after the predecessor's last.
    kind : {"merger", "acquisition", "split", "closure"}
        ``"merger"`` into a new body, ``"acquisition"`` by one that goes on under its own code.
    portion : Fraction, Decimal, int or str, optional
        For a split, the part of the predecessor's work that went to this successor, such as
        ``"1/3"``.
    note : str, optional
        What a reader should know.

    Raises
    ------
    InvalidInputError
        If one of these rules is broken; the message lists all that are.

    Examples
    --------
    >>> Succession(predecessor="RQ6", successor="REM", on="2019-10-01", kind="acquisition").on
    datetime.date(2019, 10, 1)
    """

    predecessor: str = attrs.field(converter=code_required)
    successor: str | None = attrs.field(default=None, converter=code_or_none)
    on: dt.date = attrs.field(converter=required_date)
    kind: SuccessionKind
    portion: Fraction | None = attrs.field(default=None, converter=portion_or_none)
    note: str | None = attrs.field(default=None, converter=text_or_none)

    def __attrs_post_init__(self) -> None:
        refuse_faults("succession of", self.predecessor, self, self._broken_rules())

    def _broken_rules(self) -> Iterator[str]:
        yield from one_of("kind", self.kind, _KINDS)
        if not isinstance(self.kind, str):
            return
        if self.kind == "closure" and self.successor is not None:
            yield f"a closure has no successor; got {self.successor!r}"
        if self.kind in ("merger", "acquisition", "split") and self.successor is None:
            yield f"kind {self.kind!r} needs a successor; got None"
        if self.successor == self.predecessor:
            yield f"predecessor and successor are the same ({self.successor!r})"
        if self.portion is not None and self.kind != "split":
            yield f"portion ({self.portion}) belongs to a split; got kind {self.kind!r}"


@attrs.frozen
class Lineage:
    """The organisations whose work one organisation carries today.

    Parameters
    ----------
    organisation : str
        Code of the organisation.
    codes : tuple of str
        Codes of its predecessors, those that ended first before the others, and its own last.
    successions : tuple of Succession
        How their work came to it, by date.
    """

    organisation: str
    codes: tuple[str, ...]
    successions: tuple[Succession, ...]
