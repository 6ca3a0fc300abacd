import datetime as dt

import pytest

import lhp_metrics as lhp
from chart_reading import AWKWARD_NAMES, legend, texts, title
from lhp_metrics import charts
from setup_histories import one_site

CLOCK = lhp.Clock(
    "approval-to-open", start="hra_approval_on", end="opened_on", level="site", target_days=60
)
DAY = dt.date(2025, 1, 1)


def tally(waits, **options):
    """Sites by code, with the days that each waited; None has waited 100 days."""
    studies = [
        one_site(f"{code}{number}", code, DAY - dt.timedelta(days=100), wait)
        for code, days in waits.items()
        for number, wait in enumerate(days)
    ]
    return lhp.tally_setup(studies, clock=CLOCK, as_of=DAY, **options)


TWO = {"REM": [20, 40, 60, None], "REN": [10, 80]}


def curves(ax):
    return [line for line in ax.lines if line.get_drawstyle() == "steps-post"]


def test_each_curve_falls_by_the_share_that_finished(ax):
    charts.survival_plot(tally(TWO), ax=ax)

    first, second = curves(ax)
    assert list(first.get_xdata()) == [0, 20, 40, 60, 100]
    assert list(first.get_ydata()) == [100, 75, 50, 25, 25]
    assert list(second.get_ydata()) == [100, 50, 0]
    assert first.get_linestyle() != second.get_linestyle()
    assert legend(ax) == ["REM", "REN", "target: 60 days"]


def test_the_numbers_at_risk_stand_below_each_tick(ax):
    counted = tally(TWO)

    charts.survival_plot(counted, ax=ax)

    ticks = [tick for tick in ax.get_xticks() if tick <= 100]
    at_risk = lhp.setup_curves(counted)["REM"].at_risk_at(ticks)[0].tolist()
    written = texts(ax)
    assert written[: len(ticks)] == [str(number) for number in at_risk]
    assert at_risk[0] == 4
    assert written[len(ticks)] == "REM"


def test_the_title_states_the_finding_and_the_alternative_text_every_curve(ax):
    charts.survival_plot(tally(TWO), ax=ax)

    assert title(ax) == "approval-to-open: half by day 50 (10 to not reached) in total"
    assert "REM half by day 50 (20 to not reached); 75.0% within 60 days" in ax.get_label()


def test_the_title_of_all_together_says_what_share_kept_to_the_target(ax):
    charts.survival_plot(tally(TWO, by=None), ax=ax)

    assert title(ax).endswith("; 66.7% within 60 days")


def test_what_is_not_reached_is_said(ax):
    charts.survival_plot(tally({"REM": [20, None, None]}), ax=ax)

    assert "half not reached" in title(ax)


def test_more_than_four_groups_are_drawn_as_one_unless_some_are_named(ax):
    many = tally({code: [20, 30] for code in ("RBS", "REM", "REN", "REP", "RET")})

    charts.survival_plot(many, ax=ax)
    assert len(curves(ax)) == 1
    drawn = charts.survival_plot(many, groups=["RBS", "Total"])
    assert legend(drawn)[:2] == ["RBS", "Total"]


def test_bands_are_drawn_for_one_or_two_curves_alone():
    for groups, bands in ((["REM"], 1), (["REM", "REN"], 2), (["REM", "REN", "Total"], 0)):
        drawn = charts.survival_plot(tally(TWO), groups=groups)
        assert len(drawn.collections) == bands


def test_awkward_names_are_drawn_as_they_are(ax):
    charts.survival_plot(tally({name: [20, 40] for name in AWKWARD_NAMES[:3]}), ax=ax)

    ax.figure.canvas.draw()
    assert set(legend(ax)) == {"$\\frac{$", "_Totals of all", "R&D <b>"}


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"groups": ["REX"]}, lhp.NotFoundError, "the tally has no group 'REX'; did you mean"),
        ({"groups": []}, lhp.InvalidInputError, "groups must be one to 4; got 0"),
        ({"groups": "REM"}, lhp.InvalidTypeError, "groups must be a list of keys; got 'REM'"),
        ({"size": "poster"}, lhp.InvalidInputError, "size must be one of"),
        ({"ax": 3}, lhp.InvalidTypeError, "ax must be an Axes"),
    ],
)
def test_bad_options_are_named(options, error, message):
    with pytest.raises(error, match=message):
        charts.survival_plot(tally(TWO), **options)


def test_nothing_counted_and_other_kinds_are_refused():
    with pytest.raises(lhp.InvalidInputError, match="no clock was counted"):
        charts.survival_plot(tally({}))
    with pytest.raises(lhp.InvalidTypeError, match="tally must be a SetupTally; got int"):
        charts.survival_plot(3)
