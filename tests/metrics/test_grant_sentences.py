"""What results say, word for word: somebody pastes it into a board paper."""

import pytest

import lhp_metrics as lhp
from every_result import every_table
from lhp_metrics import OutcomeCounts

REPORT = lhp.annual_report_2023_24()
RFPB = lhp.nihr_rfpb_success_rates().one_stage


def test_a_rate_with_what_the_pending_could_make_of_it():
    counts = OutcomeCounts(successful=15, unsuccessful=51, pending=57)

    # 66 decided and 57 pending: LHP's annual report 2023-24; the 15 are made up.
    assert lhp.success_rate(counts).describe() == (
        "Of 66 decided applications, 15 succeeded: 22.7% (95% confidence interval 14.3% to 34.2%). "
        "57 are still pending: once they are decided, the rate will be between 12.2% (if all fail) "
        "and 58.5% (if all succeed)."
    )


def test_a_rate_that_is_not_published():
    assert lhp.success_rate(REPORT.grants).describe() == (
        "66 applications were decided and 57 are still pending. How many of the decided succeeded "
        "is not published, so there is no success rate."
    )


@pytest.mark.parametrize(
    ("counts", "options", "said"),
    [
        (
            OutcomeCounts(successful=0, unsuccessful=0, pending=3),
            {},
            "No application was decided, so there is no success rate yet. 3 are still pending.",
        ),
        (
            OutcomeCounts(successful=1, unsuccessful=0, pending=1),
            {"confidence_level": 0.9},
            "Of 1 decided application, 1 succeeded: 100.0% (90% confidence interval 27.0% to "
            "100.0%). 1 is still pending: once it is decided, the rate will be between 50.0% (if "
            "it fails) and 100.0% (if it succeeds).",
        ),
        (
            OutcomeCounts(successful=1_200, unsuccessful=3_800, withdrawn=5, not_considered=5),
            {"basis": "submitted"},
            "Of 5,010 applications submitted, 1,200 succeeded: 24.0% (95% confidence interval "
            "22.8% to 25.2%).",
        ),
        (
            OutcomeCounts(successful=3, unsuccessful=6, pending=1, withdrawn=5),
            {"basis": "considered"},
            "Of 10 applications considered, 3 succeeded: 30.0% (95% confidence interval 10.8% to "
            "60.3%). 1 is still pending: once it is decided, the rate will be between 30.0% (if it "
            "fails) and 40.0% (if it succeeds).",
        ),
    ],
)
def test_a_rate_on_any_basis_and_of_nothing(counts, options, said):
    assert lhp.success_rate(counts, **options).describe() == said


def test_a_group_is_named_and_the_period_given():
    grants = [
        lhp.Grant(
            reference=reference,
            submitted_on="2023-05-01",
            decided_on="2023-09-01",
            outcome=outcome,
            funder="NIHR",
        )
        for reference, outcome in (("G1", "successful"), ("G2", "unsuccessful"))
    ]
    tally = lhp.tally_grants(
        grants, by="funder", period=lhp.Period.financial_year("2023-24"), as_of="2024-06-30"
    )

    assert lhp.success_rates(tally)["NIHR"].describe() == (
        "NIHR: of 2 decided applications, 1 succeeded: 50.0% (95% confidence interval 9.5% to "
        "90.5%). Submitted from 1 Apr 2023 to 31 Mar 2024, as known on 30 Jun 2024."
    )


def test_where_one_row_is_true_the_first_and_the_last_are_told():
    said = lhp.possible_success_rates(OutcomeCounts(decided=66, pending=57)).describe()

    assert said.startswith("The number of successes is not known: one of these rows is true. 0: of")
    assert "66: of 66 decided applications, 66 succeeded: 100.0%" in said


def test_a_change_of_success_rates():
    before = OutcomeCounts(successful=48, unsuccessful=32)
    after = OutcomeCounts(successful=56, unsuccessful=14, pending=10)

    assert lhp.success_rate_change(before, after).describe() == (
        "Before, 48 of 80 decided applications succeeded (60.0%); after, 56 of 70 decided "
        "applications succeeded (80.0%). The success rate rose by 20.0 percentage points (95% "
        "confidence interval +5.3 to +33.8); more than chance alone would explain. 10 applications "
        "still pending could make the difference anything between +10.0 and +22.5 percentage "
        "points."
    )


