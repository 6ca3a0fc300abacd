"""Grant applications counted by outcome in the engine that holds their rows."""

import datetime as dt
import operator
from collections.abc import Callable, Mapping
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, get_args

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics.errors import NotFoundError
from lhp_metrics.models.grants import Stage
from lhp_metrics.provenance import date_text
from lhp_metrics.tallies._applications import (
    STAGES,
    Resubmissions,
    UnknownFunder,
    funder_names,
    later_decisions,
    once_rules,
    stage_rules,
    unlinked,
    unmixed_stages,
)
from lhp_metrics.tallies._frame_checks import (
    broken,
    known_labels,
    refuse_rows,
    rows_alike,
)
from lhp_metrics.tallies._frame_fields import (
    after,
    earlier,
    given_amount,
    outside,
    pounds_rules,
    read_pounds,
)
from lhp_metrics.tallies._frame_grouping import Question, Subject, prepared, with_records
from lhp_metrics.tallies._frame_links import read_links, resubmitted
from lhp_metrics.tallies._frames import (
    Classes,
    Frame,
    as_whole,
    collected,
    flag,
    is_null,
    packed,
    unpacked,
)
from lhp_metrics.tallies._keys import NOT_STATED, Undated, refuse_overflow
from lhp_metrics.tallies._lineage import known_successions
from lhp_metrics.tallies._money import Amounts, outcome_columns
from lhp_metrics.tallies._outcomes import OUTCOMES
from lhp_metrics.tallies.grants import GrantTally

if TYPE_CHECKING:
    from lhp_metrics.tallies._frame_checks import Rule
    from lhp_metrics.tallies._frames import Expr

__all__ = ["GrantRules", "tally_grant_frame"]

REQUESTED, AWARDED = "amount_requested", "amount_awarded"
# The small codes of a row, packed into one label: how many values each has.
CODES = {"fault": 2, "late": 2, "placed": 3, "decision": 3, "asked": 2, "got": 2}
CODES |= {"again": 2, "resubmitted": 2}
EMPTY_NOTE = "The frame has no rows."
STATED = (*get_args(Stage), None)
UNDATED, BY_THEN, LATER = 0, 1, 2


@attrs.frozen(kw_only=True)
class GrantRules:
    """What `tally_grants` was asked besides a question's own parts."""

    as_of: dt.date | None
    undated: Undated
    stages: tuple[str, ...]
    resubmissions: Resubmissions
    funders: Mapping[str, str] | None
    unknown_funders: UnknownFunder
    outcomes: Mapping[str, str] | None


def tally_grant_frame(grants: object, question: Question, own: GrantRules) -> GrantTally:
    """Count the applications of a frame; `question` and `own` are what `tally_grants` was asked."""
    subject, amounts = _subject(grants, question, own)
    classes = _classes(subject, amounts, own)
    rows_in = round(classes.records.sum())
    frame = subject.frame
    rules = _rules(frame, amounts) if classes.codes("fault").any() else []
    try:
        outcomes = _outcomes(classes, question, own)
    except NotFoundError as error:
        if rules:
            refuse_rows(frame, "grant", "reference", rules, also=[str(error)])
        raise
    rows = partial(rows_alike, frame, classes, codes=_state(frame, amounts, question, own)[0])
    rules += _contradictions(classes, outcomes, partial(rows, labels=["outcome"]))
    meant, undated = _chosen(classes, outcomes, question, own)
    labels = ["outcome", "stage"] if own.stages else ["outcome"]
    rules += [(rule, rows(where, labels=labels), ("outcome",)) for rule, where in undated]
    if rules:
        refuse_rows(frame, "grant", "reference", rules)
    index = np.flatnonzero(classes.kept)
    classes, meant = classes.only_kept(), meant[index]
    funders = funder_names(_counted(classes, "funder"), own.funders, own.unknown_funders)
    groups = subject.grouping(classes, {"funder": funders})
    counts = classes.counts(spread=subject.spread)
    columns = outcome_columns(_amounts(classes, subject), counts, meant, groups)
    return GrantTally(
        by=question.by,
        keys=groups.keys,
        columns=columns,
        rows_in=rows_in,
        excluded=classes.excluded,
        period=question.period,
        dated_by=question.dated_by,
        as_of=own.as_of,
        attribution=question.attribution,
        overlapping=question.attribution == "whole" and question.by_organisation,
        names=groups.names,
        rules=stage_rules(own.stages) + once_rules(own.resubmissions),
        notes=(*_notes(classes, question, own), *subject.notes, *groups.notes),
        successions=known_successions(question.partnership),
    )


