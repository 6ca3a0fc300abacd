"""Grants: applications for funding and, once there is one, their decision."""

import datetime as dt
from collections.abc import Iterator
from decimal import Context, Decimal
from typing import Literal, get_args

import attrs

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models._fields import (
    argument,
    as_int,
    attempt,
    date_or_none,
    identifier,
    identifier_or_none,
    is_blank,
    is_read,
    one_of,
    order_faults,
    read_date,
    refuse_faults,
    required_date,
    text_or_none,
)
from lhp_metrics.models._organisation_fields import (
    Shares,
    code_or_none,
    codes,
    share_faults,
    shares_or_none,
)
from lhp_metrics.models._packed import Packed, Packing, day

__all__ = ["GRANT_FACTS", "Grant", "Outcome", "Stage"]

Outcome = Literal["successful", "unsuccessful", "pending", "withdrawn", "not_considered"]
Stage = Literal["outline", "full", "single"]

_OUTCOMES: tuple[str, ...] = get_args(Outcome)
_STAGES: tuple[str, ...] = get_args(Stage)
_LARGEST_POUNDS = 10**12
_PENNY = Decimal("0.01")
_EXACT = Context(prec=20)

# Pence are -1 where no amount is stated; outcome and stage are places among the options, the
# place after the last being "not stated".
GRANT_FACTS = Packing(
    1,
    {
        "key": "q",
        "submitted_on": "i",
        "decided_on": "i",
        "outcome": "b",
        "stage": "b",
        "is_resubmission": "?",
        "requested": "q",
        "awarded": "q",
    },
)


def _read_pounds(value: object) -> Decimal:
    if isinstance(value, str):
        return _checked_pounds(_read_pounds_text(value), value)
    if isinstance(value, Decimal):
        return _checked_pounds(value, value)
    if (number := as_int(value)) is not None:
        return _checked_pounds(Decimal(number), value)
    # A float is refused because most amounts with pence have no float of their own.
    raise InvalidTypeError(
        f"must be pounds as a Decimal, int or text like '1200.50'; got {value!r}"
    )


def _read_pounds_text(value: str) -> Decimal:
    whole, point, pence = value.strip().removeprefix("£").strip().partition(".")
    sign = "-" if whole.startswith("-") else ""
    first, *groups = whole.removeprefix("-").split(",")
    # "1,50" is one and a half to a continental reader: commas may only mark thousands.
    grouped = not groups or (len(first) <= 3 and all(len(group) == 3 for group in groups))
    digits = "".join((first, *groups, pence))
    if not (grouped and first and digits.isascii() and digits.isdecimal() and (pence or not point)):
        raise InvalidInputError(f"must be pounds such as '£1,200.50'; got {value!r}")
    return Decimal(f"{sign}{first}{''.join(groups)}.{pence or 0}")


def _checked_pounds(pounds: Decimal, value: object) -> Decimal:
    if not pounds.is_finite():
        raise InvalidInputError(f"must be a finite number of pounds; got {value!r}")
    if pounds < 0:
        raise InvalidInputError(f"must not be negative; got {value!r}")
    if pounds >= _LARGEST_POUNDS:
        raise InvalidInputError(f"must be below £{_LARGEST_POUNDS:,}; got {value!r}")
    # A context of our own: the caller's may round.
    pence = pounds.copy_abs().quantize(_PENNY, context=_EXACT)
    if pence != pounds:
        raise InvalidInputError(f"must be whole pence; got {value!r}")
    return pence


def _pounds_or_none(value: Decimal | int | str | None) -> Decimal | None:
    return None if is_blank(value) else attempt(_read_pounds, value)


def _pence(pounds: Decimal | None) -> int:
    return -1 if pounds is None else int(pounds.scaleb(2, context=_EXACT))


