"""Memberships: who belongs to a partnership, and what of that is known."""

import datetime as dt
from collections.abc import Iterator

import attrs

from lhp_metrics._checks import of_kind
from lhp_metrics.models._fields import (
    argument,
    date_or_none,
    is_read,
    order_faults,
    read_date,
    refuse_faults,
    text_or_none,
)
from lhp_metrics.models._organisation_fields import code_required
from lhp_metrics.models.period import Period

__all__ = ["Membership"]


def _joined(membership: "Membership") -> dt.date | None:
    return membership.joined_on if is_read(membership.joined_on) else None


def _left(membership: "Membership") -> dt.date | None:
    return membership.left_on if is_read(membership.left_on) else None


@attrs.frozen(kw_only=True)
class Membership:
    """An organisation's time as a member, as far as it is known.

    Parameters
    ----------
    organisation : str or Organisation
        The member.
    joined_on, left_on : datetime.date or str, optional
        First and last day as a member; None where that is unknown or has not come.
    confirmed_from, confirmed_until : datetime.date or str, optional
        First and last day between which a source shows it as a member; by default `joined_on`
        and `left_on`. A membership that goes on is known up to the last day somebody looked.
    note : str, optional
        What a reader should know.

    Raises
    ------
    InvalidInputError
        If the dates are in an impossible order.

    Examples
    --------
    >>> membership = Membership(
    ...     organisation="REM", confirmed_from="2023-04-01", confirmed_until="2024-03-31",
    ...     left_on="2025-03-31",
    ... )
    >>> membership.on("2024-01-01"), membership.on("2025-01-01"), membership.on("2025-04-01")
    (True, None, False)
    """

    organisation: str = attrs.field(converter=code_required)
    joined_on: dt.date | None = attrs.field(default=None, converter=date_or_none)
    left_on: dt.date | None = attrs.field(default=None, converter=date_or_none)
    confirmed_from: dt.date | None = attrs.field(
        default=attrs.Factory(_joined, takes_self=True), converter=date_or_none
    )
    confirmed_until: dt.date | None = attrs.field(
        default=attrs.Factory(_left, takes_self=True), converter=date_or_none
    )
    note: str | None = attrs.field(default=None, converter=text_or_none)

    def __attrs_post_init__(self) -> None:
        refuse_faults("membership of", self.organisation, self, self._broken_rules())

    def _broken_rules(self) -> Iterator[str]:
        yield from order_faults(self, "joined_on", "confirmed_from", "confirmed_until", "left_on")

    def on(self, date: dt.date | str) -> bool | None:
        """Tell whether it was a member on a date; None where that is not known.

        Parameters
        ----------
        date : datetime.date or str
            A date or ISO text.

        Returns
        -------
        bool or None
        """
        day = argument("date", read_date, date)
        if self.joined_on is not None and day < self.joined_on:
            return False
        if self.left_on is not None and day > self.left_on:
            return False
        # A lone date is known by itself.
        known = [end for end in (self.confirmed_from, self.confirmed_until) if end is not None]
        return True if known and known[0] <= day <= known[-1] else None

    def throughout(self, period: Period) -> bool | None:
        """Tell whether it was a member on all days of a period; None where that is not known.

        Parameters
        ----------
        period : Period

        Returns
        -------
        bool or None
        """
        of_kind("period", period, Period)
        # What is confirmed is one stretch of days, so its two ends speak for those between.
        ends = {self.on(period.start), self.on(period.end)}
        return False if False in ends else None if None in ends else True
