"""What results of clocks, plans and decisions say, word for word."""

import datetime as dt

import attrs
import pytest

import lhp_metrics as lhp
from every_result import every_table
from setup_histories import one_site

CLOCK = "Clock: hra-approval-to-open (2026-04), from HRA approval."


def tally(*records, as_of="2025-03-31", clock="hra-approval-to-open", period=None):
    """Sites by days since approval, and days until opening or None."""
    day = dt.date.fromisoformat(as_of)
    studies = [
        one_site(number, code, day - dt.timedelta(days=age), wait)
        for number, (code, age, wait) in enumerate(records)
    ]
    return lhp.tally_setup(studies, clock=clock, as_of=day, period=period)


def test_a_share_within_target_says_who_is_due_and_who_is_not():
    # 17 of 24: the limits are Wilson's, as statsmodels 0.14's proportion_confint has them.
    records = [("REM", 200, 30)] * 17 + [("REM", 200, 90)] * 7 + [("REM", 10, None)] * 5
    year = lhp.Period("2024-04-01", "2025-03-31")

    table = lhp.within_target(tally(*records, period=year))

    assert table["REM"].describe() == (
        "REM: of 24 studies whose 60 days could have run out by 31 Mar 2025, 17 had opened within "
        "them: 70.8% (95% confidence interval 50.8% to 85.1%). 5 more studies are not due; with "
        "all counted as far as they got, it is 70.8% (95% confidence interval 50.8% to 85.1%). "
        f"Started from 1 Apr 2024 to 31 Mar 2025. {CLOCK}"
    )
    assert table.describe() == table["REM"].describe().replace("REM: of", "Of")


def test_nothing_due_has_no_share():
    table = lhp.within_target(tally(("REM", 10, None)))

    assert table.describe() == (
        "No study's 60 days could have run out by 31 Mar 2025, so there is no share. 1 more study "
        f"is not due. {CLOCK}"
    )


def test_sites_that_have_clocks_of_their_own_are_called_sites():
    clock = attrs.evolve(
        lhp.clock("hra-approval-to-open"), level="site", site="each", version="own"
    )

    said = lhp.within_target(tally(("REM", 99, 40), ("REN", 99, 80), clock=clock)).describe()

    assert said == (
        "Of 2 sites whose 60 days could have run out by 31 Mar 2025, 1 had opened within them: "
        "50.0% (95% confidence interval 9.5% to 90.5%). Clock: hra-approval-to-open (own), from "
        "HRA approval. The share goes from 0.0% (REN) to 100.0% (REM)."
    )


def test_set_up_times_count_those_still_in_set_up():
    table = lhp.setup_times(tally(*[("REM", 200, 10 * n) for n in (1, 2, 3, 4)], ("REN", 90, None)))

    # 10, 20, 30, 40 and one still waiting on day 90: half of five by day 30.
    assert table.total.describe() == (
        "Of 5 studies, 4 had opened by 31 Mar 2025 and 1 had not. Counting those unfinished, half "
        f"had opened by day 30 (95% confidence interval {table.total.median.low:.0f} to not "
        f"reached), a quarter by 20 and three quarters by 40. {CLOCK}"
    )
    assert table["REN"].describe() == (
        "REN: of 1 study, 0 had opened by 31 Mar 2025 and 1 had not. None has, so there is no "
        f"median yet. {CLOCK}"
    )
    assert table.describe() == (
        f"{table.total.describe()} The median goes from 25 days (REM) to not reached (REN)."
    )


def test_a_median_that_is_not_reached_is_said_to_be():
    row = lhp.setup_times(tally(("REM", 200, 10), *[("REM", 200, None)] * 3)).total

    assert row.describe() == (
        "Of 4 studies, 1 had opened by 31 Mar 2025 and 3 had not. The median is not reached: of "
        "all, those unfinished included, fewer than half had opened on any day that is known (95% "
        f"confidence interval 10 to not reached). {CLOCK}"
    )


def test_no_clock_at_all():
    nothing = tally()

    assert lhp.setup_times(nothing).describe() == f"No clock had started. {CLOCK}"
    assert lhp.within_target(nothing).describe().startswith("No study's 60 days")


def test_a_clock_of_ones_own_is_named_whatever_its_name():
    clock = lhp.Clock(
        "Our (own): a to b", start="hra_approval_on", end="opened_on", level="site", version="2 (b)"
    )

    said = lhp.setup_times(tally(("REM", 90, 30), clock=clock)).describe()

    assert "Clock: Our (own)" in said
    assert "Of 1 site, 1 had" in said


