"""What a frame's rows must be, asked of the engine: one error names every rule that is broken."""

import datetime as dt
import operator
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import as_word, meanings, near_matches, often, text_map
from lhp_metrics.errors import InvalidInputError, NotFoundError
from lhp_metrics.tallies._frames import Classes, Frame, as_whole, collected, flag, is_null
from lhp_metrics.tallies._records import listed

if TYPE_CHECKING:
    from lhp_metrics.tallies._frames import Expr

    # What is wrong, of which rows, and the columns whose values show it.
    Rule: TypeAlias = tuple[str, Expr, Sequence[str]]

__all__ = [
    "UNCHECKED_NOTE",
    "broken",
    "comparable",
    "known_labels",
    "refuse_rows",
    "rows_alike",
    "told_apart",
]

UNCHECKED_NOTE = "Duplicates were not looked for: every row of the frame counts as one record."
EXAMPLES = 5


def broken(rules: "Sequence[Rule]") -> "Expr":
    """Return 1 for the rows that break a rule, else 0."""
    return flag(reduce(operator.or_, (condition for _, condition, _ in rules)))


def refuse_rows(
    frame: Frame,
    kind: str,
    id_field: str,
    rules: "Sequence[Rule]",
    *,
    also: Sequence[str] = (),
) -> NoReturn:
    """Raise one error for all the rules that rows break, and what else is wrong."""
    # The rules alone, should an engine not find again the rows that it counted.
    faults = _faults(frame, kind, id_field, rules) or [text for text, _, _ in rules]
    raise InvalidInputError("; ".join([*faults, *also]))


def _faults(
    frame: Frame, kind: str, id_field: str, rules: "Sequence[Rule]", *, of: str = "row"
) -> list[str]:
    """Return how many rows break each rule that some do, the first few with their values."""
    import narwhals as nw

    totals = collected(
        frame.rows.select(
            **{f"rule_{i}": flag(condition) for i, (_, condition, _) in enumerate(rules)}
        ).select(nw.all().sum())
    )
    faults = []
    for i, (text, condition, fields) in enumerate(rules):
        times = as_whole(totals[f"rule_{i}"][0]) if totals[f"rule_{i}"] else 0
        if times:
            rows = f"{times:,} {of}{'s' if times > 1 else ''}"
            some = _some(frame, kind, id_field, condition, fields)
            faults.append(f"{rows}{some and f' ({some})'}: {text}")
    return faults


def _some(frame: Frame, kind: str, id_field: str, condition: "Expr", fields: Sequence[str]) -> str:
    """Return a few rows in order: their references, and what they hold."""
    import narwhals as nw

    told = [id_field] if id_field in frame else []
    if not (told or fields):
        return ""
    some_rows = frame.rows.filter(condition).select(*told, *fields).head(10 * EXAMPLES)
    # Some engines hand their timestamps out as numbers.
    dated = [field for field, kind in some_rows.collect_schema().items() if kind == nw.Datetime]
    texts = (nw.col(field).dt.to_string("%Y-%m-%d") for field in dated)
    rows = collected(some_rows.with_columns(*texts) if dated else some_rows)
    found = dict.fromkeys(  # of one record or several, once each
        (
            "" if is_null(name) else _told(name),
            ", ".join(_told(rows[field][i], plain=field in dated) for field in fields),
        )
        for i, name in enumerate(rows[id_field] if told else rows[fields[0]])
    )
    some = sorted(list(found)[:EXAMPLES])
    each = (": ".join(filter(None, pair if told else pair[1:])) for pair in some)
    shown = ("; " if fields else ", ").join(filter(None, each))
    return f"{kind} {shown}" if told and shown else shown


def _told(value: Any, *, plain: bool = False) -> str:
    """Return a value as messages show it, whatever type its engine gives it."""
    if is_null(value):
        return "nothing"
    if plain or isinstance(value, dt.date):
        return f"{value}"
    if isinstance(value, float):
        return f"{value:,.15g}"
    return f"{value}" if isinstance(value, int | Decimal) else repr(value)


