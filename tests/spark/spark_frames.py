"""Frames on Spark: the laws and the example of the ordinary tests, on a local master.

Not named like a test, so that the ordinary suite, which needs no Java, passes it over; `.ci/run`
runs it in a step of its own: `python -m pytest tests/spark/spark_frames.py`.
"""

import datetime as dt
import importlib.util
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from pyspark.sql import SparkSession

import lhp_metrics as lhp
from frame_laws import check_grants, check_studies, grant_questions, study_questions

EXAMPLE = Path(__file__).parents[2] / "examples" / "count_on_spark.py"
few = settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def spark():
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "3")
        .config("spark.sql.session.timeZone", "America/New_York")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@few
@given(asked=grant_questions())
def test_grants_on_spark_count_as_their_records_do(spark, asked):
    records, question = asked

    check_grants(records, question, {"PySpark": spark.createDataFrame})


@few
@given(asked=study_questions())
def test_studies_on_spark_count_as_their_records_do(spark, asked):
    records, question = asked

    check_studies(records, question, {"PySpark": spark.createDataFrame})


def test_without_pyarrow_the_extra_is_named(spark, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    schema = "study_id string, organisation string, registered_on date"
    rows = spark.createDataFrame([("S", "REM", dt.date(2023, 6, 30))], schema)

    with pytest.raises(lhp.MissingExtraError, match=r'pip install "lhp-metrics\[pyarrow\]"'):
        lhp.tally_registrations(rows, by="organisation")


def test_the_date_of_a_timestamp_is_the_one_in_london(spark):
    # Half past eleven at night in UTC is half past midnight of British Summer Time.
    registered = dt.datetime(2023, 6, 30, 23, 30, tzinfo=dt.UTC)
    rows = spark.createDataFrame(
        [("S", "REM", registered)], "study_id string, organisation string, registered_on timestamp"
    )

    tally = lhp.tally_registrations(rows, by="month")

    assert list(map(str, tally)) == ["Jul 2023"]
    assert "in London" in tally.notes[0]


def test_the_example_of_the_documentation_counts(spark, tmp_path):
    rows = {
        "ApplicationID": ["G1", "G2", "G3", "G4"],
        "Status": ["Funded", "Rejected", "In review", "Funded"],
        "funder": ["NIHR", "NIHR", "MRC", "MRC"],
        "submitted_on": [dt.date(2023, 5, 1)] * 3 + [dt.date(2022, 5, 1)],
    }
    pa.parquet.write_table(pa.table(rows), tmp_path / "extract.parquet")
    spec = importlib.util.spec_from_file_location("count_on_spark", EXAMPLE)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)

    rates = example.success_rates(spark, str(tmp_path / "extract.parquet"))

    assert (rates["NIHR"].successful, rates["NIHR"].decided, rates["MRC"].pending) == (1, 2, 1)
    assert rates.provenance.records_excluded == {"submitted_on outside the period": 1}
