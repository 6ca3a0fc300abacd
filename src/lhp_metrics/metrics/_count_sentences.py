"""What results of registrations and of counts of any kind say, in sentences."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lhp_metrics.provenance import date_text
from lhp_metrics.results import Table
from lhp_metrics.results.wording import (
    about,
    by_chance,
    fewer_or_more,
    groups_shown,
    is_hidden,
    joined,
    level_text,
    listed,
    number_of,
    percent,
    points,
    signed_points,
    when,
)

if TYPE_CHECKING:
    from lhp_metrics.metrics.concentration import Concentration
    from lhp_metrics.metrics.control_chart import ControlPoint
    from lhp_metrics.metrics.funnel import FunnelPoint
    from lhp_metrics.metrics.registrations import RegistrationChange
    from lhp_metrics.metrics.share_change import ShareChange
    from lhp_metrics.metrics.shares import PartnerShare

__all__ = [
    "say_chart",
    "say_concentration",
    "say_funnel",
    "say_funnel_point",
    "say_point",
    "say_registration_change",
    "say_registration_changes",
    "say_share",
    "say_share_change",
    "say_share_changes",
    "say_shares",
]

TWICE = 2.0
MOST_NAMED = 4


def say_registration_change(row: "RegistrationChange") -> str:
    """Return both counts with their periods, and the change for the same length of time."""
    hidden = is_hidden(row)
    if hidden:
        return hidden
    first, second = "in the first period", "in the second"
    if len(row.provenance.periods) == 2:
        first, second = map(_span, row.provenance.periods)
    before = f"{number_of(row.before, 'study was', 'studies were')} registered {first}"
    return about(row, joined(f"{before} and {row.after:,} {second}.", _change(row)))


def _span(period: tuple[str, dt.date, dt.date]) -> str:
    _, first, last = period
    days = number_of((last - first).days + 1, "day")
    return f"from {date_text(first)} to {date_text(last)} ({days})"


def _change(row: "RegistrationChange") -> str:
    same = {"days": "Per day", "working days": "Per working day"}.get(
        row.provenance.exposure or "", f"For the same number of {row.provenance.exposure}"
    )
    ratio = row.rate_ratio
    if row.before == row.after == 0:
        return "There is no change to state."
    if row.before == 0:
        return (
            "Nothing was registered in the first period, so there is no base to state a change in "
            f"per cent; {same[:1].lower()}{same[1:]} it is at least {ratio.low:.2f} times as many, "
            f"by the {level_text(ratio)}."
        )
    if row.base_note or ratio.value >= TWICE:
        text = f"{_times(ratio.value)} times as many"
        limits = f"{_times(ratio.low)} to {_times(ratio.high)}"
        if not row.after:
            text, limits = "none at all", f"none to {_times(ratio.high, ' times as many')}"
    else:
        text = fewer_or_more(ratio.value)
        limits = f"{fewer_or_more(ratio.low)} to {fewer_or_more(ratio.high)}"
    caution = " The base is too small for a change in per cent to mean much."
    return (
        f"{same} that is {text} ({level_text(ratio)} {limits}); "
        f"{by_chance(ratio, 1.0, row.p_adjusted)}.{caution if row.base_note else ''}"
    )


def _multiple(ratio: float) -> str:
    if ratio == 0:
        return "none any more"
    if ratio == float("inf"):
        return "some where there were none"
    return f"{_times(ratio)} times as many"


def _times(value: float, unit: str = "") -> str:
    if value == float("inf"):
        return "no limit"
    return f"{value:,.2f}{unit}" if value < 100 else f"{value:,.0f}{unit}"


def say_registration_changes(table: Table[Any]) -> str:
    """Return the total's change, and whether it speaks for the groups."""
    found = getattr(table, "heterogeneity", None)
    uneven = ""
    level = table.provenance.confidence_level or 0.95
    ratios = [(row.rate_ratio.value, row.name) for row in table if row.before or row.after]
    if found is not None and found.p_value < 1 - level and ratios:
        (least, low_name), (most, high_name) = min(ratios), max(ratios)
        high = _multiple(most)
        if least:
            high = high.removesuffix(" times as many")  # which the lower one says
        uneven = (
            f"The groups did not change alike, from {_multiple(least)} ({low_name}) to {high} "
            f"({high_name}): the total speaks for none of them."
        )
    return joined(table.total.describe() if table.has_total else "", uneven)


