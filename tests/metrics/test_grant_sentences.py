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


def test_what_the_pending_will_bring_and_under_which_assumption():
    forecast = lhp.forecast_successes(OutcomeCounts(successful=12, unsuccessful=20, pending=5))

    assert forecast.describe() == (
        "Of 5 pending applications, about 2 will succeed, if each pending application succeeds "
        "with the chance that the decided ones had. The cohort would then end with 14 successes "
        "(95% prediction interval 12 to 16), a success rate of 37.8% (32.4% to 43.2%)."
    )
    none = lhp.forecast_successes(OutcomeCounts(successful=12, unsuccessful=20))
    assert none.describe() == "Nothing is pending, so there is nothing to forecast."


def test_pounds_and_what_makes_them_unsure():
    said = every_table()["value_success_rates"].describe()

    # G1 and G5 of G1, G2, G3 and G5: £310,000.25 of £515,000.75; G4's £40,000 is pending.
    assert said.startswith("Of £515,001 asked for in 4 decided applications, £310,000 was won: ")
    assert "Read it with caution: fewer than 5 decisions." in said
    assert "£40,000 more are pending: once they are decided, the rate will be between" in said
