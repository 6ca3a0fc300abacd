"""Which applications count once: stages kept apart, resubmissions linked, spellings joined."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import each_of, folded, near_matches, often, text_map
from lhp_metrics.errors import InvalidInputError, NotFoundError
from lhp_metrics.models import Grant, Period
from lhp_metrics.models.grants import Stage
from lhp_metrics.provenance import date_text
from lhp_metrics.tallies._bodies import OTHER, spellings
from lhp_metrics.tallies._keys import NOT_STATED
from lhp_metrics.tallies._outcomes import OUTCOMES
from lhp_metrics.tallies._records import Selection, listed

__all__ = [
    "PENDING",
    "Resubmissions",
    "UnknownFunder",
    "decided_after",
    "funder_names",
    "later_decisions",
    "once_rules",
    "outcomes_as_of",
    "refuse_impossible_links",
    "select_applications",
    "stage_names",
    "stage_rules",
    "stages_found",
    "undated_outcomes",
    "unlinked",
    "unmixed_stages",
]

Resubmissions = Literal["each", "latest"]
UnknownFunder = Literal["error", "keep", "other"]

STAGES: tuple[str, ...] = (*get_args(Stage), NOT_STATED)
PENDING = OUTCOMES.index("pending")


def stage_names(stages: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return the stages asked for, in the order of a call; none asked for are all of them."""
    if stages is None:
        return ()
    given = (stages,) if isinstance(stages, str) else tuple(each_of(stages, "names", name="stages"))
    for stage in given:
        if stage not in STAGES:
            options = ", ".join(map(repr, STAGES))
            raise InvalidInputError(f"stages must be among {options}; got {stage!r}")
    return tuple(stage for stage in STAGES if stage in given)


def select_applications(
    grants: Iterable[Grant],
    *,
    as_of: dt.date | None,
    stages: tuple[str, ...],
    resubmissions: Resubmissions,
) -> tuple[Selection[Grant], tuple[str, ...]]:
    """Return the applications of those stages that were there on a date, and the rules for it."""
    chosen = Selection(grants, Grant, "reference")
    if as_of is not None:
        late = chosen.facts["submitted_on"] > as_of.toordinal()
        chosen.exclude(f"submitted after {date_text(as_of)}", late)
    for place, other in enumerate(STAGES):
        if stages and other not in stages:
            chosen.exclude(f"stage {other}", chosen.facts["stage"] == place)
    return chosen, stage_rules(stages) + _link_resubmissions(chosen, resubmissions)


def stage_rules(stages: tuple[str, ...]) -> tuple[str, ...]:
    """Say which stages were asked for, if some were."""
    return (f"Stages: {', '.join(stages)}.",) if stages else ()


def stages_found(grants: NDArray[Any]) -> dict[str | None, int]:
    """Return how many applications there are at each stage; None is "not stated"."""
    times = np.bincount(grants["stage"], minlength=len(STAGES)).tolist()
    found = zip((*STAGES[:-1], None), times, strict=True)
    return {stage: n for stage, n in found if n}


def unmixed_stages(stages: Mapping[str | None, int]) -> tuple[str, ...]:
    """Refuse stages counted together that nobody asked to count together; note unstated ones.

    `stages` says how many applications there are at each. An outline and the full application
    that follows it are one attempt at one grant.
    """
    found = dict(stages)
    unstated = found.pop(None, 0)
    if len(found) > 1:
        counts = ", ".join(f"{stage!r} ({found[stage]:,})" for stage in STAGES if stage in found)
        raise InvalidInputError(
            f"applications of several stages would be counted together: {counts}; say by='stage' "
            "to keep them apart, stages='full' for one of them, or stages=('full', 'single') for "
            "several together"
        )
    if not found or not unstated:
        return ()
    return (f"{unstated:,} of the applications state no stage, the others {next(iter(found))!r}.",)


