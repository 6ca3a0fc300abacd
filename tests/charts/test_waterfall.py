import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

import lhp_metrics as lhp
from chart_reading import JRO, SPARK, bars, names, texts, title
from lhp_metrics import charts

CHANGE = lhp.registration_change(SPARK, JRO)
MONTHS = [lhp.Period.month("2024-01"), lhp.Period.month("2024-02")]


def tallies(*counts):
    return [
        lhp.RegistrationTally.from_counts(c, period=month)
        for c, month in zip(counts, MONTHS, strict=True)
    ]


def test_steps_lead_from_the_rate_before_to_the_rate_after(ax):
    charts.waterfall_plot(CHANGE, ax=ax)

    # By hand: 118 in 233 days and 129 in 133, per 30 days.
    assert names(ax) == ["Before", "REN", "RBS", "REM", "After"]
    (start, before), *steps, (end, after) = bars(ax)
    assert (start, before) == (0, pytest.approx(30 * 118 / 233))
    assert (end, after) == (0, pytest.approx(30 * 129 / 133))
    assert [step for _, step in steps] == pytest.approx(
        [30 * (new / 133 - old / 233) for old, new in ((1, 34), (10, 26), (107, 69))]
    )
    level = before
    for left, step in steps:
        assert left == pytest.approx(level)
        level += step
    assert level == pytest.approx(after)
    assert texts(ax) == ["15.19", "+7.54", "+4.58", "+1.79", "29.10"]
    assert title(ax) == (
        "Registrations per 30 days rose from 15.19 to 29.10; the largest part REN, +7.54"
    )


counts = st.lists(st.integers(0, 200), min_size=1, max_size=12)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=12))
@settings(max_examples=15)
def test_the_last_step_always_ends_at_the_rate_after(pairs):
    one, two = tallies(*({str(i): pair[w] for i, pair in enumerate(pairs)} for w in (0, 1)))

    ax = charts.waterfall_plot(lhp.registration_change(one, two), ax=Figure().subplots())

    *_, (left, step), (_, after) = bars(ax)
    assert left + step == pytest.approx(after, abs=1e-9)


def test_rises_and_falls_differ_in_more_than_colour(ax):
    charts.waterfall_plot(
        lhp.registration_change(*tallies({"A": 31, "B": 62}, {"A": 58, "B": 29})), ax=ax
    )

    assert [bar.get_hatch() for bar in ax.patches] == ["", "///", "\\\\\\", ""]
    assert texts(ax) == ["90.00", "+30.00", "-30.00", "90.00"]
    assert title(ax) == "Registrations per 30 days stayed at 90.00"


def test_a_fall_names_the_largest_fall(ax):
    charts.waterfall_plot(
        lhp.registration_change(*tallies({"A": 31, "B": 93}, {"A": 58, "B": 29})), ax=ax
    )

    assert title(ax) == (
        "Registrations per 30 days fell from 120.00 to 90.00; the largest part B, -60.00"
    )


def test_a_changed_mix_of_exposures_is_a_step_of_its_own(ax):
    one, two = tallies({"A": 10, "B": 40}, {"A": 20, "B": 40})
    change = lhp.registration_change(
        one.with_exposure({"A": 100, "B": 100}, unit="staff"),
        two.with_exposure({"A": 300, "B": 100}, unit="staff"),
    )
    assert change.total.mix

    charts.waterfall_plot(change, ax=ax)

    assert names(ax)[-2:] == ["Parts of the exposure", "After"]
    *_, (left, step), (_, after) = bars(ax)
    assert step == pytest.approx(change.total.mix)
    assert left + step == pytest.approx(after)


def test_shared_studies_do_not_add_up_and_are_refused(ax):
    one, two = (
        lhp.RegistrationTally.from_counts(
            {"A": 6, "B": 7}, attribution="whole", total=10 + extra, period=month
        )
        for extra, month in enumerate(MONTHS)
    )

    with pytest.raises(lhp.InvalidInputError, match="the partners share studies"):
        charts.waterfall_plot(lhp.registration_change(one, two), ax=ax)


def test_a_suppressed_table_is_refused_since_the_gap_would_tell(ax):
    hidden = lhp.suppress(CHANGE, rule=lhp.SuppressionRule(5))

    with pytest.raises(lhp.InvalidInputError) as caught:
        charts.waterfall_plot(hidden, ax=ax)

    assert str(caught.value) == (
        "the table 'Change in registrations' is suppressed: it has hidden cells, and the gap that "
        "they leave in a sum would tell what they are"
    )


def test_other_tables_are_refused(ax):
    with pytest.raises(lhp.InvalidTypeError, match="changes must come from registration_change"):
        charts.waterfall_plot(JRO.to_table(), ax=ax)
