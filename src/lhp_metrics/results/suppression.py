"""Disclosure control: small counts hidden, and all that would give them away."""

import re
from fractions import Fraction
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray, of_kind
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Estimates
from lhp_metrics.provenance import Provenance
from lhp_metrics.results._protection import Slack, protected
from lhp_metrics.results.columns import Column, Columns, row_columns
from lhp_metrics.results.rows import RowT
from lhp_metrics.results.table import Table

__all__ = ["SuppressionRule", "is_pooled", "suppress"]

DATE = re.compile(r"\b\d{1,2} [A-Z][a-z]{2} \d{4}\b")
FIGURE = re.compile(r"(?<!\w)\d[\d,.]*(?!\w)")
# Their limits for one cell are made from the counts of all cells.
POOLED_METHODS = ("sison-glaz",)


@attrs.frozen
class SuppressionRule:
    """Which counts are too small to be shown.

    Parameters
    ----------
    largest : int
        Counts from 1 to this are hidden; 0 is shown.
    name : str, optional
        What the footnote calls the rule; by default what it does.

    Examples
    --------
    >>> SuppressionRule(4).name
    'counts from 1 to 4 are hidden'
    """

    largest: int
    name: str = attrs.field(
        default=attrs.Factory(
            lambda rule: f"counts from 1 to {rule.largest} are hidden", takes_self=True
        )
    )

    def __attrs_post_init__(self) -> None:
        if type(self.largest) is not int or self.largest < 1:
            raise InvalidInputError(
                f"largest must be a whole number of at least 1; got {self.largest!r}"
            )

    def hides(self, counts: FloatArray) -> NDArray[np.bool_]:
        """Return which counts the rule hides; of parts of records those below the next count."""
        result: NDArray[np.bool_] = (counts > 0) & (counts < self.largest + 1)
        return result


def suppress(table: Table[RowT], *, rule: SuppressionRule) -> Table[RowT]:
    """Return the table with small counts hidden, and with all that would give them away.

    Parameters
    ----------
    table : Table
        With counts, as every metric and every tally's ``to_table()`` has.
    rule : SuppressionRule
        What is too small to be shown. There is no default: rules differ between data sets, and
        counts of studies and grants are not counts of people.

    Returns
    -------
    Table
        Hidden cells are None in rows and dicts, NaN or None in columns, and "*" in print. The
        footnote names the rule.

    Raises
    ------
    InvalidInputError
        If the table has no counts, has some hidden already, or is of a kind whose rows tell of
        each other in more ways than by their total, such as that of `time_to_decision`.

    See Also
    --------
    round_to_total : Percentages that total 100.

    Notes
    -----
    A row with a small count is hidden whole, since its other columns (rates, shares, limits,
    rounded figures) are made from it or add up to it. Then the *secondary* rows: from the total
    less the rows shown, one hidden cell could be had by subtraction, and so could two if both
    must be 1. More rows are hidden, the smallest first, until every hidden count could be at
    least two different numbers for somebody who knows the total, the rule, and which rows are
    small. Of a table by two keys, such as organisation and year, the sums over each of them are
    taken to be known as well [1]_. Where this is not possible everything is hidden.

    Columns whose every value is made from all groups, such as adjusted p-values and percentages
    that total 100, are hidden in all rows, notes that hold figures (dates apart) are dropped, and
    a figure in the name of a method is hidden. A table of its own kind, such as that of
    `registration_change`, becomes a plain one without its own facts.

    The records handed in, less those excluded, are the total. Where the total is hidden, or all
    rows of a table without one, the provenance states neither, only why records were excluded;
    so too where a number of records excluded is small itself. That will do for tables without a
    total: rows are hidden in them as if it were known.

    Numbers published elsewhere, such as the same table a month earlier, can still give a hidden
    one away: no rule for one table can prevent it. Nor are limits and p-values hidden that allow
    for extra variation, ``registration_change(dispersion="quasi")``, of which all rows share one
    figure: suppress the table that is made without.

    References
    ----------
    .. [1] A. Hundepool et al. (2012), *Statistical Disclosure Control*, Wiley, chapter 4.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> spark = lhp.annual_report_2023_24().spark
    >>> table = suppress(lhp.partner_shares(spark), rule=SuppressionRule(5))
    >>> table["REN"].count is None, table["RET"].count is None, table["RBS"].count
    (True, True, 10)
    """
    of_kind("table", table, Table)
    of_kind("rule", rule, SuppressionRule)
    if table.row_type.never_suppressed:
        reason = table.row_type.never_suppressed
        raise InvalidInputError(f"the table {table.title!r} cannot be suppressed: {reason}")
    if any(marks.any() for marks in table.hidden.values()):
        raise InvalidInputError(
            f"the table {table.title!r} is suppressed already: suppress the one it was made from"
        )
    counts = _counts(table)
    if not counts:
        raise InvalidInputError(f"the table {table.title!r} has no counts to suppress")
    # What the records are besides the counts of the total is the count that it lacks.
    is_complete = not any(np.isnan(values[-1:]).any() for values in counts)
    counts = [np.nan_to_num(values) for values in counts]
    size = len(table)
    small = np.zeros(size + table.has_total, dtype=bool)
    for values in counts:
        small |= rule.hides(values)
    hidden = small.copy()
    if hidden.any():
        hidden[:size] = _protected(table, [values[:size] for values in counts], rule, hidden[:size])
        if table.has_total and hidden[:size].all():
            hidden[size] = True
    if table.has_total and small[size]:
        hidden[:] = True
    columns = {
        name: _hidden_column(table.columns[name], column, hidden)
        for name, column in row_columns(table.row_type)
    }
    return Table(
        row_type=table.row_type,
        title=table.title,
        by=table.by,
        keys=table.keys,
        names=table.names,
        columns=columns,
        provenance=_provenance(table.provenance, rule, hidden, is_complete=is_complete),
        has_total=table.has_total,
        specs=table.specs,
        headings=table.headings,
        picked=table.picked,
        hidden={
            name: np.ones_like(hidden)
            if hidden.any() and is_pooled(column, columns[name])
            else hidden
            for name, column in row_columns(table.row_type)
        },
    )


