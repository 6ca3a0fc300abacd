import itertools
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lhp_metrics as lhp
from every_result import every_table
from lhp_metrics.results._protection import Slack, _Sums
from strategies import grant_tallies

REPORT = lhp.annual_report_2023_24()
RULE = lhp.SuppressionRule(4)

counts = st.dictionaries(
    st.sampled_from("ABCDE"), st.integers(0, 9) | st.integers(0, 40), min_size=1
)
grids = st.lists(st.integers(0, 7), min_size=9, max_size=9)


def tally(found, **options):
    return lhp.RegistrationTally.from_counts(found, **options)


def possible(total, hidden, small):
    """All ways to fill hidden cells that a reader who knows the small ones has to think of."""
    ranges = [range(1, 5) if is_small else range(5, total + 1) for is_small in small]
    return [fill for fill in itertools.product(*ranges) if sum(fill) == total and hidden]


@settings(max_examples=60)
@given(counts)
def test_no_hidden_count_can_be_derived_from_the_rows_and_the_total_shown(found):
    table = lhp.suppress(lhp.partner_shares(tally(found)), rule=RULE)

    hidden = [key for key in found if table[key].count is None]
    assert all(key in hidden for key, count in found.items() if 1 <= count <= 4)
    if not hidden or table.total.count is None:
        return
    rest = table.total.count - sum(found[key] for key in found if key not in hidden)
    fills = possible(rest, hidden, [1 <= found[key] <= 4 for key in hidden])
    for place in range(len(hidden)):
        assert len({fill[place] for fill in fills}) > 1


@settings(max_examples=40, deadline=None)
@given(grids)
def test_no_hidden_count_can_be_derived_from_the_sums_of_rows_and_columns(cells):
    keys = list(itertools.product("ABC", "xyz"))
    records = [
        lhp.Study(
            study_id=f"{theme}{funder}{i}", registered_on="2023-05-01", theme=theme, funder=funder
        )
        for (theme, funder), n in zip(keys, cells, strict=True)
        for i in range(n)
    ]
    counted = lhp.tally_registrations(records, by=("theme", "funder"))
    if not counted.keys:
        return
    truth = np.array([counted[key] for key in counted])

    table = lhp.suppress(counted.to_table(), rule=RULE)

    hidden = np.array([row.registrations is None for row in table])
    if hidden.all() or not hidden.any():
        return
    sums = np.array(
        [
            [key[place] == part for key in counted]
            for place in (0, 1)
            for part in dict.fromkeys(key[place] for key in counted)
        ]
    )[:, hidden].astype(int)
    small = truth[hidden] <= 4
    # Every step between tables with the same sums is a whole solution of sums @ step = 0.
    every = np.array(list(itertools.product((-1, 0, 1), repeat=len(small))))
    steps = every[~(every @ sums.T).any(axis=1)]
    fits = [
        truth[hidden] + step
        for step in steps
        if (np.where(small, (truth[hidden] + step >= 1) & (truth[hidden] + step <= 4), True)).all()
        and (np.where(small, True, truth[hidden] + step >= 5)).all()
    ]
    for place in range(len(small)):
        assert len({fill[place] for fill in fits}) > 1


def fills(cells, sums, unit):
    """Yield all ways to fill hidden cells, of which least and most are given, to the sums."""
    if not cells:
        if not any(sums.values()):
            yield ()
        return
    (key, (least, most)), *others = cells
    own = list(enumerate(key))
    value = least
    while value <= min(most, *(sums[part] for part in own)):
        rest = sums | {part: sums[part] - value for part in own}
        yield from ((value, *fill) for fill in fills(others, rest, unit))
        value += unit


def derivable(found, hidden, largest, unit):
    """Return the first hidden key whose count is the same, to less than 1, in every fill."""
    cells, sums = [], {}
    for key in hidden:
        count = found[key]
        small = count < largest + 1
        limits = (min(1, count), max(largest, count)) if small else (largest + 1, float("inf"))
        cells.append((key, limits))
        for part in enumerate(key):
            sums[part] = sums.get(part, 0) + count
    unsettled = list(hidden)
    for fill in fills(cells, sums, unit):
        values = dict(zip(hidden, fill, strict=True))
        unsettled = [key for key in unsettled if abs(values[key] - found[key]) < 1]
        if not unsettled:
            return None
    return unsettled[0]


