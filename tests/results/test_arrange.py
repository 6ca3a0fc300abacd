import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import lhp_metrics as lhp
from every_result import any_table, every_table
from lhp_metrics.estimates import Estimates


def change():
    return every_table()["registration_change"]


def test_rows_come_in_order_and_the_total_stays_last():
    table = change().sort("rate_ratio", descending=True)

    ratios = [row.rate_ratio.value for row in table]
    assert ratios == sorted(ratios, reverse=True)
    assert table.total == change().total
    assert table["REN"] == change()["REN"]
    assert table.provenance == change().provenance
    assert table.heterogeneity == change().heterogeneity


@settings(max_examples=40)
@given(any_table(), st.booleans())
def test_sorting_moves_rows_whole_and_loses_none(table, descending):
    assume(len(set(table.keys)) == len(table.keys))
    before = {repr(row.key): row for row in table}

    for name, values in table.columns.items():
        if isinstance(values, np.ndarray) and values.dtype == object:
            continue  # whole numbers beside text have no order
        done = table.sort(name, descending=descending)
        assert {repr(row.key): row for row in done} == before
        found = done.column(name)
        known = found[~np.isnan(found)] if found.dtype.kind == "f" else found
        steps = known[1:] >= known[:-1] if not descending else known[1:] <= known[:-1]
        assert steps.all()
        if isinstance(values, Estimates):
            assert np.isnan(found[len(known) :]).all()


def test_rows_without_a_value_are_last_either_way_and_equal_ones_stay_as_they_stand():
    table = every_table()["success_rates_two_keys"]

    up = [row.rate.value for row in table.sort("rate")]
    down = [row.rate.value for row in table.sort("rate", descending=True)]

    assert up == [0.0, 0.0, 3 / 11, 3 / 11]
    assert down == up[::-1]
    assert table.sort("rate").keys[:2] == tuple(key for key in table.keys if "not stated" in key)


def test_words_are_in_order_and_rows_without_one_are_last_either_way():
    counts = {
        "NIHR": lhp.OutcomeCounts(successful=40, unsuccessful=60),
        "CRUK": lhp.OutcomeCounts(successful=0, unsuccessful=0, pending=3),
        "UKRI": lhp.OutcomeCounts(successful=22, unsuccessful=58),
        "MRC": lhp.OutcomeCounts(successful=6, unsuccessful=64),
    }
    points = lhp.funnel(lhp.GrantTally.from_counts(counts, by="funder"))

    up, down = (points.sort("position", descending=way) for way in (False, True))

    assert [row.position for row in up] == ["above 95%", "below 99.8%", "within", None]
    assert [row.position for row in down] == ["within", "below 99.8%", "above 95%", None]


def test_by_name_is_by_what_readers_see():
    assert change().sort("name").names == tuple(sorted(change().names))


def test_hidden_cells_do_not_tell_their_place():
    hidden = every_table()["registration_change_suppressed"]

    assert hidden.sort("after").keys[-2:] == ("REN", "RET")
    assert hidden.sort("after", descending=True).keys[-2:] == ("REN", "RET")
    assert hidden.sort("after")["REN"].after is None


def test_text_is_sorted_too():
    table = every_table()["share_change"].sort("verdict")

    assert [row.verdict for row in table] == ["gained"] * 2 + ["lost"] + ["within chance"] * 3


@pytest.mark.parametrize("name", ["rate_ration", "Rate ratio", ""])
def test_an_unknown_column_names_the_near_ones(name):
    for act in (change().sort, change().pick, lambda name: change().rename({name: "A"})):
        with pytest.raises(lhp.NotFoundError, match=f"the table has no column '{name}'"):
            act(name)
    with pytest.raises(lhp.NotFoundError, match="did you mean 'rate_ratio'"):
        change().pick("rate_ration")


@pytest.mark.parametrize("given", [3, None, ["rate_ratio"]])
def test_a_column_is_named_by_text(given):
    for act in (change().sort, change().pick):
        with pytest.raises(lhp.InvalidTypeError, match=r"must be (a str|text)"):
            act(given)


