import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import lhp_metrics as lhp
from strategies import grant_tallies

CASES = json.loads(
    (Path(__file__).parents[1] / "reference" / "funnel_limits.json").read_text("utf-8")
)["cases"]


def of_kind(kind, **fields):
    return [
        case
        for case in CASES
        if case["kind"] == kind and all(case[name] == value for name, value in fields.items())
    ]


def proportions(events, trials):
    return lhp.GrantTally.from_counts(
        {
            str(i): lhp.OutcomeCounts(successful=x, unsuccessful=n - x)
            for i, (x, n) in enumerate(zip(events, trials, strict=True))
        }
    )


def registrations(events, expected, **options):
    keys = [str(i) for i in range(len(events))]
    tally = lhp.RegistrationTally.from_counts(dict(zip(keys, events, strict=True)))
    return lhp.funnel(tally, expected=dict(zip(keys, expected, strict=True)), **options)


def limits(row, prefix=""):
    names = ("lower_95", "upper_95", "lower_99_8", "upper_99_8")
    return [getattr(row, prefix + name) for name in names]


TALLY = proportions([26, 34, 8, 69, 17, 10], [60, 71, 23, 140, 52, 31])


@pytest.mark.parametrize("case", of_kind("proportion-wilson"))
def test_limits_of_proportions_match_english_public_health_practice(case):
    n = case["population"]

    row = lhp.funnel(proportions([0], [n]), target=case["average"])["0"]

    expected = [
        case[name] / case["multiplier"]
        for name in ("lower_95", "upper_95", "lower_99_8", "upper_99_8")
    ]
    # The program's 99.8 % quantile has 7 digits.
    assert limits(row) == pytest.approx(expected, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("case", of_kind("ratio-poisson"))
def test_limits_of_ratios_match_english_public_health_practice(case):
    row = registrations([case["observed_events"]], [10.0], target=1.0)["0"]

    expected = [
        case[name] / case["scale"] for name in ("lower_95", "upper_95", "lower_99_8", "upper_99_8")
    ]
    # The program finds a limit of the Poisson mean to about 1e-7; the ratio is its inverse.
    for found, ratio in zip(limits(row), expected, strict=True):
        assert found == pytest.approx(ratio, rel=max(1e-5, 1e-7 * ratio / case["observed_events"]))


@pytest.mark.parametrize("case", of_kind("overdispersion-spiegelhalter", data_type="PR"))
def test_overdispersion_of_proportions_matches_funnelplotr(case):
    table = lhp.funnel(proportions(case["numerators"], case["denominators"]), trim=case["trim_by"])

    assert table.target == pytest.approx(case["target"])
    assert table.phi == pytest.approx(case["phi"])
    assert table.tau_squared == pytest.approx(case["tau2"])
    assert table.column("z") == pytest.approx(case["z_scores"])
    adjusted = {limit["number_seq"]: limit for limit in case["limits_adjusted"]}
    names = ("odll95", "odul95", "odll998", "odul998")
    compared = 0
    for row in table:
        if row.trials in adjusted:
            compared += 1
            expected = [adjusted[row.trials][name] for name in names]
            assert limits(row, "adjusted_") == pytest.approx(expected, rel=1e-6)
    assert compared == len(table)


@pytest.mark.parametrize("case", of_kind("overdispersion-spiegelhalter", sr_method="CQC"))
def test_overdispersion_of_ratios_matches_funnelplotr(case):
    table = registrations(
        case["numerators"], case["denominators"], target=case["target"], trim=case["trim_by"]
    )

    assert table.phi == pytest.approx(case["phi"])
    assert table.tau_squared == pytest.approx(case["tau2"])
    assert table.column("z") == pytest.approx(case["z_scores"])


@pytest.mark.parametrize("kind", ["proportion-significance", "ratio-significance"])
def test_no_group_is_outside_where_the_reference_says_so(kind):
    (case,) = of_kind(kind)
    if kind.startswith("proportion"):
        table = lhp.funnel(proportions(case["numerators"], case["denominators"]))
    else:
        table = registrations(case["observed"], case["expected"], target=1.0)

    assert set(case["significance"]) == {"Not significant"}
    assert {row.position for row in table} == {"within"}


@given(grant_tallies())
def test_a_group_is_outside_exactly_where_its_wilson_interval_misses_the_target(tally):
    if not len(tally):
        return
    table = lhp.funnel(tally)
    rates = lhp.success_rates(tally)

    for row in table:
        rate = rates[row.key].rate
        if min(abs(rate.low - table.target), abs(rate.high - table.target)) > 1e-9:
            outside = not rate.low <= table.target <= rate.high
            assert (row.position != "within") == outside


@given(st.integers(1, 300), st.floats(0.01, 0.99))
def test_exact_limits_are_quantiles_of_the_binomial_distribution(n, target):
    row = lhp.funnel(proportions([0], [n]), target=target, method="exact")["0"]

    # scipy's quantiles; a tie of probabilities may fall to either side.
    tails = np.array([0.025, 0.975, 0.001, 0.999])
    counts = np.rint(np.array(limits(row)) * n)
    assert (stats.binom.cdf(counts, n, target) >= tails - 1e-9).all()
    assert (stats.binom.cdf(counts - 1, n, target) <= tails + 1e-9).all()


@given(grant_tallies(), st.sampled_from(["wilson", "exact"]))
def test_the_inner_limits_lie_between_the_outer_ones_and_the_target_between_both(tally, method):
    if not len(tally):
        return
    for row in lhp.funnel(tally, method=method):
        target = lhp.funnel(tally).target
        assert 0 <= row.lower_99_8 <= row.lower_95 <= target + 1 / row.trials
        assert target - 1 / row.trials <= row.upper_95 <= row.upper_99_8 <= 1
        assert row.adjusted_lower_99_8 <= row.adjusted_lower_95 <= target + 1e-12
        assert abs(row.z_adjusted) <= abs(row.z) + 1e-12


def test_groups_that_differ_for_many_reasons_are_not_all_outside_the_adjusted_limits():
    tally = proportions([100, 150, 200, 250, 300, 350], [500] * 6)
    table = lhp.funnel(tally)

    assert [row.position for row in table].count("within") == 0
    assert {row.adjusted_position for row in table} == {"within"}
    assert table.phi > 40


def test_positions_name_the_outermost_limit_that_is_passed():
    tally = proportions([40, 6, 22], [100, 70, 80])
    table = lhp.funnel(tally)

    assert [row.position for row in table] == ["above 95%", "below 99.8%", "within"]
    given_target = lhp.funnel(tally, target=0.9)
    assert {row.position for row in given_target} == {"below 99.8%"}
    assert (given_target.target, given_target.total.position) == (0.9, "below 99.8%")


def test_no_registrations_where_many_were_expected_is_outside():
    table = registrations([0, 50, 2], [40, 45, 0.05])

    assert [row.position for row in table] == ["below 99.8%", "above 99.8%", "above 99.8%"]
    assert (table["0"].value, table["0"].upper_95) == (0, math.inf)
    assert table.target == pytest.approx(52 / 85.05)


def test_a_group_of_nothing_has_no_position_and_does_not_count_for_the_others():
    tally = lhp.GrantTally.from_counts(
        {
            "a": lhp.OutcomeCounts(successful=26, unsuccessful=34),
            "b": lhp.OutcomeCounts(successful=34, unsuccessful=37),
            "new": lhp.OutcomeCounts(successful=0, unsuccessful=0, pending=3),
            "LHP": lhp.OutcomeCounts(decided=66),
        }
    )

    table = lhp.funnel(tally)

    for key in ("new", "LHP"):
        row = table[key]
        assert math.isnan(row.value)
        assert row.position is row.adjusted_position is None
        assert limits(row) == [0, 1, 0, 1]
    assert table["LHP"].events is None
    assert table.target == 60 / 131
    assert table.phi == lhp.funnel(proportions([26, 34], [60, 71])).phi
    assert "not published: LHP" in table.provenance.footnote()


def test_one_group_tells_nothing_about_variation_between_groups():
    table = lhp.funnel(proportions([3], [9]))

    assert math.isnan(table.phi)
    assert table.tau_squared == 0


def test_the_footnote_says_what_the_limits_are():
    footnote = lhp.funnel(TALLY).provenance.footnote()

    assert "Limits: Wilson, each by itself, around 43.5% (pooled)." in footnote
    assert "Between groups: φ = 1.03, τ² = 0.00102 (10% of z drawn in at each end)." in footnote


REGISTERED = lhp.RegistrationTally.from_counts({"REM": 60, "REN": 40})
SHARED = lhp.Grant(
    reference="G", submitted_on="2023-05-01", outcome="successful", partners=["REM", "REN"]
)
STUDY = lhp.Study(study_id="S", registered_on="2023-05-01", sites=["REM", "REN"])


@pytest.mark.parametrize(
    ("tally", "options", "error", "message"),
    [
        (
            REGISTERED,
            {},
            lhp.InvalidInputError,
            "registrations need expected=: how many each group should have had, since groups of "
            "different size are not expected to have the same number",
        ),
        (
            REGISTERED,
            {"expected": {"REM": 50, "REM2": 40}},
            lhp.NotFoundError,
            "expected has no entry for 'REN'; did you mean 'REM'?",
        ),
        (
            REGISTERED,
            {"expected": {"REM": 50, "REN": 0}},
            lhp.InvalidInputError,
            "expected must be finite and above 0; got 0.0 at index 1",
        ),
        (
            REGISTERED,
            {"expected": {"REM": 50, "REN": 40}, "method": "wilson"},
            lhp.InvalidInputError,
            "method must be one of 'exact'; got 'wilson'",
        ),
        (
            TALLY,
            {"expected": {"0": 50}},
            lhp.InvalidInputError,
            "expected= is for registrations; success rates have trials",
        ),
        (
            TALLY,
            {"method": "normal"},
            lhp.InvalidInputError,
            "method must be one of 'wilson', 'exact'; got 'normal'",
        ),
        (
            TALLY,
            {"target": 43.5},
            lhp.InvalidInputError,
            "target must be between 0 and 1; got 43.5",
        ),
        (
            REGISTERED,
            {"expected": {"REM": 50, "REN": 40}, "target": -1},
            lhp.InvalidInputError,
            "target must be at least 0; got -1",
        ),
        (
            TALLY,
            {"trim": 0.6},
            lhp.InvalidInputError,
            "trim must be between 0 and 0.5; got 0.6",
        ),
        (
            lhp.tally_grants([]),
            {},
            lhp.InvalidInputError,
            "funnels need a tally by group; this one has only a total",
        ),
        (
            lhp.tally_grants([SHARED], by="organisation", attribution="fractional"),
            {},
            lhp.InvalidInputError,
            "funnels need whole applications, but this tally has attribution 'fractional': "
            "count with 'lead' or 'whole'",
        ),
        (
            lhp.tally_registrations([STUDY], attribution="fractional"),
            {"expected": {"REM": 1, "REN": 1}},
            lhp.InvalidInputError,
            "funnels need whole studies, but this tally has attribution 'fractional': count with "
            "'lead' or 'whole'",
        ),
        (
            "tally",
            {},
            lhp.InvalidTypeError,
            "tally must be a GrantTally or RegistrationTally or SetupTally; got str",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(tally, options, error, message):
    with pytest.raises(error) as caught:
        lhp.funnel(tally, **options)

    assert str(caught.value) == message


@pytest.mark.parametrize(("won", "lost", "limit"), [(3, 0, 1.0), (0, 3, 0.0)])
def test_where_all_went_one_way_chance_leaves_nothing_else(won, lost, limit):
    counts = {
        name: lhp.OutcomeCounts(successful=n * won, unsuccessful=n * lost)
        for n, name in ((1, "A"), (4, "B"))
    }
    points = lhp.funnel(lhp.GrantTally.from_counts(counts, by="funder"), method="exact")

    for row in points:
        assert (row.lower_99_8, row.lower_95, row.upper_95, row.upper_99_8) == (limit,) * 4
        assert row.position == "within"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"expected": [1, 2]}, "expected must be a Mapping; got list"),
        ({"expected": {"A": 1, "B": 0}}, "expected must be finite and above 0; got 0.0 at index 1"),
        ({"expected": {"A": 1}}, "expected has no entry for 'B'"),
        ({"expected": {"A": 1, "B": 2}, "target": -1}, "target must be at least 0; got -1"),
        ({"expected": {"A": 1, "B": 2}, "method": "wilson"}, "method must be one of 'exact'; got"),
    ],
)
def test_what_was_expected_of_registrations_is_checked(options, message):
    tally = lhp.RegistrationTally.from_counts({"A": 3, "B": 4})

    with pytest.raises(lhp.LhpMetricsError, match=f"^{message}"):
        lhp.funnel(tally, **options)