def _subject(
    grants: object, question: Question, own: GrantRules
) -> tuple[Subject, tuple[str, ...]]:
    """Return the frame ready to be counted, and which amounts it has."""
    subject = prepared(
        question,
        grants,
        dates=("submitted_on", "decided_on"),
        labels=("outcome", "stage", "resubmission_of"),
    )
    frame = subject.frame
    needs_decision = own.as_of is not None or question.dated_by == "decided_on"
    needed = ["outcome", "submitted_on", *(["decided_on"] if needs_decision else [])]
    needed += ["stage"] if own.stages else []
    needed += ["reference", "resubmission_of"] if own.resubmissions == "latest" else []
    frame.need(needed, columns=question.columns or {})
    amounts = tuple(
        name for name in (REQUESTED, AWARDED) if name in frame or f"{name}_pence" in frame
    )
    for name in amounts:
        frame = read_pounds(frame, name)
    names = ["outcome", "submitted_on", *question.named()]
    names += [n for n in ("decided_on", "stage", "lead", "resubmission_of") if n in frame]
    fields = {name: name for name in names}
    fields |= {f"{name}_value": given_amount(frame, name) for name in amounts}
    links = "resubmission_of" in frame and "reference" in frame
    frame = read_links(frame) if links else frame
    subject = attrs.evolve(subject, frame=frame)
    subject = with_records(subject, fields)
    if links:
        among = _linkable(subject.frame, question, own)
        once = own.resubmissions == "latest"
        subject = attrs.evolve(subject, frame=resubmitted(subject.frame, among, once=once))
    return subject, amounts


def _linkable(frame: Frame, question: Question, own: GrantRules) -> "Expr | None":
    """Return which rows may follow each other: all that count in some period."""
    import narwhals as nw

    conditions: list[Expr] = []
    if own.as_of is not None:
        conditions.append(~after(frame, "submitted_on", own.as_of))
    if own.stages:
        stage = nw.col("stage").cast(nw.String).str.strip_chars()
        unstated = stage.is_null() | (stage == "")
        at = flag(stage.is_in([stage for stage in own.stages if stage != NOT_STATED])) == 1
        conditions.append(at | unstated if NOT_STATED in own.stages else at)
    if question.unknown == "other":
        found = collected(frame.rows.select(nw.col("outcome").cast(nw.String)).unique())["outcome"]
        counts = {None if is_null(text) else text: 1 for text in found}
        meant = known_labels("outcome", counts, OUTCOMES, own.outcomes, unknown="other")
        known = [text for text, outcome in meant.items() if outcome is not None]
        conditions.append(flag(nw.col("outcome").cast(nw.String).is_in(known)) == 1)
    return reduce(operator.and_, conditions) if conditions else None


def _rules(frame: Frame, amounts: tuple[str, ...]) -> "list[Rule]":
    """Return what a row must not be."""
    import narwhals as nw

    rules: list[Rule] = [("no submitted_on", nw.col("submitted_on").is_null(), ())]
    if "decided_on" in frame:
        dates = ("decided_on", "submitted_on")
        rules.append(("decided_on is before submitted_on", earlier(frame, *dates), dates))
    return [*rules, *(rule for name in amounts for rule in pounds_rules(frame, name))]


def _classes(subject: Subject, amounts: tuple[str, ...], own: GrantRules) -> Classes:
    """Return the rows in classes of one outcome, stage, key and code each, with their pence."""
    import narwhals as nw

    frame = subject.frame
    labels: dict[str, Expr] = {"outcome": nw.col("outcome")}
    labels |= {"stage": nw.col("stage")} if "stage" in frame else {}
    labels["codes"], sizes = _state(frame, amounts, subject.question, own)
    sums: dict[str, Expr] = {}
    for name in amounts:
        pence = nw.col(f"{name}_pence")
        sums |= {name: pence, f"{name}_squared": pence.cast(nw.Float64) ** 2}
    if len(amounts) == 2:
        one, two = (nw.col(f"{name}_pence").cast(nw.Float64) for name in amounts)
        sums["product"] = one * two
    largest = [REQUESTED] if REQUESTED in amounts else []

    def counted(*, by_day: bool) -> Classes:
        found = frame.classes(labels | subject.labels(by_day=by_day), sums, largest)
        codes_of = unpacked(found.codes("codes"), sizes)
        return found.with_labels({name: code.tolist() for name, code in codes_of.items()})

    classes = counted(by_day=False)
    if classes.codes("fault").any() or not subject.needs_days(classes):
        return classes  # Rows that break a rule are refused, so nobody needs their days.
    return counted(by_day=True)


