"""Records and counts written so that the readers give them back as they were."""

from lhp_metrics.writers.counts import write_counts
from lhp_metrics.writers.records import write_grants, write_studies

__all__ = ["write_counts", "write_grants", "write_studies"]
