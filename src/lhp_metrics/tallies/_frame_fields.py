"""How a frame's columns are read: dates, pounds and labels, whatever an engine keeps them in."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Period
from lhp_metrics.tallies._frames import Frame, flag

if TYPE_CHECKING:
    from lhp_metrics.tallies._frames import Expr, Rows

__all__ = [
    "after",
    "before",
    "day",
    "earlier",
    "given_amount",
    "month",
    "outside",
    "pounds_rules",
    "read_dates",
    "read_labels",
    "read_numbers",
    "read_pounds",
]

LONDON = "Europe/London"
LARGEST_POUNDS = 10**12
AS_DATES = ": read it as dates first, saying in which order day and month stand"
ONE_DAY = dt.timedelta(days=1)


def read_dates(frame: Frame, names: Iterable[str]) -> tuple[Frame, tuple[str, ...]]:
    """Return the frame with these columns as dates, and what has to be said about them.

    Timestamps with a time zone become the time of day in London: the date is the one there.
    """
    import narwhals as nw

    notes: list[str] = []
    for name in names:
        frame = _typed(frame, name, wanted="dates")
        kind = frame.dtypes[name]
        if kind == nw.Datetime and kind.time_zone is not None:
            frame = frame.evolve(_in_london(frame.rows, name))
            notes.append(f"{name}: the date in London of a timestamp with a time zone.")
        elif not (kind == nw.Date or kind == nw.Datetime):
            held = "text" if kind == nw.String else f"{kind}"
            raise InvalidTypeError(f"column {name!r} must hold dates; it holds {held}{AS_DATES}")
    return frame, tuple(notes)


def read_numbers(frame: Frame, name: str) -> Frame:
    """Return the frame with a column as numbers; refuse one that holds anything else."""
    import narwhals as nw

    frame = _typed(frame, name, wanted="numbers")
    kind = frame.dtypes[name]
    if not kind.is_numeric():
        held = "text" if kind == nw.String else f"{kind}"
        raise InvalidTypeError(f"column {name!r} must hold numbers; it holds {held}")
    return frame


def read_pounds(frame: Frame, name: str) -> Frame:
    """Return the frame with an amount in pence, from pounds or from a column ``<name>_pence``.

    Added are ``<name>_pence``, 0 where nothing is stated; ``<name>_known``, 1 where something is;
    and the number ``<name>_pounds`` that the rules of `pounds_rules` look at.
    """
    import narwhals as nw

    pence = f"{name}_pence"
    if name in frame and pence in frame:
        raise InvalidInputError(f"the frame has both {name!r} and {pence!r}: choose one")
    given = given_amount(frame, name)
    frame = read_numbers(frame, given)
    kind = frame.dtypes[given]
    scale = 1 if given == pence else 100
    value = nw.col(given).cast(nw.Float64)
    if kind.is_float():
        value = nw.when(~value.is_nan()).then(value)
    rows = frame.rows.with_columns(value.alias(f"{name}_value"))
    value = nw.col(f"{name}_value")
    known = (value >= 0) & (value < LARGEST_POUNDS * 100 / scale)
    rows = rows.with_columns(flag(known).alias(f"{name}_known"))
    stated = nw.when(nw.col(f"{name}_known") == 1).then(value * scale).otherwise(nw.lit(0.0))
    return frame.evolve(rows.with_columns(stated.round(0).cast(nw.Int64).alias(pence)))


def given_amount(frame: Frame, name: str) -> str:
    """Return the column that an amount stands in: of pounds, or of pence."""
    return name if name in frame else f"{name}_pence"


def pounds_rules(frame: Frame, name: str) -> list[tuple[str, "Expr", tuple[str]]]:
    """Return what amounts must not be, each rule with the rows that break it and their column."""
    import narwhals as nw

    value = nw.col(f"{name}_value")
    shown = (f"{name}_value",)
    most = LARGEST_POUNDS if name in frame else LARGEST_POUNDS * 100
    given = given_amount(frame, name)
    rules = [
        (f"{given} is negative", value < 0, shown),
        (f"{given} is not below £{LARGEST_POUNDS:,}", value >= most, shown),
    ]
    kind = frame.dtypes.get(name)
    if kind is not None and not kind.is_integer() and getattr(kind, "scale", 3) > 2:
        exact = nw.col(f"{name}_known") * value * 100
        # Floats of large amounts are off by less; a tenth of a penny is off by more.
        parts = (exact - nw.col(f"{name}_pence")).abs() > 0.05
        rules.append((f"{name} is not whole pence", parts, shown))
    return rules


def read_labels(frame: Frame, names: Iterable[str]) -> Frame:
    """Return the frame with these columns as labels that can be grouped by."""
    import narwhals as nw

    for name in names:
        frame = _typed(frame, name, wanted="labels")
        kind = frame.dtypes[name]
        if kind == nw.Date or kind == nw.Datetime:
            raise InvalidInputError(
                f"cannot count by {name!r}: it is not text; by='month', 'quarter' or "
                "'financial_year'"
            )
        if kind.is_nested():
            raise InvalidInputError(f"cannot count by {name!r}: it holds {kind}")
        if kind == nw.Categorical and frame.rows.implementation.is_pyarrow():
            frame = frame.evolve(frame.rows.with_columns(nw.col(name).cast(nw.String)))
    return frame


def before(frame: Frame, name: str, date: dt.date) -> "Expr":
    """Tell which dates are before a day."""
    import narwhals as nw

    return nw.col(name) < _literal(frame, name, date)


def after(frame: Frame, name: str, date: dt.date) -> "Expr":
    """Tell which dates are after a day."""
    import narwhals as nw

    # Where no date is stated this is no, not null: engines fill nulls slowly.
    stated = ~nw.col(name).is_null()
    if frame.dtypes[name] == nw.Date:
        return stated & (nw.col(name) > date)
    return stated & (nw.col(name) >= _literal(frame, name, date + ONE_DAY))


def outside(frame: Frame, name: str, period: Period) -> "Expr":
    """Tell which dates are outside a period."""
    return before(frame, name, period.start) | after(frame, name, period.end)


def earlier(frame: Frame, name: str, than: str) -> "Expr":
    """Tell which dates are before those of another column, by the day."""
    import narwhals as nw

    stated = ~nw.col(name).is_null()
    if frame.dtypes[name] == nw.Date and frame.dtypes[than] == nw.Date:
        return stated & (nw.col(name) < nw.col(than))
    return stated & (day(name) < day(than))


def month(name: str) -> "Expr":
    """Return the number of a date's month, counted from January of year 0."""
    import narwhals as nw

    # The year first: some engines keep months in 8 bits, and so would their products.
    return nw.col(name).dt.year() * 12 + nw.col(name).dt.month() - 1


