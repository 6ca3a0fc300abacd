"""Tallies as JSON: written with everything they know, and read back exactly as they were."""

import datetime as dt
from collections.abc import Callable, Mapping
from fractions import Fraction
from numbers import Integral
from typing import Any, TypeAlias, TypeVar, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import of_kind
from lhp_metrics.errors import InvalidTypeError, LhpMetricsError
from lhp_metrics.models import Partnership, Period, Succession
from lhp_metrics.models._fields import as_int
from lhp_metrics.tallies._counts_json import grant_counts, registration_counts
from lhp_metrics.tallies._grouping import ATTRIBUTIONS
from lhp_metrics.tallies._keys import LARGEST_COUNT, Count, Key
from lhp_metrics.tallies._money import MONEY
from lhp_metrics.tallies._outcomes import OUTCOMES, UNDECIDED
from lhp_metrics.tallies._reading import JsonSource, Reading, parse_json, pointer
from lhp_metrics.tallies._tally import Tally
from lhp_metrics.tallies.grants import GrantTally
from lhp_metrics.tallies.registrations import RegistrationTally

__all__ = ["read_tally", "schema_of", "written"]

# Only of parts of records: what sharing takes off the sums of squares.
SHARED = ("submitted_shared", "successful_shared", "requested_shared", "awarded_shared")

TallyT = TypeVar("TallyT", bound=Tally[Any])


@attrs.frozen
class _Form:
    """What a kind of tally is called in JSON, and which columns it has."""

    schema: str
    counts_schema: str
    read_counts: Callable[[Reading, str, Any, Partnership | None], Tally[Any]]
    columns: tuple[str, ...]
    optional: tuple[str, ...]


FORMS: Mapping[type[Tally[Any]], _Form] = {
    GrantTally: _Form(
        "lhp-metrics/grant-tally/1",
        "lhp-metrics/grant-counts/1",
        grant_counts,
        (*OUTCOMES, "undisclosed", *MONEY),
        (*SHARED, *(f"{name}_unstated" for name in UNDECIDED)),
    ),
    RegistrationTally: _Form(
        "lhp-metrics/registration-tally/1",
        "lhp-metrics/registration-counts/1",
        registration_counts,
        ("registrations",),
        ("registrations_shared", "exposure"),
    ),
}

FIELDS = tuple(field.name for field in attrs.fields(Tally))
COUNTED = (*OUTCOMES, "undisclosed", "registrations")
FLOATS = {name for name, kind in MONEY.items() if kind is np.float64}
FLOATS |= {*SHARED, "registrations_shared", "exposure"}
LARGEST_PENCE = 2**63
SUCCESSION = ("predecessor", "successor", "on", "kind", "portion", "note")


def schema_of(kind: type[Tally[Any]]) -> dict[str, Any]:
    """Return the JSON Schema of what `from_json` of a kind of tally reads."""
    import json
    from importlib.resources import files

    _, name, version = _form(kind).schema.split("/")
    file = files("lhp_metrics").joinpath("schemas", f"{name}-{version}.json")
    return cast("dict[str, Any]", json.loads(file.read_text("utf-8")))


def written(tally: Tally[Any]) -> str:
    """Return a tally as JSON, with all that it knows."""
    import json

    fields = {name: _plain(getattr(tally, name)) for name in FIELDS if name != "keys"}
    fields["keys"] = [_plain_key(key) for key in tally.keys]
    document = {"schema": _form(type(tally)).schema, **fields}
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def _plain_key(key: Key) -> Any:
    if isinstance(key, tuple):
        return [_plain_key(part) for part in key]
    if isinstance(key, str | Period) or as_int(key) is not None:
        return _plain(key)
    raise InvalidTypeError(f"JSON has keys of text, whole numbers and periods; got {key!r}")


def _plain(value: Any) -> Any:
    """Return a part of a tally as JSON has it."""
    if value is None or isinstance(value, str | bool | float):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, np.ndarray):
        return [str(Fraction(n)) for n in value] if value.dtype == object else value.tolist()
    if isinstance(value, Period):
        return {"start": value.start.isoformat(), "end": value.end.isoformat()}
    if type(value) is dt.date:
        return value.isoformat()
    if isinstance(value, Succession):
        return {name: _plain(getattr(value, name)) for name in SUCCESSION}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    raise InvalidTypeError(f"JSON has no way to write {value!r}")


