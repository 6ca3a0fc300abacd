"""Frames and records to counts, against the same question by hand.

    python benchmarks/frames.py                 # everything; some minutes, 1.5 GB of disk
    python benchmarks/frames.py --rows 1000000  # a smaller file

The question: applications by funder and outcome in a period, how many were left out, whether a
date is missing or a decision comes before its application, and how many decisions came later. By
hand it is asked in one query or loop that answers all of this; beside it, for information, stands
the bare count of what is in the period, which would lose the rest in silence. Both sides take
turns in one process, and CPU seconds are compared. Peak memory is that of a process of its own.
"""

import argparse
import datetime as dt
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from _timing import print_versions

import lhp_metrics as lhp

PERIOD = lhp.Period("2019-04-01", "2024-03-31")
START, END = PERIOD.start, PERIOD.end
LARGE, SMALL = 100_000_000, 1_000_000

MAKE = """
COPY (
    SELECT
        i AS reference,
        list_value('NIHR', 'UKRI', 'Wellcome', 'BHF', 'CRUK', 'EU')[1 + (hash(i) % 6)::INT]
            AS funder,
        list_value('successful', 'unsuccessful', 'unsuccessful', 'unsuccessful', 'pending')
            [1 + (hash(i + 1) % 5)::INT] AS outcome,
        DATE '2018-04-01' + (hash(i + 2) % 2500)::INT AS submitted_on,
        CASE WHEN hash(i + 1) % 5 < 4
            THEN DATE '2018-04-01' + (hash(i + 2) % 2500)::INT + (hash(i + 3) % 300)::INT
        END AS decided_on
    FROM range({rows}) AS t(i)
) TO '{path}' (FORMAT parquet)
"""
BY_HAND = f"""
SELECT funder, outcome, submitted_on BETWEEN DATE '{START}' AND DATE '{END}' AS inside,
    decided_on > DATE '{END}' AS later, count(*),
    count(*) FILTER (submitted_on IS NULL OR decided_on < submitted_on)
FROM rows GROUP BY ALL
"""
BARE = f"""
SELECT funder, outcome, count(*)
FROM rows WHERE submitted_on BETWEEN DATE '{START}' AND DATE '{END}' GROUP BY ALL
"""
UNIQUE = "SELECT max(n) FROM (SELECT count(*) AS n FROM rows GROUP BY reference)"

PEAK = f"""
import re, sys
from pathlib import Path
import duckdb
import lhp_metrics as lhp
rows = duckdb.connect().read_parquet(sys.argv[1])
period = lhp.{PERIOD!r}
lhp.tally_grants(rows, by="funder", period=period, duplicates="unchecked")
print(int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024)
"""


def ours(frame: object) -> lhp.GrantTally:
    return lhp.tally_grants(frame, by="funder", period=PERIOD, duplicates="unchecked")


def in_polars(frame: pl.DataFrame) -> object:
    early = pl.col("submitted_on").is_null() | (pl.col("decided_on") < pl.col("submitted_on"))
    return (
        frame.lazy()
        .with_columns(
            inside=pl.col("submitted_on").is_between(START, END),
            later=pl.col("decided_on") > END,
            fault=early,
        )
        .group_by("funder", "outcome", "inside", "later")
        .agg(pl.len(), pl.col("fault").sum())
        .collect()
    )


def in_arrow(table: pa.Table) -> object:
    on, decided = table["submitted_on"], table["decided_on"]
    inside = pc.and_(pc.greater_equal(on, START), pc.less_equal(on, END))
    fault = pc.or_kleene(pc.is_null(on), pc.less(decided, on)).cast(pa.int64())
    rows = table.select(["funder", "outcome"])
    rows = rows.append_column("inside", inside).append_column("later", pc.greater(decided, END))
    grouped = rows.append_column("fault", fault).group_by(["funder", "outcome", "inside", "later"])
    return grouped.aggregate([([], "count_all"), ("fault", "sum")])