def say_share(row: "PartnerShare") -> str:
    """Return the count and its part of the total."""
    hidden = is_hidden(row)
    if hidden:
        return hidden
    if row.share.value != row.share.value:
        return about(row, "There is nothing to share out.")
    return about(row, f"{_part(row)}.")


def _part(row: "PartnerShare", each: str = "") -> str:
    if row.share.value == row.share.low == row.share.high == 1:
        return f"{_shared_out(row)} in all"
    return (
        f"{_shared_out(row)}{each}, {percent(row.share.value)} of the total "
        f"({level_text(row.share)} {percent(row.share.low)} to {percent(row.share.high)})"
    )


def _shared_out(row: "PartnerShare") -> str:
    pounds = getattr(row, "pounds", None)
    if pounds is not None:
        return f"£{float(pounds):,.0f} in {number_of(row.count, 'application')}"
    if row.provenance.basis == "successful":
        return number_of(row.count, "successful application")
    return number_of(row.count, "record")


def say_shares(table: Table[Any]) -> str:
    """Return the largest and the smallest share."""
    shown = [row for row in table if row.share is not None and row.share.value == row.share.value]
    if not shown:
        return "There is nothing to share out."
    first = max(shown, key=lambda row: row.share.value)
    last = min(shown, key=lambda row: row.share.value)
    # Small ones may be hidden: then nobody is called the smallest.
    some_more = first.share.value != last.share.value and len(shown) == len(table)
    simultaneous = "simultaneous" in (table.provenance.method or "")
    return joined(
        _holders("The largest share is", first, shown),
        _holders("The smallest is", last, shown) if some_more else "",
        "The intervals hold for all shares at once." if simultaneous and len(shown) > 1 else "",
        when(table.provenance),
    )


def _holders(what: str, row: "PartnerShare", rows: Sequence["PartnerShare"]) -> str:
    """Return a sentence on who has as much as the row's group: nobody is named for all of them."""
    same = [other.name for other in rows if _part(other) == _part(row)]
    if len(same) == 1:
        return f"{what} that of {row.describe()}"
    names = listed(same) if len(same) <= MOST_NAMED else number_of(len(same), "group")
    return f"{what} that of {names}: {_part(row, ' each')}."


def say_share_change(row: "ShareChange") -> str:
    """Return both shares, their difference, and whether chance explains it."""
    hidden = is_hidden(row)
    if hidden:
        return hidden
    shares = (row.before_share, row.after_share)
    if any(share != share for share in shares):
        return about(row, "There is nothing to share out in one of the periods.")
    before, after = map(percent, shares)
    value, low, high = row.difference
    if value != value:
        return about(row, f"{before} of the total before and {after} after, by definition.")
    moved, chance = "the same", ""
    if points(value) != "0.0":
        moved = f"{points(value)} percentage points {'more' if value > 0 else 'less'}"
        chance = f"; {by_chance(row.difference, 0.0)}"
    limits = " to ".join(map(signed_points, (low, high)))
    return about(
        row,
        f"{before} of the total before and {after} after, {moved} ({level_text(row.difference)} "
        f"{limits}){chance}.",
    )


def say_share_changes(table: Table[Any]) -> str:
    """Return who gained and who lost, and how much moved."""
    changes = [row.difference for row in table if row.difference is not None]
    groups = groups_shown(table, len(changes))
    if any(change.value != change.value for change in changes):
        return "There is nothing to share out in one of the periods."
    verdicts = {
        verdict: [row.name for row in table if row.verdict == verdict]
        for verdict in ("gained", "lost")
    }
    parts = [f"{listed(names)} {verdict} share" for verdict, names in verdicts.items() if names]
    each = ", each" if sum(map(len, verdicts.values())) > 1 else ","
    moved = getattr(table, "redistributed", float("nan"))
    return joined(
        f"{'; '.join(parts)}{each} beyond what chance alone would explain."
        if parts
        else f"Of {groups}, none changed its share by more than chance alone would explain.",
        f"{percent(moved)} of the total is with other groups than before."
        if moved == moved
        else "",
    )


