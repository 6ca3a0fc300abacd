"""What results say, word for word: somebody pastes it into a board paper."""

import re

import pytest

import lhp_metrics as lhp
from every_result import every_row, every_table
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


def test_registrations_of_unequal_periods_are_compared_per_day():
    change = lhp.registration_change(REPORT.spark, REPORT.jro)

    assert change.describe() == (
        "158 studies were registered from 1 Apr 2023 to 19 Nov 2023 (233 days) and 164 from 20 Nov "
        "2023 to 31 Mar 2024 (133 days). Per day that is 82% more (95% confidence interval 46% "
        "more to 126% more); more than chance alone would explain. The groups did not change "
        "alike, from 1.13 times as many (LUHFT) to 59.56 (Clatterbridge): the total speaks for "
        "none of them."
    )
    assert change["REM"].describe() == (
        "LUHFT: 107 studies were registered from 1 Apr 2023 to 19 Nov 2023 (233 days) and 69 from "
        "20 Nov 2023 to 31 Mar 2024 (133 days). Per day that is 13% more (95% confidence interval "
        "17% fewer to 53% more); chance alone could explain it."
    )


def test_too_few_to_say_and_too_many_looked_at():
    change = lhp.registration_change(REPORT.spark, REPORT.jro)

    assert change["REN"].describe().split(". ", 1)[1] == (
        "Per day that is 59.56 times as many (95% confidence interval 11.43 to 1,224); more than "
        "chance alone would explain. The base is too small for a change in per cent to mean much."
    )
    assert (
        "by itself more than chance would explain, but not once the number of comparisons is "
        "allowed for." in change["RET"].describe()
    )


def test_no_base_and_nothing_at_all():
    before, after = (
        lhp.RegistrationTally.from_counts(counts, period=lhp.Period.month(month))
        for month, counts in (("2023-01", {"A": 0, "B": 0}), ("2023-02", {"A": 9, "B": 0}))
    )
    change = lhp.registration_change(before, after)

    assert change["A"].describe().split(". ", 1)[1] == (
        "Nothing was registered in the first, so there is no base to state a change in per cent; "
        f"per day it is at least {change['A'].rate_ratio.low:.2f} times as many, by the 95% "
        "confidence interval."
    )
    assert change["B"].describe().endswith("There is no change to state.")


def test_other_exposures_are_named():
    working = lhp.registration_change(REPORT.spark, REPORT.jro, exposure="working_days")

    assert "Per working day that is" in working.describe()


def test_hidden_figures_are_said_to_be_hidden():
    hidden = every_table()["registration_change_suppressed"]

    assert hidden["REN"].describe() == (
        "Clatterbridge: the figures are not shown, because counts are too small to publish."
    )


def test_hidden_groups_are_never_passed_over_in_silence():
    spark = lhp.partner_shares(REPORT.spark)
    hidden = lhp.suppress(spark, rule=lhp.SuppressionRule(5))

    assert "The smallest is that of Clatterbridge" in spark.describe()
    assert "smallest" not in hidden.describe()


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


def test_shares_and_their_change():
    assert lhp.partner_shares(REPORT.jro).describe() == (
        "The largest share is that of LUHFT: 69 records, 42.1% of the total (95% confidence "
        "interval 32.4% to 52.4%). The smallest is that of LHCH: 8 records, 4.9% of the total (95% "
        "confidence interval 2.0% to 11.4%). The intervals hold for all shares at once. Registered "
        "from 20 Nov 2023 to 31 Mar 2024."
    )
    change = lhp.share_change(REPORT.spark, REPORT.jro)
    assert change.describe() == (
        "Alder Hey and Clatterbridge gained share; LUHFT lost share, each beyond what chance alone "
        "would explain. 32.6% of the total is with other groups than before."
    )
    assert change["REM"].describe() == (
        "LUHFT: 67.7% of the total before and 42.1% after, 25.6 percentage points less (95% "
        "confidence interval −39.1 to −11.1); more than chance alone would explain."
    )


def test_how_even():
    said = lhp.concentration(REPORT.jro).describe()

    assert re.fullmatch(
        r"164 records in 6 groups are spread as evenly as over 3\.8 equal ones \(95% confidence "
        r"interval 3\.\d to 4\.\d\)\. Registered from 20 Nov 2023 to 31 Mar 2024\.",
        said,
    )


def test_what_the_pending_will_bring_and_under_which_assumption():
    forecast = lhp.forecast_successes(OutcomeCounts(successful=12, unsuccessful=20, pending=5))

    assert forecast.describe() == (
        "Of 5 pending applications, about 2 will succeed, if each pending application succeeds "
        "with the chance that the decided ones had. The cohort would then end with 14 successes "
        "(95% prediction interval 12 to 16), a success rate of 37.8% (32.4% to 43.2%)."
    )
    none = lhp.forecast_successes(OutcomeCounts(successful=12, unsuccessful=20))
    assert none.describe() == "Nothing is pending, so there is nothing to forecast."


def test_the_funnel_says_who_is_outside_and_how_many_chance_would_put_there():
    tally = lhp.GrantTally.from_counts(
        {
            "NIHR": OutcomeCounts(successful=40, unsuccessful=60),
            "MRC": OutcomeCounts(successful=6, unsuccessful=64),
            "UKRI": OutcomeCounts(successful=22, unsuccessful=58),
        },
        by="funder",
    )
    points = lhp.funnel(tally)

    assert points.describe() == (
        "Of 3 groups, NIHR (above) and MRC (below) are outside the 95% limits. By chance alone "
        "about 0.1 would be."
    )
    assert points["MRC"].describe() == (
        "MRC: 6 of 70 succeeded (8.6%), below what chance leaves at that size (16.8% to 37.6%); of "
        "groups that are like the others one in 500 would be so far out."
    )
    assert lhp.funnel(RFPB).describe() == "Of 6 groups, none is outside what chance explains."


def test_a_chart_names_the_points_and_says_when_it_is_young():
    chart = lhp.control_chart([22, 19, 27, 24, 21, 20, 25, 29, 31, 26, 23, 40])

    assert chart.describe() == "Of 12 points, 12 (outside limits) is out of the ordinary."
    assert chart["12"].describe() == (
        "12: 40.00, out of the ordinary: outside limits (average 25.58, limits 12.53 to 38.64)."
    )
    assert lhp.control_chart([1, 2, 3]).describe() == (
        "All 3 points are within ordinary variation. The shortest baseline has 3 points, and 12 to "
        "20 make one: its limits are provisional."
    )


def test_pounds_and_what_makes_them_unsure():
    said = every_table()["value_success_rates"].describe()

    # G1 and G5 of G1, G2, G3 and G5: £310,000.25 of £515,000.75; G4's £40,000 is pending.
    assert said.startswith("Of £515,001 asked for in 4 decided applications, £310,000 was won: ")
    assert "Read it with caution: fewer than 5 decisions." in said
    assert "£40,000 more are pending: once they are decided, the rate will be between" in said


@pytest.mark.parametrize("name", [*every_table(), *every_row()])
def test_every_result_has_words_and_no_jargon(name):
    result = every_table().get(name) or every_row()[name]
    said = result.describe()

    assert said.endswith(".")
    assert not re.search(r"nan|inf\b|None|wilson|mid-p|goodman|Estimate|_|<|  ", said)
    assert not re.search(r"\d{4,}(?!-)(?<!20\d\d)", said)  # thousands have commas, years have none
