"""Where a result comes from, as JSON and back."""

from fractions import Fraction
from typing import Any

from lhp_metrics.provenance import Provenance
from lhp_metrics.results._json_values import (
    json_exact,
    read_date,
    read_exact,
    read_level,
    read_mapping,
    read_record,
    read_span,
    read_text,
    read_texts,
    refuse,
)

__all__ = ["json_provenance", "read_provenance"]

STATED = ("definition", "library_version")
TEXTS = ("dated_by", "basis", "attribution", "exposure", "method")
OTHERS = ("periods", "as_of", "confidence_level", "records_in", "records_excluded", "notes")


def json_provenance(provenance: Provenance) -> dict[str, object]:
    """Return provenance with its dates as ISO text."""
    return {
        **{name: getattr(provenance, name) for name in ("definition", *TEXTS, "library_version")},
        "periods": [
            {"label": label, "start": first.isoformat(), "end": last.isoformat()}
            for label, first, last in provenance.periods
        ],
        "as_of": provenance.as_of and provenance.as_of.isoformat(),
        "confidence_level": provenance.confidence_level,
        "records_in": json_exact(provenance.records_in),
        "records_excluded": {
            reason: json_exact(count) for reason, count in provenance.records_excluded.items()
        },
        "notes": list(provenance.notes),
    }


def read_provenance(value: object) -> Provenance:
    """Return provenance as a result carries it."""
    where = "provenance"
    found = read_record(value, where, (*STATED, *TEXTS, *OTHERS))
    texts: dict[str, Any] = {name: read_text(found[name], f"{where}.{name}") for name in STATED}
    texts |= {
        name: None if found[name] is None else read_text(found[name], f"{where}.{name}")
        for name in TEXTS
    }
    periods = found["periods"]
    if not isinstance(periods, list):
        refuse(f"{where}.periods", "must be a list", periods)
    as_of, level, records = (found[name] for name in ("as_of", "confidence_level", "records_in"))
    excluded = read_mapping(found["records_excluded"], f"{where}.records_excluded")
    return Provenance(
        **texts,
        periods=tuple(
            _labelled(period, f"{where}.periods[{index}]") for index, period in enumerate(periods)
        ),
        as_of=None if as_of is None else read_date(as_of, f"{where}.as_of"),
        confidence_level=None if level is None else read_level(level, f"{where}.confidence_level"),
        records_in=None if records is None else _count(records, f"{where}.records_in"),
        records_excluded={
            read_text(reason, f"{where}.records_excluded"): _count(
                count, f"{where}.records_excluded[{reason!r}]"
            )
            for reason, count in excluded.items()
        },
        notes=read_texts(found["notes"], f"{where}.notes"),
    )


def _labelled(value: object, where: str) -> Any:
    found = read_record(value, where, ("label", "start", "end"))
    return read_text(found["label"], f"{where}.label"), *read_span(found, where)


def _count(value: object, where: str) -> Any:
    """Return a number of records; parts of records have been counted too."""
    count = read_exact(value, where)
    if not isinstance(count, int | Fraction) or count < 0:
        refuse(where, "must be a whole number of at least 0 or a part such as '1/3'", value)
    return count