def say_concentration(row: "Concentration") -> str:
    """Return how many equal groups would be as even."""
    if not row.count:
        return "There is nothing to share out, so nothing is concentrated."
    equal = row.effective_partners
    return joined(
        f"{number_of(row.count, 'record')} in {number_of(row.groups, 'group')} "
        f"{'is' if row.count == 1 else 'are'} spread as "
        f"evenly as over {equal.value:.1f} equal ones ({level_text(equal)} {equal.low:.1f} to "
        f"{equal.high:.1f}).",
        when(row.provenance),
    )


def say_funnel_point(row: "FunnelPoint") -> str:
    """Return the value, and whether it is what chance leaves at such a size."""
    if row.value != row.value or row.position is None:
        return about(row, "There is no value to compare.")
    basis = row.provenance.basis or ""
    events = row.events or 0
    if basis != "registrations over those expected":
        value, low, high = map(percent, (row.value, row.lower_95, row.upper_95))
        did = "finished within target" if basis.startswith("clocks due") else "succeeded"
        what = f"{events:,.0f} of {row.trials:,.0f} {did} ({value})"
    else:
        value, low, high = (f"{part:.2f}" for part in (row.value, row.lower_95, row.upper_95))
        were = "was" if row.trials == 1 else "were"
        what = f"{events:,.0f} registered where {row.trials:,.10g} {were} expected ({value} times)"
    ordinary = f"{low} to {high}"
    if row.position == "within":
        return about(row, f"{what}, which is what chance leaves at that size ({ordinary}).")
    side, level = row.position.split()
    odds = "one in 20" if level == "95%" else "one in 500"
    return about(
        row,
        f"{what}, {side} what chance leaves at that size ({ordinary}); of groups that are like the "
        f"others {odds} would be so far out.",
    )


def say_funnel(table: Table[Any]) -> str:
    """Return who is out of the ordinary."""
    rows = [row for row in table if row.position not in (None, "within")]
    size = sum(row.position is not None for row in table)
    if not size:
        return "No group has a value to compare."
    if not rows:
        return f"Of {groups_shown(table, size)}, none is outside what chance explains."
    names = listed(f"{row.name} ({row.position.split()[0]})" for row in rows)
    verb = "is" if len(rows) == 1 else "are"
    return joined(
        f"Of {groups_shown(table, size)}, {names} {verb} outside the 95% limits.",
        f"By chance alone about {size / 20:.1g} would be." if size > 1 else "",
    )


def say_point(row: "ControlPoint") -> str:
    """Return the value, and whether it is out of the ordinary."""
    hidden = is_hidden(row)
    if hidden:
        return hidden
    found = listed(name.replace("_", " ") for name in row.signals) if row.signals else ""
    limits = ""
    if row.lower is not None and row.upper is not None:
        limits = f", limits {_signed(row.lower)} to {_signed(row.upper)}"
    ordinary = f"out of the ordinary: {found}" if found else "within ordinary variation"
    value, centre = _signed(row.value), _signed(row.centre)
    return f"{row.name}: {value}, {ordinary} (average {centre}{limits})."


def _signed(value: float) -> str:
    return f"{value:,.2f}".replace("-", "−")


def say_chart(table: Table[Any]) -> str:
    """Return which points are out of the ordinary."""
    if len(table) == 1:
        return "One point alone cannot be out of the ordinary."
    rows = [row for row in table if row.signals]
    provisional = next((note for note in table.provenance.notes if "provisional" in note), "")
    if not rows:
        within = f"All {number_of(len(table), 'point')} are within ordinary variation."
        return joined(within, provisional)
    names = listed(
        f"{row.name} ({', '.join(name.replace('_', ' ') for name in row.signals)})" for row in rows
    )
    verb = "is" if len(rows) == 1 else "are"
    return joined(
        f"Of {number_of(len(table), 'point')}, {names} {verb} out of the ordinary.", provisional
    )
