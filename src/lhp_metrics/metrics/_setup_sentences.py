"""What results of clocks and plans say, in sentences: set-up, decisions, time and target."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

from lhp_metrics.estimates import Estimate
from lhp_metrics.metrics._clock_curves import TOTAL
from lhp_metrics.provenance import Provenance, date_text
from lhp_metrics.results import Table
from lhp_metrics.results.wording import (
    about,
    by_chance,
    is_hidden,
    joined,
    level_text,
    listed,
    number_of,
    percent,
    plain_table,
    when,
    with_limits,
)

if TYPE_CHECKING:
    from lhp_metrics.metrics.setup_change import SetupChange
    from lhp_metrics.metrics.setup_times import SetupTime
    from lhp_metrics.metrics.time_and_target import TimeAndTarget
    from lhp_metrics.metrics.time_to_decision import TimeToDecision
    from lhp_metrics.metrics.within_target import WithinTarget

__all__ = [
    "say_setup_change",
    "say_setup_changes",
    "say_setup_time",
    "say_setup_times",
    "say_time_and_target",
    "say_time_to_decision",
    "say_times_and_targets",
    "say_times_to_decision",
    "say_within_target",
    "say_within_targets",
]

# A date as what a clock starts from, and as what a study has done by then, one or many.
DATES = {
    "registered_on": ("registration", "been registered"),
    "regulatory_submission_on": ("regulatory submission", "been submitted"),
    "combined_review_on": ("the combined review", "passed the combined review"),
    "hra_approval_on": ("HRA approval", "received HRA approval"),
    "invited_on": ("the invitation", "been invited"),
    "selected_on": ("the selection", "been selected"),
    "capacity_and_capability_on": (
        "capacity and capability",
        "confirmed capacity and capability",
    ),
    "valid_application_on": ("the valid application", "received a valid application"),
    "opened_on": ("opening", "opened"),
    "first_participant_on": ("the first participant", "recruited a participant"),
    "closed_on": ("closing", "closed"),
}
# As a `Clock` prints itself; the basis of what is made from its tally.
CLOCK = re.compile(r"(?P<name>.+? \(.+?\)): (?P<start>\w+) to (?P<end>\w+), ")


@attrs.frozen
class _Clock:
    """What sentences say of a clock."""

    done: str
    one: str
    many: str
    named: str

    @classmethod
    def of(cls, provenance: Provenance) -> "_Clock":
        """Return the words for the clock that a result's basis is."""
        basis = provenance.basis or ""
        one, many = ("site", "sites") if ", each site" in basis else ("study", "studies")
        found = CLOCK.match(basis)
        if found is None or not {found["start"], found["end"]} <= set(DATES):
            return cls("finished", one, many, "")
        start, done = DATES[found["start"]][0], DATES[found["end"]][1]
        return cls(done, one, many, f"Clock: {found['name']}, from {start}.")


def _by_then(provenance: Provenance) -> str:
    return f" by {date_text(provenance.as_of)}" if provenance.as_of else ""


def _started(provenance: Provenance, clock: _Clock) -> str:
    """Return a sentence with the period in which clocks started, and which clock it is."""
    if len(provenance.periods) != 1:
        return clock.named
    ((_, first, last),) = provenance.periods
    return joined(f"Started from {date_text(first)} to {date_text(last)}.", clock.named)


def _day(value: float) -> str:
    return "not reached" if value == float("inf") else f"{value:,.1f}".removesuffix(".0")


def _days(value: float) -> str:
    return _day(value) if value == float("inf") else f"{_day(value)} day{'s' * (value != 1)}"


def say_setup_time(row: "SetupTime") -> str:
    """Return how many have finished, and by which day half had."""
    hidden = is_hidden(row)
    if hidden:
        return hidden
    clock = _Clock.of(row.provenance)
    if not row.started:
        return about(row, joined("No clock had started.", clock.named))
    had = (
        f"Of {number_of(row.started, clock.one, clock.many)}, {row.finished:,} had {clock.done}"
        f"{_by_then(row.provenance)} and {row.unfinished:,} had not."
    )
    return about(row, joined(had, _half(row, clock), _started(row.provenance, clock)))


def _half(row: "SetupTime", clock: _Clock) -> str:
    median = row.median
    limits = f"{level_text(median)} {_day(median.low)} to {_day(median.high)}"
    if median.value == float("inf"):
        if not row.finished:
            return "None has, so there is no median yet."
        return (
            f"The median is not reached: of all, those unfinished included, fewer than half had "
            f"{clock.done} on any day that is known ({limits})."
        )
    first, last = row.lower_quartile.value, row.upper_quartile.value
    third = "three quarters not yet" if last == float("inf") else f"three quarters by {_day(last)}"
    return (
        f"Counting those unfinished, half had {clock.done} by day {_day(median.value)} ({limits}), "
        f"a quarter by {_day(first)} and {third}."
    )