def test_a_change_among_many_says_what_their_number_leaves_of_it():
    half = OutcomeCounts(successful=30, unsuccessful=30)
    others = dict.fromkeys("BCDEFGH", half)
    before = by_funder(A=OutcomeCounts(successful=48, unsuccessful=32, pending=1), **others)
    after = by_funder(A=OutcomeCounts(successful=56, unsuccessful=14), **others)

    # The p-value by itself is 0.008, and Holm's of eight is eight times that. One pending before:
    # 56/70 less 49/81, and less 48/81.
    assert lhp.success_rate_change(before, after)["A"].describe() == (
        "A: before, 48 of 80 decided applications succeeded (60.0%); after, 56 of 70 decided "
        "applications succeeded (80.0%). The success rate rose by 20.0 percentage points (95% "
        "confidence interval +5.3 to +33.8); by itself more than chance would explain, but not "
        "once the number of comparisons is allowed for. 1 application still pending could make the "
        "difference anything between +19.5 and +20.7 percentage points."
    )


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (OutcomeCounts(successful=0, unsuccessful=0), "nothing was decided in"),
        (OutcomeCounts(decided=9), "how decisions split is not published for"),
    ],
)
def test_a_change_that_is_not_known(before, why):
    after = OutcomeCounts(successful=1, unsuccessful=1)

    assert lhp.success_rate_change(before, after).describe() == (
        f"There is no difference to state: {why} at least one of the cohorts."
    )


def test_comparisons_allow_for_their_number():
    table = lhp.compare_success_rates(RFPB)

    assert table.describe() == (
        "Taken together, the success rates of the 6 groups differ no more than chance alone would "
        "explain (p = 0.391). No group stands out, the number of comparisons allowed for."
    )
    assert table["2010-11"].describe() == (
        "2010-11: 110 of 448 decided applications succeeded (24.6%). That is 4.0 percentage points "
        "more (95% confidence interval −0.4 to +8.6) than all other groups together, with 20.6%; "
        "chance alone could explain it."
    )


def test_a_comparison_says_what_the_pending_and_the_number_of_comparisons_leave_of_it():
    half = OutcomeCounts(successful=30, unsuccessful=30)
    tally = by_funder(
        A=OutcomeCounts(successful=30, unsuccessful=40, pending=3),
        B=OutcomeCounts(successful=48, unsuccessful=32, pending=1),
        C=half,
        D=half,
        E=half,
    )
    table = lhp.compare_success_rates(tally, reference="B")

    # The pending of both: 30/73 less 49/81, and 33/73 less 48/81.
    assert table["A"].describe() == (
        "A: 30 of 70 decided applications succeeded (42.9%). That is 17.1 percentage points less "
        "(95% confidence interval −32.4 to −1.1) than B, with 60.0%; by itself more than chance "
        "would explain, but not once the number of comparisons is allowed for. 4 applications "
        "still pending could make the difference anything between −19.4 and −14.1 percentage "
        "points."
    )


def test_what_the_pending_will_bring_and_under_which_assumption():
    forecast = lhp.forecast_successes(OutcomeCounts(successful=12, unsuccessful=20, pending=5))

    assert forecast.describe() == (
        "Of 5 pending applications, about 2 will succeed, if each pending application succeeds "
        "with the chance that the decided ones had. The cohort would then end with 14 successes "
        "(95% prediction interval 12 to 16), a success rate of 37.8% (32.4% to 43.2%)."
    )
    # (12 + ½) / (32 + 1) of two is 0.76.
    two = lhp.forecast_successes(OutcomeCounts(successful=12, unsuccessful=20, pending=2))
    assert two.describe().startswith("Of 2 pending applications, about 1 will succeed, if each ")
    none = lhp.forecast_successes(OutcomeCounts(successful=12, unsuccessful=20))
    assert none.describe() == "Nothing is pending, so there is nothing to forecast."


def test_pounds_and_what_makes_them_unsure():
    table = every_table()["value_success_rates"]

    # G1 and G5 of G1, G2, G3 and G5: £310,000.25 of £515,000.75; G4's £40,000 is pending. Of one
    # grant that was lost the upper limit is 1 − 0.025, Clopper and Pearson's.
    assert table.describe() == (
        "Of £515,001 asked for in 4 decided applications, £310,000 was won: 60.2% (95% confidence "
        "interval 0.7% to 99.7%). Read it with caution: fewer than 5 decisions. Another £40,000 is "
        "pending: once it is decided, the rate will be between 55.9% and 63.1%. Submitted from 1 "
        "Apr 2023 to 31 Mar 2024, as known on 31 Mar 2024."
    )
    assert table["REN"].describe() == (
        "REN: of £85,000 asked for in 1 decided application, £0 was won: 0.0% (95% confidence "
        "interval 0.0% to 97.5%). Read it with caution: fewer than 5 decisions; one grant is over "
        "half of the pounds. Another £40,000 is pending: once it is decided, the rate will be "
        "between 0.0% and 32.0%. Submitted from 1 Apr 2023 to 31 Mar 2024, as known on 31 Mar 2024."
    )


