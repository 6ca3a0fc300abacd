"""Results: typed rows outside, columns inside, provenance always."""

from lhp_metrics.results.columns import Column, Columns, column, row_columns
from lhp_metrics.results.per_head import PerHead, per_head
from lhp_metrics.results.rounding import round_to_total
from lhp_metrics.results.rows import Row, RowT
from lhp_metrics.results.suppression import SuppressionRule, suppress
from lhp_metrics.results.table import Table

__all__ = [
    "Column",
    "Columns",
    "PerHead",
    "Row",
    "RowT",
    "SuppressionRule",
    "Table",
    "column",
    "per_head",
    "round_to_total",
    "row_columns",
    "suppress",
]