def _state(
    frame: Frame, amounts: tuple[str, ...], question: Question, own: GrantRules
) -> "tuple[Expr, list[tuple[str, int]]]":
    """Return the codes of a row as one number, and how many values each has."""
    codes = _codes(frame, amounts, question, own)
    codes["fault"] = broken(_rules(frame, amounts))
    sizes = [(name, CODES[name]) for name in codes]
    return packed((codes[name], size) for name, size in sizes), sizes


def _codes(
    frame: Frame, amounts: tuple[str, ...], question: Question, own: GrantRules
) -> "dict[str, Expr]":
    """Return the codes of a row, but for those that are 0 in all rows."""
    import narwhals as nw

    period, dated_by = question.period, question.dated_by
    codes: dict[str, Expr] = {}
    if own.as_of is not None:
        codes["late"] = flag(after(frame, "submitted_on", own.as_of))
    if period is not None:
        codes["placed"] = flag(outside(frame, dated_by, period))
    if "decided_on" in frame:
        cut = own.as_of or (None if period is None else period.end)
        codes["decision"] = flag(~nw.col("decided_on").is_null()) * BY_THEN
        if cut is not None:  # LATER is one more than BY_THEN
            codes["decision"] += flag(after(frame, "decided_on", cut))
    for code, name in (("asked", REQUESTED), ("got", AWARDED)):
        if name in amounts:
            codes[code] = nw.col(f"{name}_known")
    if "resubmission_of" in frame:
        codes["again"] = flag(~nw.col("resubmission_of").is_null())
    if "resubmitted" in frame:
        codes["resubmitted"] = flag(~nw.col("resubmitted").is_null())
    return codes


def _outcomes(classes: Classes, question: Question, own: GrantRules) -> NDArray[np.int64]:
    """Return the outcome that each class's label means; -1 for one that is not known."""
    texts = classes.texts("outcome")
    counts = _counted(classes, "outcome")
    meant = known_labels("outcome", counts, OUTCOMES, own.outcomes, unknown=question.unknown)
    places: dict[str | None, int] = {name: i for i, name in enumerate(OUTCOMES)}
    return np.array([places.get(meant[text], -1) for text in texts], dtype=np.int64)


def _contradictions(
    classes: Classes, outcomes: NDArray[np.int64], rows: "Callable[[NDArray[np.bool_]], Expr]"
) -> "list[Rule]":
    """Return decided pending ones, awards to what was not successful, and stages that are none."""
    import narwhals as nw

    rules: list[Rule] = []
    pending = (outcomes == OUTCOMES.index("pending")) & (classes.codes("decision") != UNDATED)
    if pending.any():
        text = "outcome is 'pending' but decided_on is given"
        rules.append((text, rows(pending), ("decided_on",)))
    if AWARDED in classes.sums:
        paid = classes.real(AWARDED, spread=True) > 0
        unfunded = (outcomes > OUTCOMES.index("successful")) & paid
        if unfunded.any():
            above = rows(unfunded) & (nw.col(f"{AWARDED}_pence") > 0)
            text = "outcome is not 'successful' but amount_awarded is above 0"
            rules.append((text, above, ("outcome", f"{AWARDED}_value")))
    if any(text not in STATED for text in _counted(classes, "stage")):
        known: tuple[str, ...] = get_args(Stage)
        text = f"stage is none of {', '.join(map(repr, known))}"
        stage = nw.col("stage").cast(nw.String).str.strip_chars()
        stated = ~nw.col("stage").is_null() & (stage != "")
        rules.append((text, stated & ~stage.is_in(known), ("stage",)))
    return rules


