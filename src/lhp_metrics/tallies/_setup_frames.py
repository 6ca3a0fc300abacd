"""Clocks of studies and sites, counted in the engine that holds their rows."""

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models.clocks import STUDY_FIELDS, Clock
from lhp_metrics.provenance import date_text
from lhp_metrics.tallies._clock_readings import Faults, not_applicable, type_names
from lhp_metrics.tallies._clock_times import ClockTimes
from lhp_metrics.tallies._frame_checks import refuse_rows
from lhp_metrics.tallies._frame_fields import day, earlier
from lhp_metrics.tallies._frame_grouping import Question, Subject, prepared, with_records
from lhp_metrics.tallies._frames import Classes, Frame, flag
from lhp_metrics.tallies._grouping import Grouping

if TYPE_CHECKING:
    from lhp_metrics.tallies._frame_checks import Rule

__all__ = ["FrameClocks", "read_setup_frame"]

CLOSED = "closed_on"


@attrs.frozen(kw_only=True)
class FrameClocks:
    """The clocks of a frame that have started, their groups, and why the others have not."""

    times: ClockTimes
    groups: Grouping
    rows_in: int
    excluded: Mapping[str, int]
    notes: tuple[str, ...]
    ends_seen: bool


def read_setup_frame(
    studies: object,
    question: Question,
    clock: Clock,
    *,
    as_of: dt.date,
    faults: Faults,
    study_types: Mapping[str, str] | None,
) -> FrameClocks:
    """Read the clocks of a frame: of its rows, or of the studies that the rows are sites of."""
    subject = _subject(studies, question, clock)
    frame = subject.frame
    labels = subject.labels(by_day=True) | {"end": day(clock.end)}
    labels |= {name: _column(name) for name in _about(clock)}
    if CLOSED in frame:
        labels["closed"] = day(CLOSED)
    if clock.level == "site":
        labels["organisation"] = _column("organisation")
    classes = frame.classes(labels, {})
    rows_in = round(classes.records.sum())
    wrong = _chosen(classes, question, clock, as_of=as_of, study_types=study_types)
    if wrong and faults == "error":
        rules: list[Rule] = [
            (f"{clock.end} is given but {clock.start} is not", _without_start(clock), [clock.end]),
            (
                f"{clock.end} is before {clock.start}",
                earlier(frame, clock.end, clock.start),
                [clock.end, clock.start],
            ),
        ]
        refuse_rows(frame, question.kind, question.id_field, rules)
    ends_seen = bool((_ordinals(classes, "end") > 0).any())
    classes = classes.only_kept()
    closed = _ordinals(classes, "closed") if "closed" in classes.labels else None
    times = ClockTimes.read(
        _ordinals(classes, "day"),
        _ordinals(classes, "end"),
        closed,
        as_of=as_of,
        counts=classes.rows,
    )
    return FrameClocks(
        times=times,
        groups=subject.grouping(classes),
        rows_in=rows_in,
        excluded=classes.excluded,
        notes=subject.notes,
        ends_seen=ends_seen,
    )


def _column(name: str) -> Any:
    import narwhals as nw

    return nw.col(name)


def _without_start(clock: Clock) -> Any:
    import narwhals as nw

    return nw.col(clock.start).is_null() & ~nw.col(clock.end).is_null()


def _about(clock: Clock) -> list[str]:
    """Return the columns that say whether the clock is for a study."""
    typed = clock.study_types or clock.not_study_types
    return [
        *(["commercial"] if clock.commercial is not None else []),
        *(["study_type"] if typed else []),
    ]


