"""Files and dicts read as the library's own objects."""

from lhp_metrics.readers.counts import read_counts
from lhp_metrics.readers.ods import read_ods
from lhp_metrics.readers.records import read_grants, read_studies

__all__ = ["read_counts", "read_grants", "read_ods", "read_studies"]