def test_pounds_of_many_grants_need_no_caution():
    amounts = [("successful", 100_000)] * 3 + [("unsuccessful", 100_000)] * 3
    grants = [
        lhp.Grant(reference=n, submitted_on="2023-05-01", outcome=outcome, amount_requested=pounds)
        for n, (outcome, pounds) in enumerate(amounts)
    ]
    row = lhp.value_success_rate(lhp.tally_grants(grants))

    # As six equal grants are, with t on 5 degrees of freedom on the logit scale: the standard
    # error is √(6/5 · 6 · ¼) / 6 / ¼, times 2.5706.
    assert row.describe() == (
        "Of £600,000 asked for in 6 decided applications, £300,000 was won: 50.0% (95% confidence "
        "interval 9.1% to 90.9%)."
    )


def by_funder(**counts):
    return lhp.GrantTally.from_counts(counts, by="funder")


def said_of_hidden(table, key):
    return lhp.suppress(table, rule=lhp.SuppressionRule(5))[key].describe()


HIDDEN = "A: the figures are not shown, because counts are too small to publish."
FEW = OutcomeCounts(successful=1, unsuccessful=2, pending=1)
MANY = OutcomeCounts(successful=40, unsuccessful=40, pending=40)
UNSPLIT = OutcomeCounts(decided=8)


@pytest.mark.parametrize("metric", [lhp.success_rates, lhp.forecast_successes])
def test_of_small_groups_nothing_is_told(metric):
    assert said_of_hidden(metric(by_funder(A=FEW, B=MANY, C=MANY)), "A") == HIDDEN


def test_of_small_groups_compared_nothing_is_told():
    tally = by_funder(A=FEW, B=MANY, C=MANY)

    assert said_of_hidden(lhp.success_rate_change(tally, tally), "A") == HIDDEN
    compared = lhp.compare_success_rates(tally)
    assert said_of_hidden(compared, "A") == HIDDEN
    # What the test of all groups said is not told: it was made from the hidden ones too.
    said = lhp.suppress(compared, rule=lhp.SuppressionRule(5)).describe()
    assert said.startswith(HIDDEN)
    assert "Taken together" not in said


def test_of_pounds_in_few_decisions_nothing_is_told():
    table = every_table()["value_success_rates"]

    assert said_of_hidden(table, "REM") == HIDDEN.replace("A:", "REM:")


def test_a_split_that_is_not_published_with_nothing_pending():
    assert lhp.success_rate(OutcomeCounts(decided=1)).describe() == (
        "1 application was decided and none is still pending. How many of the decided succeeded is "
        "not published, so there is no success rate."
    )


def test_of_nothing_decided_there_is_but_one_possible_rate():
    said = lhp.possible_success_rates(OutcomeCounts(decided=0)).describe()

    assert said == (
        "The number of successes is not known: one of these rows is true. 0: no application was "
        "decided, so there is no success rate yet."
    )


def test_possible_rates_of_one_decision_are_told_once_each():
    said = lhp.possible_success_rates(OutcomeCounts(decided=1, pending=1)).describe()

    # Wilson's limits of 0 and 1 of 1: z² / (1 + z²) is 79.3%.
    assert said == (
        "The number of successes is not known: one of these rows is true. 0: of 1 decided "
        "application, 0 succeeded: 0.0% (95% confidence interval 0.0% to 79.3%). 1 is still "
        "pending: once it is decided, the rate will be between 0.0% (if it fails) and 50.0% (if it "
        "succeeds). 1: of 1 decided application, 1 succeeded: 100.0% (95% confidence interval "
        "20.7% to 100.0%). 1 is still pending: once it is decided, the rate will be between 50.0% "
        "(if it fails) and 100.0% (if it succeeds)."
    )


def test_rates_of_groups_are_told_by_their_total():
    half = OutcomeCounts(successful=30, unsuccessful=30)

    # Of 120: Wilson's limits, as statsmodels 0.14 has them.
    assert lhp.success_rates(by_funder(A=half, B=half)).describe() == (
        "Of 120 decided applications, 60 succeeded: 50.0% (95% confidence interval 41.2% to 58.8%)."
    )


def test_a_change_names_the_periods_and_says_that_there_is_none():
    half = OutcomeCounts(successful=30, unsuccessful=30)
    before, after = (
        lhp.GrantTally.from_counts({"A": half}, period=lhp.Period.financial_year(year))
        for year in ("2022-23", "2023-24")
    )

    said = lhp.success_rate_change(before, after).describe()

    assert said.startswith(
        "Before, from 1 Apr 2022 to 31 Mar 2023, 30 of 60 decided applications succeeded (50.0%); "
        "after, from 1 Apr 2023 to 31 Mar 2024, 30 of 60 decided applications succeeded (50.0%). "
        "The success rate did not change (95% confidence interval −"
    )
    assert "chance" not in said


