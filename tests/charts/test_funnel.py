import math

import numpy as np
import pytest
from scipy import stats

import lhp_metrics as lhp
from chart_reading import FUNDERS, JRO, legend, lines, texts, title
from every_result import clocks_as_of
from lhp_metrics import charts
from lhp_metrics.metrics._funnel_limits import limit_curves

EXPECTED = {"RBS": 20, "REN": 11, "REM": 80}


def marked(ax, marker):
    return [point for x, y, m in lines(ax) if m == marker for point in zip(x, y, strict=True)]


def test_points_stand_at_size_and_value_with_a_marker_by_position(ax):
    points = lhp.funnel(FUNDERS)
    assert [row.position for row in points] == ["above 95%", "below 99.8%", None, "within"]

    charts.funnel_plot(points, ax=ax)

    assert marked(ax, "^") == [(100, 0.4)]
    assert marked(ax, "D") == [(70, 6 / 70)]
    assert marked(ax, "o") == [(80, 22 / 80)]
    assert texts(ax) == ["MRC", "NIHR"]
    assert legend(ax)[:3] == ["target 27.2%", "95% limits", "99.8% limits"]


def test_title_and_alternative_text_say_who_is_outside(ax):
    charts.funnel_plot(lhp.funnel(FUNDERS), ax=ax)

    assert title(ax) == (
        "Success rates: 2 of 3 groups outside the limits: "
        "MRC (8.6%, below 99.8%) and NIHR (40.0%, above 95%)"
    )
    assert "CRUK not drawn, nothing was counted" in ax.get_label()
    assert "UKRI 27.5% of 80 (within)" in ax.get_label()


@pytest.mark.parametrize("method", ["wilson", "exact"])
@pytest.mark.parametrize("level", [0.95, 0.998])
def test_the_curves_go_through_the_limits_of_every_group(method, level):
    points = lhp.funnel(FUNDERS, method=method)
    name = "95" if level == 0.95 else "99_8"

    # All sizes from 1 to 100 are on the grid where there are no more of them than points.
    (sizes, low), (_, high) = limit_curves(points.limits_of, points.target, level, 100)

    for row in points:
        if row.trials in sizes:
            place = int(np.flatnonzero(sizes == row.trials)[0])
            assert low[place] == pytest.approx(getattr(row, f"lower_{name}"))
            assert high[place] == pytest.approx(getattr(row, f"upper_{name}"))


@pytest.mark.parametrize("level", [0.95, 0.998])
def test_the_curves_of_ratios_are_where_poisson_counts_reach_their_tails(level):
    tail = (1 - level) / 2

    (sizes, low), (sizes_high, high) = limit_curves("exact Poisson", 1.2, level, 50)

    # On the curve the count (size × value) has exactly the tail beyond it.
    below = stats.poisson.cdf(np.rint(sizes * low), 1.2 * sizes)
    above = stats.poisson.sf(np.rint(sizes_high * high) - 1, 1.2 * sizes_high)
    assert below == pytest.approx(tail, rel=1e-6)
    assert above == pytest.approx(tail, rel=1e-6)
    assert min(sizes.max(), sizes_high.max()) >= 50


def test_adjusted_curves_go_through_the_adjusted_limits():
    points = lhp.funnel(FUNDERS)
    assert points.tau_squared > 0

    (sizes, low), (_, high) = limit_curves(
        points.limits_of, points.target, 0.95, 100, points.tau_squared
    )

    row = points["NIHR"]
    assert sizes[-1] == row.trials
    assert low[-1] == pytest.approx(row.adjusted_lower_95)
    assert high[-1] == pytest.approx(row.adjusted_upper_95)


def test_adjusted_limits_mark_by_the_adjusted_position(ax):
    points = lhp.funnel(FUNDERS)
    assert {row.adjusted_position for row in points} == {"within", None}

    charts.funnel_plot(points, adjusted=True, ax=ax)

    assert len(marked(ax, "o")) == 3
    row = points["NIHR"]
    for edge in (row.adjusted_lower_95, row.adjusted_upper_95):
        assert [1 for x, y, _ in lines(ax) if edge == pytest.approx(np.interp(100, x, y), abs=1e-3)]
    assert title(ax) == "Success rates: none of 3 groups is outside the limits"
    assert "95% limits, adjusted" in legend(ax)


def test_registrations_are_drawn_over_what_was_expected(ax):
    points = lhp.funnel(JRO, expected=EXPECTED)

    charts.funnel_plot(points, ax=ax)

    assert marked(ax, "D") == [(11, 34 / 11)]
    assert ax.get_xlabel() == "Registrations expected"
    assert title(ax) == (
        "Registrations over expected: 2 of 3 groups outside the limits: "
        "REN (3.09, above 99.8%) and REM (0.86, below 95%)"
    )
    assert texts(ax) == ["REN", "REM"]


def test_names_do_not_stand_on_each_other():
    rng = np.random.default_rng(20240331)
    tally = lhp.GrantTally.from_counts(
        {
            f"Funder {place}": lhp.OutcomeCounts(
                successful=int(rng.integers(0, n)), unsuccessful=int(n)
            )
            for place, n in enumerate(rng.integers(20, 200, 60))
        }
    )

    ax = charts.funnel_plot(lhp.funnel(tally), size="column")

    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) > 3
    assert not [1 for i, one in enumerate(boxes) for two in boxes[:i] if one.overlaps(two)]


def test_a_funnel_of_nothing_or_of_no_funnel_is_refused(ax):
    none = lhp.GrantTally.from_counts({"A": lhp.OutcomeCounts(successful=0, unsuccessful=0)})

    with pytest.raises(lhp.InvalidInputError, match="no group has a value"):
        charts.funnel_plot(lhp.funnel(none), ax=ax)
    with pytest.raises(lhp.InvalidTypeError, match="points must be a FunnelPoints; got Table"):
        charts.funnel_plot(lhp.success_rates(FUNDERS), ax=ax)
    with pytest.raises(lhp.InvalidTypeError, match="adjusted must be a bool; got str"):
        charts.funnel_plot(lhp.funnel(FUNDERS), adjusted="yes", ax=ax)


def test_a_target_of_0_has_no_curves(ax):
    charts.funnel_plot(lhp.funnel(JRO, expected=EXPECTED, target=0.0), ax=ax)

    assert legend(ax)[0] == "target 0.00"
    assert "95% limits" not in legend(ax)
    assert not math.isnan(ax.get_ylim()[1])


def test_a_funnel_without_a_success_still_has_a_height(ax):
    none = {name: lhp.OutcomeCounts(successful=0, unsuccessful=9) for name in "AB"}

    charts.funnel_plot(lhp.funnel(lhp.GrantTally.from_counts(none)), adjusted=True, ax=ax)

    assert ax.get_ylim() == (0, 1)
    assert title(ax) == "Success rates: none of 2 groups is outside the limits"


def test_clocks_are_drawn_as_shares_within_their_target(ax):
    charts.funnel_plot(lhp.funnel(clocks_as_of("2024-03-31", 0)), ax=ax)

    assert ax.get_xlabel() == "Number of clocks due, hra-approval-to-open"
    assert ax.get_ylabel() == "Share within target"
