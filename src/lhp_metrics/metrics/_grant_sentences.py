"""What results of grant applications say, in sentences."""

from typing import TYPE_CHECKING, Any

from lhp_metrics.metrics._outcomes import ONE_IS_TRUE
from lhp_metrics.provenance import date_text
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
    points,
    signed_points,
    when,
    with_limits,
)

if TYPE_CHECKING:
    from lhp_metrics.metrics.forecast import SuccessForecast
    from lhp_metrics.metrics.success import SuccessRate
    from lhp_metrics.metrics.success_change import SuccessRateChange
    from lhp_metrics.metrics.success_comparison import SuccessRateComparison
    from lhp_metrics.metrics.value_success import ValueSuccessRate

__all__ = [
    "say_comparison",
    "say_comparisons",
    "say_forecast",
    "say_success_change",
    "say_success_rate",
    "say_success_rates",
    "say_value_success",
]


UNSTATED = "How many applications are still pending is not stated."


def say_success_rate(row: "SuccessRate") -> str:
    """Return the rate with its interval, and what the pending could make of it."""
    hidden = is_hidden(row)
    if hidden:
        return hidden
    decided, pending = row.decided, row.pending
    dated = when(row.provenance)
    if row.successful is None:
        were = "was" if decided == 1 else "were"
        known = f"{number_of(decided, 'application')} {were} decided"
        still = f"{known}. {UNSTATED}" if pending is None else f"{known} and {_open(pending)}"
        return joined(
            about(row, still),
            "How many of the decided succeeded is not published, so there is no success rate.",
            dated,
        )
    if pending is None and row.basis != "decided":
        return joined(about(row, f"There is no rate of those {row.basis}. {UNSTATED}"), dated)
    if row.rate.value != row.rate.value:
        still = UNSTATED if pending is None else _open(pending).capitalize() if pending else ""
        return joined(
            about(row, "No application was decided, so there is no success rate yet."),
            still,
            dated,
        )
    what = _denominator(row)
    return joined(
        about(row, f"Of {what}, {row.successful:,} succeeded: {with_limits(row.rate)}."),
        _if_pending(pending, row.if_pending_all_fail, row.if_pending_all_succeed),
        dated,
    )


def say_success_rates(table: Table["SuccessRate"]) -> str:
    """Return the total's words; where only one row is true, those of the first and the last."""
    if table.has_total or not len(table):
        return plain_table(table)
    ends = dict.fromkeys((table.keys[0], table.keys[-1]))
    return joined(ONE_IS_TRUE, *(table[key].describe() for key in ends))


def _open(pending: int) -> str:
    number = f"{pending:,} {'is' if pending == 1 else 'are'}" if pending else "none is"
    return f"{number} still pending."


def _denominator(row: "SuccessRate") -> str:
    considered = row.decided + (row.pending or 0)
    if row.basis == "decided":
        return number_of(row.decided, "decided application")
    if row.basis == "considered":
        return f"{number_of(considered, 'application')} considered"
    submitted = considered + row.withdrawn + row.not_considered
    return f"{number_of(submitted, 'application')} submitted"


def _if_pending(pending: int | None, worst: float, best: float) -> str:
    if pending is None:
        return UNSTATED
    if not pending:
        return ""
    limits = f"between {percent(worst)} (if {{}}) and {percent(best)} (if {{}})."
    if pending == 1:
        limits = limits.format("it fails", "it succeeds")
        return f"1 is still pending: once it is decided, the rate will be {limits}"
    limits = limits.format("all fail", "all succeed")
    return f"{pending:,} are still pending: once they are decided, the rate will be {limits}"


def say_success_change(row: "SuccessRateChange") -> str:
    """Return both rates, their difference, and whether chance explains it."""
    hidden = is_hidden(row)
    if hidden:
        return hidden
    periods = row.provenance.periods
    is_decided = (row.provenance.basis or "decided").startswith("decided")
    if row.difference.value != row.difference.value:
        why = "nothing was decided in"
        if row.before_successful is None or row.after_successful is None:
            why = "how decisions split is not published for"
        elif not is_decided and (row.before_pending is None or row.after_pending is None):
            why = "how many are pending is not stated for"
        return about(row, f"There is no difference to state: {why} at least one of the cohorts.")
    sides = (
        ("before", row.before_successful, row.before_decided, row.before_rate.value),
        ("after", row.after_successful, row.after_decided, row.after_rate.value),
    )
    texts = []
    for place, (label, won, decided, rate) in enumerate(sides):
        named = _span(periods[place]) if len(periods) == len(sides) else label
        texts.append(f"{named}, {_of_decided(row.provenance.basis, won, decided, rate)}")
    bounds = row.lowest_difference, row.highest_difference
    return about(
        row,
        joined(
            f"{texts[0][:1].upper()}{texts[0][1:]}; {texts[1]}.",
            f"{_moved(row.difference, row.p_adjusted)}.",
            _difference_if_pending(row.before_pending, row.after_pending, *bounds),
        ),
    )


def _span(period: tuple[str, Any, Any]) -> str:
    label, first, last = period
    return f"{label}, from {date_text(first)} to {date_text(last)}"


def _of_decided(basis: str | None, won: int | None, decided: int, rate: float) -> str:
    if (basis or "decided").startswith("decided"):
        applications = number_of(decided, "decided application")
        return f"{won or 0:,} of {applications} succeeded ({percent(rate)})"
    of = "submitted" if str(basis).startswith("submitted") else "considered"
    return f"{number_of(won or 0, 'application')} succeeded, {percent(rate)} of those {of}"


