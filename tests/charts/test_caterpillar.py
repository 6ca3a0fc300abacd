import math

import pytest

import lhp_metrics as lhp
from chart_reading import AWKWARD_NAMES, FUNDERS, legend, names, texts, title
from lhp_metrics import charts

RATES = lhp.success_rates(FUNDERS)


def test_groups_stand_in_order_of_size_the_undefined_last(ax):
    charts.caterpillar_plot(RATES, ax=ax)

    assert names(ax) == ["NIHR", "UKRI", "MRC", "CRUK"]
    assert texts(ax) == [str(RATES[name].rate) for name in names(ax)]
    assert texts(ax)[-1] == "–"


def test_who_differs_from_the_total_has_a_diamond_and_is_named(ax):
    charts.caterpillar_plot(RATES, ax=ax)

    diamonds = [line for line in ax.lines if line.get_marker() == "D"]
    assert [line.get_xdata()[0] for line in diamonds] == [0.4, 6 / 70]
    assert title(ax).endswith("2 of 4 clearly differ: NIHR (40.0%, above) and MRC (8.6%, below)")
    assert legend(ax) == [f"total {RATES.total.rate}"]
    assert "CRUK undefined" in ax.get_label()


def test_limits_that_are_not_reached_end_in_an_arrow(ax):
    study = lhp.Study(
        study_id="S1",
        hra_approval_on="2024-01-01",
        sites=[lhp.StudySite("REM", opened_on="2024-01-21"), lhp.StudySite("REN")],
    )
    clock = lhp.Clock("own", start="hra_approval_on", end="opened_on", level="site")
    table = lhp.setup_times(lhp.tally_setup([study], clock=clock, as_of="2024-04-10"))

    charts.caterpillar_plot(table, ax=ax)

    assert names(ax) == ["REN", "REM"]
    assert ">" in {line.get_marker() for line in ax.lines}
    assert texts(ax)[0].startswith("not reached")
    assert all(math.isfinite(end) for end in ax.get_xlim())


def test_awkward_names_are_drawn_as_they_are(ax):
    counts = {name: lhp.OutcomeCounts(successful=4, unsuccessful=6) for name in AWKWARD_NAMES}

    charts.caterpillar_plot(lhp.success_rates(lhp.GrantTally.from_counts(counts)), ax=ax)

    ax.figure.canvas.draw()
    assert len(names(ax)) == len(AWKWARD_NAMES)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(lhp.InvalidTypeError, match="table must be a Table; got int"):
        charts.caterpillar_plot(3)
    with pytest.raises(lhp.InvalidInputError, match="of must be one of 'rate'"):
        charts.caterpillar_plot(RATES, of="ratio")
    nothing = {"a": lhp.OutcomeCounts(successful=0, unsuccessful=0)}
    with pytest.raises(lhp.InvalidInputError, match="no group has a value"):
        charts.caterpillar_plot(lhp.success_rates(lhp.GrantTally.from_counts(nothing)))
    with pytest.raises(lhp.InvalidInputError, match="suppressed"):
        charts.caterpillar_plot(lhp.suppress(RATES, rule=lhp.SuppressionRule(5)))


def test_a_total_that_is_not_reached_has_no_line(ax):
    # One of three had opened when all were last seen: half are never reached.
    study = lhp.Study(
        study_id="S1",
        hra_approval_on="2024-01-01",
        sites=[
            lhp.StudySite("REM", opened_on="2024-01-21"),
            lhp.StudySite("REN"),
            lhp.StudySite("REP"),
        ],
    )
    clock = lhp.Clock("own", start="hra_approval_on", end="opened_on", level="site")
    table = lhp.setup_times(lhp.tally_setup([study], clock=clock, as_of="2024-04-10"))
    assert table.total.median.value == math.inf

    charts.caterpillar_plot(table, ax=ax)

    assert ax.get_legend() is None
    assert not [line for line in ax.lines if line.get_linestyle() == "--"]


def test_a_table_without_a_total_has_none_to_differ_from(ax):
    charts.caterpillar_plot(lhp.possible_success_rates(lhp.OutcomeCounts(decided=3)), ax=ax)

    assert title(ax).endswith(": 4 groups")
    assert not [line for line in ax.lines if line.get_marker() == "D"]