@st.composite
def counts_by_keys(draw, *parts):
    unit = draw(st.sampled_from([1, Fraction(1, 2)]))
    most = 8 if unit == 1 else 9
    keys = st.sampled_from(list(itertools.product(*parts)))
    return unit, {
        key: n * unit for key, n in draw(st.dictionaries(keys, st.integers(0, most))).items()
    }


def suppressed_keys(found, unit, by, largest):
    attribution = None if unit == 1 else "fractional"
    table = tally(found, by=by, attribution=attribution).to_table()
    table = lhp.suppress(table, rule=lhp.SuppressionRule(largest))
    return [key for key in found if table[key].registrations is None]


@settings(max_examples=80, deadline=None)
@given(counts_by_keys("ABC", "xyz"), st.integers(1, 3))
def test_by_two_keys_rows_are_hidden_until_every_fill_leaves_a_doubt_and_no_longer(drawn, largest):
    unit, found = drawn

    hidden = [key for key, count in found.items() if 0 < count < largest + 1]
    while (key := derivable(found, hidden, largest, unit)) is not None:
        beside = [
            other
            for other in found
            if found[other] and other not in hidden and any(map(str.__eq__, key, other))
        ]
        more = [min(beside, key=found.__getitem__)] if beside else found
        hidden = [other for other in found if other in hidden or other in more]
        if not beside:
            break

    if found:
        assert suppressed_keys(found, unit, ("theme", "funder"), largest) == hidden


@settings(max_examples=60, deadline=None)
@given(counts_by_keys("AB", "xy", "pq"), st.integers(1, 3))
def test_no_hidden_count_can_be_derived_from_the_sums_for_each_of_three_keys(drawn, largest):
    unit, found = drawn
    if not found:
        return

    hidden = suppressed_keys(found, unit, ("theme", "funder", "site"), largest)

    if len(hidden) < len(found):
        assert derivable(found, hidden, largest, unit) is None


def test_by_three_keys_a_step_that_is_no_chain_of_exchanges_is_found():
    found = {
        ("A", "x", "q"): 9,
        ("A", "y", "p"): 2,
        ("A", "y", "q"): 9,
        ("A", "y", "r"): 9,
        ("B", "x", "p"): 3,
        ("B", "y", "p"): 9,
        ("B", "y", "r"): 2,
    }

    hidden = suppressed_keys(found, 1, ("theme", "funder", "site"), 3)

    assert set(found) - set(hidden) == {("B", "y", "p")}


def test_by_three_keys_half_a_study_more_and_half_a_study_less_is_no_doubt():
    cells = ["Axr", "Axs", "Bzr", "Cxp", "Czr", "Dxr", "Dzp", "Dzs", "Dwq"]
    found = dict(zip(map(tuple, cells), [1, 2, 1, 1, 2, 2, 2, 1, 1], strict=True))
    places = np.array([["ABCD xzw pqrs".replace(" ", "").index(p) for p in key] for key in found])
    counted = np.array(list(found.values()), dtype=float)
    everything = np.ones(9, dtype=bool)
    assert derivable(found, list(found), 2, 1) == ("A", "x", "r")

    sums = _Sums(places.T)
    for row in range(9):
        sums.hide(row)
    slack = Slack(counted - 1, 2 - counted, np.zeros(9, dtype=bool))

    # Parts of studies would fit the sums: a half each way.
    assert 0 in list(sums.derivable(slack, everything))


