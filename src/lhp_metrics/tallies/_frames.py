"""Data frames of any engine, narrowed to classes of like rows: what a tally needs of them.

The engine groups the rows by everything that a tally may ask of them: labels as they are written,
months, small codes for the rest. What comes back has a row per class of like rows, and is small;
names, maps, exclusions and keys are then worked out as for records.
"""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import near_matches, text_map
from lhp_metrics._extras import optional
from lhp_metrics.errors import InvalidInputError, InvalidTypeError

if TYPE_CHECKING:
    import narwhals as nw

    Rows: TypeAlias = nw.LazyFrame[Any]
    Expr: TypeAlias = nw.Expr

__all__ = [
    "Classes",
    "Frame",
    "as_whole",
    "collected",
    "flag",
    "is_frame",
    "is_null",
    "label",
    "opened",
    "packed",
    "refuse_frame_options",
    "unpacked",
]


def is_frame(value: object) -> bool:
    """Tell whether a value may be a data frame, without importing any library of frames."""
    # Asked of the type: some lazy frames work hard to answer.
    return hasattr(type(value), "columns")


def refuse_frame_options(**options: object) -> None:
    """Refuse options that only frames have, given with records."""
    given = [f"{name}=" for name, value in options.items() if value is not None]
    if given:
        raise InvalidInputError(
            f"{' and '.join(given)} translate the columns of a data frame; records have fields"
        )


@attrs.frozen(kw_only=True)
class Frame:
    """Rows in their engine, under the library's names."""

    rows: "Rows"
    dtypes: Mapping[str, Any]

    def __contains__(self, name: object) -> bool:
        return name in self.dtypes

    def need(self, names: Iterable[str], *, columns: Mapping[str, str]) -> None:
        """Refuse missing columns; those that there are are listed, near ones first."""
        missing = [name for name in names if name not in self]
        if missing:
            house = {ours: theirs for theirs, ours in columns.items()}
            found = [house.get(name, name) for name in self.dtypes]
            wanted = " and no column ".join(
                f"{name!r}{near_matches(name, found)}" for name in missing
            )
            stop = "" if wanted.endswith("?") else "."
            raise InvalidInputError(
                f"the frame has no column {wanted}{stop} It has {', '.join(map(repr, found))}; "
                f"columns={{'its name': {missing[0]!r}}} says which one is meant"
            )

    def evolve(self, rows: "Rows") -> "Frame":
        """Return the frame with other rows, and the types of their columns."""
        return Frame(rows=rows, dtypes=dict(rows.collect_schema()))

    def classes(
        self,
        labels: Mapping[str, "Expr"],
        sums: Mapping[str, "Expr"],
        largest: Sequence[str] = (),
    ) -> "Classes":
        """Return the rows counted by `labels`, with sums over each class, in one query.

        Of the sums in `largest` the largest value is had too, as ``largest_<name>``.
        """
        import narwhals as nw

        keys = {f"label_{name}": value for name, value in labels.items()}
        grouped = (
            self.rows.select(**keys, **{f"sum_{name}": value for name, value in sums.items()})
            .group_by(list(keys), drop_null_keys=False)
            .agg(
                nw.len().alias("rows"),
                *(nw.col(f"sum_{name}").sum() for name in sums),
                *(nw.col(f"sum_{name}").max().alias(f"largest_{name}") for name in largest),
            )
        )
        found = collected(grouped)
        return Classes(
            labels={name: found[f"label_{name}"] for name in labels},
            sums={name: found[f"sum_{name}"] for name in sums}
            | {f"largest_{name}": found[f"largest_{name}"] for name in largest},
            rows=np.array(found["rows"], dtype=np.int64),
        )


@attrs.define(kw_only=True)
class Classes:
    """Classes of like rows: their labels, how many rows, and sums over them."""

    labels: Mapping[str, Sequence[Any]]
    sums: Mapping[str, Sequence[Any]]
    rows: NDArray[np.int64]
    excluded: dict[str, int] = attrs.field(factory=dict)
    kept: NDArray[np.bool_] = attrs.field(init=False)
    records: NDArray[np.float64] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.kept = np.ones(len(self.rows), dtype=np.bool_)
        # A record of n rows stands n times; its rows may be of different classes.
        self.records = self.rows / self._times

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def _times(self) -> NDArray[np.int64]:
        return self.codes("n") if "n" in self.labels else np.ones(len(self.rows), dtype=np.int64)

    def codes(self, name: str) -> NDArray[np.int64]:
        """Return labels that are whole numbers; -1 stands for none, 0 if there is no such label."""
        if name not in self.labels:
            return np.zeros(len(self), dtype=np.int64)
        values = (as_whole(value) for value in self.labels[name])
        return np.array([-1 if value is None else value for value in values], dtype=np.int64)

    def texts(self, name: str) -> list[Any]:
        """Return labels as text, or as yes and no; None where nothing is stated."""
        known: dict[Any, Any] = {}
        return [label(value, name, known) for value in self.labels[name]]

    def counts(self, *, spread: bool) -> NDArray[np.int64]:
        """Return how many records each class has, or rows if the rows are `spread` over groups."""
        return self.rows if spread else self.rows // self._times

    def whole(self, name: str, *, spread: bool) -> NDArray[np.int64]:
        """Return sums of whole numbers, over records or `spread` rows."""
        sums = np.array([as_whole(value) or 0 for value in self.sums[name]], dtype=np.int64)
        return sums if spread else sums // self._times

    def real(self, name: str, *, spread: bool) -> NDArray[np.float64]:
        """Return sums of real numbers, over records or `spread` rows."""
        sums = np.array([0.0 if is_null(value) else float(value) for value in self.sums[name]])
        return sums if spread else sums / self._times

    def exclude(self, reason: str, where: NDArray[np.bool_]) -> None:
        """Leave out the classes of which `where` holds."""
        gone = self.kept & where
        if gone.any():
            self.excluded[reason] = round(self.records[gone].sum())
            self.kept = self.kept & ~where

    def count(self, where: NDArray[np.bool_]) -> int:
        """Return the number of records in the classes of which `where` holds."""
        return int(np.rint(self.records[where].sum()))

    def with_labels(self, labels: Mapping[str, Sequence[Any]]) -> "Classes":
        """Return the classes with further labels."""
        return Classes(labels={**self.labels, **labels}, sums=self.sums, rows=self.rows)

    def only_kept(self) -> "Classes":
        """Return the classes that are still in, alone."""
        index = np.flatnonzero(self.kept).tolist()
        return Classes(
            labels={name: [values[i] for i in index] for name, values in self.labels.items()},
            sums={name: [values[i] for i in index] for name, values in self.sums.items()},
            rows=self.rows[index],
            excluded=self.excluded,
        )