def read_tally(
    kind: type[TallyT], source: JsonSource, at: str, partnership: Partnership | None
) -> TallyT:
    """Return the tally that JSON describes, in either form."""
    of_kind("at", at, str)
    if partnership is not None:
        of_kind("partnership", partnership, Partnership)
    form = _form(kind)
    document: Any = source
    if isinstance(source, str | bytes | bytearray):
        # Within a larger document, text is a value of it.
        document = source if at else parse_json(source)
    elif not (document is None or isinstance(document, Mapping | list | int | float)):
        # Those that are let through are parts of a larger document; only objects are no fault.
        rule = "must be JSON as text or bytes, or a mapping"
        raise InvalidTypeError(f"source {rule}; got {type(source).__name__}")
    reading = Reading(f"{kind.__name__}{at and ' at '}{at}")
    if isinstance(document, Mapping) and "schema" in document:
        schemas = (form.counts_schema, form.schema)
        reading.choice(pointer(at, "schema"), document["schema"], schemas)
        reading.finish()  # What a document of another kind lacks would be no help.
        if document["schema"] == form.schema:
            return _tally(reading, at, document, kind)
    return cast("TallyT", form.read_counts(reading, at, document, partnership))


def _form(kind: type[Tally[Any]]) -> _Form:
    if kind not in FORMS:
        raise InvalidTypeError(
            f"{kind.__name__} has no form in JSON: hand on its records, or the tables made of it, "
            "which have to_json"
        )
    return FORMS[kind]


def _tally(reading: Reading, path: str, document: Any, kind: type[TallyT]) -> TallyT:
    """Read a tally as `written`; what does not add up is refused."""
    found = reading.record(path, document, ("schema", *FIELDS))
    reading.finish()
    here = {name: pointer(path, name) for name in FIELDS}
    fields = {name: read(reading, here[name], found[name]) for name, read in READERS.items()}
    by = fields["by"]
    if len(set(by)) < len(by):
        reading.refuse(here["by"], found["by"], "must not repeat a name")
    size = len(by) if isinstance(found["by"], list | tuple) else None
    keys = tuple(
        _key(reading, place, item, size)
        for place, item in reading.items(here["keys"], found["keys"])
    )
    if len(set(keys)) < len(keys):
        reading.refuse(here["keys"], found["keys"], "must hold each group once")
    columns = _columns(reading, here["columns"], found["columns"], kind, len(keys) + 1)
    reading.finish()
    tally = kind(keys=keys, columns=columns, **fields)
    _refuse_what_does_not_add_up(reading, here, tally)
    reading.finish()
    return tally


def _refuse_what_does_not_add_up(
    reading: Reading, here: Mapping[str, str], tally: Tally[Any]
) -> None:
    for name, values in tally.columns.items():
        *parts, total = values.tolist()
        path = pointer(here["columns"], name)
        if name in FLOATS or name.startswith("largest_") or not tally.by:
            continue
        if tally.overlapping and not max(parts, default=0) <= total <= sum(parts):
            rule = f"must end with a total between the largest group and the sum ({sum(parts)})"
            reading.refuse(path, total, rule)
        elif not tally.overlapping and sum(parts) != total:
            reading.refuse(path, total, f"must end with the sum of the groups ({sum(parts)})")
    counted = sum(tally.columns[name][-1] for name in COUNTED if name in tally.columns)
    known = counted + sum(tally.excluded.values())
    if tally.rows_in != known:
        rule = f"must be the records counted and excluded ({known})"
        reading.refuse(here["rows_in"], _plain(tally.rows_in), rule)
    if ("exposure" in tally.columns) != (tally.exposure_unit is not None):
        rule = "must be given with the column exposure, and only with it"
        reading.refuse(here["exposure_unit"], tally.exposure_unit, rule)