def _provenance(
    known: Provenance, rule: SuppressionRule, hidden: NDArray[np.bool_], *, is_complete: bool
) -> Provenance:
    """Return where the table comes from, without what gives the hidden counts away."""
    notes = [note for note in known.notes if not _has_figures(note)]
    excluded = known.records_excluded
    numbers = np.array(list(excluded.values()), dtype=np.float64)
    # The records in less the excluded are the total: one number alone would follow from the rest.
    all_hidden = hidden.any() and hidden.all()
    if all_hidden or not is_complete or rule.hides(numbers).any():
        reasons = "; ".join(reason for reason in excluded if not _has_figures(reason))
        known = attrs.evolve(known, records_in=None, records_excluded={})
        if reasons:
            notes.append(f"Records excluded (*): {reasons}.")
    if hidden.any() and known.method:
        known = attrs.evolve(known, method=FIGURE.sub("*", known.method))
    said = f"Suppressed (*): {rule.name}, with all figures made from them or giving them away."
    return attrs.evolve(known, notes=(*notes, said))


def _has_figures(text: str) -> bool:
    """Tell whether a text has figures other than dates."""
    return FIGURE.search(DATE.sub("", text)) is not None


def _counts(table: Table[Any]) -> list[FloatArray]:
    """Return the columns that hold counts, as floats, NaN where missing, the total included."""
    found: list[FloatArray] = []
    for name, column in row_columns(table.row_type):
        values = table.columns[name]
        # A sign is printed for differences: they are made from counts, and are none.
        if isinstance(values, Estimates) or column.spec.startswith("+"):
            continue
        is_count = values.dtype.kind in "iu" or (column.whole and values.dtype.kind == "f")
        of_objects = values.tolist() if values.dtype == object else []
        held = [value for value in of_objects if value is not None and value == value]
        if is_count or (held and all(map(_is_exact, held))):
            found.append(values.astype(np.float64))
    return found


def _is_exact(value: object) -> bool:
    return isinstance(value, int | Fraction) and not isinstance(value, bool)


def is_pooled(column: Column, values: Columns) -> bool:
    """Tell whether every value of a column is made from all groups."""
    return column.pooled or (isinstance(values, Estimates) and values.method in POOLED_METHODS)


def _hidden_column(values: Columns, column: Column, hidden: NDArray[np.bool_]) -> Columns:
    if hidden.any() and is_pooled(column, values):
        hidden = np.ones_like(hidden)
    if isinstance(values, Estimates):
        value, low, high = (
            np.where(hidden, np.nan, part) for part in (values.value, values.low, values.high)
        )
        return Estimates(value, low, high, values.confidence_level, values.method, values.unit)
    if not hidden.any():
        return values
    if values.dtype.kind == "f":
        return np.where(hidden, np.nan, values)
    result = values.astype(object)
    result[hidden] = None
    return result


def _protected(
    table: Table[Any], counts: list[FloatArray], rule: SuppressionRule, hidden: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which rows are hidden so that no hidden count can be derived."""
    slacks = [_slack(values, rule, hidden) for values in counts]
    return protected(_places(table), np.sum(counts, axis=0), slacks, hidden)


def _places(table: Table[Any]) -> NDArray[np.intp]:
    """Return to which known sums each row adds: the total, or one for its part of each key."""
    keys = [key for key in table.keys if isinstance(key, tuple)]
    if len(table.by) < 2 or len(keys) < len(table):
        return np.zeros((1, len(table)), dtype=np.intp)
    parts = [list(dict.fromkeys(parts)) for parts in zip(*keys, strict=True)]
    numbers = [{part: number for number, part in enumerate(known)} for known in parts]
    return np.array(
        [[known[key[place]] for key in keys] for place, known in enumerate(numbers)], dtype=np.intp
    )


def _slack(counts: FloatArray, rule: SuppressionRule, small_rows: NDArray[np.bool_]) -> Slack:
    """Return how far each count could be from the truth, if it is hidden.

    What is known besides the sums: small counts are from 1 to the rule's largest, others above it.
    A row without any that is small has but these and zeros, which no single step changes.
    """
    small = rule.hides(counts)
    least = np.where(small, 1.0, np.where(counts > 0, rule.largest + 1.0, 0.0))
    low = np.minimum(least, counts)
    high = np.where(small, np.maximum(counts, rule.largest), np.inf)
    high[(counts == 0) & ~small_rows] = 0
    return Slack(np.minimum(counts - low, 1), np.minimum(high - counts, 1), counts == 0)