def _chosen(
    classes: Classes, outcomes: NDArray[np.int64], question: Question, own: GrantRules
) -> tuple[NDArray[np.int64], list[tuple[str, NDArray[np.bool_]]]]:
    """Leave classes out, in the order of `tally_grants`.

    Returned are the outcomes as they count, and the classes that cannot be dated.
    """
    undatable: list[tuple[str, NDArray[np.bool_]]] = []
    dated_by, as_of, undated = question.dated_by, own.as_of, own.undated
    pending = OUTCOMES.index("pending")
    classes.exclude("outcome not known", outcomes < 0)
    if as_of is not None:
        classes.exclude(f"submitted after {date_text(as_of)}", classes.codes("late") == 1)
    _choose_stages(classes, own.stages)
    classes.exclude("resubmitted later", classes.codes("resubmitted") == 1)
    elsewhere = classes.codes("placed") == 1
    if dated_by == "submitted_on":
        classes.exclude("submitted_on outside the period", elsewhere)
    decision = classes.codes("decision")
    open_ended = (decision == UNDATED) & (outcomes != pending)
    needed = as_of is not None or dated_by == "decided_on"
    if needed and undated == "error":
        rule = "outcome without decided_on; say undated='decided', 'pending' or 'exclude'"
        undatable.append((rule, classes.kept & open_ended))
    elif needed and undated == "exclude":
        classes.exclude("outcome without decided_on", open_ended)
    meant = outcomes.copy()
    if needed and undated == "pending":
        meant[open_ended] = pending
    if as_of is not None:
        meant[decision == LATER] = pending
    if dated_by == "decided_on":
        classes.exclude("no decision yet", meant == pending)
        if undated == "decided":
            rule = "no decided_on to date it by; say undated='exclude'"
            undatable.append((rule, classes.kept & open_ended))
        classes.exclude("decided_on outside the period", elsewhere)
    return meant, [(rule, where) for rule, where in undatable if where.any()]


def _choose_stages(classes: Classes, stages: tuple[str, ...]) -> None:
    if not stages:
        return
    at = np.array([text or NOT_STATED for text in classes.texts("stage")], dtype=object)
    for stage in STAGES:
        if stage not in stages:
            classes.exclude(f"stage {stage}", at == stage)
    classes.exclude("stage that is none", ~np.isin(at, STAGES))  # A contradiction: refused.


def _counted(classes: Classes, name: str) -> dict[Any, int]:
    """Return how many records have each label."""
    found: dict[Any, float] = {}
    if name not in classes.labels:
        return {}
    for text, n in zip(classes.texts(name), classes.records.tolist(), strict=True):
        found[text] = found.get(text, 0) + n
    return {text: round(n) for text, n in found.items()}


def _notes(classes: Classes, question: Question, own: GrantRules) -> tuple[str, ...]:
    """Return what `tally_grants` says of the records that were counted."""
    mixed = not own.stages and "stage" not in question.by and "stage" in classes.labels
    notes = unmixed_stages(_counted(classes, "stage")) if mixed else ()
    notes += unlinked(classes.count(classes.codes("again") == 1), own.resubmissions)
    if own.as_of is None:
        later = classes.count(classes.codes("decision") == LATER)
        notes += later_decisions(later, question.period)
    return notes if len(classes) or sum(classes.excluded.values()) else (*notes, EMPTY_NOTE)


def _amounts(classes: Classes, subject: Subject) -> Amounts:
    """Return the money of each class; where the frame has none, nothing is known of it."""
    size, spread = len(classes), subject.spread

    def whole(name: str) -> NDArray[np.int64]:
        known = name in classes.sums
        return classes.whole(name, spread=spread) if known else np.zeros(size, dtype=np.int64)

    def squares(name: str) -> NDArray[np.float64]:
        # Of pence; in pounds they are 10,000 times smaller.
        return classes.real(name, spread=spread) / 1e4 if name in classes.sums else np.zeros(size)

    for name in (REQUESTED, AWARDED):
        # No more than this, by Cauchy and Schwarz: engines' own sums wrap round beyond 64 bits.
        bound = np.sqrt(classes.rows * squares(f"{name}_squared")) * 100
        refuse_overflow(float(bound.max(initial=0.0)) * (1 - 1e-9))
    return Amounts(
        requested=whole(REQUESTED),
        awarded=whole(AWARDED),
        largest_requested=np.array(
            [as_whole(n) or 0 for n in classes.sums.get(f"largest_{REQUESTED}", [0] * size)],
            dtype=np.int64,
        ),
        requested_squared=squares(f"{REQUESTED}_squared"),
        awarded_squared=squares(f"{AWARDED}_squared"),
        awarded_times_requested=squares("product"),
        requested_known=classes.codes("asked"),
        awarded_known=classes.codes("got"),
    )