def _columns(
    reading: Reading, path: str, value: Any, kind: type[Tally[Any]], size: int
) -> dict[str, NDArray[Any]]:
    form = _form(kind)
    found = reading.record(path, value, form.columns, form.optional)
    columns: dict[str, NDArray[Any]] = {}
    for name in (*form.columns, *form.optional):
        if name in found:
            here = pointer(path, name)
            items = list(reading.items(here, found[name]))
            if isinstance(found[name], list | tuple) and len(items) != size:
                rule = f"must have {size} values: one of each group, and the total"
                reading.refuse(here, len(items), rule)
            columns[name] = _column(reading, name, items)
    return columns


def _column(reading: Reading, name: str, items: list[tuple[str, Any]]) -> NDArray[Any]:
    """Return a column; one of exact parts is text throughout."""
    if name in FLOATS:
        return np.array([reading.real(*item) for item in items], dtype=np.float64)
    below = LARGEST_PENCE if name.endswith("_pence") else LARGEST_COUNT
    if items and all(isinstance(value, str) for _, value in items):
        exact = np.empty(len(items), dtype=object)
        exact[:] = [reading.part(*item, below=below) for item in items]
        return exact
    return np.array([reading.whole(*item, below=below) for item in items], dtype=np.int64)


def _key(reading: Reading, path: str, value: Any, size: int | None) -> Key:
    """Read a key; `size` None says that the document does not tell how many parts it has."""
    if isinstance(value, list | tuple):
        if size is not None and size > 1 and len(value) != size:
            reading.refuse(path, value, f"must have {size} parts, as by has")
        return tuple(_key_part(reading, *item) for item in reading.items(path, value))
    if size not in (None, 1):
        reading.refuse(path, value, f"must be an array of {size} parts, as by has")
    return _key_part(reading, path, value)


def _key_part(reading: Reading, path: str, value: Any) -> Key:
    if isinstance(value, Mapping):
        return reading.period(path, value)
    number = as_int(value)
    if number is not None:
        return number
    if isinstance(value, str):
        return reading.text(path, value)
    reading.refuse(path, value, "must be text, a whole number or a period")
    return None


def _count(reading: Reading, path: str, value: Any) -> Count:
    if isinstance(value, str):
        return reading.part(path, value, below=LARGEST_COUNT)
    return reading.whole(path, value, below=LARGEST_COUNT)


def _succession(reading: Reading, path: str, value: Any) -> Succession | None:
    before = len(reading.faults)
    found = reading.record(path, value, SUCCESSION)
    if len(reading.faults) > before:
        return None
    for name in ("predecessor", "kind"):
        reading.text(pointer(path, name), found[name])
    for name in ("successor", "note"):
        _optional(Reading.text)(reading, pointer(path, name), found[name])
    day = reading.date(pointer(path, "on"), found["on"])
    if found["portion"] is not None:
        reading.part(pointer(path, "portion"), found["portion"], below=2)
    if day is None or len(reading.faults) > before:
        return None
    try:
        return Succession(**found)
    except LhpMetricsError as error:
        reading.refuse(path, value, f"must be a succession: {error}")
        return None


Reader: TypeAlias = Callable[[Reading, str, Any], Any]


def _optional(read: Reader) -> Reader:
    return lambda reading, path, value: None if value is None else read(reading, path, value)


def _array(read: Reader) -> Reader:
    return lambda reading, path, value: tuple(
        read(reading, place, item) for place, item in reading.items(path, value)
    )


def _mapping(read: Reader) -> Reader:
    return lambda reading, path, value: {
        name: read(reading, pointer(path, name), item)
        for name, item in reading.mapping(path, value).items()
    }


def _attribution(reading: Reading, path: str, value: Any) -> Any:
    return reading.choice(path, value, ATTRIBUTIONS)


# Keys and columns are not here: what they must be depends on the rest.
READERS: Mapping[str, Reader] = {
    "by": _array(Reading.text),
    "rows_in": _count,
    "excluded": _mapping(_count),
    "period": _optional(Reading.period),
    "dated_by": _optional(Reading.text),
    "as_of": _optional(Reading.date),
    "attribution": _optional(_attribution),
    "overlapping": Reading.boolean,
    "names": _mapping(Reading.text),
    "rules": _array(Reading.text),
    "notes": _array(Reading.text),
    "exposure_unit": _optional(Reading.text),
    "successions": _array(_succession),
}