def test_a_change_has_both_medians_the_means_and_the_curves():
    change = every_table()["setup_change"]
    row = change["REM"]

    assert row.describe() == (
        "REM: before, half of 7 studies had opened by day 61; after, half of 7 studies had opened "
        "by day 54. Within the first 140 days the mean went from "
        f"{row.before_mean.value:.0f} to {row.after_mean.value:.0f} days, 6 days shorter (95% "
        "confidence interval 46 days shorter to 34 days longer); chance alone could explain it. As "
        "a whole the two curves differ no more than chance alone would explain (log-rank test, p = "
        f"1.000, the number of comparisons allowed for). {CLOCK}"
    )
    assert change.describe() == (
        f"{change.total.describe()} Of 2 groups, none changed by more than chance alone would "
        "explain."
    )


def test_what_became_faster_or_slower_is_named():
    slow, fast = [100 + n for n in range(20)], [10 + n for n in range(20)]
    before = tally(
        *[("REM", 300, n) for n in slow], *[("REN", 300, n) for n in fast], as_of="2024-03-31"
    )
    after = tally(*[("REM", 300, n) for n in fast], *[("REN", 300, n) for n in slow])

    change = lhp.setup_change(before, after)

    assert change.describe().endswith(
        "Of 2 groups, REM became faster; REN became slower, each beyond what chance alone would "
        "explain."
    )
    assert "90 days shorter" in change["REM"].describe()
    assert "p below 0.001, the number" in change["REM"].describe()


def test_a_period_in_which_nothing_was_reached_or_started():
    slow = tally(*[("REM", 300, None)] * 3, as_of="2024-03-31")
    some = tally(("REM", 300, 20), ("REN", 300, 20))

    change = lhp.setup_change(slow, some)

    before, after = change["REM"].describe().split(". ")[0].split("; ")
    assert before == "REM: before, fewer than half of 3 studies had opened"
    assert after == "after, half of 1 study had opened by day 20"
    assert change["REN"].describe() == (
        "REN: before, no clock had started; after, half of 1 study had opened by day 20. There is "
        f"no difference to state. {CLOCK}"
    )


def test_differences_of_medians_that_have_no_limit_print_so():
    slow = tally(("REM", 300, 50), *[("REM", 300, None)], as_of="2024-03-31")
    change = lhp.setup_change(slow, tally(("REM", 300, 20), ("REM", 300, 30), ("REM", 300, None)))

    assert "inf" not in str(change.pick("median_difference"))
    assert "not reached" not in str(change.pick("median_difference"))


def test_time_and_target_says_how_the_open_and_the_closed_stand():
    table = every_table()["time_and_target"]

    # By hand: 33 + 12 of 60 × 2 × 182 / 366, and 60 and 9 of 60 × 152 / 366 and 121 / 366.
    assert table.total.describe() == (
        "Of 2 open studies with a plan, 1 is on track (50.0%, 95% confidence interval 9.5% to "
        "90.5%) and 1 behind. Of 2 closed studies, 1 met the target in time (50.0%, 95% confidence "
        "interval 9.5% to 90.5%). Together they recruited 114 where the plan asked for 105 by 30 "
        "Jun 2024, 109%."
    )
    assert table["REN"].describe().startswith("REN: no study is open. Of 2 closed studies, 1 met")
    assert table.describe().endswith("Recruitment of plan goes from 75% (REM) to 153% (REN).")


def test_no_plan_no_words_about_it():
    assert lhp.time_and_target([], "2024-06-30").describe() == "There are no studies with a plan."
    sites = lhp.time_and_target([], "2024-06-30", level="site")
    assert sites.describe() == "There are no sites with a plan."


def test_the_probability_of_success_is_given_by_month():
    table = every_table()["time_to_decision"]

    assert table.describe() == (
        "The probability of success is 0.0% (95% confidence interval 0.0% to 43.4%) by 3 months, "
        "20.0% (95% confidence interval 3.6% to 62.4%) by 6 months and 40.0% (95% confidence "
        "interval 11.8% to 76.9%) by 9 months after submission, the pending counted fairly. No "
        "application was followed for 12 months or longer. As known on 31 Mar 2024."
    )
    assert table["NIHR", "6 months"].describe() == (
        "NIHR, 6 months: the probability of success by then is 20.0% (95% confidence interval 3.6% "
        "to 62.4%), and of still being pending 40.0%. Of 3 decisions known by then, 1 was a "
        "success: 33.3%, which leans to whatever is decided sooner."
    )
    unknown = (
        "NIHR, 12 months: no application was followed for so long, so there is no probability."
    )
    assert table["NIHR", "12 months"].describe().startswith(unknown)


