"""A file as headings and rows of cells, whatever its format; nothing in it is understood yet."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal, NoReturn, TypeAlias

import attrs

from lhp_metrics.errors import Fault, InvalidFileError, InvalidTypeError
from lhp_metrics.models._fields import is_blank

__all__ = [
    "Source",
    "Table",
    "Unreadable",
    "is_nothing",
    "refuse_file",
    "rows_table",
    "source_name",
    "table_of_dicts",
]

Source: TypeAlias = str | os.PathLike[str] | IO[Any] | Iterable[Mapping[str, Any]]

DICTS = "dicts"


@attrs.frozen
class Unreadable:
    """A cell that its format itself marks as no value."""

    text: str
    rule: str

    def __repr__(self) -> str:
        return self.text


@attrs.frozen(kw_only=True)
class Table:
    """Headings, and rows of as many cells with their numbers in the file.

    Parameters
    ----------
    source : str
        What messages call the file.
    headings : sequence of str
        As the file words them.
    rows : sequence of sequence
        Cells; rows without any are left out.
    numbers : sequence of int
        Number of each row in the file.
    faults : mapping
        By index in `rows`, what is wrong with the row as a whole.
    kind : {"objects", "text", "workbook"}
        What the file is.
    """

    source: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    numbers: Sequence[int]
    faults: Mapping[int, Fault] = attrs.field(factory=dict)
    kind: Literal["objects", "text", "workbook"] = "objects"

    @property
    def escaped(self) -> bool:
        """Whether an apostrophe before "=" says that text is no formula."""
        return self.kind != "objects"


def is_nothing(cell: object) -> bool:
    """Tell whether a cell states nothing: what is blank, and NaN, NaT and NA among dicts."""
    if isinstance(cell, float):
        return cell != cell
    if isinstance(cell, Decimal):
        return cell.is_nan()
    return is_blank(cell) or type(cell).__name__ in ("NaTType", "NAType")


def refuse_file(
    source: str, rule: str, *, row: int | None = None, value: object = None
) -> NoReturn:
    """Raise the error of a file that cannot be read at all."""
    raise InvalidFileError(source, [Fault(row=row, value=value, rule=rule)])


def source_name(source: object) -> str:
    """Return what messages call a source."""
    if isinstance(source, str | os.PathLike):
        return Path(source).name or str(source)
    name = getattr(source, "name", None)
    return Path(name).name if isinstance(name, str) and name else "the file"


def rows_table(
    source: str,
    numbered: Iterable[tuple[int, Sequence[Any]]],
    *,
    kind: Literal["text", "workbook"],
    text: Callable[[str], str],
) -> Table:
    """Return the table of rows of which the first that is not blank holds the headings.

    Parameters
    ----------
    source : str
        What messages call the file.
    numbered : iterable of (int, sequence)
        Rows with their numbers.
    kind : {"text", "workbook"}
        What the file is: a row of text has to have all of its cells.
    text : callable
        Takes the escape off a heading.
    """
    rows: list[Sequence[Any]] = []
    numbers: list[int] = []
    faults: dict[int, Fault] = {}
    filled = (row for row in numbered if not all(map(is_blank, row[1])))
    headings = _headings(filled, text)
    if not headings:
        refuse_file(source, "it is empty: there are no headings")
    width = len(headings)
    for number, cells in filled:
        many = len(cells)
        if many > width and not all(map(is_blank, cells[width:])):
            rule = f"must have as many cells as there are headings ({width})"
            faults[len(rows)] = Fault(
                row=number, value=cells[width], rule=rule, hint=f"it has {many}"
            )
        elif many < width and kind == "text":
            rule = f"must have as many cells as there are headings ({width})"
            last = cells[-1] if cells else None
            faults[len(rows)] = Fault(row=number, value=last, rule=rule, hint=f"it has {many}")
        if many != width:
            cells = [*cells[:width], *[None] * (width - many)]
        rows.append(cells)
        numbers.append(number)
    return Table(
        source=source,
        headings=headings,
        rows=rows,
        numbers=numbers,
        faults=faults,
        kind=kind,
    )


def _headings(
    numbered: Iterator[tuple[int, Sequence[Any]]], text: Callable[[str], str]
) -> list[str]:
    _, first = next(numbered, (0, ()))
    names = ["" if is_blank(cell) else text(str(cell).strip()) for cell in first]
    while names and not names[-1]:  # commas at the end of every line
        names.pop()
    return [name or f"column {place}" for place, name in enumerate(names, start=1)]


def table_of_dicts(source: Iterable[Mapping[str, Any]], name: str = DICTS) -> Table:
    """Return the table of mappings, a key that one lacks being blank there.

    Those that state nothing at all are left out, as blank lines are.
    """
    items = list(source)
    headings: dict[str, None] = {}
    last: list[str] = []
    for number, item in enumerate(items, start=1):
        if not isinstance(item, Mapping):
            raise InvalidTypeError(
                f"source must be a path, an open file or dicts; item {number} is {item!r:.80}"
            )
        keys = list(item)
        if keys != last:
            for key in keys:
                if not isinstance(key, str):
                    raise InvalidTypeError(f"keys must be text; item {number} has {key!r:.80}")
            headings.update(dict.fromkeys(keys))
            last = keys
    names = list(headings)
    if len(names) * len(items) > 20 * sum(map(len, items)) + 10**6:
        refuse_file(name, f"its objects have {len(names):,} different keys: they are no rows")
    rows = [[item.get(key) for key in names] for item in items]
    kept = [i for i, row in enumerate(rows) if not all(map(is_nothing, row))]
    return Table(
        source=name,
        headings=names,
        rows=[rows[i] for i in kept],
        numbers=[i + 1 for i in kept],
    )
