"""Records as data frames of every engine, and whether two tallies are the same."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

import dask.dataframe
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from lhp_metrics import Grant, Study
from lhp_metrics.tallies import Tally

TEXT, DATE, POUNDS = pa.string(), pa.date32(), pa.decimal128(14, 2)
PLACE = {"organisation": TEXT, "lead": TEXT, "share": pa.int64()}
GRANT = pa.schema(
    {
        "reference": TEXT,
        "submitted_on": DATE,
        "decided_on": DATE,
        "outcome": TEXT,
        "funder": TEXT,
        "stage": TEXT,
        "theme": TEXT,
        "amount_requested": POUNDS,
        "amount_awarded": POUNDS,
        "resubmission_of": TEXT,
        **PLACE,
    }
)
STUDY = pa.schema(
    {"study_id": TEXT, "registered_on": DATE, "commercial": pa.bool_(), "theme": TEXT, **PLACE}
)


def table(records: Sequence[Grant] | Sequence[Study], schema: pa.Schema) -> pa.Table:
    """Return records as a long table: a row for each of their organisations."""
    rows = []
    for record in records:
        fields = {name: getattr(record, name) for name in schema.names if name not in PLACE}
        parts = whole_parts(record.shares)
        rows += [
            fields | {"lead": record.lead, "organisation": code, "share": parts and parts.get(code)}
            for code in record.organisations or (None,)
        ]
        if parts is not None:
            for row in rows[-len(record.organisations) :]:
                row["share"] = row["share"] or 0
    return pa.Table.from_pylist(rows, schema=schema)


def whole_parts(shares: Mapping[str, Fraction] | None) -> dict[str, int] | None:
    """Return shares as whole numbers in the same proportion."""
    if shares is None:
        return None
    denominator = lcm(*(share.denominator for share in shares.values()))
    return {code: int(share * denominator) for code, share in shares.items()}


def numpy_pandas(rows: pa.Table) -> pd.DataFrame:
    """Return a pandas frame as read from a CSV file: NumPy's dates and floats."""
    frame = object_pandas(rows)
    for field in rows.schema:
        if field.type == DATE:
            frame[field.name] = pd.to_datetime(frame[field.name])
        elif field.type in (POUNDS, pa.int64()):
            frame[field.name] = frame[field.name].astype("float64")
        elif field.type == pa.bool_():
            frame[field.name] = frame[field.name].astype("boolean")
    return frame


def object_pandas(rows: pa.Table) -> pd.DataFrame:
    """Return a pandas frame of Python's own objects: dates and Decimals."""
    return pd.DataFrame(rows.to_pylist(), columns=rows.column_names, dtype=object)


def pence(rows: pa.Table) -> pl.DataFrame:
    """Return a Polars frame with amounts in whole pence."""
    amounts = [field.name for field in rows.schema if field.type == POUNDS]
    frame = pl.from_arrow(rows)
    assert isinstance(frame, pl.DataFrame)
    return frame.with_columns(
        (pl.col(name) * 100).cast(pl.Int64).alias(f"{name}_pence") for name in amounts
    ).drop(amounts)


def in_duckdb(rows: pa.Table) -> duckdb.DuckDBPyRelation:
    """Return a relation of a database of its own."""
    return duckdb.connect().from_arrow(rows)


ENGINES: dict[str, Callable[[pa.Table], Any]] = {
    "pandas": numpy_pandas,
    "pandas of objects": object_pandas,
    "pandas on Arrow": lambda rows: rows.to_pandas(types_mapper=pd.ArrowDtype),
    "Polars": pence,
    "Polars, lazy": lambda rows: pl.from_arrow(rows).lazy(),
    "PyArrow": lambda rows: rows,
    "DuckDB": in_duckdb,
    "Dask": lambda rows: dask.dataframe.from_pandas(numpy_pandas(rows), npartitions=3),
}


def assert_same(one: Tally[Any], two: Tally[Any]) -> None:
    """Compare tallies: counts and pence exactly, second moments to 1e-12, and what they say."""
    for name in ("by", "keys", "rows_in", "excluded", "period", "dated_by", "as_of", "attribution"):
        assert getattr(one, name) == getattr(two, name), name
    assert (one.notes, one.rules, one.names) == (two.notes, two.rules, two.names)
    assert one.overlapping == two.overlapping
    assert one.columns.keys() == two.columns.keys()
    for name, values in one.columns.items():
        if values.dtype.kind == "f":
            np.testing.assert_allclose(values, two.columns[name], rtol=1e-12, err_msg=name)
        else:
            assert values.tolist() == two.columns[name].tolist(), name
