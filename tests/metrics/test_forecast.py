import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import betabinom

import lhp_metrics as lhp
from strategies import grant_tallies, outcome_counts

COUNTS = lhp.OutcomeCounts(successful=12, unsuccessful=20, pending=5)


def forecast(counts, **options):
    return lhp.forecast_successes(counts, **options).total


# scipy.stats.betabinom, an implementation that we did not write.
@given(outcome_counts(), st.floats(0.5, 0.99))
def test_the_forecast_is_beta_binomial_with_jeffreys_prior(counts, level):
    row = forecast(counts, confidence_level=level)
    truth = betabinom(counts.pending, 0.5 + counts.successful, 0.5 + counts.unsuccessful)

    assert row.probabilities == pytest.approx(truth.pmf(range(counts.pending + 1)), abs=1e-10)
    assert row.expected == pytest.approx(truth.mean())
    below = truth.cdf(np.arange(counts.pending + 1))
    tails = (1 - level) / 2, 0.5, (1 + level) / 2
    assume(np.abs(below[:, None] - tails).min() > 1e-9)  # a tie may fall to either side
    low, median, high = (counts.successful + np.searchsorted(below, tail) for tail in tails)
    assert tuple(row.final_successful) == (median, low, high)


@given(outcome_counts())
def test_the_chances_of_all_numbers_add_up_to_1(counts):
    row = forecast(counts)

    assert len(row.probabilities) == counts.pending + 1
    assert row.probabilities.sum() == pytest.approx(1)
    assert (row.probabilities >= 0).all()


@given(outcome_counts())
def test_the_forecast_stays_within_what_is_possible(counts):
    row, bounds = forecast(counts), lhp.success_rate(counts)

    rate = row.final_rate
    assert bounds.if_pending_all_fail <= rate.low <= rate.value
    assert rate.value <= rate.high <= bounds.if_pending_all_succeed


@given(grant_tallies())
def test_a_table_forecasts_each_group_as_if_it_were_alone(tally):
    table = lhp.forecast_successes(tally)

    for key in tally:
        alone = forecast(tally[key])
        assert table[key].final_successful == alone.final_successful
        assert table[key].expected == alone.expected


def test_nothing_pending_leaves_nothing_to_forecast():
    row = forecast(lhp.OutcomeCounts(successful=3, unsuccessful=4))

    assert tuple(row.final_successful) == (3, 3, 3)
    assert row.probabilities.tolist() == pytest.approx([1.0])


def test_the_assumption_is_a_field_and_in_the_footnote():
    row = forecast(COUNTS)

    said = "each pending application succeeds with the chance that the decided ones had"
    assert row.assumption == said
    assert f"Assumed: {said}." in row.provenance.footnote()
    assert (row.prior, row.prior_a, row.prior_b) == ("jeffreys", 0.5, 0.5)
    assert row.final_successful.method == "beta-binomial prediction"


def test_an_unpublished_split_has_no_forecast():
    table = lhp.forecast_successes(lhp.OutcomeCounts(decided=66, pending=57))
    row = table.total

    assert math.isnan(row.expected)
    assert math.isnan(row.final_rate.value)
    assert (row.final_successful.low, row.final_successful.high) == (0, 123)
    assert (row.final_rate.low, row.final_rate.high) == (0, 1)
    assert row.probabilities is None


def test_nothing_submitted_has_no_rate():
    row = forecast(lhp.OutcomeCounts(successful=0, unsuccessful=0))

    assert math.isnan(row.final_rate.value)
    assert (row.final_rate.low, row.final_rate.high) == (0, 1)


# Priors from the other groups


def groups(*pairs, pending=10):
    return lhp.GrantTally.from_counts(
        {
            str(i): lhp.OutcomeCounts(successful=s, unsuccessful=n - s, pending=pending)
            for i, (s, n) in enumerate(pairs)
        }
    )


def test_the_prior_from_others_is_the_anova_estimate():
    # By hand after Ridout, Demétrio and Firth (1999), Biometrics 55, 137-148, section 2.2, for
    # the other groups 2 of 10, 5 of 10 and 14 of 20: N = 40, Σ s²/n = 0.4 + 2.5 + 9.8 = 12.7,
    # MSB = (12.7 - 21²/40) / 2 = 0.8375, MSW = (21 - 12.7) / 37 = 0.224324,
    # n₀ = (40 - 600/40) / 2 = 12.5, ρ = 0.613176 / 3.417230 = 0.179436, 1/ρ - 1 = 4.573003.
    row = lhp.forecast_successes(groups((1, 3), (2, 10), (5, 10), (14, 20)), prior="others")["0"]

    weight = 4.573003
    middle = 21.5 / 41
    assert row.prior == "others"
    assert (row.prior_a, row.prior_b) == pytest.approx(
        (weight * middle, weight * (1 - middle)), rel=1e-6
    )


