"""What results of counts say, word for word: somebody pastes it into a board paper."""

import re

import pytest

import lhp_metrics as lhp
from every_result import clocks_as_of, every_table
from lhp_metrics import OutcomeCounts

REPORT = lhp.annual_report_2023_24()
RFPB = lhp.nihr_rfpb_success_rates().one_stage


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
        "Nothing was registered in the first period, so there is no base to state a change in per "
        f"cent; per day it is at least {change['A'].rate_ratio.low:.2f} times as many, by the 95% "
        "confidence interval."
    )
    assert change["B"].describe().endswith("There is no change to state.")


def registered(counts, month="2023-01"):
    return lhp.RegistrationTally.from_counts(counts, period=lhp.Period.month(month))


NOTHING = OutcomeCounts(successful=0, unsuccessful=0)
HIDDEN = "the figures are not shown, because counts are too small to publish."


SPANS = ("from 1 Jan 2023 to 31 Jan 2023 (31 days)", "from 1 Feb 2023 to 28 Feb 2023 (28 days)")


def test_nothing_registered_any_more():
    change = lhp.registration_change(
        registered({"A": 40, "B": 3}), registered({"A": 0, "B": 0}, "2023-02")
    )

    # The later period's part q of 40, or of 3, has its upper mid-p limit where (1 − q)ⁿ / 2 is
    # 0.025: at 0.0722 and 0.6316. Odds times 31/28 are rate ratios, 0.086 and 1.90.
    assert change["B"].describe() == (
        f"B: 3 studies were registered {SPANS[0]} and 0 {SPANS[1]}. Per day that is none at all "
        "(95% confidence interval none to 1.90 times as many); chance alone could explain it. The "
        "base is too small for a change in per cent to mean much."
    )
    assert change["A"].describe() == (
        f"A: 40 studies were registered {SPANS[0]} and 0 {SPANS[1]}. Per day that is 100% fewer "
        "(95% confidence interval 100% fewer to 91% fewer); more than chance alone would explain."
    )


def test_one_study_on_one_day_is_said_in_the_singular():
    first, second = lhp.Period("2023-01-01", "2023-01-01"), lhp.Period("2023-01-02", "2023-01-03")
    before = lhp.RegistrationTally.from_counts({"A": 1}, period=first)
    after = lhp.RegistrationTally.from_counts({"A": 4}, period=second)

    # 4/2 over 1/1: on a small base twice as many is no "100% more".
    said = lhp.registration_change(before, after).describe()
    assert said.startswith(
        "1 study was registered from 1 Jan 2023 to 1 Jan 2023 (1 day) and 4 from 2 Jan 2023 to 3 "
        "Jan 2023 (2 days). Per day that is 2.00 times as many (95% confidence interval 0."
    )


@pytest.mark.parametrize(
    ("later", "said"),
    [
        # 62/31 per day before: twice as many is no longer said in per cent, and a little less is.
        (112, "Per day that is 2.00 times as many (95% confidence interval 1."),
        (111, "Per day that is 98% more (95% confidence interval "),
    ],
)
def test_from_twice_as_many_on_no_percentage_is_said(later, said):
    change = lhp.registration_change(registered({"A": 62}), registered({"A": later}, "2023-02"))

    assert said in change["A"].describe()


def test_a_change_with_a_common_exposure_is_for_the_same_of_it():
    before, after = (
        registered(counts, month).with_exposure({"A": 10, "B": 20}, unit="staff-years")
        for month, counts in (("2023-01", {"A": 40, "B": 30}), ("2023-02", {"A": 30, "B": 50}))
    )

    # 30 of 70 without a change of exposure is the binomial's half, by mid-p.
    assert lhp.registration_change(before, after)["A"].describe() == (
        f"A: 40 studies were registered {SPANS[0]} and 30 {SPANS[1]}. For the same number of "
        "staff-years that is 25% fewer (95% confidence interval 54% fewer to 20% more); chance "
        "alone could explain it."
    )


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_whether_the_groups_changed_alike_depends_on_the_level(level):
    change = lhp.registration_change(
        registered({"A": 40, "B": 30}),
        registered({"A": 30, "B": 50}, "2023-02"),
        confidence_level=level,
    )

    # Chi-squared of the table is 5.79: p = 0.016. 30/28 over 40/31 and 50/28 over 30/31.
    uneven = (
        " The groups did not change alike, from 0.83 times as many (A) to 1.85 (B): the total "
        "speaks for none of them."
    )
    assert change.describe() == change.total.describe() + uneven * (level < 0.984)