def test_nothing_submitted_has_no_probability():
    nothing = lhp.time_to_decision(lhp.tally_decisions([], as_of="2024-03-31"), months=[6])

    assert nothing.describe() == (
        "No application was followed for 6 months or longer. As known on 31 Mar 2024."
    )


HIDEABLE = ("clock_counts", "setup_times", "within_target", "setup_change", "time_and_target")


@pytest.mark.parametrize("name", HIDEABLE)
def test_hidden_clocks_are_said_to_be_hidden_and_no_group_is_compared(name):
    table = lhp.suppress(every_table()[name], rule=lhp.SuppressionRule(6))

    assert table["REN"].describe() == (
        "REN: the figures are not shown, because counts are too small to publish."
    )
    assert "REM" not in table.describe()
    assert "None" not in str(table)


def test_the_target_is_no_count_to_be_hidden():
    clock = attrs.evolve(lhp.clock("hra-approval-to-open"), target_days=3, version="own")
    counted = tally(*[("REM", 200, 2)] * 20, *[("REN", 200, 2)] * 30, ("RET", 200, 9), clock=clock)

    table = lhp.suppress(lhp.within_target(counted), rule=lhp.SuppressionRule(5))

    assert table["REN"].due == 30
    assert table["RET"].due is None


def test_where_all_medians_are_alike_no_group_is_named():
    said = lhp.setup_times(tally(("REM", 99, 40), ("REN", 99, 40))).describe()

    assert said.endswith(" The median of every group is 40 days.")


def test_a_clock_whose_name_reads_like_another_clock_is_told_of_without_it():
    clock = attrs.evolve(lhp.clock("hra-approval-to-open"), name="ours (x): this to that, ")

    said = lhp.setup_times(tally(("REM", 99, 40), clock=clock)).describe()

    assert said == (
        "Of 1 study, 1 had finished by 31 Mar 2025 and 0 had not. Counting those unfinished, half "
        "had finished by day 40 (95% confidence interval 0 to not reached), a quarter by 40 and "
        "three quarters by 40."
    )


def test_days_by_the_thousand_and_quarters_that_are_not_reached():
    waits = [("REM", 2_000, 1_400), ("REM", 2_000, 1_501), *[("REM", 2_000, None)] * 2]

    # The curve stands at three quarters from day 1,400 to 1,501, and at a half from then to 2,000,
    # the last day known: quantiles are the middles.
    assert lhp.setup_times(tally(*waits)).describe() == (
        "Of 4 studies, 2 had opened by 31 Mar 2025 and 2 had not. Counting those unfinished, half "
        "had opened by day 1,750.5 (95% confidence interval 1,400 to not reached), a quarter by "
        f"1,450.5 and three quarters not yet. {CLOCK}"
    )


def test_one_day_is_said_in_the_singular():
    clock = attrs.evolve(lhp.clock("hra-approval-to-open"), target_days=1, version="own")
    counted = tally(("REM", 200, 1), ("REN", 200, 5), clock=clock)

    assert lhp.within_target(counted).describe() == (
        "Of 2 studies whose 1 day could have run out by 31 Mar 2025, 1 had opened within it: 50.0% "
        "(95% confidence interval 9.5% to 90.5%). Clock: hra-approval-to-open (own), from HRA "
        "approval. The share goes from 0.0% (REN) to 100.0% (REM)."
    )
    assert lhp.setup_times(counted).describe().endswith(
        " The median goes from 1 day (REM) to 5 days (REN)."
    )  # fmt: skip


@pytest.mark.parametrize(
    ("level", "said"),
    [
        (0.8, "REM became faster; REN became slower, each beyond what chance alone would explain"),
        (0.95, "REN became slower, beyond what chance alone would explain"),
        (0.999, "none changed by more than chance alone would explain"),
    ],
)
def test_who_changed_depends_on_the_level(level, said):
    # The log-rank test's p-values are 0.064 and 0.010, times one and two by Holm.
    before = tally(
        *[("REM", 300, n) for n in range(60, 75)],
        *[("REN", 300, n) for n in range(30, 45)],
        as_of="2024-03-31",
    )
    after = tally(
        *[("REM", 300, n) for n in range(57, 72)], *[("REN", 300, n) for n in range(35, 50)]
    )
    change = lhp.setup_change(before, after, confidence_level=level)

    assert change.describe() == f"{change.total.describe()} Of 2 groups, {said}."