def test_others_that_are_alike_weigh_with_all_their_decisions():
    row = lhp.forecast_successes(groups((0, 4), (5, 20), (5, 20), (5, 20)), prior="others")["0"]

    assert row.prior_a + row.prior_b == pytest.approx(60)
    # The group's own 0 of 4 barely moves what 15 of 60 say.
    assert 2 < row.expected < 2.5


def test_a_groups_own_decisions_do_not_enter_its_prior():
    one = lhp.forecast_successes(groups((1, 30), (6, 10), (3, 10)), prior="others")["0"]
    two = lhp.forecast_successes(groups((29, 30), (6, 10), (3, 10)), prior="others")["0"]

    assert (one.prior_a, one.prior_b) == pytest.approx((two.prior_a, two.prior_b))


def test_too_few_others_and_the_total_have_jeffreys_prior():
    table = lhp.forecast_successes(groups((3, 10), (5, 10)), prior="others")

    assert {row.prior for row in table} == {"jeffreys"}
    assert table.total.prior == "jeffreys"
    assert lhp.forecast_successes(groups((3, 10)), prior="others")["0"].prior_a == 0.5


def test_two_others_are_enough_if_one_of_them_decided_twice():
    def prior(*others):
        return lhp.forecast_successes(groups((3, 10), *others), prior="others")["0"].prior

    assert prior((1, 1), (0, 1)) == "jeffreys"
    assert prior((1, 2), (0, 1)) == "others"


def test_groups_that_share_applications_are_no_others():
    shared = lhp.Grant(
        reference="G", submitted_on="2023-05-01", outcome="successful", partners=["REM", "REN"]
    )
    whole = lhp.tally_grants([shared], by="organisation", attribution="whole")

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.forecast_successes(whole, prior="others")

    assert str(caught.value) == (
        "groups of this tally share applications, so a group's own may stand among the others': "
        "use prior='jeffreys', or count with 'lead'"
    )


def test_an_unknown_prior_is_refused():
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.forecast_successes(COUNTS, prior="flat")

    assert str(caught.value) == "prior must be one of 'jeffreys', 'others'; got 'flat'"


# Decisions needed


def half_width(rate, n, level):
    # Wilson (1927), JASA 22, 209-212, for a rate that need not be a whole number of n.
    from scipy.stats import norm

    z = norm.ppf((1 + level) / 2)
    return z / (1 + z * z / n) * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))


@given(st.floats(0.02, 0.4), st.floats(0, 1), st.floats(0.5, 0.999))
def test_the_decisions_needed_are_just_enough(width, rate, level):
    n = lhp.decisions_needed(width, rate, confidence_level=level)

    assert half_width(rate, n, level) <= width + 1e-9
    if n > 1:
        assert half_width(rate, n - 1, level) > width - 1e-9


def test_ten_points_either_way_at_one_half_need_93_decisions():
    # z²/(4 h²) - z² = 96.04 - 3.84 = 92.2.
    assert lhp.decisions_needed(0.1) == 93


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0,), "half_width must be from 0.000001 to below 0.5; got 0.0"),
        ((0.5,), "half_width must be from 0.000001 to below 0.5; got 0.5"),
        ((10,), "half_width must be from 0.000001 to below 0.5; got 10.0"),
        ((0.1, 1.2), "expected_rate must be between 0 and 1; got 1.2"),
        ((0.1, float("nan")), "expected_rate must not be NaN (missing); got nan"),
        ((0.1, [0.1, 0.2]), "expected_rate must be one number; got shape (2,)"),
    ],
)
def test_an_impossible_width_or_rate_is_named(arguments, message):
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.decisions_needed(*arguments)

    assert str(caught.value) == message


def test_a_group_with_nothing_decided_tells_the_others_nothing():
    tallied = {
        "A": lhp.OutcomeCounts(successful=3, unsuccessful=7, pending=1),
        "B": lhp.OutcomeCounts(successful=12, unsuccessful=8, pending=1),
        "C": lhp.OutcomeCounts(successful=9, unsuccessful=21, pending=1),
    }
    more = {**tallied, "D": lhp.OutcomeCounts(successful=0, unsuccessful=0, pending=4)}
    without, beside = (
        lhp.forecast_successes(lhp.GrantTally.from_counts(counts), prior="others")
        for counts in (tallied, more)
    )

    for key in tallied:
        assert (beside[key].prior_a, beside[key].prior_b) == pytest.approx(
            (without[key].prior_a, without[key].prior_b)
        )
    assert beside["D"].prior == "others"


def test_others_that_have_nothing_in_common_weigh_as_one_decision():
    # All or nothing: within the groups nothing varies, and the correlation is 1.
    won, lost = (lhp.OutcomeCounts(successful=n, unsuccessful=10 - n) for n in (10, 0))
    tally = lhp.GrantTally.from_counts({"A": won, "B": lost, "C": won, "D": lost})

    row = lhp.forecast_successes(tally, prior="others")["A"]

    # The others' pooled rate is (10 + ½) / (30 + 1).
    assert (row.prior_a, row.prior_b) == pytest.approx((10.5 / 31, 20.5 / 31))
