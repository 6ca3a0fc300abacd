"""Organisations: who a code is, what it was called when, and what became of it."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, ClassVar

import attrs

from lhp_metrics._checks import each_of
from lhp_metrics.errors import InvalidInputError, NotFoundError
from lhp_metrics.models._fields import (
    argument,
    attempt,
    date_or_none,
    in_force,
    is_read,
    order_faults,
    read_date,
    read_text,
    refuse_faults,
    text,
    text_or_none,
    texts,
)

__all__ = ["DatedName", "Organisation", "Trust", "University", "read_code"]

_ROR_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o or u


@attrs.frozen
class DatedName:
    """A name, with the first and the last day on which it was in use.

    Parameters
    ----------
    name : str
        As the organisation wrote it.
    first_on, last_on : datetime.date or str, optional
        Both included; None where unknown or, for `last_on`, still in use.
    """

    name: str = attrs.field(converter=text)
    first_on: dt.date | None = attrs.field(default=None, converter=date_or_none)
    last_on: dt.date | None = attrs.field(default=None, converter=date_or_none)

    def __attrs_post_init__(self) -> None:
        refuse_faults("name", self.name, self, order_faults(self, "first_on", "last_on"))


NameInput = str | DatedName | Mapping[str, Any]


def _read_names(names: object) -> tuple[DatedName, ...]:
    several = (names,) if isinstance(names, str | DatedName | Mapping) else names
    dated = sorted(
        map(_read_name, each_of(several, "names")), key=lambda name: name.first_on or dt.date.min
    )
    if not dated:
        raise InvalidInputError("must hold at least one name; got none")
    return tuple(dated)


def _read_name(name: object) -> DatedName:
    if isinstance(name, DatedName):
        return name
    if not isinstance(name, Mapping):
        return DatedName(read_text(name))
    if "name" not in name:
        raise InvalidInputError(f"cannot be read: a name is missing in {dict(name)!r}")
    if unknown := sorted(map(str, name.keys() - {"name", "first_on", "last_on"})):
        allowed = "a name has name, first_on and last_on"
        raise InvalidInputError(f"cannot be read: {allowed}, not {', '.join(unknown)}")
    return DatedName(**name)


def _names(names: NameInput | Iterable[NameInput]) -> tuple[DatedName, ...]:
    return attempt(_read_names, names)


def read_code(value: object) -> str:
    """Read a code, or a name that stands in its place until it is resolved.

    Text that looks like an ODS code (three letters and digits, or five of which one is a digit)
    is put in capitals, a ROR id in small letters without its address; any other text is kept as
    written.
    """
    written = read_text(value)
    _, address, ror_id = written.lower().rpartition("ror.org/")
    if address:
        return read_code(ror_id)
    if written.isascii() and written.isalnum():
        has_digit = any(map(str.isdigit, written))
        if len(written) == 3 or (len(written) == 5 and has_digit):
            return written.upper()
        if len(written) == 9 and written[0] == "0" and written[7:].isdecimal():
            return written.lower()
    return written


def _code(value: str) -> str:
    return attempt(read_code, value)


@attrs.frozen(kw_only=True, eq=False)
class Organisation:
    """A body of any kind, known by a code that outlives its names.

    Organisations are equal, hash and sort by their code alone, whatever their class.

    Parameters
    ----------
    code : str
        What records call it. `Trust` and `University` say which codes are theirs.
    names : str, DatedName, mapping, or an iterable of these
        What it is and was called. The dates of two names must not overlap: what is said beside
        the name belongs into `aliases`.
    short_name : str, optional
        For tables and charts, such as ``"LUHFT"``.
    aliases : iterable of str
        Other spellings that mean this organisation, misspellings included.
    opened_on, closed_on : datetime.date or str, optional
        First and last day of its existence; None where unknown or not closed.
    note : str, optional
        What a reader should know, such as where a date is uncertain.

    Raises
    ------
    InvalidInputError
        If a rule above is broken; the message lists all that are.

    Examples
    --------
    >>> body = Organisation(code="LHP", names="Liverpool Health Partners")
    >>> body.name
    'Liverpool Health Partners'
    """

    _kind: ClassVar[str] = "organisation"

    code: str = attrs.field(converter=_code)
    names: tuple[DatedName, ...] = attrs.field(converter=_names)
    short_name: str | None = attrs.field(default=None, converter=text_or_none)
    aliases: tuple[str, ...] = attrs.field(default=(), converter=texts)
    opened_on: dt.date | None = attrs.field(default=None, converter=date_or_none)
    closed_on: dt.date | None = attrs.field(default=None, converter=date_or_none)
    note: str | None = attrs.field(default=None, converter=text_or_none)

    def __attrs_post_init__(self) -> None:
        refuse_faults(self._kind, self.code, self, self._broken_rules())

    def _broken_rules(self) -> Iterator[str]:
        yield from order_faults(self, "opened_on", "closed_on")
        if is_read(self.names):
            for earlier, later in pairwise(self.names):
                if earlier.last_on is None or not _is_after(later.first_on, earlier.last_on):
                    yield (
                        f"names {earlier.name!r} and {later.name!r} overlap"
                        " (give their dates, or list one of them in aliases)"
                    )

    @property
    def name(self) -> str:
        """The latest name."""
        return self.names[-1].name

    def name_on(self, date: dt.date | str) -> str:
        """Return the name in use on a date.

        Parameters
        ----------
        date : datetime.date or str
            A date or ISO text.

        Returns
        -------
        str

        Raises
        ------
        NotFoundError
            If no name is known for that date.

        Examples
        --------
        >>> trust = Trust(
        ...     code="REM",
        ...     names=[
        ...         DatedName("Aintree University Hospital", last_on="2019-09-30"),
        ...         DatedName("Liverpool University Hospitals", first_on="2019-10-01"),
        ...     ],
        ... )
        >>> trust.name_on("2018-10-29")
        'Aintree University Hospital'
        """
        day = argument("date", read_date, date)
        for name in self.names:
            if in_force(day, name.first_on, name.last_on):
                return name.name
        known = "; ".join(f"{n.name!r} from {n.first_on} to {n.last_on}" for n in self.names)
        raise NotFoundError(f"{self._kind} {self.code!r} has no known name on {day}: {known}")

    def exists_on(self, date: dt.date | str) -> bool:
        """Tell whether the organisation existed on a date; an unknown bound counts as open.

        Parameters
        ----------
        date : datetime.date or str
            A date or ISO text.

        Returns
        -------
        bool
        """
        return in_force(argument("date", read_date, date), self.opened_on, self.closed_on)

    def __eq__(self, other: object) -> bool:
        return self.code == other.code if isinstance(other, Organisation) else NotImplemented

    def __lt__(self, other: object) -> bool:
        return self.code < other.code if isinstance(other, Organisation) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.code <= other.code if isinstance(other, Organisation) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.code)


def _is_after(date: dt.date | None, bound: dt.date) -> bool:
    return date is not None and date > bound


@attrs.frozen(kw_only=True, eq=False)
class Trust(Organisation):
    """An NHS trust or foundation trust, known by its ODS code.

    Parameters
    ----------
    code : str
        Three letters and digits, in some newer codes five; capitals or not.
    names, short_name, aliases, opened_on, closed_on, note
        As for `Organisation`.

    Examples
    --------
    >>> Trust(code=" rem ", names="Liverpool University Hospitals").code
    'REM'
    """

    _kind: ClassVar[str] = "trust"

    def _broken_rules(self) -> Iterator[str]:
        if is_read(self.code) and not _is_ods_code(self.code):
            yield (
                "code must be an ODS code: three letters and digits, or five with a digit among"
                f" them; got {self.code!r}"
            )
        yield from super()._broken_rules()


def _is_ods_code(code: str) -> bool:
    # `read_code` has put in capitals whatever has the shape of one.
    return len(code) in (3, 5) and code.isascii() and code.isalnum() and code == code.upper()


@attrs.frozen(kw_only=True, eq=False)
class University(Organisation):
    """A university or college, known by its ROR id.

    Parameters
    ----------
    code : str
        ROR id, with or without ``https://ror.org/``; the UKPRN where that is not known.
    ukprn : str, optional
        UK Provider Reference Number, eight digits.
    names, short_name, aliases, opened_on, closed_on, note
        As for `Organisation`.

    Notes
    -----
    The last two characters of a ROR id are check digits after ISO/IEC 7064, MOD 97-10 [1]_, so
    a mistyped one is refused.

    References
    ----------
    .. [1] Research Organization Registry, "The ROR identifier pattern and checksum".

    Examples
    --------
    >>> University(code="https://ror.org/04xs57h96", names="University of Liverpool").code
    '04xs57h96'
    """

    _kind: ClassVar[str] = "university"

    ukprn: str | None = attrs.field(default=None, converter=text_or_none)

    def _broken_rules(self) -> Iterator[str]:
        if is_read(self.code) and not _is_ukprn(self.code):
            yield from _ror_faults(self.code)
        if is_read(self.ukprn) and self.ukprn is not None:
            if not _is_ukprn(self.ukprn):
                yield f"ukprn must be eight digits; got {self.ukprn!r}"
            elif is_read(self.code) and _is_ukprn(self.code) and self.code != self.ukprn:
                yield f"ukprn ({self.ukprn}) is not the UKPRN that code gives ({self.code})"
        yield from super()._broken_rules()


def _is_ukprn(code: str) -> bool:
    return len(code) == 8 and code.isascii() and code.isdecimal()


def _ror_faults(code: str) -> Iterator[str]:
    body, check = code[:7], code[7:]
    if (
        len(code) != 9
        or code[0] != "0"
        or not (set(body) <= set(_ROR_DIGITS) and check.isascii() and check.isdecimal())
    ):
        yield f"code must be a ROR id such as '04xs57h96', or a UKPRN; got {code!r}"
        return
    number = 0
    for character in body:
        number = 32 * number + _ROR_DIGITS.index(character)
    expected = 98 - number * 100 % 97
    if int(check) != expected:
        yield f"code {code!r} is mistyped: its check digits should be {expected:02}"