def _moved(difference: Any, p_adjusted: float | None) -> str:
    if points(difference.value) == "0.0":
        return f"The success rate did not change ({_limits(difference)})"
    moved = f"{_rose_or_fell(difference)} by {points(difference.value)} percentage points"
    chance = by_chance(difference, 0.0, p_adjusted)
    return f"The success rate {moved} ({_limits(difference)}); {chance}"


def _rose_or_fell(difference: Any) -> str:
    return "rose" if difference.value > 0 else "fell"


def _limits(difference: Any) -> str:
    _, low, high = difference
    return f"{level_text(difference)} {signed_points(low)} to {signed_points(high)}"


def _difference_if_pending(
    one: int | None, other: int | None, lowest: float, highest: float
) -> str:
    if one is None or other is None:
        return UNSTATED
    if not one + other:
        return ""
    return (
        f"{number_of(one + other, 'application')} still pending could make the difference anything "
        f"between {signed_points(lowest)} and {signed_points(highest)} percentage points."
    )


def say_comparison(row: "SuccessRateComparison") -> str:
    """Return the rate beside the reference's, and whether chance explains the difference."""
    hidden = is_hidden(row)
    if hidden:
        return hidden
    notes = row.provenance.notes
    reference = next((n[11:-1] for n in notes if n.startswith("Reference: ")), "the reference")
    if row.difference.value != row.difference.value:
        is_stated = row.pending is not None and row.reference_pending is not None
        unstated = "" if is_stated else ", or how many are pending is not stated"
        return (
            f"{row.name} cannot be compared with {reference}: in one of them nothing was decided, "
            f"or how decisions split is not published{unstated}."
        )
    mine = _of_decided(row.provenance.basis, row.successful, row.decided, row.rate.value)
    return joined(
        f"{row.name}: {mine}. That is {_beside(row, reference)}.",
        _difference_if_pending(
            row.pending, row.reference_pending, row.lowest_difference, row.highest_difference
        ),
    )


def _beside(row: "SuccessRateComparison", reference: str) -> str:
    limits, theirs = _limits(row.difference), percent(row.reference_rate.value)
    away = points(row.difference.value)
    if away == "0.0":
        return f"the same as {reference}, with {theirs} ({limits})"
    more = "more" if row.difference.value > 0 else "less"
    return (
        f"{away} percentage points {more} ({limits}) than {reference}, with {theirs}; "
        f"{by_chance(row.difference, 0.0, row.p_adjusted)}"
    )


def say_comparisons(table: Table[Any]) -> str:
    """Return what the test of all groups at once says, and who stands out."""
    from lhp_metrics.metrics.success_comparison import SuccessRateComparisons

    if not isinstance(table, SuccessRateComparisons):
        return plain_table(table)
    level = table.provenance.confidence_level or 0.95
    compared = {row.name: row.p_adjusted for row in table if row.p_adjusted is not None}
    outside = [name for name, p_value in compared.items() if p_value < 1 - level]
    if table.p_value != table.p_value:
        first = "The success rates cannot be compared all together."
    else:
        more = "more than" if table.p_value < 1 - level else "no more than"
        first = (
            f"Taken together, the success rates of the {table.degrees_of_freedom + 1} groups "
            f"differ {more} chance alone would explain ({_p_text(table.p_value)})."
        )
    if not compared:
        return joined(first, "No group could be tested against the others by itself.")
    stand = "stand" if len(outside) > 1 else "stands"
    who = listed(outside) if outside else "No group"
    return joined(first, f"{who} {stand} out, the number of comparisons allowed for.")


def _p_text(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def say_forecast(row: "SuccessForecast") -> str:
    """Return how many of the pending are expected to succeed, and the rate in the end."""
    hidden = is_hidden(row)
    if hidden:
        return hidden
    if row.successful is None:
        return about(
            row, "How decisions split is not published, so there is nothing to forecast from."
        )
    if row.pending is None:
        return about(row, f"There is nothing to forecast from. {UNSTATED}")
    if not row.pending:
        return about(row, "Nothing is pending, so there is nothing to forecast.")
    rate, number = row.final_rate, row.final_successful
    some = f"about {row.expected:.0f}" if row.expected > 0.5 else "probably none"
    end = number_of(number.value, "success", "successes")
    limits = f"{level_text(number, 'prediction')} {number.low:.0f} to {number.high:.0f}"
    return about(
        row,
        f"Of {number_of(row.pending, 'pending application')}, {some} will"
        f" succeed, if {row.assumption}. The cohort would then end with {end} ({limits}), a"
        f" success rate of {percent(rate.value)} ({percent(rate.low)} to {percent(rate.high)}).",
    )


def say_value_success(row: "ValueSuccessRate") -> str:
    """Return the part of the pounds that was won, and what makes it unsure."""
    hidden = is_hidden(row)
    if hidden:
        return hidden
    dated = when(row.provenance)
    if row.rate.value != row.rate.value:
        return joined(
            about(row, "No amount was decided on, so there is no success rate by value."), dated
        )
    pending = ""
    if row.if_pending_all_fail != row.if_pending_all_fail:
        pending = UNSTATED
    elif row.pending_pence:
        pending = (
            f"Another £{_pounds(row.pending_pence)} is pending: once it is decided, the rate will"
            f" be between {percent(row.if_pending_all_fail)} and"
            f" {percent(row.if_pending_all_succeed)}."
        )
    return joined(
        about(
            row,
            f"Of £{_pounds(row.requested_pence)} asked for in"
            f" {number_of(row.decided, 'decided application')}, £{_pounds(row.won_pence)} was won:"
            f" {with_limits(row.rate)}.",
        ),
        f"Read it with caution: {row.caution}." if row.caution else "",
        pending,
        dated,
    )


def _pounds(pence: Any) -> str:
    return f"{float(pence) / 100:,.0f}"
