"""Centres: research centres that several organisations run together."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Literal, get_args

import attrs

from lhp_metrics._checks import each_of
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models._fields import (
    argument,
    attempt,
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
from lhp_metrics.models._organisation_fields import code_required, read_organisation
from lhp_metrics.models.organisations import Organisation

__all__ = ["Centre", "CentrePartner", "LaunchPrecision"]

LaunchPrecision = Literal["day", "month", "year", "unknown"]

_PRECISIONS: tuple[str, ...] = get_args(LaunchPrecision)


@attrs.frozen
class CentrePartner:
    """An organisation's time as partner of a centre.

    Parameters
    ----------
    organisation : str or Organisation
        The partner.
    joined_on, left_on : datetime.date or str, optional
        First and last day as partner; None where that is the centre's own or not known.

    Examples
    --------
    >>> CentrePartner("rq6", left_on="2019-09-30").organisation
    'RQ6'
    """

    organisation: str = attrs.field(converter=code_required)
    joined_on: dt.date | None = attrs.field(default=None, converter=date_or_none, kw_only=True)
    left_on: dt.date | None = attrs.field(default=None, converter=date_or_none, kw_only=True)

    def __attrs_post_init__(self) -> None:
        faults = order_faults(self, "joined_on", "left_on")
        refuse_faults("partner", self.organisation, self, faults)


PartnerInput = CentrePartner | str | Organisation


def _read_partners(values: object) -> tuple[CentrePartner, ...]:
    partners: dict[str, CentrePartner] = {}
    for value in each_of(values, "partners"):
        is_partner = isinstance(value, CentrePartner)
        partner = value if is_partner else CentrePartner(read_organisation(value))
        if partner.organisation in partners:
            raise InvalidInputError(f"must list each once; got {partner.organisation!r} twice")
        partners[partner.organisation] = partner
    return tuple(partners.values())


def _partners(values: Iterable[PartnerInput]) -> tuple[CentrePartner, ...]:
    return attempt(_read_partners, values)


def _precision_of_date(centre: "Centre") -> LaunchPrecision:
    return "unknown" if centre.launched_on is None else "day"


@attrs.frozen(kw_only=True)
class Centre:
    """A research centre and its partners.

    Parameters
    ----------
    name : str
        Full name.
    acronym : str, optional
        Such as ``"LCCS"``.
    launched_on : datetime.date or str, optional
        Date of the launch; None where it is unknown or where sources disagree, which `note`
        then says.
    launch_precision : {"day", "month", "year", "unknown"}, optional
        How much of `launched_on` is known; the first day stands for the month or the year. By
        default the day is.
    partners : iterable of CentrePartner, str or Organisation, optional
        Partners, each once.
    note : str, optional
        What a reader should know.

    Raises
    ------
    InvalidInputError
        If one of these rules is broken; the message lists all that are.

    Examples
    --------
    >>> centre = Centre(
    ...     name="Liverpool Head and Neck Centre",
    ...     launched_on="2018-10-29",
    ...     partners=["REM", CentrePartner("RQ6", left_on="2019-09-30")],
    ... )
    >>> centre.partners_on("2019-09-30"), centre.partners_on("2019-10-01")
    (('REM', 'RQ6'), ('REM',))
    """

    name: str = attrs.field(converter=text)
    acronym: str | None = attrs.field(default=None, converter=text_or_none)
    launched_on: dt.date | None = attrs.field(default=None, converter=date_or_none)
    launch_precision: LaunchPrecision = attrs.field(
        default=attrs.Factory(_precision_of_date, takes_self=True)
    )
    partners: tuple[CentrePartner, ...] = attrs.field(default=(), converter=_partners)
    note: str | None = attrs.field(default=None, converter=text_or_none)

    def __attrs_post_init__(self) -> None:
        refuse_faults("centre", self.name, self, self._broken_rules())

    def _broken_rules(self) -> Iterator[str]:
        precision, launch = self.launch_precision, self.launched_on
        yield from one_of("launch_precision", precision, _PRECISIONS)
        if not (is_read(launch) and isinstance(precision, str)):
            return
        if (launch is None) != (precision == "unknown"):
            yield f"launch_precision is {precision!r} but launched_on is {launch}"
        elif launch is not None:
            first = launch.replace(day=1, month=1 if precision == "year" else launch.month)
            if precision in ("month", "year") and launch != first:
                yield f"launched_on ({launch}) must be {first} where only its {precision} is known"

    @property
    def label(self) -> str:
        """What tables call the centre: its acronym, or its name where it has none."""
        return self.acronym or self.name

    def partners_on(self, date: dt.date | str) -> tuple[str, ...]:
        """Return the codes of the partners on a date.

        Parameters
        ----------
        date : datetime.date or str
            A date or ISO text.

        Returns
        -------
        tuple of str
            In the order given; none before the launch. An unknown bound counts as open.
        """
        day = argument("date", read_date, date)
        if self.launched_on is not None and day < self.launched_on:
            return ()
        return tuple(
            partner.organisation
            for partner in self.partners
            if in_force(day, partner.joined_on, partner.left_on)
        )
