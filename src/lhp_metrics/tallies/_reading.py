"""Reading JSON that people and services wrote: strictly, and every fault at once."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from lhp_metrics._checks import each_of, near_matches, of_kind
from lhp_metrics.errors import Fault, FaultyInputError, InvalidTypeError
from lhp_metrics.models import Period
from lhp_metrics.models._fields import as_int
from lhp_metrics.results._json_values import SURROGATE, json_text, read_object

__all__ = ["JsonSource", "Reading", "parse_json", "pointer"]

JsonSource: TypeAlias = str | bytes | bytearray | Mapping[str, Any]

MISSING = "must be given"
LONGEST_INT = 400  # digits; Python reads a few thousand, and slowly
LONGEST_SHOWN = 100  # characters of a value that a fault repeats
MOST_SUGGESTIONS = 100  # Looking for near names takes time, which a hostile input would multiply.

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PART = re.compile(r"(0|[1-9][0-9]{0,1999})(/[1-9][0-9]{0,1999})?")


def parse_json(text: str | bytes | bytearray, *, members: Iterable[str] | None = None) -> Any:
    """Return what JSON says, as `GrantTally.from_json` and its like take it.

    For a document that holds several tallies: each is then read from its own part, with ``at=``
    saying where that stands.

    Parameters
    ----------
    text : str or bytes
        JSON as its standard (RFC 8259) has it: NaN and Infinity are none, and bytes are UTF-8. A
        byte order mark before it is passed over.
    members : iterable of str, optional
        What the document must be an object of: these members, each once, and no others. By
        default it may be anything.

    Returns
    -------
    dict, list, str, int, float, bool or None
        Objects are dicts that remember names standing twice, which `from_json` refuses.

    Raises
    ------
    FaultyInputError
        If it is not JSON, or nested too deeply to be read, or has not these members.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> both = lhp.parse_json(
    ...     '{"before": {"counts": {"REM": 1}}, "after": {"counts": {}}}',
    ...     members=["before", "after"],
    ... )
    >>> lhp.RegistrationTally.from_json(both["before"], at="/before").total
    1
    """
    import json

    if not isinstance(text, str | bytes | bytearray):
        raise InvalidTypeError(f"text must be str or bytes; got {type(text).__name__}")
    wanted = None if members is None else tuple(each_of(members, "names", name="members"))
    for name in wanted or ():
        of_kind("each of members", name, str)
    try:
        document = json.loads(
            json_text(text),
            object_pairs_hook=read_object,
            parse_constant=_no_number,
            parse_int=_int,
        )
    except RecursionError:
        rule = "must not be nested so deeply"
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError are both
        rule = f"must be JSON: {error}"
    else:
        if wanted is not None:
            reading = Reading("JSON")
            reading.record("", document, wanted)
            reading.finish()
        return document
    start = text[:LONGEST_SHOWN]
    shown = start if isinstance(start, str) else start.decode("utf-8", "replace")
    raise FaultyInputError("JSON", [Fault(field="", value=_shown(shown), rule=rule)])


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _int(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_INT else float(digits)


def pointer(path: str, *names: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of what stands under `names`."""
    parts = (str(name).replace("~", "~0").replace("/", "~1") for name in names)
    return SURROGATE.sub("\ufffd", "/".join((path, *parts)))


def _shown(value: object) -> object:
    """Return a value as a fault repeats it: small, and itself strictly JSON."""
    if isinstance(value, str):
        cut = value if len(value) <= LONGEST_SHOWN else value[: LONGEST_SHOWN - 1] + "…"
        return SURROGATE.sub("\ufffd", cut)
    if value is None or isinstance(value, bool):
        return value
    number = as_int(value)
    if number is not None:
        digits = int(number.bit_length() * 0.30103) + 1
        return number if digits < LONGEST_SHOWN else f"a number of about {digits} digits"
    if isinstance(value, float):
        return value if abs(value) < float("inf") else str(value)
    if isinstance(value, Mapping):
        return "{…}"
    return "[…]" if isinstance(value, list | tuple) else f"a {type(value).__name__}"