def test_what_takes_part_of_a_step_for_another_row_is_not_protected_by_it():
    cells = ["Ax", "Ay", "Az", "Bx", "By", "Bz", "Cx", "Cy", "Cz"]
    quarters = [8, 10, 18, 18, 5, 6, 16, 10, 12]
    found = {tuple(cell): Fraction(count, 4) for cell, count in zip(cells, quarters, strict=True)}
    unit = Fraction(1, 4)
    assert derivable(found, [key for key in found if key != ("B", "x")], 3, unit)

    assert suppressed_keys(found, unit, ("theme", "funder"), 3) == list(found)


def test_tables_by_organisation_and_year_need_no_solver(monkeypatch):
    def solver(*_, **__):
        raise AssertionError

    monkeypatch.setattr("scipy.optimize.milp", solver)
    rng = np.random.default_rng(5)
    keys = itertools.product(map(str, range(200)), map(str, range(12)))
    found = {key: int(n) for key, n in zip(keys, rng.choice([3, 40, 60], 2400), strict=True)}

    assert 800 < len(suppressed_keys(found, 1, ("theme", "funder"), 5)) < 1600


def test_a_single_small_count_takes_another_row_with_it():
    table = lhp.suppress(tally({"A": 3, "B": 30, "C": 20}).to_table(), rule=RULE)

    assert [row.registrations for row in table] == [None, 30, None]
    assert table.total.registrations == 53


def test_a_zero_of_a_row_that_is_not_small_hides_no_other_count():
    # Of A everybody knows that each count is 0 or above 4: were it hidden beside B alone, the
    # 2 successes of both would be B's.
    outcomes = {"A": (0, 30), "B": (2, 40), "C": (20, 40), "D": (25, 50)}
    grants = lhp.GrantTally.from_counts(
        {
            name: lhp.OutcomeCounts(successful=won, unsuccessful=lost)
            for name, (won, lost) in outcomes.items()
        }
    )

    table = lhp.suppress(grants.to_table(), rule=RULE)

    assert [row.successful for row in table] == [None, None, None, 25]


def test_counts_that_are_not_all_stated_do_not_give_away_those_that_are():
    # Of D 3 are known to be pending, and more may be: the 3 are not shown, nor to be had.
    counts = {
        "D": lhp.OutcomeCounts(successful=12, unsuccessful=28, pending=3, unstated=["pending"]),
        "B": lhp.OutcomeCounts(successful=17, unsuccessful=18, pending=14),
    }
    grants = lhp.GrantTally.from_counts(counts)

    for table in (grants.to_table(), lhp.success_rates(grants), lhp.forecast_successes(grants)):
        shown = lhp.suppress(table, rule=lhp.SuppressionRule(5))
        assert shown["D"].pending is None
        assert getattr(shown["D"], "submitted", None) is None
        assert (shown.provenance.records_in, dict(shown.provenance.records_excluded)) == (None, {})
        assert " 43" not in shown.to_csv().replace(",", " ")


def test_a_column_of_words_that_is_empty_is_no_count_that_is_missing():
    grants = [
        lhp.Grant(
            reference=f"G{n}",
            submitted_on="2023-05-01",
            outcome="unsuccessful",
            amount_requested="£100",
            funder="NIHR",
        )
        for n in range(20)
    ]
    table = lhp.value_success_rates(lhp.tally_grants(grants, by="funder"))
    assert table["NIHR"].caution is None

    assert lhp.suppress(table, rule=RULE).provenance.records_in == 20


def test_parts_of_records_are_hidden_where_others_are_not_stated():
    half = Fraction(1, 2)
    counts = {
        "A": lhp.OutcomeCounts(successful=20 * half, unsuccessful=61 * half, pending=9 * half),
        "B": lhp.OutcomeCounts(successful=30 * half, unsuccessful=61 * half, unstated=["pending"]),
    }
    table = lhp.suppress(lhp.GrantTally.from_counts(counts).to_table(), rule=lhp.SuppressionRule(5))

    assert table["A"].pending is None


def test_two_ones_are_not_left_to_be_added_up():
    table = lhp.suppress(tally({"A": 1, "B": 1, "C": 20, "D": 30}).to_table(), rule=RULE)

    assert [row.registrations for row in table] == [None, None, None, 30]


