"""What files of records look like: the columns, and how a cell stands for what is in a field.

Readers and writers share this module, so that what one writes the other reads.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal, TypeAlias, get_args

import attrs

from lhp_metrics._extras import optional
from lhp_metrics.models import Grant, Study, StudySite
from lhp_metrics.models._fields import identifier, identifier_or_none

__all__ = [
    "GRANTS",
    "OUTCOME_COLUMNS",
    "SITE_KINDS",
    "STUDIES",
    "Kind",
    "Layout",
    "as_cell",
    "cell_items",
    "from_cell",
    "items_cell",
    "openpyxl",
]

Kind: TypeAlias = Literal[
    "identifier",
    "text",
    "date",
    "pounds",
    "whole",
    "yes or no",
    "word",
    "organisation",
    "body",  # an organisation, or somebody whom no partnership knows, such as a company
    "organisations",
    "sites",
    "shares",
    "share",
]

# What spreadsheets take for a formula (OWASP, "CSV Injection"); an apostrophe before it says that
# it is none. Where the text has such an apostrophe itself, it gets one more.
_ESCAPED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")
_TO_ESCAPE = re.compile(r"'*[=+\-@\t\r＝＋－＠]")

OUTCOME_COLUMNS = (
    "successful",
    "unsuccessful",
    "decided",
    "pending",
    "withdrawn",
    "not_considered",
)

_KINDS_BY_NAME: dict[str, Kind] = {
    "lead": "organisation",
    "sponsor": "body",
    "partners": "organisations",
    "sites": "sites",
    "shares": "shares",
}
_ROW_KINDS: dict[str, Kind] = {"organisation": "organisation", "share": "share"}
_KINDS_BY_TYPE: dict[object, Kind] = {
    dt.date: "date",
    dt.date | None: "date",
    Decimal | None: "pounds",
    int | None: "whole",
    bool | None: "yes or no",
    str: "text",
    str | None: "text",
}


@attrs.frozen(kw_only=True)
class Layout:
    """The columns of a file of grants or of studies.

    Parameters
    ----------
    model : type
        `Grant` or `Study`.
    key : str
        The field that tells records apart.
    dated_by : str
        The date that decides between organisations of one name.
    several : str
        The field that holds several organisations, one for each row of a long file.
    kinds : mapping
        Kind of each field of a record.
    options : mapping
        The words that a field may hold, for the fields that have few.
    """

    model: type[Grant] | type[Study]
    key: str
    dated_by: str
    several: Literal["partners", "sites"]
    kinds: Mapping[str, Kind]
    options: Mapping[str, tuple[str, ...]]

    @property
    def noun(self) -> str:
        """What a message calls a record."""
        return self.model.__name__.lower()

    @property
    def required(self) -> tuple[str, ...]:
        """Fields without which there is no record."""
        fields = attrs.fields(self.model)
        return tuple(field.name for field in fields if field.default is attrs.NOTHING)

    @property
    def row_kinds(self) -> Mapping[str, Kind]:
        """Kind of each column that a long file has beside them: one organisation's part."""
        return {**_ROW_KINDS, **(SITE_KINDS if self.several == "sites" else {})}


def _kinds(model: type[Any]) -> dict[str, Kind]:
    return {field.name: _kind(field) for field in attrs.fields(model)}


def _kind(field: "attrs.Attribute[Any]") -> Kind:
    if field.name in _KINDS_BY_NAME:
        return _KINDS_BY_NAME[field.name]
    converter: Any = field.converter
    if converter in (identifier, identifier_or_none):
        return "identifier"
    return _KINDS_BY_TYPE.get(field.type, "word")


def _options(model: type[Any]) -> dict[str, tuple[str, ...]]:
    """Return the options of each field that has a `Literal` for its type, optional or not."""
    options: dict[str, tuple[str, ...]] = {}
    for field in attrs.fields(model):
        if _kind(field) == "word":
            several = get_args(field.type)
            nested = [get_args(option) for option in several if get_args(option)]
            options[field.name] = nested[0] if nested else several
    return options


def _layout(
    model: type[Grant] | type[Study],
    key: str,
    dated_by: str,
    several: Literal["partners", "sites"],
) -> Layout:
    return Layout(
        model=model,
        key=key,
        dated_by=dated_by,
        several=several,
        kinds=_kinds(model),
        options=_options(model),
    )


GRANTS = _layout(Grant, "reference", "submitted_on", "partners")
STUDIES = _layout(Study, "study_id", "registered_on", "sites")
SITE_KINDS: Mapping[str, Kind] = {
    name: kind for name, kind in _kinds(StudySite).items() if name != "organisation"
}


def as_cell(text: str) -> str:
    """Return text as a spreadsheet's cell may hold it: never as a formula."""
    return f"'{text}" if _TO_ESCAPE.match(text) else text


def from_cell(cell: str) -> str:
    """Return the text that `as_cell` wrote."""
    return cell[1:] if cell[:1] == "'" and _ESCAPED.match(cell) else cell


def items_cell(items: Iterable[str]) -> str:
    """Return several texts as one: "REM; REN", in quotes where they hold what parts them."""
    return "; ".join(
        '"{}"'.format(item.replace('"', '""')) if ";" in item or '"' in item else item
        for item in items
    )


def cell_items(cell: str) -> list[str]:
    """Return the texts of a cell that holds several, parted by semicolons.

    Raises
    ------
    csv.Error
        If quotes do not stand in pairs around a text.
    """
    if ";" not in cell and '"' not in cell:
        return [cell.strip()]
    rows = csv.reader([cell], delimiter=";", skipinitialspace=True, strict=True)
    return [stripped for row in rows for item in row if (stripped := item.strip())]


def openpyxl() -> Any:
    """Return the library for workbooks."""
    return optional("openpyxl", extra="excel", user="an Excel workbook")
