"""Which applications of a frame were submitted again, asked of its engine."""

import datetime as dt
from typing import TYPE_CHECKING

from lhp_metrics.tallies._applications import refuse_impossible_links
from lhp_metrics.tallies._frame_fields import day
from lhp_metrics.tallies._frames import Frame, as_whole, collected

if TYPE_CHECKING:
    from lhp_metrics.tallies._frames import Expr

__all__ = ["read_links", "resubmitted"]


def read_links(frame: Frame) -> Frame:
    """Return the frame with null for every `resubmission_of` that names nothing."""
    import narwhals as nw

    value, kind = nw.col("resubmission_of"), frame.dtypes["resubmission_of"]
    if kind.is_float():
        value = nw.when(~value.is_nan()).then(value)
    elif not kind.is_numeric():
        # Old pandas makes the text "None" of nothing.
        stated, value = ~value.is_null(), value.cast(nw.String).str.strip_chars()
        value = nw.when(stated & (value != "")).then(value)
    return frame.evolve(frame.rows.with_columns(value.alias("resubmission_of")))


def resubmitted(frame: Frame, among: "Expr | None", *, once: bool) -> Frame:
    """Refuse links that cannot be; return the frame with ``resubmitted``, if each counts `once`.

    That is null but for applications that another of the rows `among` which is chosen follows.
    """
    import narwhals as nw

    rows = frame.rows if among is None else frame.rows.filter(among)
    name, first = _comparable(frame)
    on = day("submitted_on")
    later = (
        rows.filter(~nw.col("resubmission_of").is_null())
        .select(first.alias("first"), name.alias("name"), on.alias("on"))
        .unique()
    )
    firsts = rows.select(name.alias("first"), on.alias("first_on")).unique()
    links = later.join(firsts, on="first", how="inner")
    # A circle has no link from a later day to an earlier one.
    doubtful = collected(links.filter(nw.col("on") <= nw.col("first_on")).sort("name"))
    dates = dict(zip(doubtful["first"], map(_date, doubtful["first_on"]), strict=True))
    dates |= dict(zip(doubtful["name"], map(_date, doubtful["on"]), strict=True))
    refuse_impossible_links(dict(zip(doubtful["name"], doubtful["first"], strict=True)), dates)
    if not once:
        return frame
    gone = links.select("first").unique().with_columns(nw.lit(1).alias("resubmitted"))
    every = frame.rows.with_columns(name.alias("first"))
    return frame.evolve(every.join(gone, on="first", how="left"))


def _comparable(frame: Frame) -> "tuple[Expr, Expr]":
    """Return `reference` and `resubmission_of` as one type: numbers, if both are."""
    import narwhals as nw

    names = ("reference", "resubmission_of")
    numeric = all(frame.dtypes[name].is_numeric() for name in names)
    columns = []
    for name in names:
        value = nw.col(name)
        if frame.dtypes[name].is_numeric():  # with gaps, pandas makes whole numbers floats
            value = value.cast(nw.Int64)
        columns.append(value if numeric else value.cast(nw.String).str.strip_chars())
    return columns[0], columns[1]


def _date(number: object) -> dt.date:
    n = as_whole(number) or 0
    return dt.date(n // 10000, n // 100 % 100, n % 100)