def test_next_to_nothing_is_not_said_to_be_nothing():
    change = lhp.registration_change(registered({"A": 500}), registered({"A": 1}, "2023-02"))

    # 1/28 over 500/31 is 0.2 %: not all of them are gone.
    assert "Per day that is over 99% fewer (95% confidence interval over 99% fewer to" in (
        change["A"].describe()
    )


def test_limits_without_end_are_said_to_have_none():
    before, after = registered({"A": 40, "B": 3}), registered({"A": 0, "B": 0}, "2023-02")

    # The logarithm of 0 has no standard error.
    change = lhp.registration_change(before, after, method="wald-log")

    assert "interval 100% fewer to no limit to how many more)" in change["A"].describe()
    assert "interval none to no limit)" in change["B"].describe()


@pytest.mark.parametrize(
    ("before", "after", "ends"),
    [
        (
            {"A": 40, "B": 0},
            {"A": 2, "B": 40},
            "0.06 times as many (A) to some where there were none (B)",
        ),
        ({"A": 40, "B": 30}, {"A": 0, "B": 40}, "none any more (A) to 1.48 times as many (B)"),
        (
            {"A": 40, "B": 0},
            {"A": 0, "B": 40},
            "none any more (A) to some where there were none (B)",
        ),
    ],
)
def test_groups_that_came_or_went_are_among_those_that_changed_apart(before, after, ends):
    change = lhp.registration_change(registered(before), registered(after, "2023-02"))

    # Over 31 and 28 days: 2/28 over 40/31 is 0.06, 40/28 over 30/31 is 1.48.
    assert change.describe().endswith(
        f" The groups did not change alike, from {ends}: the total speaks for none of them."
    )


def test_other_exposures_are_named():
    working = lhp.registration_change(REPORT.spark, REPORT.jro, exposure="working_days")

    assert "Per working day that is" in working.describe()


def test_hidden_groups_are_never_passed_over_in_silence():
    spark = lhp.partner_shares(REPORT.spark)
    hidden = lhp.suppress(spark, rule=lhp.SuppressionRule(5))

    assert "The smallest is that of Clatterbridge" in spark.describe()
    assert "smallest" not in hidden.describe()
    assert hidden["REN"].describe() == f"Clatterbridge: {HIDDEN}"


def test_whoever_has_as_much_is_named_as_well():
    four = lhp.partner_shares(registered({**dict.fromkeys("ABCD", 5), "E": 1})).describe()
    assert four == (
        "The largest share is that of A, B, C and D: 5 records each, 23.8% of the total (95% "
        "confidence interval 8.3% to 51.9%). The smallest is that of E: 1 record, 4.8% of the "
        "total (95% confidence interval 0.6% to 30.7%). The intervals hold for all shares at once. "
        "Registered from 1 Jan 2023 to 31 Jan 2023."
    )
    two = lhp.partner_shares(registered({"A": 5, "B": 5, "C": 2})).describe()
    many = lhp.partner_shares(registered({**dict.fromkeys("ABCDE", 1), "F": 9})).describe()
    even = lhp.partner_shares(registered({"A": 5, "B": 5})).describe()

    assert two.startswith("The largest share is that of A and B: 5 records each, 41.7% of the")
    assert "The smallest is that of C: 2 records, 16.7% of the total" in two
    assert "The smallest is that of 5 groups: 1 record each, 7.1% of the total" in many
    assert even.startswith("The largest share is that of A and B: 5 records each, 50.0% of the")
    assert "smallest" not in even