def test_zeros_are_shown_and_hide_nobody():
    table = lhp.suppress(tally({"A": 0, "B": 30, "C": 20}).to_table(), rule=RULE)

    assert [row.registrations for row in table] == [0, 30, 20]
    assert "*" not in str(table).replace("Suppressed (*)", "")


def test_where_nothing_can_protect_a_count_everything_is_hidden():
    table = lhp.suppress(tally({"A": 3, "B": 0}).to_table(), rule=RULE)

    assert [row.registrations for row in table] == [None, None]
    assert table.total.registrations is None


def test_every_figure_of_a_hidden_row_goes():
    table = lhp.suppress(lhp.registration_change(REPORT.spark, REPORT.jro), rule=RULE)

    row = table["REN"]
    for name in table.columns:
        assert getattr(row, name) is None
    assert table["REM"].before == 107
    assert table["REM"].p_adjusted is None
    assert np.isnan(table.column("rate_ratio.low")[table.keys.index("REN")])
    flat = table.to_dicts()[table.keys.index("REN")]
    assert {flat[name] for name in flat if not name.startswith("organisation")} == {None}
    for text in (str(table), table.to_html()):
        assert "3300" not in text
        assert "χ²" not in text
    assert not hasattr(table, "heterogeneity")


def test_a_column_that_totals_100_goes_as_a_whole():
    table = lhp.suppress(lhp.partner_shares(REPORT.spark), rule=RULE)

    assert [row.percent for row in table] == [None] * 6
    assert table["REM"].share.value == 107 / 158


def test_limits_made_from_all_cells_go_as_a_whole():
    table = lhp.partner_shares(REPORT.spark, method="sison-glaz")

    hidden = lhp.suppress(table, rule=RULE)

    assert hidden["REM"].share is None
    assert hidden["REM"].count == 107


def test_the_rule_is_named_and_dates_stay():
    table = lhp.suppress(
        tally({"REM": 3, "REN": 30, "RET": 8})
        .regroup([lhp.Centre(name="C", partners=["REM", "RET"])], on="2024-03-31")
        .to_table(),
        rule=lhp.SuppressionRule(7, "the house rule"),
    )

    footnote = table.provenance.footnote()
    assert "Suppressed (*): the house rule, with all figures made from them" in footnote
    assert "C counts through its partners on 31 Mar 2024" in footnote


def test_a_table_without_small_counts_stays_as_it_is():
    before = lhp.partner_shares(REPORT.jro)

    after = lhp.suppress(before, rule=RULE)

    assert list(after) != []
    assert [row.percent for row in after] == [row.percent for row in before]


@settings(max_examples=40)
@given(grant_tallies().filter(lambda tally: len(tally) > 0))
def test_suppressed_tables_print_and_flatten(counted):
    table = lhp.suppress(lhp.success_rates(counted), rule=RULE)

    assert len(table.to_dicts()) == len(counted)
    assert table.title in str(table)
    for row in table:
        small = [getattr(row, name) for name in ("successful", "decided", "pending")]
        assert not any(value is not None and 1 <= value <= 4 for value in small)


@pytest.mark.parametrize("largest", [0, -1, 2.5, True])
def test_a_rule_hides_something(largest):
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.SuppressionRule(largest)

    assert str(caught.value) == (f"largest must be a whole number of at least 1; got {largest!r}")


def test_a_table_without_counts_is_refused():
    import attrs

    from lhp_metrics.results import Columns, column

    @attrs.frozen(kw_only=True)
    class Rate(lhp.Row):
        rate: float = column("Rate")

    columns: dict[str, Columns] = {"rate": np.array([0.5])}
    table = lhp.Table(
        row_type=Rate,
        title="Rates",
        by=("group",),
        keys=("A",),
        names=("A",),
        columns=columns,
        provenance=lhp.Provenance(definition="rate/1"),
        has_total=False,
    )

    with pytest.raises(lhp.InvalidInputError, match=re.escape("the table 'Rates' has no counts")):
        lhp.suppress(table, rule=RULE)