def _link_resubmissions(chosen: Selection[Grant], resubmissions: Resubmissions) -> tuple[str, ...]:
    """Count linked applications each or once, as the latest; return what the footnote says."""
    linked: dict[str, str | None] = {}
    if chosen.facts["is_resubmission"].any():
        dates = {grant.reference: grant.submitted_on for grant in chosen}
        linked = {
            grant.reference: grant.resubmission_of
            for grant in chosen
            if grant.resubmission_of in dates
        }
        refuse_impossible_links(linked, dates)
    if resubmissions == "latest":
        resubmitted = set(linked.values())
        earlier = [grant.reference in resubmitted for grant in chosen]
        chosen.exclude("resubmitted later", np.array(earlier, dtype=np.bool_))
    return once_rules(resubmissions)


def once_rules(resubmissions: Resubmissions) -> tuple[str, ...]:
    """Return what the footnote says of linked applications that count once."""
    latest = "Resubmissions count once, as the latest application."
    return (latest,) if resubmissions == "latest" else ()


def refuse_impossible_links(linked: Mapping[str, str | None], dates: Mapping[str, dt.date]) -> None:
    """Refuse resubmissions that come before what they follow, or that follow each other."""
    early = [
        f"grant {name!r}: submitted_on ({dates[name]}) is before that of {first!r} "
        f"({dates[first]}), of which it is a resubmission"
        for name, first in linked.items()
        if first is not None and dates[name] < dates[first]
    ]
    if early:
        raise InvalidInputError(listed(early))
    cleared: set[str] = set()
    for name in linked:
        path: dict[str, None] = {}
        at: str | None = name
        while at is not None and at not in cleared:
            if at in path:
                raise InvalidInputError(f"resubmissions form a circle: {listed(map(repr, path))}")
            path[at] = None
            at = linked.get(at)
        cleared.update(path)


def unlinked(again: int, resubmissions: Resubmissions) -> tuple[str, ...]:
    """Note resubmissions that count beside what they follow."""
    if not again or resubmissions == "latest":
        return ()
    return (f"Resubmissions count each: {again:,} of the applications are one.",)


def undated_outcomes(grants: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which grants have an outcome of which the date is not known."""
    return np.asarray((grants["decided_on"] == 0) & (grants["outcome"] != PENDING))


def outcomes_as_of(
    grants: NDArray[Any], date: dt.date | None, *, undated_pending: bool = False
) -> NDArray[np.int64]:
    """Return the place in `OUTCOMES` of what was known on a date: later decisions were pending."""
    outcomes = grants["outcome"].astype(np.int64)
    if date is not None:
        outcomes[grants["decided_on"] > date.toordinal()] = PENDING
    if undated_pending:
        outcomes[undated_outcomes(grants)] = PENDING
    return outcomes


def decided_after(grants: NDArray[Any], period: Period | None, as_of: dt.date | None) -> int:
    """Return how many decisions were taken after the period."""
    if period is None or as_of is not None:
        return 0
    return int((grants["decided_on"] > period.end.toordinal()).sum())


def later_decisions(later: int, period: Period | None) -> tuple[str, ...]:
    """Note decisions that nobody could know at the period's end."""
    if not later or period is None:
        return ()
    end = date_text(period.end)
    return (f"{later:,} decisions were taken after {end}; as_of= shows what was known on a day.",)


def funder_names(
    found: Mapping[str | None, int], funders: Mapping[str, str] | None, unknown: UnknownFunder
) -> dict[str, str]:
    """Return the name to count under of each spelling of a funder; `found` says how many."""
    if funders is None:
        return {}
    funders = text_map("funders", funders)
    names = spellings(funders)
    stated = {text: n for text, n in found.items() if text is not None}
    missing = {text: n for text, n in stated.items() if folded(text) not in names}
    if missing and unknown == "error":
        faults = [
            f"{text!r} ({often(n)}){near_matches(text, [*funders, *funders.values()])}"
            for text, n in missing.items()
        ]
        raise NotFoundError(
            f"funders has no entry for {listed(faults, most=20)}; map them, or say "
            "unknown_funders='keep' or 'other'"
        )
    left = OTHER if unknown == "other" else None
    return {text: names.get(folded(text), left or text) for text in stated}
