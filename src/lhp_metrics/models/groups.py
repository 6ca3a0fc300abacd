"""Groups: organisations that act together and stay separate bodies."""

import datetime as dt
from collections.abc import Iterator
from typing import Literal, get_args

import attrs

from lhp_metrics.models._fields import (
    argument,
    date_or_none,
    in_force,
    is_read,
    one_of,
    order_faults,
    read_date,
    refuse_faults,
    text,
    text_or_none,
)
from lhp_metrics.models._organisation_fields import codes

__all__ = ["Group", "GroupKind"]

GroupKind = Literal["joint committee", "hospital group", "network"]

_KINDS: tuple[str, ...] = get_args(GroupKind)


@attrs.frozen(kw_only=True)
class Group:
    """Organisations that act together without a merger: each keeps its code and its figures.

    Groups may overlap: a trust can sit in several, so their figures need not add up.

    Parameters
    ----------
    name : str
        What it is called.
    members : iterable of str or Organisation
        Who belongs to it, at least two.
    kind : {"joint committee", "hospital group", "network"}
        How closely they act together.
    first_on, last_on : datetime.date or str, optional
        First and last day; None where unknown or, for `last_on`, still there.
    note : str, optional
        What a reader should know.

    Raises
    ------
    InvalidInputError
        If one of these rules is broken; the message lists all that are.

    Examples
    --------
    >>> site = Group(name="Broadgreen", members=["RBQ", "REM"], kind="joint committee")
    >>> site.members
    ('RBQ', 'REM')
    """

    name: str = attrs.field(converter=text)
    members: tuple[str, ...] = attrs.field(converter=codes)
    kind: GroupKind
    first_on: dt.date | None = attrs.field(default=None, converter=date_or_none)
    last_on: dt.date | None = attrs.field(default=None, converter=date_or_none)
    note: str | None = attrs.field(default=None, converter=text_or_none)

    def __attrs_post_init__(self) -> None:
        refuse_faults("group", self.name, self, self._broken_rules())

    def _broken_rules(self) -> Iterator[str]:
        yield from one_of("kind", self.kind, _KINDS)
        yield from order_faults(self, "first_on", "last_on")
        if is_read(self.members) and len(self.members) < 2:
            yield f"members must be at least two; got {self.members}"

    def exists_on(self, date: dt.date | str) -> bool:
        """Tell whether the group existed on a date; an unknown bound counts as open.

        Parameters
        ----------
        date : datetime.date or str
            A date or ISO text.

        Returns
        -------
        bool
        """
        return in_force(argument("date", read_date, date), self.first_on, self.last_on)