def records(rows: int, *, amounts: bool = True) -> list[lhp.Grant]:
    start = dt.date(2018, 4, 1)
    outcomes = ("successful", "unsuccessful", "unsuccessful", "unsuccessful", "pending")
    funders = ("NIHR", "UKRI", "Wellcome", "BHF", "CRUK", "EU")
    made = []
    for i in range(rows):
        outcome = outcomes[i * 7919 % 5]
        on = start + dt.timedelta(days=i * 104729 % 2500)
        made.append(
            lhp.Grant(
                reference=f"G{i}",
                submitted_on=on,
                outcome=outcome,
                decided_on=None if outcome == "pending" else on + dt.timedelta(days=i % 300),
                funder=funders[i * 31 % 6],
                amount_requested=10_000 + i * 37 % 500_000 if amounts else None,
                amount_awarded=9_000 + i * 37 % 500_000
                if amounts and outcome == "successful"
                else None,
            )
        )
    return made


def study_records(rows: int) -> list[lhp.Study]:
    start = dt.date(2018, 4, 1)
    codes = ("REM", "RET", "REN", "RBS", "RBQ", "RW4")
    return [
        lhp.Study(
            study_id=f"S{i}",
            registered_on=start + dt.timedelta(days=i * 104729 % 2500),
            lead=codes[i * 31 % 6],
        )
        for i in range(rows)
    ]


def counter_loop(grants: list[lhp.Grant]) -> object:
    """Count what `tally_grants` counts of records, plainly."""
    seen: set[str] = set()
    stages: Counter[str | None] = Counter()
    counts: Counter[tuple[str, str]] = Counter()
    known: Counter[tuple[str, str]] = Counter()
    requested: Counter[tuple[str, str]] = Counter()
    awarded: Counter[tuple[str, str]] = Counter()
    squares: Counter[tuple[str, str]] = Counter()
    products: Counter[tuple[str, str]] = Counter()
    largest: Counter[tuple[str, str]] = Counter()
    outside = later = again = 0
    for grant in grants:
        if not isinstance(grant, lhp.Grant):
            raise TypeError(grant)
        if grant.reference in seen:
            raise ValueError(grant.reference)
        seen.add(grant.reference)
        if not START <= grant.submitted_on <= END:
            outside += 1
            continue
        group = grant.funder or "not stated", grant.outcome
        counts[group] += 1
        stages[grant.stage] += 1
        if grant.resubmission_of is not None:
            again += 1
        if grant.decided_on is not None and grant.decided_on > END:
            later += 1
        asked = grant.amount_requested
        if asked is not None:
            known[group] += 1
            pence = int(asked * 100)
            requested[group] += pence
            squares[group] += pence * pence
            largest[group] = max(largest[group], pence)
            if grant.amount_awarded is not None:
                got = int(grant.amount_awarded * 100)
                awarded[group] += got
                products[group] += pence * got
    return counts, known, requested, awarded, squares, products, largest, stages, outside, later


def study_loop(studies: list[lhp.Study]) -> object:
    """Count what `tally_registrations` counts of records, plainly."""
    seen: set[str] = set()
    counts: Counter[str] = Counter()
    outside = 0
    for study in studies:
        if not isinstance(study, lhp.Study):
            raise TypeError(study)
        if study.study_id in seen:
            raise ValueError(study.study_id)
        seen.add(study.study_id)
        if study.registered_on is None:
            raise ValueError(study.study_id)
        if not START <= study.registered_on <= END:
            outside += 1
            continue
        organisations = study.organisations
        if len(organisations) > 1:
            raise ValueError(study.study_id)
        counts[organisations[0] if organisations else "not stated"] += 1
    return counts, outside