def test_shares_that_overlap_hold_one_by_one():
    grants = [
        lhp.Grant(reference=n, submitted_on="2023-05-01", outcome="pending", lead="REP", partners=p)
        for n, p in enumerate([["REM", "REN"], []])
    ]
    tally = lhp.tally_grants(grants, by="organisation", attribution="whole", as_of="2024-03-31")

    # Wilson's limits of 2 and 1 of 2.
    assert lhp.partner_shares(tally).describe() == (
        "The largest share is that of REP: 2 records, 100.0% of the total (95% confidence interval "
        "34.2% to 100.0%). The smallest is that of REM and REN: 1 record each, 50.0% of the total "
        "(95% confidence interval 9.5% to 90.5%)."
    )


@pytest.mark.parametrize(
    ("of", "what"),
    [
        ("records", "2 records"),
        ("successful", "1 successful application"),
        ("pounds_requested", "£150,000 in 2 applications"),
        ("pounds_awarded", "£90,000 in 1 application"),
    ],
)
def test_all_of_whatever_is_shared_out_is_one_group_s(of, what):
    grants = [
        lhp.Grant(
            reference=outcome,
            submitted_on="2023-05-01",
            outcome=outcome,
            lead="REP",
            amount_requested=pounds,
            amount_awarded=awarded,
        )
        for outcome, pounds, awarded in (
            ("successful", 100_000, 90_000),
            ("unsuccessful", 50_000, None),
        )
    ]
    shares = lhp.partner_shares(lhp.tally_grants(grants, by="lead"), of=of)

    assert shares["REP"].describe() == f"REP: {what} in all."
    assert shares.describe() == f"The largest share is that of REP: {what} in all."


def test_one_group_has_it_all():
    shares = lhp.partner_shares(registered({"A": 4}))

    assert shares.describe() == (
        "The largest share is that of A: 4 records in all. Registered from 1 Jan 2023 to 31 Jan "
        "2023."
    )


def test_nothing_to_share_out():
    shares = lhp.partner_shares(registered({"A": 0, "B": 0}))

    assert shares.describe() == "There is nothing to share out."
    assert shares["A"].describe() == "A: there is nothing to share out."
    assert lhp.concentration(registered({"A": 0})).describe() == (
        "There is nothing to share out, so nothing is concentrated."
    )


def test_what_is_shared_out_is_named():
    won = lhp.GrantTally.from_counts(
        {
            "NIHR": OutcomeCounts(successful=3, unsuccessful=7),
            "MRC": OutcomeCounts(successful=1, unsuccessful=2),
        },
        by="funder",
    )

    said = lhp.partner_shares(won, of="successful")["MRC"].describe()

    assert said.startswith("MRC: 1 successful application, 25.0% of the total (95% confidence ")
    # £250,000 + £120,000.50 of £555,000.75 in every_result's five.
    assert (
        every_table()["partner_shares_of_pounds"]["REM"]
        .describe()
        .startswith("REM: £370,000 in 2 applications, 66.7% of the total ")
    )


@pytest.mark.parametrize("scale", [1, 1_000])
def test_shares_that_did_not_move(scale):
    before = registered({"A": 50 * scale, "B": 50 * scale})
    after = registered({"A": 60 * scale, "B": 60 * scale}, "2023-02")
    change = lhp.share_change(before, after)

    assert re.fullmatch(
        r"A: 50\.0% of the total before and 50\.0% after, the same \(95% confidence interval "
        r"−\d+\.\d to \+\d+\.\d\)\.",
        change["A"].describe(),
    )
    assert change.describe() == (
        "Of 2 groups, none changed its share by more than chance alone would explain. 0.0% of the "
        "total is with other groups than before."
    )
    assert change.total.describe() == (
        "100.0% of the total before and 100.0% after, by definition."
    )


def test_shares_of_nothing_cannot_change():
    change = lhp.share_change(
        registered({"A": 50, "B": 50}), registered({"A": 0, "B": 0}, "2023-02")
    )

    nothing = "here is nothing to share out in one of the periods."
    assert change.describe() == f"T{nothing}"
    assert change["A"].describe() == f"A: t{nothing}"