def say_setup_times(table: Table[Any]) -> str:
    """Return the total's words, and the shortest and the longest median."""
    return joined(
        plain_table(table),
        _range(table, "median", lambda row: row.median.value, _days, "The median"),
    )


def _range(
    table: Table[Any],
    field: str,
    value: Callable[[Any], float],
    text: Callable[[float], str],
    what: str,
) -> str:
    """Return a sentence with the least and the largest value; none where groups are hidden."""
    if not table.has_total or any(getattr(row, field) is None for row in table):
        return ""
    known = [(value(row), row.name) for row in table if value(row) == value(row)]
    if len(known) < 2:
        return ""
    (least, low_name), (most, high_name) = (
        pick(known, key=lambda pair: pair[0]) for pick in (min, max)
    )
    if text(least) == text(most):
        return f"{what} of every group is {text(least)}."
    return f"{what} goes from {text(least)} ({low_name}) to {text(most)} ({high_name})."


def say_within_target(row: "WithinTarget") -> str:
    """Return how many of the due were in time, and how many are not due."""
    hidden = is_hidden(row)
    if hidden:
        return hidden
    clock = _Clock.of(row.provenance)
    days = number_of(int(row.target_days), "day")
    then = _by_then(row.provenance)
    if row.due:
        first = (
            f"Of {number_of(row.due, clock.one, clock.many)} whose {days} could have run out"
            f"{then}, {row.within:,} had {clock.done} within "
            f"{'it' if row.target_days == 1 else 'them'}: {with_limits(row.share)}."
        )
    else:
        first = f"No {clock.one}'s {days} could have run out{then}, so there is no share."
    later = ""
    if row.not_due:
        more = number_of(row.not_due, f"more {clock.one}", f"more {clock.many}")
        later = f"{more} {_is(row.not_due)} not due"
        counted = row.share_of_all
        if counted.value == counted.value:
            later += f"; with all counted as far as they got, it is {with_limits(counted)}"
        later += "."
    return about(row, joined(first, later, _started(row.provenance, clock)))


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def say_within_targets(table: Table[Any]) -> str:
    """Return the total's words, and the smallest and the largest share."""
    shares = _range(table, "share", lambda row: row.share.value, percent, "The share")
    return joined(plain_table(table), shares)


def say_setup_change(row: "SetupChange") -> str:
    """Return both medians, the difference of means, and what chance would explain."""
    hidden = is_hidden(row)
    if hidden:
        return hidden
    clock = _Clock.of(row.provenance)
    before = _half_of(row.before, row.before_median, clock)
    after = _half_of(row.after, row.after_median, clock)
    medians = f"Before, {before}; after, {after}."
    return about(row, joined(medians, _moved(row), _whole_curves(row), clock.named))


def _half_of(count: int, median: Estimate, clock: _Clock) -> str:
    if not count:
        return "no clock had started"
    half = f"half of {number_of(count, clock.one, clock.many)} had {clock.done}"
    if median.value == float("inf"):
        return f"fewer than {half}"
    return f"{half} by day {_day(median.value)}"


def _moved(row: "SetupChange") -> str:
    difference = row.mean_difference
    if difference.value != difference.value:
        return "There is no difference to state."
    limits = f"{_longer(difference.low)} to {_longer(difference.high)}"
    means = (row.before_mean.value, row.after_mean.value)
    before, after = (f"{mean:,.0f}" for mean in means)
    return (
        f"Within the first {number_of(round(row.upto, 0), 'day')} the mean went from {before} to "
        f"{after} days, {_longer(difference.value)} ({level_text(difference)} {limits}); "
        f"{by_chance(difference, 0.0)}."
    )


def _longer(days: float) -> str:
    size = f"{abs(days):,.0f}"
    if size == "0":
        return "no change"
    return f"{size} day{'s' * (size != '1')} {'shorter' if days < 0 else 'longer'}"


def _whole_curves(row: "SetupChange") -> str:
    """Return what the log-rank test says of both curves."""
    p = row.p_value if row.p_adjusted is None else row.p_adjusted
    if p != p:
        return ""
    shown = "below 0.001" if p < 0.001 else f"= {p:.3f}"
    level = row.mean_difference.confidence_level
    verdict = "more" if p < 1 - level else "no more"
    allowed = ", the number of comparisons allowed for" if row.p_adjusted is not None else ""
    return (
        f"As a whole the two curves differ {verdict} than chance alone would explain (log-rank "
        f"test, p {shown}{allowed})."
    )


