"""What every result carries, so that its figures can be derived again."""

import datetime as dt
from collections.abc import Iterator, Mapping
from fractions import Fraction

import attrs

from lhp_metrics._version import __version__

__all__ = ["OVERLAP_NOTES", "Provenance", "accounted", "count_text", "date_text"]

# Of groups that may share records: where some do, and where none happens to.
OVERLAP_NOTES = (
    "Groups share records: they add up to more than the total.",
    "Groups may share records.",
)

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def date_text(date: dt.date) -> str:
    """Return a date as reports print it, in English whatever the machine's locale.

    Examples
    --------
    >>> date_text(dt.date(2023, 11, 19))
    '19 Nov 2023'
    """
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def count_text(count: int | Fraction) -> str:
    """Return a number of records as reports print it; parts of records to two decimals.

    Examples
    --------
    >>> count_text(1200), count_text(Fraction(7, 2)), count_text(Fraction(4, 2))
    ('1,200', '3.50', '2')
    """
    whole = isinstance(count, int) or count.denominator == 1
    return f"{int(count):,}" if whole else f"{float(count):,.2f}"


def accounted(records_in: int | Fraction | None, excluded: Mapping[str, int | Fraction]) -> str:
    """Return what became of the records handed in, of which nobody may know how many they were.

    Examples
    --------
    >>> accounted(330, {"registered_on outside the period": 8})
    '330 records in, 322 counted, excluded registered_on outside the period: 8.'
    """
    reasons = "; ".join(f"{reason}: {count_text(n)}" for reason, n in excluded.items())
    if records_in is None:
        return f"Records excluded {reasons}."
    counted = count_text(records_in - sum(excluded.values()))
    word = "record" if records_in == 1 else "records"
    return f"{count_text(records_in)} {word} in, {counted} counted, excluded {reasons}."


@attrs.frozen(kw_only=True)
class Provenance:
    """Where a result comes from: printed as its footnote, carried by every row.

    Parameters
    ----------
    definition : str
        Name and version of the metric's definition, such as ``"success-rate/1"``; the number
        rises when a figure made from the same records would move.
    periods : tuple of (str, date, date)
        Label, first and last day of each period that was counted; the label is empty for a
        single one.
    dated_by : str or None
        The record's date that placed it in the period.
    as_of : date or None
        Decisions after this day were not known.
    basis, attribution, exposure, method : str or None
        What the denominator counts, for whom a shared record counts, what a rate is per, and
        how intervals were made.
    confidence_level : float or None
        A fraction between 0 and 1.
    records_in, records_excluded : int, Fraction or None, mapping
        Records handed in, and those left out by reason: the difference was counted.
    notes : tuple of str
        Assumptions and cautions in plain words.
    library_version : str
        Version of lhp-metrics that made the result.
    """

    definition: str
    periods: tuple[tuple[str, dt.date, dt.date], ...] = ()
    dated_by: str | None = None
    as_of: dt.date | None = None
    basis: str | None = None
    attribution: str | None = None
    exposure: str | None = None
    method: str | None = None
    confidence_level: float | None = None
    records_in: int | Fraction | None = None
    records_excluded: Mapping[str, int | Fraction] = attrs.field(factory=dict, hash=False)
    notes: tuple[str, ...] = ()
    library_version: str = __version__

    def footnote(self) -> str:
        """Return the provenance as sentences, one fact each.

        Examples
        --------
        >>> print(Provenance(definition="success-rate/1", basis="decided", method="wilson",
        ...                  confidence_level=0.95, library_version="1.0").footnote())
        Basis: decided. 95% confidence intervals: wilson. success-rate/1, lhp-metrics 1.0.
        """
        return " ".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        for label, first, last in self.periods:
            days = (last - first).days + 1
            name = label[:1].upper() + label[1:] if label else "Period"
            yield f"{name}: {date_text(first)} to {date_text(last)} ({days:,} days)."
        if self.dated_by:
            yield f"Dated by {self.dated_by}."
        if self.as_of:
            yield f"As known on {date_text(self.as_of)}."
        for label, text in (
            ("Basis", self.basis),
            ("Attribution", self.attribution),
            ("Exposure", self.exposure),
        ):
            if text:
                yield f"{label}: {text}."
        if self.method and self.confidence_level is not None:
            yield f"{100 * self.confidence_level:.10g}% confidence intervals: {self.method}."
        if self.records_excluded:
            yield accounted(self.records_in, self.records_excluded)
        yield from self.notes
        yield f"{self.definition}, lhp-metrics {self.library_version}."