def test_curves_that_differ_are_said_to():
    before = tally(*[("REM", 300, n) for n in range(60, 75)], as_of="2024-03-31")
    after = tally(*[("REM", 300, n) for n in range(20, 35)])

    said = lhp.setup_change(before, after)["REM"].describe()

    assert (
        "As a whole the two curves differ more than chance alone would explain (log-rank test, p "
        "below 0.001, "
    ) in said


def test_a_change_of_means_is_said_in_days():
    before = tally(
        *[("REM", 300, n) for n in range(60, 75)],
        *[("REN", 300, n) for n in range(30, 45)],
        as_of="2024-03-31",
    )
    after = tally(
        *[("REM", 300, n) for n in range(57, 72)], *[("REN", 300, n) for n in range(35, 50)]
    )
    change = lhp.setup_change(before, after)

    # Everyone opened: means and standard errors are those of 15 numbers, √(15² − 1) / √12 / √15.
    assert change["REM"].describe() == (
        "REM: before, half of 15 studies had opened by day 67; after, half of 15 studies had "
        "opened by day 64. Within the first 74 days the mean went from 67 to 64 days, 3 days "
        "shorter (95% confidence interval 6 days shorter to no change); chance alone could explain "
        "it. As a whole the two curves differ no more than chance alone would explain (log-rank "
        f"test, p = 0.064, the number of comparisons allowed for). {CLOCK}"
    )
    assert change.total.describe() == (
        "Before, half of 30 studies had opened by day 52; after, half of 30 studies had opened by "
        "day 53. Within the first 74 days the mean went from 52 to 53 days, 1 day longer (95% "
        "confidence interval 6 days shorter to 8 days longer); chance alone could explain it. As a "
        "whole the two curves differ no more than chance alone would explain (log-rank test, p = "
        f"0.401). {CLOCK}"
    )


def decided_after(*days):
    """Applications of 2023-05-01 that succeeded after so many days; None is pending."""
    submitted = dt.date(2023, 5, 1)
    return lhp.tally_decisions(
        [
            lhp.Grant(
                reference=number,
                submitted_on=submitted,
                outcome="pending" if wait is None else "successful",
                decided_on=None if wait is None else submitted + dt.timedelta(days=wait),
            )
            for number, wait in enumerate(days)
        ],
        as_of="2024-03-31",
    )


def test_months_and_decisions_are_counted_in_words():
    table = lhp.time_to_decision(decided_after(19, None), months=[0.5, 1, 11])

    # 15, 30 and 335 days; Wilson's limits of 0 and 1 of 2. The pending one was followed 335.
    assert table.describe() == (
        "The probability of success is 0.0% (95% confidence interval 0.0% to 65.8%) by 0.5 months, "
        "50.0% (95% confidence interval 9.5% to 90.5%) by 1 month and 50.0% (95% confidence "
        "interval 9.5% to 90.5%) by 11 months after submission, the pending counted fairly. As "
        "known on 31 Mar 2024."
    )
    assert table["0.5 months"].describe() == (
        "0.5 months: the probability of success by then is 0.0% (95% confidence interval 0.0% to "
        "65.8%), and of still being pending 100.0%. No decision is known by then."
    )
    assert table["1 month"].describe() == (
        "1 month: the probability of success by then is 50.0% (95% confidence interval 9.5% to "
        "90.5%), and of still being pending 50.0%. Of 1 decision known by then, 1 was a success: "
        "100.0%, which leans to whatever is decided sooner."
    )
    none, two = (
        lhp.time_to_decision(decided_after(*days), months=[1, 12, 18])
        for days in ((None,), (19, 20, None))
    )
    assert none["12 months"].describe() == (
        "12 months: no application was followed for so long, so there is no probability. No "
        "decision is known by then."
    )
    assert two["12 months"].describe() == (
        "12 months: no application was followed for so long, so there is no probability. Of 2 "
        "decisions known by then, 2 were successes: 100.0%, which leans to whatever is decided "
        "sooner."
    )
    assert two.describe().endswith(
        " No application was followed for 12 months or longer. As known on 31 Mar 2024."
    )