def test_picking_nothing_or_a_column_twice_is_refused():
    with pytest.raises(lhp.InvalidInputError, match="at least one column"):
        change().pick()
    with pytest.raises(lhp.InvalidInputError, match="twice"):
        change().pick("before", "before")


def test_only_picked_columns_are_printed_in_that_order_and_rows_stay_whole():
    table = change().pick("after", "total_ratio_without")

    heading = str(table).splitlines()[2]
    assert heading.split() == ["Organisation", "After", "Total", "ratio", "without"]
    assert table["REN"] == change()["REN"]
    assert table.provenance == change().provenance
    assert type(table) is type(change())


def test_details_are_left_out_of_print_until_they_are_picked():
    assert "per 30 days" not in str(change()).split("Contribution")[0]
    assert "13.78 (11.29 to 16.65)" not in str(change())
    assert "13.78 (11.29 to 16.65)" in str(change().pick("before_rate"))
    assert "13.78 (11.29 to 16.65)" not in change().to_html()


@pytest.mark.parametrize("name", every_table())
def test_what_is_printed_fits_a_wide_terminal(name):
    table = every_table()[name]

    assert max(map(len, str(table).splitlines())) <= 165


def test_renamed_columns_print_their_heading_and_keep_their_name_in_data():
    table = change().rename({"rate_ratio": "Times as many", "before": "With SPARK"})

    for text in (str(table), table.to_html(), table.to_markdown()):
        assert "Times as many" in text
        assert "Rate ratio" not in text
    assert "rate_ratio" in table.to_dicts()[0]


@pytest.mark.parametrize(
    ("headings", "error"),
    [
        ("rate_ratio", lhp.InvalidTypeError),
        ({"rate_ratio": 3}, lhp.InvalidTypeError),
        ({"rate_ratio": " "}, lhp.InvalidInputError),
    ],
)
def test_headings_are_text(headings, error):
    with pytest.raises(error, match="headings"):
        change().rename(headings)


@pytest.mark.parametrize(
    ("headings", "message"),
    [
        (
            {"before": "Count", "after": " count "},
            "the columns 'before' and 'after' would both have the heading ' count '",
        ),
        (
            {"before": "After"},
            "the columns 'before' and 'after' would both have the heading 'After'",
        ),
        (
            {"before": "Organisation"},
            "the columns 'name' and 'before' would both have the heading 'Organisation'",
        ),
    ],
)
def test_no_two_columns_that_are_printed_share_a_heading(headings, message):
    table = change()
    with pytest.raises(lhp.InvalidInputError) as caught:
        table.rename(headings)
    assert str(caught.value) == message

    swapped = table.rename({"before": "After", "after": "Before"})
    assert swapped.to_dicts() == table.to_dicts()
    alone = table.pick("before").rename({"before": "After"})
    with pytest.raises(lhp.InvalidInputError, match="would both have the heading 'After'"):
        alone.pick("before", "after")


@pytest.mark.parametrize("name", every_table())
def test_the_columns_of_every_table_have_headings_of_their_own(name):
    table = every_table()[name]

    assert table.pick(*table.columns).picked == tuple(table.columns)


def test_a_suppressed_table_keeps_its_headings():
    before, after = (
        lhp.RegistrationTally.from_counts({"A": 20, "B": 30}, period=lhp.Period.month(month))
        for month in ("2023-01", "2023-02")
    )
    yearly = lhp.registration_change(before, after, per="year").pick("before_rate")

    hidden = lhp.suppress(yearly, rule=lhp.SuppressionRule(5))

    assert "Before, per year" in hidden.to_html()
    assert "After" not in hidden.to_html().split("<small>")[0]


@pytest.mark.parametrize("given", ["yes", None, 1])
def test_descending_is_true_or_false(given):
    with pytest.raises(lhp.InvalidTypeError, match="descending must be a bool"):
        change().sort("before", descending=given)