def rows_alike(
    frame: Frame,
    classes: Classes,
    where: NDArray[np.bool_],
    *,
    codes: "Expr",
    labels: Sequence[str],
) -> "Expr":
    """Return the rows that are like those of the classes of which `where` holds, as one must.

    Alike are rows with the same `codes` and the same labels, which are few.
    """
    found: dict[tuple[Any, ...], set[int]] = {}
    code = classes.codes("codes").tolist()
    for i in np.flatnonzero(where).tolist():
        values = (classes.labels[name][i] for name in labels)
        alike = tuple(None if is_null(value) else value for value in values)
        found.setdefault(alike, set()).add(code[i])
    return reduce(
        operator.or_,
        (
            reduce(operator.and_, map(partial(_holds, frame), labels, values), codes.is_in(some))
            for values, some in found.items()
        ),
    )


def _holds(frame: Frame, name: str, value: Any) -> "Expr":
    """Return the rows whose label is a value, None for nothing."""
    import narwhals as nw

    column, kind = nw.col(name), frame.dtypes[name]
    if value is None:
        nothing = column.is_null()
        return flag(nothing | column.is_nan()) == 1 if kind.is_float() else nothing
    if kind == nw.Boolean:
        return flag(column if value else ~column) == 1
    return flag(comparable(frame, name) == value) == 1


def known_labels(
    field: str,
    counts: Mapping[str | None, int],
    options: Sequence[str],
    spelt: Mapping[str, str] | None,
    *,
    unknown: str,
) -> dict[str | None, str | None]:
    """Return which option each label means; None for one that is unknown, if that is allowed.

    `spelt` maps the house's labels to options; case, spaces and "_" do not matter.
    """
    name = f"{field}s"
    known = meanings(name, text_map(name, spelt), options)
    meant = {label: None if label is None else known.get(as_word(str(label))) for label in counts}
    strange = [label for label, option in meant.items() if option is None]
    if strange and unknown == "error":
        faults = [
            f"nothing ({often(counts[label])})"
            if label is None
            else f"{label!r} ({often(counts[label])}){near_matches(str(label), options)}"
            for label in strange
        ]
        # A blank is no word, so no map can have it.
        remedies = [f"say what it means in {name}="] if any(strange) else []
        remedies += ["fill in the blanks"] if None in strange else []
        raise NotFoundError(
            f"{field} is {listed(faults, most=20)}; {' and '.join(remedies)}, or unknown='other' "
            "to leave such records out"
        )
    return meant


def told_apart(
    frame: Frame,
    kind: str,
    id_field: str,
    fields: Mapping[str, str],
    *,
    dated_by: str,
    weighted: bool,
) -> tuple[Frame, int]:
    """Return the frame with the number of rows of each row's record, and the largest of them.

    Without a column ``organisation`` a record has one row. With it, a pair of record and
    organisation stands once, and the `fields` of a record agree: columns, with what messages
    call them. Added are ``n`` and, if `weighted`, ``parts``, the sum of the record's shares; only
    where records have several rows.
    """
    import narwhals as nw

    several = "organisation" in frame
    fields = fields if several else {}
    names = list(fields)
    rows = frame.rows
    if frame.dtypes[id_field] == nw.String:
        rows = rows.with_columns(nw.col(id_field).str.strip_chars())
    records = (
        rows.select(
            id_field,
            *([comparable(frame, "organisation").fill_null("").alias("place")] if several else []),
            *([_share().alias("part"), _null("share"), _impossible_share()] if weighted else []),
            *([_led().alias("led")] if several and "lead" in frame else []),
            *(comparable(frame, name).alias(f"as_{name}") for name in names),
            *(_null(name) for name in names),
        )
        .group_by(id_field, drop_null_keys=False)
        .agg(
            nw.len().alias("n"),
            *([nw.col("place").n_unique().alias("places")] if several else []),
            *([nw.col("part").sum().alias("parts"), nw.col("bad_share").sum()] if weighted else []),
            *([nw.col("led").max()] if several and "lead" in frame else []),
            *(nw.col(f"as_{name}").min().alias(f"least_{name}") for name in names),
            *(nw.col(f"as_{name}").max().alias(f"most_{name}") for name in names),
            *(nw.col(f"no_{name}").sum() for name in [*names, *(["share"] if weighted else [])]),
        )
    )
    unnamed = _unnamed(frame, id_field, dated_by)
    rules = _record_rules(frame, id_field, fields, several=several, weighted=weighted)
    checked = records.with_columns(broken([unnamed, *rules]).alias("broken"))
    summary = collected(checked.select(nw.col("n").max(), nw.col("broken").sum()))
    most = (as_whole(summary["n"][0]) if summary["n"] else None) or 0
    if summary["broken"] and as_whole(summary["broken"][0]):
        without = _faults(frame.evolve(rows), kind, "", [unnamed])
        faults = _faults(
            Frame(rows=records, dtypes=frame.dtypes), kind, id_field, rules, of="record"
        )
        raise InvalidInputError("; ".join([*without, *faults]))
    if most < 2:
        return frame, most
    counted = records.select(id_field, "n", *(["parts"] if weighted else []))
    return frame.evolve(rows.join(counted, on=id_field, how="inner")), most


