"""What results of counts say, word for word: somebody pastes it into a board paper."""

import re

import lhp_metrics as lhp
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
        "Nothing was registered in the first, so there is no base to state a change in per cent; "
        f"per day it is at least {change['A'].rate_ratio.low:.2f} times as many, by the 95% "
        "confidence interval."
    )
    assert change["B"].describe().endswith("There is no change to state.")


def test_other_exposures_are_named():
    working = lhp.registration_change(REPORT.spark, REPORT.jro, exposure="working_days")

    assert "Per working day that is" in working.describe()


def test_hidden_groups_are_never_passed_over_in_silence():
    spark = lhp.partner_shares(REPORT.spark)
    hidden = lhp.suppress(spark, rule=lhp.SuppressionRule(5))

    assert "The smallest is that of Clatterbridge" in spark.describe()
    assert "smallest" not in hidden.describe()


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
