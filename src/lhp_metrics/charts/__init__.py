"""Pictures of results, with matplotlib (extra ``charts``): one function per picture.

``ax=`` in, `Axes` out: a picture is drawn where it is wanted, and is never shown or saved unasked.
Titles state the finding, and so does the alternative text, which is the axes' label
(``ax.get_label()``). `save_chart` writes both into an SVG.
"""

from lhp_metrics.charts._axes import Size
from lhp_metrics.charts._save import save_chart, svg_text
from lhp_metrics.charts.caterpillar import caterpillar_plot
from lhp_metrics.charts.control_chart import control_chart_plot
from lhp_metrics.charts.coverage import coverage_plot
from lhp_metrics.charts.forest import forest_plot
from lhp_metrics.charts.funnel import funnel_plot
from lhp_metrics.charts.shares import shares_plot
from lhp_metrics.charts.survival import survival_plot
from lhp_metrics.charts.waterfall import waterfall_plot

__all__ = [
    "Size",
    "caterpillar_plot",
    "control_chart_plot",
    "coverage_plot",
    "forest_plot",
    "funnel_plot",
    "save_chart",
    "shares_plot",
    "survival_plot",
    "svg_text",
    "waterfall_plot",
]