def _unnamed(frame: Frame, id_field: str, dated_by: str) -> "Rule":
    """Return that a row must say which record it is of; only its date can tell which row it is."""
    import narwhals as nw

    missing = nw.col(id_field).is_null()
    if frame.dtypes[id_field] == nw.String:
        missing = missing | (nw.col(id_field) == "")
    return f"no {id_field}", missing, (dated_by,)


def _record_rules(
    frame: Frame, id_field: str, fields: Mapping[str, str], *, several: bool, weighted: bool
) -> "list[Rule]":
    """Return what the rows of a record must be together."""
    import narwhals as nw

    n = nw.col("n")
    rules: list[Rule] = []
    if several:
        rules.append(("stands twice with one organisation", nw.col("places") < n, ()))
        rules += [rule for field in fields for rule in _agreement(frame, field, fields[field])]
    else:
        text = f"each {id_field} must stand once, or with a column 'organisation' once for each"
        rules.append((text, n > 1, ()))
    if several and "lead" in frame:
        lead = ("least_lead",) if "lead" in fields else ()
        rules.append(("its lead is not among its organisations", nw.col("led") == 0, lead))
    if weighted:
        rules.append(("share is not a whole number of at least 0", nw.col("bad_share") > 0, ()))
        rules.append(_partly_stated("share", "share"))
        rules.append(("share is 0 on all of its rows", nw.col("parts") == 0, ()))
    return rules


def _agreement(frame: Frame, field: str, name: str) -> "Iterable[Rule]":
    """Return what a field of a record must not be, which all its rows repeat."""
    import narwhals as nw

    least, most = f"least_{field}", f"most_{field}"
    differing = (nw.col(f"no_{field}") == 0) & (nw.col(least) != nw.col(most))
    shown = () if frame.dtypes[field] == nw.Boolean else (least, most)
    yield f"{name} differs between its rows", differing, shown
    yield _partly_stated(field, name)


def _partly_stated(field: str, name: str) -> "Rule":
    import narwhals as nw

    none = nw.col(f"no_{field}")
    return f"{name} is stated on some of its rows only", (none > 0) & (none < nw.col("n")), ()


def comparable(frame: Frame, name: str) -> "Expr":
    """Return a column as something that has a least and a largest."""
    import narwhals as nw

    kind = frame.dtypes[name]
    if kind == nw.Boolean:
        return flag(nw.col(name))
    return nw.col(name).cast(nw.String) if kind in (nw.Categorical, nw.Enum) else nw.col(name)


def _null(name: str) -> "Expr":
    import narwhals as nw

    return flag(nw.col(name).is_null()).alias(f"no_{name}")


def _share() -> "Expr":
    import narwhals as nw

    # 1 where nothing is stated, or nothing that could be a share.
    return nw.when(_is_share()).then(nw.col("share")).otherwise(nw.lit(1)).cast(nw.Int64)


def _is_share() -> "Expr":
    import narwhals as nw

    share = nw.col("share")
    return (share >= 0) & (share == share.round(0))


def _impossible_share() -> "Expr":
    import narwhals as nw

    stated = flag(~nw.col("share").is_null())
    return (stated - stated * flag(_is_share())).alias("bad_share")


def _led() -> "Expr":
    """Return 1 for the row of a record's lead, and where no lead is stated."""
    import narwhals as nw

    return flag(nw.col("lead").is_null() | (nw.col("lead") == nw.col("organisation")))