def test_changes_of_small_shares_are_hidden():
    change = lhp.share_change(REPORT.spark, REPORT.jro)
    hidden = lhp.suppress(change, rule=lhp.SuppressionRule(10))

    assert hidden["REN"].describe() == f"Clatterbridge: {HIDDEN}"
    # One alone is not "each".
    assert hidden.describe() == "LUHFT lost share, beyond what chance alone would explain."


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


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"A": 1}, "1 record in 1 group is spread as evenly as over 1.0 equal ones (95% "),
        ({"A": 7, "B": 0}, "7 records in 2 groups are spread as evenly as over 1.0 equal ones ("),
    ],
)
def test_one_group_with_everything_is_no_spread(counts, said):
    assert lhp.concentration(registered(counts)).describe().startswith(said)


def test_a_share_that_grew_and_one_that_hardly_did():
    change = lhp.share_change(
        registered({"A": 90, "B": 10, "C": 100}),
        registered({"A": 10, "B": 90, "C": 101}, "2023-02"),
    )

    assert change.describe() == (
        "B gained share; A lost share, each beyond what chance alone would explain. 40.0% of the "
        "total is with other groups than before."
    )
    # 10/200 and 90/201; 100/200 and 101/201: the limits are at 1 − 0.05/3.
    assert change["B"].describe() == (
        "B: 5.0% of the total before and 44.8% after, 39.8 percentage points more (95% confidence "
        "interval +30.5 to +48.8); more than chance alone would explain."
    )
    assert change["C"].describe() == (
        "C: 50.0% of the total before and 50.2% after, 0.2 percentage points more (95% confidence "
        "interval −11.6 to +12.1); chance alone could explain it."
    )


def test_how_even():
    said = lhp.concentration(REPORT.jro).describe()

    assert re.fullmatch(
        r"164 records in 6 groups are spread as evenly as over 3\.8 equal ones \(95% confidence "
        r"interval 3\.\d to 4\.\d\)\. Registered from 20 Nov 2023 to 31 Mar 2024\.",
        said,
    )


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


@pytest.mark.parametrize(
    ("won", "others", "said", "odds"),
    [
        # Within 0.2 ± 1.96 · 0.04 is 13 to 27 of 100, and within 3.09 · 0.04 up to 32.
        (40, {}, "Of 1 group, A (above) is outside the 95% limits.", "one in 500"),
        (20, {}, "Of 1 group, none is outside what chance explains.", None),
        (
            30,
            {"B": OutcomeCounts(successful=20, unsuccessful=80)},
            "Of 2 groups, A (above) is outside the 95% limits. By chance alone about 0.1 would be.",
            "one in 20",
        ),
    ],
)
def test_a_funnel_around_a_target_of_ones_own(won, others, said, odds):
    counts = {"A": OutcomeCounts(successful=won, unsuccessful=100 - won), **others}
    points = lhp.funnel(lhp.GrantTally.from_counts(counts, by="funder"), target=0.2)

    assert points.describe() == said
    chance = "which is what chance leaves at that size (12.2% to 27.8%)."
    if odds is not None:
        chance = (
            "above what chance leaves at that size (12.2% to 27.8%); of groups that are like the "
            f"others {odds} would be so far out."
        )
    assert points["A"].describe() == f"A: {won} of 100 succeeded ({won}.0%), {chance}"


def test_the_funnel_of_clocks_tells_of_targets_and_not_of_success():
    points = lhp.funnel(clocks_as_of("2024-03-31", 0))

    # every_result: of REM's seven clocks 31, 45 and 52 days are within 60; of REN's five 20 and 58.
    assert (
        points["REM"]
        .describe()
        .startswith(
            "REM: 3 of 7 finished within target (42.9%), which is what chance leaves at that size ("
        )
    )
    assert points["REN"].describe().startswith("REN: 2 of 5 finished within target (40.0%), ")


