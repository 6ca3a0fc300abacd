"""Frames to counts, against the same question by hand: run `python benchmarks/frames.py`.

Every ratio is had in one run, the two sides in turn. The large file is made on the spot, in a
temporary folder, by DuckDB; its peak memory is that of a process of its own.
"""

import argparse
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lhp_metrics as lhp

PERIOD = lhp.Period("2019-04-01", "2024-03-31")
SQL_ROWS = """
COPY (
    SELECT
        i AS reference,
        list_value('NIHR', 'UKRI', 'Wellcome', 'BHF', 'CRUK', 'EU')[1 + (hash(i) % 6)::INT] AS funder,
        list_value('successful', 'unsuccessful', 'unsuccessful', 'unsuccessful', 'pending')
            [1 + (hash(i + 1) % 5)::INT] AS outcome,
        DATE '2018-04-01' + (hash(i + 2) % 2500)::INT AS submitted_on,
        CASE WHEN hash(i + 1) % 5 < 4
            THEN DATE '2018-04-01' + (hash(i + 2) % 2500)::INT + (hash(i + 3) % 300)::INT
        END AS decided_on,
        CAST(hash(i + 4) % 100000000 AS DECIMAL(12, 2)) / 100 AS amount_requested
    FROM range({rows}) AS t(i)
) TO '{path}' (FORMAT parquet)
"""


def main() -> None:
    pass