def compare(
    question: str,
    rows: int,
    sides: dict[str, Callable[[], object]],
    *,
    rounds: int = 5,
) -> bool:
    """Time ours and the others in turn; print CPU seconds, and each other's over ours."""
    best = dict.fromkeys(sides, float("inf"))
    for _ in range(rounds):
        for name, call in sides.items():
            start = time.process_time()
            call()
            best[name] = min(best[name], time.process_time() - start)
    mine = best.pop("ours")
    met = True
    for name, seconds in best.items():
        ratio = mine / seconds
        verdict = ""
        if name in ("SQL", "native"):
            limit = 1.25 if name == "SQL" else 1.3
            met = ratio <= limit
            verdict = f"at most {limit} ×" + ("" if met else " MISSED")
        elif name == "Counter loop":
            met = seconds / mine >= 2.5
            verdict = f"{seconds / mine:.2f} × as fast, at least 2.5 ×" + ("" if met else " MISSED")
        print(
            f"| {question} vs {name} | {rows:,} | {mine:.3f} s | {seconds:.3f} s | {ratio:.2f} × "
            f"| {verdict} |",
            flush=True,
        )
    return met


def large(path: Path, rows: int) -> bool:
    connection = duckdb.connect()
    connection.execute(MAKE.format(rows=rows, path=path))
    connection.execute(f"CREATE VIEW rows AS SELECT * FROM '{path}'")
    met = compare(
        "Parquet in DuckDB",
        rows,
        {
            "ours": lambda: ours(connection.read_parquet(str(path))),
            "SQL": lambda: connection.execute(BY_HAND).fetchall(),
            "the bare count": lambda: connection.execute(BARE).fetchall(),
        },
        rounds=3,
    )
    checked = min(rows, 10 * SMALL)  # one reference a row: a shuffle of all of them
    connection.execute(f"CREATE OR REPLACE VIEW rows AS SELECT * FROM '{path}' LIMIT {checked}")
    compare(
        "the same, duplicates looked for",
        checked,
        {
            "ours": lambda: lhp.tally_grants(connection.table("rows"), by="funder", period=PERIOD),
            "SQL that does": lambda: (
                connection.execute(BY_HAND).fetchall() and connection.execute(UNIQUE).fetchall()
            ),
        },
        rounds=2,
    )
    peak = subprocess.run(
        [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True
    )
    megabytes = float(peak.stdout.split()[-1])  # after DuckDB's progress bar
    within = megabytes < 400
    verdict = "" if within else " MISSED"
    print(f"| its peak memory | {rows:,} | {megabytes:.0f} MB | | | under 400 MB{verdict} |")
    return met and within


def small(path: Path) -> bool:
    duckdb.connect().execute(MAKE.format(rows=SMALL, path=path))
    frame = pl.read_parquet(path)
    table = frame.to_arrow().cast(
        pa.schema(
            {
                "reference": pa.int64(),
                "funder": pa.string(),
                "outcome": pa.string(),
                "submitted_on": pa.date32(),
                "decided_on": pa.date32(),
            }
        )
    )
    met = compare(
        "Polars", SMALL, {"ours": lambda: ours(frame), "native": lambda: in_polars(frame)}
    )
    met &= compare(
        "PyArrow", SMALL, {"ours": lambda: ours(table), "native": lambda: in_arrow(table)}
    )
    met &= count_records("records", records(SMALL))
    met &= count_records("records without amounts", records(SMALL, amounts=False))
    studies = study_records(SMALL)
    sides = {
        "ours": lambda: lhp.tally_registrations(studies, period=PERIOD),
        "Counter loop": lambda: study_loop(studies),
    }
    return met & compare("studies by organisation", SMALL, sides, rounds=3)


def count_records(question: str, grants: list[lhp.Grant]) -> bool:
    sides = {
        "ours": lambda: lhp.tally_grants(grants, by="funder", period=PERIOD),
        "Counter loop": lambda: counter_loop(grants),
    }
    return compare(question, SMALL, sides, rounds=3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=LARGE, help="rows of the large file")
    options = parser.parse_args()
    print_versions("narwhals", "duckdb", "polars", "pyarrow")
    print("| question | rows | ours | by hand | ours / by hand | target |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        met = small(Path(folder, "small.parquet"))
        met &= large(Path(folder, "large.parquet"), options.rows)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
