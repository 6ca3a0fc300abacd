"""Which column holds which field."""

from collections import Counter
from collections.abc import Iterable, Mapping

from lhp_metrics._checks import as_word, near_matches
from lhp_metrics.errors import Fault, InvalidFileError, InvalidInputError
from lhp_metrics.readers._table import Table, refuse_file

__all__ = ["found_columns", "nearest", "one_cell", "plain_heading"]

MOST_TITLES = 5


def plain_heading(text: str) -> str:
    """Return a heading without case, spaces and punctuation: "Amount requested (£)" too."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def found_columns(
    table: Table,
    fields: Iterable[str],
    columns: Mapping[str, str],
    *,
    required: Iterable[str],
    also: Mapping[str, str],
) -> dict[str, int]:
    """Return the place of each field's column.

    Parameters
    ----------
    table : Table
        The file.
    fields : iterable of str
        What a column may hold.
    columns : mapping
        Heading to field; a field named here is looked for under no other heading.
    required : iterable of str
        Fields that the file must have.
    also : mapping
        Heading to field, of fields that go by a second name.
    """
    _refuse_twins(table)
    known = list(fields)
    named = _named_columns(table, known, columns)
    places: dict[str, list[int]] = {field: [place] for place, field in named.items()}
    by_name = {plain_heading(field): field for field in known}
    by_name |= {plain_heading(name): field for name, field in also.items()}
    for place, heading in enumerate(table.headings):
        field = by_name.get(plain_heading(heading))
        if field is not None and place not in named and field not in named.values():
            places.setdefault(field, []).append(place)
    faults = [
        Fault(
            rule=f"several columns hold {field!r}",
            hint=f"{_listed(table.headings[p] for p in found)}; columns= says which",
        )
        for field, found in places.items()
        if len(found) > 1
    ]
    missing = [field for field in required if field not in places]
    hint = _title(missing, table) or one_cell(table)
    if hint and len(missing) > 1:  # One cause, so one fault.
        faults.append(Fault(rule=f"needs columns {_listed(missing)}", hint=hint))
    else:
        faults += [_missing(field, table, hint) for field in missing]
    if faults:
        raise InvalidFileError(table.source, faults)
    return {field: found[0] for field, found in places.items()}


def _refuse_twins(table: Table) -> None:
    times = Counter(map(as_word, table.headings))
    twins = [heading for heading in table.headings if times[as_word(heading)] > 1]
    if twins:
        refuse_file(table.source, f"headings stand twice: {_listed(twins)}")


def _named_columns(table: Table, fields: list[str], columns: Mapping[str, str]) -> dict[int, str]:
    """Return the field of each column that the caller named, by its place."""
    places = {as_word(heading): place for place, heading in enumerate(table.headings)}
    named: dict[int, str] = {}
    for heading, field in columns.items():
        if field not in fields:
            swapped = as_word(field) in places and heading in fields
            near = (
                f"; did you mean {{{field!r}: {heading!r}}}?"
                if swapped
                else near_matches(field, fields)
            )
            raise InvalidInputError(
                f"columns must map headings to fields; {heading!r}: {field!r} names no field{near}"
            )
        if as_word(heading) not in places:
            near = nearest(heading, table.headings)
            rule = f"columns names {heading!r}, which is no heading of the file"
            raise InvalidFileError(table.source, [Fault(rule=rule, hint=f"it has {near}")])
        if field in named.values():
            raise InvalidInputError(f"columns names two columns for {field!r}")
        named[places[as_word(heading)]] = field
    return named


def _missing(field: str, table: Table, hint: str) -> Fault:
    heading = next(iter(_by_nearness(field, table.headings)), "…")
    near = (
        f"it has {nearest(field, table.headings)}; if one of them is it, say "
        f"columns={{{heading!r}: {field!r}}}"
    )
    return Fault(rule=f"needs a column {field!r}", hint=hint or near)


def _title(missing: Iterable[str], table: Table) -> str:
    """Say in which later row headings stand, if they do; else nothing."""
    words = {plain_heading(field) for field in missing}
    for number, row in zip(table.numbers, table.rows[:MOST_TITLES], strict=False):
        for cell in row:
            if isinstance(cell, str) and plain_heading(cell) in words:
                return (
                    f"{cell!r} stands in row {number}; headings must be the first row, without a "
                    "title above them"
                )
    return ""


def one_cell(table: Table) -> str:
    """Say what may stand in place of the headings, if they are but one; else nothing."""
    if len(table.headings) != 1 or table.kind == "objects":
        return ""
    between = ", and parted by commas, semicolons or tabs" if table.kind == "text" else ""
    return (
        f"its first row has one cell, {table.headings[0]!r}; headings must be the first row, "
        f"without a title above them{between}"
    )


def nearest(word: str, headings: Iterable[str]) -> str:
    """Return headings as messages list them, those like `word` first."""
    return _listed(_by_nearness(word, headings)) or "no headings"


def _by_nearness(word: str, headings: Iterable[str]) -> list[str]:
    from difflib import SequenceMatcher

    wanted = plain_heading(word)
    return sorted(
        headings,
        key=lambda heading: -SequenceMatcher(None, wanted, plain_heading(heading)).ratio(),
    )


def _listed(headings: Iterable[str]) -> str:
    names = list(headings)
    more = f" and {len(names) - 30:,} more" if len(names) > 30 else ""
    return ", ".join(map(repr, names[:30])) + more
