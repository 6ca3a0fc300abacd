"""Grants and studies from files: CSV, Excel, JSON, or dicts."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias, get_args

from lhp_metrics._checks import choice, text_map
from lhp_metrics._files import GRANTS, STUDIES, Layout
from lhp_metrics.errors import InvalidFileError, InvalidTypeError
from lhp_metrics.models import Grant, Partnership, Records, Study
from lhp_metrics.readers._cells import Dates
from lhp_metrics.readers._columns import read_columns
from lhp_metrics.readers._headings import found_columns
from lhp_metrics.readers._joining import join_records
from lhp_metrics.readers._streams import read_table
from lhp_metrics.readers._table import Source, refuse_file
from lhp_metrics.readers._words import Names, UnknownFunder, Words

__all__ = ["OnError", "read_grants", "read_studies"]

OnError: TypeAlias = Literal["raise", "collect"]

# A second name for the column of a long file's organisations.
_ALSO: dict[str, Mapping[str, str]] = {
    "partners": {"partner": "organisation"},
    "sites": {"site": "organisation"},
}


def read_grants(
    source: Source,
    *,
    columns: Mapping[str, str] | None = None,
    outcomes: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    organisations: Mapping[str, str] | None = None,
    funders: Mapping[str, str] | None = None,
    unknown_funders: UnknownFunder = "error",
    partnership: Partnership | None = None,
    dates: Dates = "iso",
    missing: Iterable[str] = (),
    encoding: str = "utf-8",
    delimiter: str | None = None,
    sheet: str | int | None = None,
    on_error: OnError = "raise",
) -> Records[Grant]:
    r"""Read grant applications from a file.

    Parameters
    ----------
    source : path, open file, or iterable of dicts
        CSV, an Excel workbook (extra ``excel``), or a JSON list of objects; which of them, its
        content tells. One row for each grant, or for each grant and organisation. Columns are
        the fields of `Grant`; ``reference``, ``submitted_on`` and ``outcome`` are needed.
    columns : mapping, optional
        Heading to field, such as ``{"Status": "outcome"}``. Columns that are no field are passed
        over; the result lists them.
    outcomes, stages : mapping, optional
        The house's words to ours, such as ``{"Funded": "successful"}``. Ours stand for
        themselves; case, spaces, "_" and "-" do not matter. A word without a meaning is an error.
    organisations : mapping, optional
        The house's names to codes, or to names that `partnership` knows. Without a partnership,
        a name that it does not have is an error.
    funders : mapping, optional
        Spelling to name, such as ``{"N.I.H.R.": "NIHR"}``.
    unknown_funders : {"error", "keep", "other"}, default "error"
        What a funder is that `funders` does not have.
    partnership : Partnership, optional
        Resolves names of organisations to codes; all that it does not know are listed, with how
        often they stand and near names. A sponsor that it does not know keeps its name.
    dates : {"iso", "uk"}, default "iso"
        ``2024-01-31``, or ``31/01/2024`` and ``31 Jan 2024``. Never guessed: 03/04/2024 is two
        days. Cells that Excel knows as dates need no choice.
    missing : iterable of str, optional
        Words of the house for "nothing stated", such as ``["N/A", "TBC"]``; blank cells are that
        anyway, and so are NaN and NaT among dicts.
    encoding : str, default "utf-8"
        With or without byte order mark. Excel on Windows saves CSV in ``"cp1252"``, unless it was
        told "CSV UTF-8".
    delimiter : {",", ";", "\t"}, optional
        What parts the cells of CSV; by default what parts the headings.
    sheet : str or int, optional
        Name or number (from 1) of a workbook's sheet; needed if it has several.
    on_error : {"raise", "collect"}, default "raise"
        With "collect" what cannot be read is left out, and returned as ``faults``. A fault of the
        file as a whole, such as a missing column, is always raised.

    Returns
    -------
    Records of Grant
        A sequence; ``tally_grants`` takes it, and puts what is unreadable among ``excluded``.

    Raises
    ------
    InvalidFileError
        If anything in the file cannot be read: one error lists every row, column, value and rule,
        and holds them as ``faults``.
    MissingExtraError
        If the source is a workbook and openpyxl is not installed.
    OSError
        If there is no such file.

    See Also
    --------
    write_grants : The way back.

    Notes
    -----
    A grant with several organisations stands in one row, with its partners in one cell
    (``partners``: ``REN; RET``) and perhaps their parts (``shares``: ``REM=2/3; REN=1/3``), or in a
    row for each (``organisation``, perhaps ``share``; the one that is also ``lead`` is no partner).
    Rows of one reference are joined: what they say of the grant must agree, a blank cell
    included, and no organisation may stand twice. A fault in one row makes the grant unreadable,
    so records are counted, not rows: ``len(records) + records.unreadable`` is the number of
    references, and of rows without any.

    Headings are compared without case, spaces and punctuation. Money may be written
    ``£1,234.56``; of an Excel number its first 15 digits count, as Excel shows them. Of a time the
    date counts; where it names its time zone, the date that it was in London. ``=cmd`` is text, as
    is ``'=cmd``, which the writers make of it.

    Examples
    --------
    >>> import io
    >>> import lhp_metrics as lhp
    >>> export = io.StringIO(
    ...     "Reference;Date submitted;Status;Lead;Amount requested (£)\n"
    ...     "G-17;30/06/2023;Funded;Walton;£1,200.50\n"
    ... )
    >>> grants = lhp.read_grants(
    ...     export,
    ...     columns={"Date submitted": "submitted_on", "Status": "outcome"},
    ...     outcomes={"Funded": "successful"},
    ...     partnership=lhp.liverpool_health_partners(),
    ...     dates="uk",
    ... )
    >>> grants[0].lead, grants[0].amount_requested
    ('RET', Decimal('1200.50'))
    """
    words = {
        "outcome": _words("outcomes", outcomes, GRANTS, "outcome"),
        "stage": _words("stages", stages, GRANTS, "stage"),
        **_funder_words(funders, unknown_funders),
    }
    return _read(
        GRANTS,
        source,
        columns=columns,
        words=words,
        organisations=organisations,
        partnership=partnership,
        dates=dates,
        missing=missing,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
        on_error=on_error,
    )


def read_studies(
    source: Source,
    *,
    columns: Mapping[str, str] | None = None,
    organisations: Mapping[str, str] | None = None,
    funders: Mapping[str, str] | None = None,
    unknown_funders: UnknownFunder = "error",
    partnership: Partnership | None = None,
    dates: Dates = "iso",
    missing: Iterable[str] = (),
    encoding: str = "utf-8",
    delimiter: str | None = None,
    sheet: str | int | None = None,
    on_error: OnError = "raise",
) -> Records[Study]:
    r"""Read studies from a file.

    Parameters
    ----------
    source : path, open file, or iterable of dicts
        CSV, an Excel workbook (extra ``excel``), or a JSON list of objects; which of them, its
        content tells. One row for each study, or for each study and site. Columns are the fields
        of `Study` and, beside ``organisation`` (or ``site``), of `StudySite`; ``study_id`` is
        needed.
    columns : mapping, optional
        Heading to field, such as ``{"EDGE ID": "study_id"}``. Columns that are no field are
        passed over; the result lists them.
    organisations, funders, unknown_funders, partnership, dates, missing
        What names, dates and cells mean; see `read_grants`.
    encoding, delimiter, sheet, on_error
        How the file is read, and what becomes of faults; see `read_grants`.

    Returns
    -------
    Records of Study
        A sequence; ``tally_registrations`` takes it, and puts what is unreadable among
        ``excluded``.

    Raises
    ------
    InvalidFileError
        If anything in the file cannot be read: one error lists every row, column, value and rule,
        and holds them as ``faults``.
    MissingExtraError
        If the source is a workbook and openpyxl is not installed.
    OSError
        If there is no such file.

    See Also
    --------
    write_studies : The way back.
    read_grants : Says how cells are read.

    Notes
    -----
    Rows of one ``study_id`` are joined: what they say of the study must agree, a blank cell
    included, and no site may stand twice. A fault in one row makes the study unreadable, so
    records are counted, not rows: ``len(records) + records.unreadable`` is the number of studies,
    and of rows without an id. Sites in one cell (``sites``: ``REM; REN``) have no dates; in JSON
    they are a list of objects. ``commercial`` is yes or no, or commercial and non-commercial.

    Examples
    --------
    >>> import io
    >>> import lhp_metrics as lhp
    >>> export = io.StringIO(
    ...     "EDGE ID,Registered on,Site,Opened on\n"
    ...     "140217,2023-12-01,REM,2024-01-15\n"
    ...     "140217,2023-12-01,REN,\n"
    ... )
    >>> study, = lhp.read_studies(export, columns={"EDGE ID": "study_id"})
    >>> [(site.organisation, site.opened_on) for site in study.sites]
    [('REM', datetime.date(2024, 1, 15)), ('REN', None)]
    """
    return _read(
        STUDIES,
        source,
        columns=columns,
        words=_funder_words(funders, unknown_funders),
        organisations=organisations,
        partnership=partnership,
        dates=dates,
        missing=missing,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
        on_error=on_error,
    )


def _words(name: str, given: object, layout: Layout, field: str) -> Words:
    return Words(name, text_map(name, given), ours=layout.options[field])


def _funder_words(given: object, unknown: UnknownFunder) -> dict[str, Words]:
    choice("unknown_funders", unknown, get_args(UnknownFunder))
    if given is None:
        return {}
    return {"funder": Words("funders", text_map("funders", given), unknown=unknown)}


def _read(
    layout: Layout,
    source: Source,
    *,
    columns: Mapping[str, str] | None,
    words: Mapping[str, Words],
    organisations: Mapping[str, str] | None,
    partnership: Partnership | None,
    dates: Dates,
    missing: Iterable[str],
    encoding: str,
    delimiter: str | None,
    sheet: str | int | None,
    on_error: OnError,
) -> Records[Any]:
    choice("dates", dates, get_args(Dates))
    choice("on_error", on_error, get_args(OnError))
    names = checked_names(organisations, partnership)
    named = text_map("columns", columns)
    nothing = checked_missing(missing)
    table = read_table(source, encoding=encoding, delimiter=delimiter, sheet=sheet)
    if not table.headings:
        return Records(source=table.source, records=(), rows_in=0)
    places = found_columns(
        table,
        [*layout.kinds, *layout.row_kinds],
        named,
        required=layout.required,
        also=_ALSO[layout.several],
    )
    _refuse_two_shapes(table.source, places, layout)
    read = read_columns(
        table, places, layout, dates=dates, names=names, words=words, missing=nothing
    )
    records = join_records(table, places, layout, read)
    if records.faults and on_error == "raise":
        raise InvalidFileError(records.source, records.faults)
    return records


def checked_names(organisations: object, partnership: object) -> Names:
    """Return the names that a reader was given."""
    if partnership is not None and not isinstance(partnership, Partnership):
        raise InvalidTypeError(f"partnership must be a Partnership; got {partnership!r:.80}")
    given = None if organisations is None else text_map("organisations", organisations)
    return Names(given, partnership)


def checked_missing(missing: object) -> tuple[str, ...]:
    """Return the words that stand for nothing."""
    if not isinstance(missing, str) and isinstance(missing, Iterable):
        words = tuple(missing)
        if all(isinstance(word, str) for word in words):
            return words
    raise InvalidTypeError(f"missing must be several words, such as ['N/A']; got {missing!r}")


def _refuse_two_shapes(source: str, places: Mapping[str, int], layout: Layout) -> None:
    """Refuse organisations said both in one cell and in rows, or parts of none."""
    for row_field, wide in (("organisation", layout.several), ("share", "shares")):
        if row_field in places and wide in places:
            refuse_file(source, f"it has both a column {row_field!r} and a column {wide!r}")
    stray = [field for field in layout.row_kinds if field in places]
    if stray and "organisation" not in places:
        refuse_file(source, f"it has a column {stray[0]!r} but none 'organisation' that it is of")