def say_setup_changes(table: Table[Any]) -> str:
    """Return the total's change, and which groups changed."""
    if not table.has_total or any(row.p_adjusted is None for row in table):
        return plain_table(table)
    level = table.provenance.confidence_level or 0.95
    sure = [row for row in table if row.p_adjusted < 1 - level]
    parts = [
        f"{listed(names)} became {word}"
        for word, names in (
            ("faster", [row.name for row in sure if row.mean_difference.value < 0]),
            ("slower", [row.name for row in sure if row.mean_difference.value > 0]),
        )
        if names
    ]
    said = "none changed by more than chance alone would explain"
    if parts:
        each = ", each" if len(sure) > 1 else ","
        said = f"{'; '.join(parts)}{each} beyond what chance alone would explain"
    groups = f"Of {number_of(len(table), 'group')}, {said}." if len(table) else ""
    return joined(plain_table(table), groups)


def say_time_and_target(row: "TimeAndTarget") -> str:
    """Return how the open and the closed stand, and how much of the plan is recruited."""
    hidden = is_hidden(row)
    if hidden:
        return hidden
    basis = row.provenance.basis or ""
    one, many = ("site", "sites") if basis.startswith("each site") else ("study", "studies")
    opened, closed = row.on_track + row.behind, row.closed_met + row.closed_not_met
    if not opened and not closed:
        return about(row, f"There are no {many} with a plan.")
    now = (
        f"Of {number_of(opened, f'open {one}', f'open {many}')} with a plan, {row.on_track:,} "
        f"{_is(row.on_track)} on track ({_with_level(row.share_on_track)}) and {row.behind:,} "
        f"behind."
        if opened
        else f"No {one} is open."
    )
    met = (
        f"Of {number_of(closed, f'closed {one}', f'closed {many}')}, {row.closed_met:,} met the "
        f"target in time ({_with_level(row.share_met)})."
        if closed
        else f"No {one} has closed."
    )
    of_plan = f", {row.of_plan:.0%}" if row.of_plan == row.of_plan else ""
    recruited = (
        f"Together they recruited {row.recruited:,} where the plan asked for {row.planned:,.0f}"
        f"{_by_then(row.provenance)}{of_plan}."
    )
    return about(row, joined(now, met, recruited))


def _with_level(share: Estimate) -> str:
    low, high = percent(share.low), percent(share.high)
    return f"{percent(share.value)}, {level_text(share)} {low} to {high}"


def say_times_and_targets(table: Table[Any]) -> str:
    """Return the total's words, and who is least and most of the plan."""
    return joined(
        plain_table(table),
        _range(table, "of_plan", lambda row: row.of_plan, "{:.0%}".format, "Recruitment of plan"),
    )


def say_time_to_decision(row: "TimeToDecision") -> str:
    """Return the probability of success by then, and what is known beside it."""
    if row.success.value != row.success.value:
        found = "No application was followed for so long, so there is no probability."
    else:
        found = (
            f"The probability of success by then is {with_limits(row.success)}, and of still "
            f"being pending {percent(row.pending.value)}."
        )
    decided = row.successful + row.unsuccessful
    known = "No decision is known by then."
    if decided:
        known = (
            f"Of {number_of(decided, 'decision')} known by then, {row.successful:,} "
            f"{'was a success' if row.successful == 1 else 'were successes'}: "
            f"{percent(row.decided_only)}, which leans to whatever is decided sooner."
        )
    return about(row, joined(found, known))


def say_times_to_decision(table: Table[Any]) -> str:
    """Return the probabilities by month of all groups together."""
    rows = [
        row
        for row in table
        if len(table.by) < 2 or (isinstance(row.key, tuple) and row.key[0] == TOTAL)
    ]
    known = [row for row in rows if row.success.value == row.success.value]
    later = [row.months for row in rows if row.success.value != row.success.value]
    chances = [f"{with_limits(row.success)} by {_months(row.months)}" for row in known]
    return joined(
        f"The probability of success is {listed(chances)} after submission, the pending counted "
        "fairly."
        if chances
        else "",
        f"No application was followed for {_months(min(later))} or longer." if later else "",
        _dated(table),
    )


def _months(months: float) -> str:
    return f"{months:g} month{'s' * (months != 1)}"


def _dated(table: Table[Any]) -> str:
    known = _by_then(table.provenance)
    return when(table.provenance) or (f"As known{known.replace('by', 'on', 1)}." if known else "")
