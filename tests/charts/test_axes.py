"""What holds for every picture: nothing global is touched, and names are only names."""

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

import lhp_metrics as lhp
from chart_reading import AWKWARD_NAMES, JRO, SPARK, names
from lhp_metrics import charts
from lhp_metrics.charts._axes import SIZES, listed, short

CHANGE = lhp.registration_change(SPARK, JRO)
SHARES = lhp.partner_shares(JRO)
AWKWARD = lhp.RegistrationTally.from_counts(
    {name: 5 + place for place, name in enumerate(AWKWARD_NAMES)},
    period=lhp.Period.month("2024-01"),
)
AWKWARD_LATER = lhp.RegistrationTally.from_counts(
    dict.fromkeys(AWKWARD_NAMES, 9), period=lhp.Period.month("2024-02")
)

FUNNEL = lhp.funnel(JRO, expected={"RBS": 20, "REN": 11, "REM": 80})
PICTURES = {
    "forest": lambda **how: charts.forest_plot(CHANGE, **how),
    "shares": lambda **how: charts.shares_plot(SHARES, SHARES, **how),
    "funnel": lambda **how: charts.funnel_plot(FUNNEL, **how),
    "waterfall": lambda **how: charts.waterfall_plot(CHANGE, **how),
    "coverage": lambda **how: charts.coverage_plot(12, **how),
    "control_chart": lambda **how: charts.control_chart_plot(lhp.control_chart([5, 6, 7]), **how),
}
AWKWARD_PICTURES = {
    "forest": lambda ax: charts.forest_plot(lhp.registration_change(AWKWARD, AWKWARD_LATER), ax=ax),
    "waterfall": lambda ax: charts.waterfall_plot(
        lhp.registration_change(AWKWARD, AWKWARD_LATER), ax=ax
    ),
    "shares": lambda ax: charts.shares_plot(
        lhp.partner_shares(AWKWARD),
        lhp.partner_shares(AWKWARD_LATER),
        labels=("_$before", "$after$"),
        ax=ax,
    ),
}
each_picture = pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES)
each_awkward = pytest.mark.parametrize("draw", AWKWARD_PICTURES.values(), ids=AWKWARD_PICTURES)


@each_picture
def test_given_axes_no_figure_is_made_and_the_same_axes_come_back(draw):
    import matplotlib.pyplot as plt

    other = plt.figure()
    before, style = plt.get_fignums(), dict(mpl.rcParams)
    ax = Figure(layout="constrained").subplots()

    assert draw(ax=ax) is ax
    assert plt.get_fignums() == before
    assert plt.gcf() is other
    assert dict(mpl.rcParams) == style


@each_picture
@pytest.mark.parametrize("size", ["slide", "column"])
def test_without_axes_a_new_figure_is_made_and_no_global_style_changes(draw, size):
    import matplotlib.pyplot as plt

    style = dict(mpl.rcParams)

    made = draw(size=size)

    assert plt.get_fignums() == [made.figure.number]
    assert made.figure.get_size_inches()[0] == SIZES[size][0]
    assert dict(mpl.rcParams) == style


@each_picture
def test_an_unknown_size_is_refused(draw, ax):
    with pytest.raises(lhp.InvalidInputError, match="size must be one of 'slide', 'column'"):
        draw(ax=ax, size="poster")


@each_picture
def test_axes_are_matplotlibs(draw):
    with pytest.raises(lhp.InvalidTypeError, match="ax must be an Axes; got Figure"):
        draw(ax=Figure())


@each_picture
@pytest.mark.parametrize("size", ["slide", "column"])
def test_all_that_is_drawn_lies_inside_the_figure(draw, size):
    figure = draw(size=size).figure
    figure.draw_without_rendering()

    drawn, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert min(drawn.x0, drawn.y0) >= 0
    assert (drawn.x1, drawn.y1) <= (width, height)
    assert drawn.y1 <= height


@each_awkward
def test_names_are_drawn_as_they_are_and_never_read_as_formulas(draw, ax):
    draw(ax)
    ax.figure.canvas.draw()  # An unfinished formula would raise here.

    assert "$\\frac{$" in names(ax)
    assert "_Totals of all" in names(ax)
    assert "line break and nul" in names(ax)
    svg = charts.svg_text(ax)
    assert "R&amp;D &lt;b&gt;" in svg
    assert "\x00" not in svg
    assert "\x0b" not in svg
    assert (AWKWARD_NAMES[-1].strip()) in ax.get_label()


def test_a_long_name_is_cut_to_three_short_lines():
    assert short("Liverpool Women's") == "Liverpool Women's"
    lines = short("word " * 40).split("\n")
    assert len(lines) == 3
    assert max(map(len, lines)) <= 30
    assert lines[-1].endswith("…")
    assert short("x" * 200).count("\n") == 2


def test_lists_of_names_are_short():
    assert listed([]) == ""
    assert listed(["A"]) == "A"
    assert listed(["A", "B"]) == "A and B"
    assert listed(["A", "B", "C"]) == "A, B and C"
    assert listed(["A", "B", "C", "D"]) == "A, B and 2 more"


def test_names_in_a_funnel_are_only_names_too(ax):
    charts.funnel_plot(lhp.funnel(AWKWARD, expected=dict.fromkeys(AWKWARD.keys, 1)), ax=ax)

    ax.figure.canvas.draw()
    assert "$\\frac{$" in ax.get_label()
    assert all(text.get_parse_math() is False for text in ax.texts)


def test_a_given_figure_may_be_small(ax):
    ax = Figure(figsize=(2, 2), layout="constrained").subplots()

    charts.forest_plot(CHANGE, ax=ax, size="column")

    ax.figure.canvas.draw()
    assert max(map(len, ax.get_title(loc="left").split("\n"))) <= 24


def test_more_rows_than_anybody_reads_are_refused():
    counts = {f"Funder {place}": 3 for place in range(501)}
    shares = lhp.partner_shares(lhp.RegistrationTally.from_counts(counts))

    with pytest.raises(lhp.InvalidInputError) as caught:
        charts.shares_plot(shares, shares)

    assert str(caught.value) == "501 rows are more than a picture shows (500)"