@attrs.frozen(kw_only=True)
class Grant(Packed):
    """A grant application and, once there is one, its decision.

    Parameters
    ----------
    reference : str or int
        What tells this application from every other.
    submitted_on : datetime.date or str
        Date of submission.
    outcome : {"successful", "unsuccessful", "pending", "withdrawn", "not_considered"}
        ``"not_considered"`` never reached assessment; like ``"withdrawn"`` it is no failure.
    decided_on : datetime.date or str, optional
        Date of the decision or withdrawal; a pending application has none.
    funder, funder_type, scheme, theme : str, optional
        As the funder or the office words them.
    stage : {"outline", "full", "single"}, optional
        Stage of a two-stage call, or that there is only one.
    lead : str or Organisation, optional
        Lead applicant organisation.
    partners : iterable of str or Organisation, optional
        Other organisations on the application; the lead among them is passed over.
    shares : mapping, optional
        Exact part of each organisation, such as ``{"REM": "2/3", "REN": "1/3"}``; adds up to 1.
    amount_requested, amount_awarded : decimal.Decimal, int or str, optional
        Pounds, such as ``"£1,200.50"``; an award may exceed the request.
    resubmission_of : str or int, optional
        Reference of the earlier application.
    supported_by : str, optional
        Service that supported it, such as ``"JRO"``.
    centre : str, optional
        Acronym of the centre it belongs to, if it belongs to one directly.

    Raises
    ------
    InvalidInputError
        If values cannot be read or contradict each other; the message names the grant and lists
        every fault.
    InvalidTypeError
        If a value is of a kind that would have to be guessed at, such as a float for money.

    Examples
    --------
    >>> grant = Grant(
    ...     reference="G-017",
    ...     submitted_on="2023-06-30",
    ...     outcome="successful",
    ...     decided_on="2024-01-15",
    ...     lead="REM",
    ...     partners=["REN"],
    ...     amount_awarded="£1,200.50",
    ... )
    >>> grant.organisations, grant.amount_awarded
    (('REM', 'REN'), Decimal('1200.50'))
    >>> grant.outcome_as_of("2023-12-31")
    'pending'
    """

    reference: str = attrs.field(converter=identifier)
    submitted_on: dt.date = attrs.field(converter=required_date)
    outcome: Outcome
    decided_on: dt.date | None = attrs.field(default=None, converter=date_or_none)
    funder: str | None = attrs.field(default=None, converter=text_or_none)
    funder_type: str | None = attrs.field(default=None, converter=text_or_none)
    scheme: str | None = attrs.field(default=None, converter=text_or_none)
    stage: Stage | None = None
    lead: str | None = attrs.field(default=None, converter=code_or_none)
    partners: tuple[str, ...] = attrs.field(default=(), converter=codes)
    shares: Shares | None = attrs.field(default=None, converter=shares_or_none)
    amount_requested: Decimal | None = attrs.field(default=None, converter=_pounds_or_none)
    amount_awarded: Decimal | None = attrs.field(default=None, converter=_pounds_or_none)
    theme: str | None = attrs.field(default=None, converter=text_or_none)
    resubmission_of: str | None = attrs.field(default=None, converter=identifier_or_none)
    supported_by: str | None = attrs.field(default=None, converter=text_or_none)
    centre: str | None = attrs.field(default=None, converter=text_or_none)

    def __attrs_post_init__(self) -> None:
        refuse_faults("grant", self.reference, self, self._broken_rules())
        facts = GRANT_FACTS.pack(
            hash(self.reference),
            day(self.submitted_on),
            day(self.decided_on),
            _OUTCOMES.index(self.outcome),
            len(_STAGES) if self.stage is None else _STAGES.index(self.stage),
            self.resubmission_of is not None,
            _pence(self.amount_requested),
            _pence(self.amount_awarded),
        )
        self._keep(facts, self._named())

    def _broken_rules(self) -> Iterator[str]:
        yield from one_of("outcome", self.outcome, _OUTCOMES)
        if self.stage is not None:
            yield from one_of("stage", self.stage, _STAGES)
        if not isinstance(self.outcome, str):
            return
        yield from order_faults(self, "submitted_on", "decided_on")
        if self.outcome == "pending" and isinstance(self.decided_on, dt.date):
            yield f"outcome is 'pending' but decided_on is {self.decided_on}"
        unfunded = self.outcome in _OUTCOMES and self.outcome != "successful"
        if unfunded and isinstance(self.amount_awarded, Decimal) and self.amount_awarded > 0:
            yield f"outcome is {self.outcome!r} but amount_awarded is £{self.amount_awarded:,}"
        if self.resubmission_of == self.reference:
            yield f"resubmission_of is the grant itself ({self.reference!r})"
        if is_read(self.lead, self.partners):
            yield from share_faults(self.shares, self._named())

    def _named(self) -> tuple[str, ...]:
        leads = () if self.lead is None else (self.lead,)
        return tuple(dict.fromkeys(leads + self.partners))

    @property
    def organisations(self) -> tuple[str, ...]:
        """The lead, then the partners, each once."""
        return self._organisations

    def outcome_as_of(self, date: dt.date | str) -> Outcome:
        """Return the outcome as it was known on a date: a later decision was pending then.

        Parameters
        ----------
        date : datetime.date or str
            A date or ISO text.

        Returns
        -------
        str

        Raises
        ------
        InvalidInputError
            If the grant was submitted later, or the date of its decision is not known.
        """
        day = argument("date", read_date, date)
        if day < self.submitted_on:
            raise InvalidInputError(
                f"grant {self.reference!r}: submitted_on ({self.submitted_on}) is after {day},"
                " so it had no outcome then"
            )
        if self.outcome == "pending":
            return "pending"
        if self.decided_on is None:
            raise InvalidInputError(
                f"grant {self.reference!r}: outcome is {self.outcome!r} but decided_on is not"
                f" known, so the outcome as of {day} is not known either"
            )
        return self.outcome if self.decided_on <= day else "pending"