def day(name: str) -> "Expr":
    """Return a date as a number such as 20240331."""
    import narwhals as nw

    date = nw.col(name).dt
    return (date.year() * 100 + date.month()) * 100 + date.day()


def _literal(frame: Frame, name: str, date: dt.date) -> dt.date:
    import narwhals as nw

    is_date = frame.dtypes[name] == nw.Date
    return date if is_date else dt.datetime.combine(date, dt.time())


def _typed(frame: Frame, name: str, *, wanted: str) -> Frame:
    """Return the frame with a column of Python objects, which pandas has, as a column of a type."""
    import narwhals as nw

    pandas = nw.dependencies.get_pandas()
    native: Any = frame.rows.to_native()
    if pandas is None or not isinstance(native, pandas.DataFrame):
        return frame
    values = native[name]
    if values.dtype != object:
        return frame
    held = pandas.api.types.infer_dtype(values, skipna=True)
    if held in ("date", "datetime", "datetime64") or (held == "empty" and wanted == "dates"):
        values = pandas.to_datetime(values)
    elif held in ("decimal", "integer", "floating", "mixed-integer-float") or (
        held == "empty" and wanted != "labels"
    ):
        values = values.astype("Int64" if held == "integer" else "float64")
    elif held == "boolean":
        values = values.astype("boolean")
    elif held == "empty":
        values = values.astype("string")
    elif held != "string":
        kinds = Counter(type(value).__name__ for value in values.dropna())
        listed = ", ".join(f"{kind} ({n:,})" for kind, n in kinds.most_common())
        remedy = AS_DATES if wanted == "dates" else ""
        raise InvalidTypeError(
            f"column {name!r} must hold {wanted} of one type; it holds {listed}{remedy}"
        )
    else:
        return frame
    return frame.evolve(nw.from_native(native.assign(**{name: values})).lazy())


def _in_london(rows: "Rows", name: str) -> "Rows":
    """Return rows with a timestamp as the time of day in London, without a time zone."""
    import narwhals as nw

    native: Any = rows.to_native()
    if rows.implementation.is_duckdb():
        quoted = '"' + name.replace('"', '""') + '"'
        there = native.project(f"* REPLACE (timezone('{LONDON}', {quoted}) AS {quoted})")
        duckdb_rows: Rows = nw.from_native(there).lazy()
        return duckdb_rows
    if rows.implementation.is_spark_like():
        quoted = "`" + name.replace("`", "``") + "`"
        local = f"convert_timezone('{LONDON}', cast({quoted} as timestamp_ntz)) as {quoted}"
        others: Sequence[str] = [f"`{c.replace('`', '``')}`" for c in native.columns if c != name]
        spark_rows: Rows = nw.from_native(native.selectExpr(*others, local)).lazy()
        return spark_rows
    there = nw.col(name).dt.convert_time_zone(LONDON).dt.replace_time_zone(None)
    return rows.with_columns(there.alias(name))
