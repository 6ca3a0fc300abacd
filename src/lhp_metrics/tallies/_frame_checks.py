"""What a frame's rows must be, asked of the engine: one error names every rule that is broken."""

import operator
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from lhp_metrics._checks import as_word, near_matches, often
from lhp_metrics.errors import InvalidInputError, NotFoundError
from lhp_metrics.tallies._frames import Frame, as_whole, collected, flag
from lhp_metrics.tallies._records import listed

if TYPE_CHECKING:
    from lhp_metrics.tallies._frames import Expr

    Rule: TypeAlias = tuple[str, Expr]

__all__ = ["UNCHECKED_NOTE", "broken", "known_labels", "refuse_rows", "told_apart"]

UNCHECKED_NOTE = "Duplicates were not looked for: every row of the frame counts as one record."
EXAMPLES = 5


def broken(rules: "Sequence[Rule]") -> "Expr":
    """Return 1 for the rows that break a rule, else 0."""
    return flag(reduce(operator.or_, (condition for _, condition in rules)))


def refuse_rows(
    frame: Frame, kind: str, id_field: str, rules: "Sequence[Rule]", *, of: str = "row"
) -> NoReturn:
    """Raise one error for all the rules that rows break: how many, and the first few of them."""
    import narwhals as nw

    totals = collected(
        frame.rows.select(
            **{f"rule_{i}": flag(condition) for i, (_, condition) in enumerate(rules)}
        ).select(nw.all().sum())
    )
    faults = []
    for i, (text, condition) in enumerate(rules):
        times = as_whole(totals[f"rule_{i}"][0]) if totals[f"rule_{i}"] else 0
        if times:
            names = _some(frame, id_field, condition)
            rows = f"{times:,} {of}{'s' if times > 1 else ''}"
            which = f" ({kind} {', '.join(names)})" if names else ""
            faults.append(f"{rows}{which}: {text}")
    raise InvalidInputError("; ".join(faults))


def _some(frame: Frame, id_field: str, condition: "Expr") -> list[str]:
    """Return the references of a few rows, in order."""
    if id_field not in frame:
        return []
    found = collected(frame.rows.filter(condition).select(id_field).head(EXAMPLES))[id_field]
    return sorted(repr(value) for value in found if value == value and value is not None)


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
    for label, option in (spelt or {}).items():
        if option not in options:
            listed_options = ", ".join(map(repr, options))
            raise InvalidInputError(f"{name} maps {label!r} to {option!r}, not to {listed_options}")
    known = {as_word(option): option for option in options}
    known |= {as_word(label): option for label, option in (spelt or {}).items()}
    meant = {label: None if label is None else known.get(as_word(str(label))) for label in counts}
    strange = [label for label, option in meant.items() if option is None]
    if strange and unknown == "error":
        faults = [
            f"nothing ({often(counts[label])})"
            if label is None
            else f"{label!r} ({often(counts[label])}){near_matches(str(label), options)}"
            for label in strange
        ]
        raise NotFoundError(
            f"{field} is {listed(faults, most=20)}; say what it means in {name}=, or "
            f"unknown='other' to leave such records out"
        )
    return meant


def told_apart(
    frame: Frame, kind: str, id_field: str, fields: Iterable[str], *, weighted: bool
) -> tuple[Frame, int]:
    """Return the frame with the number of rows of each row's record, and the largest of them.

    Without a column ``organisation`` a record has one row. With it, a pair of record and
    organisation stands once, and the `fields` of a record agree. Added are ``n`` and, if
    `weighted`, ``parts``, the sum of the record's shares; only where records have several rows.
    """
    import narwhals as nw

    several = "organisation" in frame
    names = list(fields) if several else []
    rows = frame.rows
    if frame.dtypes[id_field] == nw.String:
        rows = rows.with_columns(nw.col(id_field).str.strip_chars())
    records = (
        rows.select(
            id_field,
            *([_comparable(frame, "organisation").fill_null("").alias("place")] if several else []),
            *([_share().alias("part"), _null("share"), _impossible_share()] if weighted else []),
            *([_led().alias("led")] if several and "lead" in frame else []),
            *(_comparable(frame, name).alias(f"as_{name}") for name in names),
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
    rules = _record_rules(frame, id_field, names, several=several, weighted=weighted)
    checked = records.with_columns(broken(rules).alias("broken"))
    summary = collected(checked.select(nw.col("n").max(), nw.col("broken").sum()))
    most = (as_whole(summary["n"][0]) if summary["n"] else None) or 0
    if summary["broken"] and as_whole(summary["broken"][0]):
        refuse_rows(Frame(rows=records, dtypes=frame.dtypes), kind, id_field, rules, of="record")
    if most < 2:
        return frame, most
    counted = records.select(id_field, "n", *(["parts"] if weighted else []))
    return frame.evolve(rows.join(counted, on=id_field, how="inner")), most


def _record_rules(
    frame: Frame, id_field: str, names: Sequence[str], *, several: bool, weighted: bool
) -> "list[Rule]":
    """Return what the rows of a record must be together."""
    import narwhals as nw

    n = nw.col("n")
    missing = nw.col(id_field).is_null()
    if frame.dtypes[id_field] == nw.String:
        missing = missing | (nw.col(id_field) == "")
    rules = [(f"no {id_field}", missing)]
    if several:
        rules.append(("stands twice with one organisation", nw.col("places") < n))
        rules += [(f"{name} differs between its rows", _differs(name)) for name in names]
    else:
        rule = f"each {id_field} must stand once, or with a column 'organisation' once for each"
        rules.append((rule, n > 1))
    if several and "lead" in frame:
        rules.append(("its lead is not among its organisations", nw.col("led") == 0))
    if weighted:
        none = nw.col("no_share")
        rules.append(("share is not a whole number of at least 0", nw.col("bad_share") > 0))
        rules.append(("share is stated on some of its rows only", (none > 0) & (none < n)))
        rules.append(("share is 0 on all of its rows", nw.col("parts") == 0))
    return rules


def _differs(name: str) -> "Expr":
    import narwhals as nw

    none = nw.col(f"no_{name}")
    differing = (none == 0) & (nw.col(f"least_{name}") != nw.col(f"most_{name}"))
    return differing | ((none > 0) & (none < nw.col("n")))


def _comparable(frame: Frame, name: str) -> "Expr":
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
