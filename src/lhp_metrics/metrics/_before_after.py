"""What every change from one period to the next demands of its two tallies, and says of them."""

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from lhp_metrics._checks import choice
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models import Period
from lhp_metrics.tallies import Tally, succession_text, successions_between

__all__ = ["LineageRule", "left_out", "lineage_notes", "refuse_disorder"]

LineageRule: TypeAlias = Literal["refuse", "ignore"]


def refuse_disorder(before: Period | None, after: Period | None, shared: str = "") -> None:
    """Refuse periods that overlap, so that something may be `shared`, or are in reverse."""
    if before is None or after is None:
        return
    if before.overlaps(after):
        why = f", so {shared} may stand in both" if shared else ""
        raise InvalidInputError(f"before ({before}) and after ({after}) overlap{why}")
    if before > after:
        raise InvalidInputError(f"before ({before}) is later than after ({after})")


def left_out(label: str, tally: Tally[Any]) -> Iterator[str]:
    """Say what one of the two left out; one list is often counted twice, so no sum is right."""
    if tally.excluded:
        reasons = "; ".join(f"{reason}: {n:,}" for reason, n in tally.excluded.items())
        word = "record" if tally.rows_in == 1 else "records"
        counted = f"{tally.rows_in:,} {word} in, {tally.counted:,} counted"
        yield f"{label}: {counted}, excluded {reasons}."


def lineage_notes(before: Tally[Any], after: Tally[Any], lineage: LineageRule) -> tuple[str, ...]:
    """Refuse successions between the periods, unless told to `ignore` them; return the notes."""
    choice("lineage", lineage, ("refuse", "ignore"))
    names = {**before.names, **after.names}
    steps = successions_between(before, after)
    merged = [succession_text(step, names) for step in steps if step.successor is not None]
    if merged and lineage == "refuse":
        raise InvalidInputError(
            f"between the tallies work passed from one body to another: {'; '.join(merged)}. "
            "Restate both, tally.restate(partnership), or say lineage='ignore'"
        )
    closed = [succession_text(step, names) for step in steps if step.successor is None]
    return tuple(f"Not allowed for: {text}." for text in (*merged, *closed))