def opened(source: Any, what: str, columns: Mapping[str, str] | None) -> Frame:
    """Return a data frame with its columns under the names that `columns` gives them."""
    import warnings

    import narwhals as nw

    try:
        with warnings.catch_warnings():
            # Narwhals announces that its support of Dask is to become a package of its own.
            warnings.filterwarnings("ignore", "Dask support", FutureWarning)
            rows: Rows = nw.from_native(source).lazy()
    except nw.exceptions.DuplicateError:
        _names(source)
        raise
    except TypeError:
        expected = f"{what} must be records or a data frame"
        raise InvalidTypeError(f"{expected}; got {type(source).__name__}") from None
    names = _names(source)
    for old, new in _column_names(columns, names).items():
        if old != new:
            rows = rows.rename({old: new})
    return Frame(rows=rows, dtypes=dict(rows.collect_schema()))


def _names(source: Any) -> list[str]:
    """Return the names of a frame's columns; refuse those that do not tell columns apart."""
    import narwhals as nw

    native = nw.to_native(source, pass_through=True)
    if hasattr(native, "column_names"):
        names = list(native.column_names)
    elif hasattr(native, "collect_schema"):
        names = list(native.collect_schema())
    else:
        names = list(native.columns)
    for name in names:
        if not isinstance(name, str):
            raise InvalidTypeError(f"a frame's columns must have names that are text; got {name!r}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInputError(f"the frame has two columns named {', '.join(map(repr, twice))}")
    return names


def _column_names(columns: Mapping[str, str] | None, names: Sequence[str]) -> dict[str, str]:
    """Return `columns`, checked against the names that there are."""
    given = text_map("columns", columns)
    for old in given:
        if old not in names:
            found = ", ".join(map(repr, names))
            raise InvalidInputError(
                f"columns names {old!r}, which the frame does not have"
                f"{near_matches(old, names) or '.'} It has {found}"
            )
    after = [given.get(name, name) for name in names]
    for new in given.values():
        if after.count(new) > 1:
            both = [name for name in names if given.get(name, name) == new]
            raise InvalidInputError(
                f"columns {' and '.join(map(repr, both))} would both be {new!r}"
            )
    return given


def collected(rows: "Rows") -> dict[str, list[Any]]:
    """Return what a query finds, as lists."""
    native: Any = rows.to_native()
    if hasattr(native, "fetchall"):  # DuckDB, without a detour through Arrow
        found = native.fetchall()
        return {name: [row[i] for row in found] for i, name in enumerate(native.columns)}
    if rows.implementation.is_polars():  # piece by piece, so that files need not fit in memory
        return rows.collect(engine="streaming").to_dict(as_series=False)
    if rows.implementation.is_spark_like():
        optional("pyarrow", extra="pyarrow", user="counting on Spark")
    return rows.collect().to_dict(as_series=False)


def flag(condition: "Expr") -> "Expr":
    """Return 1 where a condition holds and 0 elsewhere, also where it is not known."""
    import narwhals as nw

    # A cast: some engines make a column of each literal that a choice is between.
    return condition.fill_null(False).cast(nw.Int64)


def packed(codes: Iterable[tuple["Expr", int]]) -> "Expr":
    """Return small codes, each with how many values it has, as one number for `unpacked`.

    One column to group by costs an engine less than several.
    """
    import narwhals as nw

    whole: Expr | None = None
    for code, size in codes:
        whole = code if whole is None else whole * size + code
    return nw.lit(0) if whole is None else whole


def unpacked(
    packs: NDArray[np.int64], codes: Iterable[tuple[str, int]]
) -> dict[str, NDArray[np.int64]]:
    """Return the codes, by name, that `packed` made into one number."""
    found: dict[str, NDArray[np.int64]] = {}
    for name, size in reversed(list(codes)):
        packs, found[name] = np.divmod(packs, size)
    return found


def as_whole(value: Any) -> int | None:
    """Return a whole number from whatever type an engine gives it; None where it is none."""
    return None if is_null(value) else int(value)


def is_null(value: Any) -> bool:
    """Tell whether an engine means nothing by a value."""
    return value is None or repr(value) in ("nan", "<NA>", "NaT", "np.float64(nan)")


def label(value: Any, name: str, known: dict[Any, Any]) -> Any:
    """Return a label as text without spare spaces, or as yes and no; None where it is blank."""
    place = (value, type(value))
    if place not in known:
        known[place] = _label(value, name)
    return known[place]


def _label(value: Any, name: str) -> Any:
    if is_null(value):
        return None
    if isinstance(value, str):
        return " ".join(value.split()) or None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, Integral) or (isinstance(value, float) and value.is_integer()):
        return str(int(value))
    raise InvalidInputError(f"cannot count by {name!r}: it holds {value!r}, which is no label")
