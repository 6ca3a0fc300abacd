"""Disclosure control: small counts hidden, and all that would give them away."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Estimates
from lhp_metrics.results.columns import Column, Columns, row_columns
from lhp_metrics.results.table import RowT, Table

__all__ = ["SuppressionRule", "suppress"]

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
        If the table has no counts.

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
    that total 100, are hidden in all rows, and notes that hold figures (dates apart) are dropped. A table of
    its own kind, such as that of `registration_change`, becomes a plain one without its own
    facts.

    Numbers published elsewhere, such as the same table a month earlier, can still give a hidden
    one away: no rule for one table can prevent it.

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
    counts = _counts(table)
    if not counts:
        raise InvalidInputError(f"the table {table.title!r} has no counts to suppress")
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
    kept = [note for note in table.provenance.notes if not FIGURE.search(DATE.sub("", note))]
    said = f"Suppressed (*): {rule.name}, with all figures made from them or giving them away."
    return Table(
        row_type=table.row_type,
        title=table.title,
        by=table.by,
        keys=table.keys,
        names=table.names,
        columns=columns,
        provenance=attrs.evolve(table.provenance, notes=(*kept, said)),
        has_total=table.has_total,
        specs=table.specs,
        hidden={
            name: np.ones_like(hidden)
            if hidden.any() and _is_pooled(column, columns[name])
            else hidden
            for name, column in row_columns(table.row_type)
        },
    )


def _counts(table: Table[Any]) -> list[FloatArray]:
    """Return the columns that hold counts, as floats, the total included."""
    found: list[FloatArray] = []
    for name, column in row_columns(table.row_type):
        values = table.columns[name]
        # A sign is printed for differences: they are made from counts, and are none.
        if isinstance(values, Estimates) or column.spec.startswith("+"):
            continue
        is_count = values.dtype.kind in "iu" or (column.whole and values.dtype.kind == "f")
        if is_count or (values.dtype == object and all(map(_is_exact, values))):
            found.append(np.nan_to_num(values.astype(np.float64)))
    return found


def _is_exact(value: object) -> bool:
    return isinstance(value, int | Fraction) and not isinstance(value, bool)


def _is_pooled(column: Column, values: Columns) -> bool:
    return column.pooled or (isinstance(values, Estimates) and values.method in POOLED_METHODS)


def _hidden_column(values: Columns, column: Column, hidden: NDArray[np.bool_]) -> Columns:
    if hidden.any() and _is_pooled(column, values):
        hidden = np.ones_like(hidden)
    if isinstance(values, Estimates):
        parts = (np.where(hidden, np.nan, part) for part in (values.value, values.low, values.high))
        return Estimates(*parts, values.confidence_level, values.method, values.unit)
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
    hidden = hidden.copy()
    lines = list(_lines(table))
    size = sum(counts)  # Rows with the smallest counts are the least loss.
    while True:
        open_to = [row for values in counts for row in _derivable(values, lines, rule, hidden)]
        if not open_to:
            return hidden
        beside = {
            other
            for line in lines
            if line[open_to[0]]
            for other in np.flatnonzero(line & ~hidden & (size > 0)).tolist()
        }
        if not beside:
            return np.ones_like(hidden)
        hidden[min(beside, key=lambda row: (size[row], row))] = True


def _lines(table: Table[Any]) -> Iterator[NDArray[np.bool_]]:
    """Yield the rows that each known sum is of: the total, and one for each part of a key."""
    yield np.ones(len(table), dtype=bool)
    if len(table.by) > 1:
        for place in range(len(table.by)):
            parts = [key[place] for key in table.keys if isinstance(key, tuple)]
            for part in dict.fromkeys(parts):
                yield np.array([other == part for other in parts])


def _derivable(
    values: FloatArray,
    lines: list[NDArray[np.bool_]],
    rule: SuppressionRule,
    hidden: NDArray[np.bool_],
) -> Iterator[int]:
    """Yield hidden rows whose count the known sums pin down to one number.

    What is known besides: small counts are from 1 to the rule's largest, others above it.
    """
    rows = np.flatnonzero(hidden)
    counts = values[rows]
    small = rule.hides(counts)
    low = np.where(small, np.minimum(1.0, counts), np.where(counts > 0, rule.largest + 1.0, 0.0))
    low = np.minimum(low, counts)
    high = np.where(small, np.maximum(counts, rule.largest), np.inf)
    known = np.array([line[rows] for line in lines if line[rows].any()], dtype=np.float64)
    for place, row in enumerate(rows.tolist()):
        if counts[place] > 0 and not _has_room(place, counts, known, low, high):
            yield row


def _has_room(
    place: int, counts: FloatArray, known: FloatArray, low: FloatArray, high: FloatArray
) -> bool:
    """Whether a count could be another whole number without changing a known sum."""
    if len(known) == 1:  # One sum: the others together can take or give at least one.
        others = np.arange(len(counts)) != place
        give, take = (counts - low)[others].sum(), (high - counts)[others].sum()
        own_up, own_down = high[place] - counts[place], counts[place] - low[place]
        return bool(min(give, own_up) >= 1 or min(take, own_down) >= 1)
    from scipy.optimize import linprog

    bounds = list(zip(low, np.where(np.isinf(high), None, high), strict=True))
    for sign in (1.0, -1.0):
        cost = np.zeros(len(counts))
        cost[place] = sign
        best = linprog(cost, A_eq=known, b_eq=known @ counts, bounds=bounds)
        if best.status == 0 and abs(sign * best.fun - counts[place]) >= 1 - 1e-6:
            return True
        if best.status == 3:  # Unbounded: any number.
            return True
    return False
