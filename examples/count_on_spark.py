"""Count a national extract on a Spark cluster: only the counts come back.

Submit it with `spark-submit examples/count_on_spark.py extract.parquet`, or give the address of a
Spark Connect server in SPARK_REMOTE and run it with plain Python.
"""

import sys

from pyspark.sql import SparkSession

import lhp_metrics as lhp


def success_rates(spark: SparkSession, path: str) -> lhp.Table[lhp.SuccessRate]:
    """Return success rates by funder of the applications submitted in 2023-24."""
    tally = lhp.tally_grants(
        spark.read.parquet(path),
        by="funder",
        period=lhp.Period.financial_year("2023-24"),
        columns={"ApplicationID": "reference", "Status": "outcome"},
        outcomes={"Funded": "successful", "Rejected": "unsuccessful", "In review": "pending"},
    )
    return lhp.success_rates(tally)


if __name__ == "__main__":
    print(success_rates(SparkSession.builder.getOrCreate(), sys.argv[1]))