class Reading:
    """Reads parts of a JSON document; what is wrong with them is kept, to be raised at the end.

    Every method returns a value of the right kind, which stands in for one that is not: `finish`
    raises before anybody can take it for the real one.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.faults: list[Fault] = []

    def refuse(self, path: str, value: object, rule: str) -> None:
        self.faults.append(Fault(field=path, value=_shown(value), rule=rule))

    def finish(self) -> None:
        """Raise all faults, if there are any."""
        if self.faults:
            raise self.error()

    def error(self) -> FaultyInputError:
        """Return the error that tells all faults."""
        return FaultyInputError(self.what, self.faults)

    def mapping(self, path: str, value: object) -> Mapping[str, Any]:
        """Return an object of any names; one that stands twice is a fault."""
        if not isinstance(value, Mapping):
            self.refuse(path, value, "must be an object")
            return {}
        for name in getattr(value, "twice", ()):
            self.refuse(pointer(path, name), value[name], "must stand once")
        for name in value:
            self.text(pointer(path, str(name)), name)
        return {str(name): item for name, item in value.items()}

    def record(
        self, path: str, value: object, required: Sequence[str], optional: Sequence[str] = ()
    ) -> Mapping[str, Any]:
        """Return an object of known names; others are faults, and missing ones are."""
        found = self.mapping(path, value)
        known = (*required, *optional)
        for name, item in found.items():
            if name not in known:
                few = len(self.faults) < MOST_SUGGESTIONS and len(name) <= LONGEST_SHOWN
                near = near_matches(name, known) if few else ""
                listed = near or f"; the fields are {', '.join(known)}"
                self.refuse(pointer(path, name), item, f"must be a known field{listed}")
        if isinstance(value, Mapping):
            for name in required:
                if name not in found:
                    self.refuse(pointer(path, name), None, MISSING)
        return found

    def items(self, path: str, value: object) -> Iterator[tuple[str, Any]]:
        """Yield the path and the value of each element of an array."""
        if not isinstance(value, list | tuple):
            self.refuse(path, value, "must be an array")
            return
        yield from ((pointer(path, index), item) for index, item in enumerate(value))

    def text(self, path: str, value: object, *, blank: bool = True) -> str:
        if not isinstance(value, str):
            self.refuse(path, value, "must be text")
        elif not (blank or value.strip()):
            self.refuse(path, value, "must not be blank")
        elif SURROGATE.search(value):
            self.refuse(path, value, "must be Unicode text, without half of a surrogate pair")
        return value if isinstance(value, str) else ""

    def choice(self, path: str, value: object, options: Sequence[str]) -> Any:
        if not (isinstance(value, str) and value in options):
            self.refuse(path, value, f"must be one of {', '.join(map(repr, options))}")
        return value

    def boolean(self, path: str, value: object) -> bool:
        if not isinstance(value, bool):
            self.refuse(path, value, "must be true or false")
        return bool(value)

    def whole(self, path: str, value: object, *, below: int) -> int:
        number = as_int(value)
        if number is None or number < 0:
            self.refuse(path, value, "must be a whole number of at least 0")
        elif number >= below:
            self.refuse(path, value, f"must be below {below:,}")
        else:
            return number
        return 0

    def part(self, path: str, value: object, *, below: int) -> Fraction:
        """Return an exact number that need not be whole, written such as ``"7/2"``."""
        if not (isinstance(value, str) and _PART.fullmatch(value)):
            self.refuse(path, value, "must be text such as '3' or '7/2'")
            return Fraction(0)
        number = Fraction(value)
        if number >= below:
            self.refuse(path, value, f"must be below {below:,}")
        return number

    def real(self, path: str, value: object) -> float:
        number = float("nan")
        if isinstance(value, float | int) and not isinstance(value, bool):
            number = float(value) if abs(value) < 2**1023 else float("nan")
        if not number >= 0:
            self.refuse(path, value, "must be a finite number of at least 0")
        return number

    def date(self, path: str, value: object) -> dt.date | None:
        if isinstance(value, str) and _DATE.fullmatch(value):
            try:
                return dt.date.fromisoformat(value)
            except ValueError:
                pass
        self.refuse(path, value, "must be a date such as '2024-03-31'")
        return None

    def period(self, path: str, value: object) -> Period | None:
        found = self.record(path, value, ("start", "end"))
        start, end = (
            self.date(pointer(path, name), found[name]) if name in found else None
            for name in ("start", "end")
        )
        if start is None or end is None:
            return None
        if end < start:
            self.refuse(pointer(path, "end"), found["end"], f"must not be before start ({start})")
            return None
        return Period(start, end)