@pytest.mark.parametrize(
    ("basis", "said"),
    [
        # 30 of 60 + 5 + 3, then 30 of 65 + 2 + 3.
        ("submitted", ("44.1% of those submitted", "42.9% of those submitted", "fell by 1.3 ")),
        # 30 of 60 + 5, then 30 of 65 + 2.
        ("considered", ("46.2% of those considered", "44.8% of those considered", "fell by 1.4 ")),
    ],
)
def test_a_change_on_another_basis_says_which(basis, said):
    before = OutcomeCounts(successful=30, unsuccessful=30, pending=5, withdrawn=3)
    after = OutcomeCounts(successful=30, unsuccessful=35, pending=2, not_considered=3)

    text = lhp.success_rate_change(before, after, basis=basis).describe()

    first, second, moved = said
    assert f"Before, 30 applications succeeded, {first}; after, 30 applications" in text
    assert f"succeeded, {second}. The success rate {moved}percentage points" in text
    assert "7 applications still pending could make the difference anything between −" in text


def test_equal_rates_are_said_to_be_the_same():
    half = OutcomeCounts(successful=20, unsuccessful=20)
    table = lhp.compare_success_rates(by_funder(A=half, B=half), reference="B")

    assert (
        table["A"]
        .describe()
        .startswith(
            "A: 20 of 40 decided applications succeeded (50.0%). That is the same as B, with 50.0% "
            "(95% confidence interval −"
        )
    )


def test_limits_that_round_to_nothing_have_no_sign():
    # All of both: no difference, and no room for one on either side at a level this low.
    all_won = OutcomeCounts(successful=5_000, unsuccessful=0)

    said = lhp.success_rate_change(all_won, all_won, confidence_level=0.01).describe()

    assert "did not change (1% confidence interval 0.0 to 0.0)." in said


def test_who_stands_out_is_named():
    # Of 72, 2 succeeded, and half in the others: no need of a table to see who is apart.
    half = OutcomeCounts(successful=300, unsuccessful=300)
    one = by_funder(A=OutcomeCounts(successful=2, unsuccessful=70), B=half, C=half)
    two = by_funder(
        A=OutcomeCounts(successful=1, unsuccessful=99),
        B=OutcomeCounts(successful=99, unsuccessful=1),
    )

    assert lhp.compare_success_rates(one).describe() == (
        "Taken together, the success rates of the 3 groups differ more than chance alone would "
        "explain (p < 0.001). A stands out, the number of comparisons allowed for."
    )
    assert lhp.compare_success_rates(two).describe().endswith(" A and B stand out, the number of "
        "comparisons allowed for.")  # fmt: skip


def test_where_no_group_can_be_tested_none_is_said_to_stand_out():
    won = OutcomeCounts(successful=20, unsuccessful=70)
    table = lhp.compare_success_rates(
        by_funder(A=won, B=OutcomeCounts(successful=0, unsuccessful=0))
    )

    assert table.describe() == (
        "The success rates cannot be compared all together. No group could be tested against the "
        "others by itself."
    )
    assert table["A"].describe() == (
        "A cannot be compared with all other groups together: in one of them nothing was decided, "
        "or how decisions split is not published."
    )


def test_a_forecast_from_nothing_and_of_next_to_nothing():
    unsplit = OutcomeCounts(decided=8, pending=3)
    assert lhp.forecast_successes(unsplit).describe() == (
        "How decisions split is not published, so there is nothing to forecast from."
    )
    # With Jeffreys' prior the mean is (1 + ½) / (20 + 1), 0.07 of the one.
    seldom = OutcomeCounts(successful=1, unsuccessful=19, pending=1)
    assert lhp.forecast_successes(seldom, confidence_level=0.9).describe() == (
        "Of 1 pending application, probably none will succeed, if each pending application "
        "succeeds with the chance that the decided ones had. The cohort would then end with 1 "
        "success (90% prediction interval 1 to 2), a success rate of 4.8% (4.8% to 9.5%)."
    )


def test_of_even_odds_on_one_no_success_is_told():
    # Of nothing decided Jeffreys' prior makes it ½, and the median of 0 and 1 is 0.
    said = lhp.forecast_successes(OutcomeCounts(successful=0, unsuccessful=0, pending=1)).describe()

    assert said.startswith("Of 1 pending application, probably none will succeed, if each ")
    assert "The cohort would then end with 0 successes (95% prediction interval 0 to 1)" in said


def test_of_no_pounds_there_is_no_rate():
    grants = [lhp.Grant(reference="G1", submitted_on="2023-05-01", outcome="pending", lead="REM")]
    tally = lhp.tally_grants(
        grants, by="lead", period=lhp.Period.financial_year("2023-24"), as_of="2024-03-31"
    )

    assert lhp.value_success_rates(tally)["REM"].describe() == (
        "REM: no amount was decided on, so there is no success rate by value. Submitted from 1 Apr "
        "2023 to 31 Mar 2024, as known on 31 Mar 2024."
    )