def test_the_funnel_of_registrations_tells_what_was_expected():
    expected = {"REM": 40.0, "RBS": 26.0}
    tally = lhp.RegistrationTally.from_counts({"REM": 80, "RBS": 26})

    points = lhp.funnel(tally, expected=expected, target=1.0)

    assert (
        points["REM"]
        .describe()
        .startswith(
            "REM: 80 registered where 40 were expected (2.00 times), above what chance leaves at "
        )
    )
    assert (
        points["RBS"]
        .describe()
        .startswith(
            "RBS: 26 registered where 26 were expected (1.00 times), which is what chance leaves "
        )
    )


def test_one_registration_expected_is_said_in_the_singular():
    tally = lhp.RegistrationTally.from_counts({"A": 3, "B": 1})

    points = lhp.funnel(tally, expected={"A": 1, "B": 4}, target=1)

    # Exact limits of counts of 3 and 1: 0.6187 and 8.767, 0.0253 and 5.572; 3 and 1 over them.
    assert points["A"].describe() == (
        "A: 3 registered where 1 was expected (3.00 times), which is what chance leaves at that "
        "size (0.34 to 4.85)."
    )
    assert points["B"].describe() == (
        "B: 1 registered where 4 were expected (0.25 times), which is what chance leaves at that "
        "size (0.18 to 39.50)."
    )


def test_a_funnel_without_values():
    none = {"A": NOTHING, "B": OutcomeCounts(decided=5)}
    points = lhp.funnel(lhp.GrantTally.from_counts(none, by="funder"))

    assert points["A"].describe() == "A: there is no value to compare."
    assert points.describe() == "No group has a value to compare."


def test_a_chart_names_the_points_and_says_when_it_is_young():
    chart = lhp.control_chart([22, 19, 27, 24, 21, 20, 25, 29, 31, 26, 23, 40])

    assert chart.describe() == "Of 12 points, 12 (outside limits) is out of the ordinary."
    assert chart["12"].describe() == (
        "12: 40.00, out of the ordinary: outside limits (average 25.58, limits 12.53 to 38.64)."
    )
    one = lhp.control_chart([4])
    assert one.describe() == "One point alone cannot be out of the ordinary."
    assert one["1"].describe() == "1: 4.00, within ordinary variation (average 4.00)."
    # The mean moving range of 4, 9, 3 is 5.5: 16/3 ± 2.66 × 5.5.
    assert lhp.control_chart([4, 9, 3])["2"].describe() == (
        "2: 9.00, within ordinary variation (average 5.33, limits −9.30 to 19.96)."
    )
    assert lhp.control_chart([1, 2, 3]).describe() == (
        "All 3 points are within ordinary variation. The shortest baseline has 3 points, and 12 to "
        "20 make one: its limits are provisional."
    )


def test_a_chart_names_every_point_with_all_its_signals():
    rising = lhp.control_chart(range(1, 9))
    two = lhp.control_chart([22, 19, 27, 24, 21, 20, 25, 29, 31, 26, 23, 60, 24, 22, 60])

    # Eight that rise by one: the mean is 4.5 and the limits 2.66 away.
    assert rising.describe() == (
        "Of 8 points, 1 (outside limits, trend, near limit), 2 (trend, near limit), 3 (trend), 4 "
        "(trend), 5 (trend), 6 (trend), 7 (trend, near limit) and 8 (outside limits, trend, near "
        "limit) are out of the ordinary. The shortest baseline has 8 points, and 12 to 20 make "
        "one: its limits are provisional."
    )
    assert rising["1"].describe() == (
        "1: 1.00, out of the ordinary: outside limits, trend and near limit (average 4.50, limits "
        "1.84 to 7.16)."
    )
    assert two.describe() == (
        "Of 15 points, 1 (shift), 2 (shift), 3 (shift), 4 (shift), 5 (shift), 6 (shift), 7 "
        "(shift), 12 (outside limits) and 15 (outside limits) are out of the ordinary."
    )
    assert lhp.control_chart([5, 6] * 8).describe() == (
        "All 16 points are within ordinary variation."
    )


def test_points_made_from_small_counts_are_hidden():
    hidden = lhp.suppress(every_table()["control_chart"], rule=lhp.SuppressionRule(15))

    assert next(iter(hidden)).describe() == f"Apr 2023: {HIDDEN}"
    assert hidden.describe() == f"T{HIDDEN[1:]}"