def test_figures_made_from_all_groups_go_with_one_hidden_row():
    before, after = (
        lhp.GrantTally.from_counts(
            {
                name: lhp.OutcomeCounts(successful=won, unsuccessful=lost)
                for name, won, lost in (("A", 2, 30), ("B", 30, 40), ("C", 25, 50), ("D", 20, 44))
            },
            period=lhp.Period.financial_year(year),
        )
        for year in ("2022-23", "2023-24")
    )

    for table in (lhp.success_rate_change(before, after), lhp.compare_success_rates(after)):
        hidden = lhp.suppress(table, rule=lhp.SuppressionRule(5))
        assert {row.p_adjusted for row in hidden} == {None}
        assert {row.p_benjamini_hochberg for row in hidden} == {None}


def test_decisions_by_month_are_not_suppressed_by_rows():
    with pytest.raises(lhp.InvalidInputError, match=r"add up over the months .* to_table"):
        lhp.suppress(every_table()["time_to_decision"], rule=lhp.SuppressionRule(5))


def test_what_is_suppressed_is_not_suppressed_again():
    once = lhp.suppress(lhp.partner_shares(REPORT.spark), rule=RULE)

    with pytest.raises(lhp.InvalidInputError, match="suppressed already: suppress the one it was"):
        lhp.suppress(once, rule=lhp.SuppressionRule(20))
    nothing_hidden = lhp.suppress(lhp.partner_shares(REPORT.jro), rule=RULE)
    assert lhp.suppress(nothing_hidden, rule=lhp.SuppressionRule(8))["RBQ"].count is None


def registered(*days, leads=("REM",)):
    """Return the tally of 2023-24 of so many studies of each lead, some of them of other years."""
    return lhp.tally_registrations(
        [
            lhp.Study(study_id=f"{lead}{day}{i}", registered_on=day, lead=lead)
            for lead in leads
            for day, n in days
            for i in range(n)
        ],
        period=lhp.Period.financial_year("2023-24"),
    )


@pytest.mark.parametrize("has_total", [True, False])
def test_the_records_in_less_the_excluded_do_not_give_a_hidden_total_away(has_total):
    # The total is not small, but all that it is of is.
    days = ("2023-05-01", 3), ("2022-05-01", 60)
    table = registered(*days, leads=("REM", "REN")).to_table()
    assert "126 records in, 6 counted, excluded" in table.provenance.footnote()
    if not has_total:
        table = table.without_total("No total.")

    hidden = lhp.suppress(table, rule=RULE)

    assert hidden["REM"].registrations is None
    assert hidden.provenance.records_in is None
    assert hidden.provenance.records_excluded == {}
    assert "Records excluded (*): registered_on outside the period." in hidden.provenance.footnote()
    assert "126" not in hidden.to_json()


def test_a_small_number_excluded_is_not_stated_and_cannot_be_had_from_the_others():
    table = registered(("2023-05-01", 30), ("2022-05-01", 2)).to_table()

    hidden = lhp.suppress(table, rule=RULE)

    assert hidden.total.registrations == 30
    assert hidden.provenance.records_in is None
    assert hidden.provenance.records_excluded == {}


def test_large_numbers_of_records_stay_beside_a_total_that_is_shown():
    table = registered(("2023-05-01", 30), ("2022-05-01", 20)).to_table()

    footnote = lhp.suppress(table, rule=RULE).provenance.footnote()

    assert "50 records in, 30 counted, excluded registered_on outside the period: 20." in footnote


def test_how_much_the_groups_vary_is_no_secret_of_the_notes_alone():
    options = {"dispersion": "quasi", "method": "score"}
    table = lhp.registration_change(REPORT.spark, REPORT.jro, **options)
    assert re.search(r"score, with \d+\.\d\d times the variance", table.provenance.method)

    hidden = lhp.suppress(table, rule=RULE)

    assert "score, with * times the variance of Poisson counts" in hidden.provenance.footnote()
