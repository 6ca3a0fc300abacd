"""The ordinary suite looks for doctests everywhere; here only where PySpark is installed."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("pyspark") else ["spark_frames.py"]