def _subject(studies: object, question: Question, clock: Clock) -> Subject:
    """Return the frame with one row for each clock."""
    if clock.site == "lead" and clock.dates_of_sites:
        raise InvalidInputError(
            f"the clock {clock.name!r} is the lead site's: filter the frame by it and count with "
            "site='each', or give records"
        )
    if clock.level == "study" and {"organisation", "lead"} & set(question.by):
        raise InvalidInputError(
            f"the clock {clock.name!r} is a study's: of a frame it is not counted by organisation; "
            "use a clock of each site, or give records"
        )
    about = _about(clock)
    subject = prepared(
        question, studies, dates=(clock.start, clock.end, CLOSED), labels=("study_type",)
    )
    needed = [clock.end, *about, *(["organisation"] if clock.level == "site" else [])]
    subject.frame.need(needed, columns=question.columns or {})
    of_study = [name for name in (clock.start, clock.end) if name in STUDY_FIELDS]
    named = question.named()
    fields = [*of_study, *about, *named]
    subject = with_records(subject, dict(zip(fields, fields, strict=True)))
    if clock.level == "study":
        columns = list(dict.fromkeys([question.id_field, *about, *named]))
        subject = attrs.evolve(subject, frame=_by_study(subject.frame, columns, clock))
    return attrs.evolve(subject, most=1)  # Every row is a clock of its own from here on.


def _by_study(frame: Frame, columns: list[str], clock: Clock) -> Frame:
    """Return a row for each study: the earliest dates of its sites, and when the last closed."""
    import narwhals as nw

    rows = frame.rows
    has_closed = CLOSED in frame
    if has_closed:
        rows = rows.with_columns(flag(nw.col(CLOSED).is_null()).alias("still_open"))
    rows = rows.group_by(columns, drop_null_keys=False).agg(
        nw.col(clock.start).min(),
        nw.col(clock.end).min(),
        *([nw.col(CLOSED).max(), nw.col("still_open").sum()] if has_closed else []),
    )
    if has_closed:
        closed = nw.when(nw.col("still_open") == 0).then(nw.col(CLOSED))
        rows = rows.with_columns(closed.alias(CLOSED))
    return frame.evolve(rows)


def _ordinals(classes: Classes, name: str) -> NDArray[np.int64]:
    """Return days as ordinals; 0 where there is no date."""
    known: dict[int, int] = {-1: 0}
    codes = classes.codes(name).tolist()
    for code in set(codes) - {-1}:
        known[code] = dt.date(code // 10000, code // 100 % 100, code % 100).toordinal()
    return np.array([known[code] for code in codes], dtype=np.int64)


def _chosen(
    classes: Classes,
    question: Question,
    clock: Clock,
    *,
    as_of: dt.date,
    study_types: Mapping[str, str] | None,
) -> bool:
    """Leave out what has no clock, in the order in which records are; say if dates are wrong."""
    types = type_names(study_types)
    nothing: list[Any] = [None] * len(classes)
    commercial = classes.texts("commercial") if "commercial" in classes.labels else nothing
    kinds = classes.texts("study_type") if "study_type" in classes.labels else nothing
    refusals = np.array(
        [not_applicable(*pair, clock, types) for pair in zip(commercial, kinds, strict=True)],
        dtype=object,
    )
    for reason in dict.fromkeys(refusals.tolist()):
        if reason:
            classes.exclude(reason, refusals == reason)
    if clock.level == "site":
        sites = classes.texts("organisation")
        classes.exclude("no sites listed", np.array([s is None for s in sites], dtype=np.bool_))
    start, end = _ordinals(classes, "day"), _ordinals(classes, "end")
    wrong = classes.kept & (start == 0) & (end > 0)
    classes.exclude(f"no {clock.start}, though {clock.end} is given", (start == 0) & (end > 0))
    classes.exclude(f"no {clock.start}", start == 0)
    classes.exclude(f"not started by {date_text(as_of)}", start > as_of.toordinal())
    if question.period is not None:
        first, last = question.period.start.toordinal(), question.period.end.toordinal()
        classes.exclude(f"{clock.start} outside the period", (start < first) | (start > last))
    wrong |= classes.kept & (end > 0) & (end < start)
    classes.exclude(f"{clock.end} before {clock.start}", (end > 0) & (end < start))
    return bool(wrong.any())
