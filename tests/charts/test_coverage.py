from typing import get_args

import numpy as np
import pytest
from scipy import stats

import lhp_metrics as lhp
from chart_reading import legend, lines, title
from lhp_metrics import charts
from lhp_metrics.charts.coverage import _coverage
from lhp_metrics.intervals import ProportionMethod, proportion_interval


@pytest.mark.parametrize("method", get_args(ProportionMethod))
@pytest.mark.parametrize("trials", [1, 7, 40])
def test_coverage_is_the_sum_of_the_binomial_chances_of_covering_outcomes(method, trials):
    p, covered = _coverage(trials, method, 0.9)

    k = np.arange(trials + 1)
    low, high = proportion_interval(k, trials, method=method, confidence_level=0.9)
    every = slice(None, None, 7)
    covers = (low <= p[every, None]) & (p[every, None] <= high)
    expected = (covers * stats.binom.pmf(k, trials, p[every, None])).sum(axis=1)
    assert covered[every] == pytest.approx(expected, abs=1e-9)


# L. D. Brown, T. T. Cai and A. DasGupta (2001), Statistical Science 16, 101-133, section 2.1:
# coverage of the nominal 95 % Wald interval, printed to 3 decimals.
@pytest.mark.parametrize(
    ("trials", "p", "expected"),
    [(30, 0.2, 0.946), (98, 0.2, 0.928), (17, 0.5, 0.951), (40, 0.5, 0.919)],
)
def test_the_standard_interval_covers_as_published(trials, p, expected):
    at, covered = _coverage(trials, "wald", 0.95)

    assert covered[np.argmin(abs(at - p))] == pytest.approx(expected, abs=5e-4)


def test_lines_are_the_coverage_and_its_local_mean(ax):
    charts.coverage_plot(20, methods=["wilson", "clopper-pearson"], ax=ax)

    p, covered = _coverage(20, "wilson", 0.95)
    drawn = [(x, y) for x, y, _ in lines(ax)]
    assert (list(p), list(covered)) in drawn
    bold = [(x, y, marker) for x, y, marker in lines(ax) if marker in "os" and len(x) == 101]
    assert [marker for _, _, marker in bold] == ["o", "s"]
    middle = (p > 0.475) & (p < 0.525)
    # Sums of strips instead of the chart's integral: equal to the width of a strip.
    mean = np.average(covered[middle], weights=np.gradient(p)[middle])
    assert bold[0][1][50] == pytest.approx(mean, abs=2e-3)
    assert legend(ax)[0] == "95%, the nominal level"
    assert legend(ax)[1].startswith("wilson, mean 95.")


def test_the_title_says_who_keeps_the_level_and_who_falls(ax):
    charts.coverage_plot(20, ax=ax)

    assert title(ax) == (
        "95% intervals of 20 trials: clopper-pearson never covers less than 95%; wald falls to 0.0%"
    )
    assert "wilson covers 95." in ax.get_label()


def test_a_line_that_falls_off_the_axis_leaves_it_at_an_arrow(ax):
    charts.coverage_plot(20, methods=["wald"], ax=ax)

    bottom = ax.get_ylim()[0]
    assert bottom == pytest.approx(0.80)
    ((x, y, _),) = [line for line in lines(ax) if line[2] == "v"]
    assert y == [bottom, bottom]
    p, covered = _coverage(20, "wald", 0.95)
    assert x == [min(p[covered < bottom]), max(p[covered < bottom])]


def test_methods_of_one_kind_that_keep_the_level_are_listed(ax):
    charts.coverage_plot(10, methods=["clopper-pearson", "blaker"], confidence_level=0.9, ax=ax)

    assert title(ax) == (
        "90% intervals of 10 trials: clopper-pearson and blaker never cover less than 90%"
    )


@pytest.mark.parametrize(
    ("trials", "how", "error", "message"),
    [
        (0, {}, lhp.InvalidInputError, "trials must be one whole number of at least 1; got 0"),
        ([5, 6], {}, lhp.InvalidInputError, "trials must be one whole number of at least 1"),
        ("5", {}, lhp.InvalidTypeError, "trials must be a number"),
        (5, {"methods": "wilson"}, lhp.InvalidTypeError, "methods must be a list of names"),
        (5, {"methods": []}, lhp.InvalidInputError, "methods must be one to 5; got 0"),
        (5, {"methods": ["wilsn"]}, lhp.InvalidInputError, "method must be one of"),
        (5, {"confidence_level": 95}, lhp.InvalidInputError, "confidence_level must be"),
    ],
)
def test_bad_questions_are_refused(ax, trials, how, error, message):
    with pytest.raises(error, match=message):
        charts.coverage_plot(trials, ax=ax, **how)
