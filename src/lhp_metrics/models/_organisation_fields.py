"""How a field that names organisations is read, and how a record is shared among them."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from lhp_metrics._checks import each_of
from lhp_metrics.errors import InvalidInputError, InvalidTypeError, LhpMetricsError
from lhp_metrics.models._fields import attempt, is_blank, is_read
from lhp_metrics.models.organisations import Organisation, read_code

__all__ = [
    "ShareInput",
    "Shares",
    "code_or_none",
    "code_required",
    "codes",
    "portion_or_none",
    "read_organisation",
    "share_faults",
    "shares_or_none",
]


def read_organisation(value: object) -> str:
    """Read an organisation, or text that names one, as the text that stands for it in a record."""
    return value.code if isinstance(value, Organisation) else read_code(value)


def code_required(value: str | Organisation) -> str:
    """Convert a field that must hold an organisation."""
    return attempt(read_organisation, value)


def code_or_none(value: str | Organisation | None) -> str | None:
    """Convert a field that may hold an organisation; blank text is none."""
    return None if is_blank(value) else attempt(read_organisation, value)


def _read_codes(values: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(read_organisation, each_of(values, "organisations"))))


def codes(values: Iterable[str | Organisation]) -> tuple[str, ...]:
    """Convert a field that holds several organisations; each is kept once, in their order."""
    return attempt(_read_codes, values)


PortionInput = Fraction | Decimal | int | str


def _read_portion(value: object) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, Fraction | Decimal | int | str):
        # A float is refused because 0.1 is not a tenth.
        expected = "must be a Fraction, Decimal, int or text like '1/3'"
        raise InvalidTypeError(f"{expected}; got {value!r}")
    try:
        portion = Fraction(value)
    except (ValueError, ArithmeticError):
        raise InvalidInputError(f"must be a number or text like '1/3'; got {value!r}") from None
    if not 0 <= portion <= 1:
        raise InvalidInputError(f"must be between 0 and 1; got {value!r}")
    return portion


def portion_or_none(value: PortionInput | None) -> Fraction | None:
    """Convert a field that may hold an exact part of a whole."""
    return None if value is None else attempt(_read_portion, value)


class Shares(Mapping[str, Fraction]):
    """Each organisation's exact part of a record: a mapping that cannot change.

    Parameters
    ----------
    parts : iterable of (str, Fraction)
        Codes and parts.
    """

    __slots__ = ("_parts",)

    def __init__(self, parts: Iterable[tuple[str, Fraction]]) -> None:
        self._parts = dict(parts)

    def __getitem__(self, code: str) -> Fraction:
        return self._parts[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __hash__(self) -> int:
        return hash(frozenset(self._parts.items()))

    def __repr__(self) -> str:
        return f"Shares({', '.join(f'{code}: {part}' for code, part in self._parts.items())})"


ShareInput = Mapping[str, PortionInput] | Mapping[Organisation, PortionInput]


def _read_shares(value: object) -> Shares:
    if not isinstance(value, Mapping):
        raise InvalidTypeError(f"must map organisations to their parts; got {value!r}")
    parts: dict[str, Fraction] = {}
    for organisation, part in value.items():
        code = read_organisation(organisation)
        if code in parts:
            raise InvalidInputError(f"must name each organisation once; got {code!r} twice")
        try:
            parts[code] = _read_portion(part)
        except LhpMetricsError as error:
            raise type(error)(f"of {code!r} {error}") from None
    return Shares(parts.items())


def shares_or_none(value: ShareInput | None) -> Shares | None:
    """Convert a field that may hold how a record is divided."""
    return None if value is None else attempt(_read_shares, value)


def share_faults(shares: Shares | None, organisations: tuple[str, ...]) -> Iterator[str]:
    """Yield a fault unless shares, if any, divide one whole among a record's organisations."""
    if shares is None or not is_read(shares):
        return
    strangers = [repr(code) for code in shares if code not in organisations]
    if strangers:
        yield f"shares name {', '.join(strangers)}, which the record does not"
    total = sum(shares.values())
    if total != 1:
        yield f"shares must add up to 1; they add up to {total}"
