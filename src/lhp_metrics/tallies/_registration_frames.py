"""Studies registered, counted in the engine that holds their rows."""

from typing import TYPE_CHECKING

import numpy as np

from lhp_metrics.tallies._frame_checks import broken, refuse_rows
from lhp_metrics.tallies._frame_fields import outside
from lhp_metrics.tallies._frame_grouping import Question, prepared, with_records
from lhp_metrics.tallies._frames import Classes, flag, packed, unpacked
from lhp_metrics.tallies._lineage import known_successions
from lhp_metrics.tallies.registrations import RegistrationTally

if TYPE_CHECKING:
    from lhp_metrics.tallies._frame_checks import Rule

__all__ = ["tally_study_frame"]


def tally_study_frame(studies: object, question: Question) -> RegistrationTally:
    """Count the studies of a frame; `question` is what `tally_registrations` was asked."""
    import narwhals as nw

    subject = prepared(question, studies, dates=("registered_on",))
    fields = [*question.named(), "registered_on", *(["lead"] if "lead" in subject.frame else [])]
    subject = with_records(subject, dict(zip(fields, fields, strict=True)))
    frame, period = subject.frame, question.period
    rules: list[Rule] = [("no registered_on to date it by", nw.col("registered_on").is_null(), ())]
    codes = {"fault": broken(rules)}
    if period is not None:
        codes["placed"] = flag(outside(frame, "registered_on", period))
    sizes = [(name, 2) for name in codes]
    state = packed((codes[name], size) for name, size in sizes)

    def counted(*, by_day: bool) -> Classes:
        found = frame.classes({"state": state, **subject.labels(by_day=by_day)}, {})
        codes_of = unpacked(found.codes("state"), sizes)
        return found.with_labels({name: code.tolist() for name, code in codes_of.items()})

    classes = counted(by_day=False)
    if classes.codes("fault").any():
        refuse_rows(frame, question.kind, question.id_field, rules)
    if subject.needs_days(classes):
        classes = counted(by_day=True)
    rows_in = round(classes.records.sum())
    classes.exclude("registered_on outside the period", classes.codes("placed") == 1)
    classes = classes.only_kept()
    groups = subject.grouping(classes)
    ones = classes.counts(spread=subject.spread)
    columns = {"registrations": groups.summed(ones)}
    if groups.weight is not None:
        columns["registrations_shared"] = groups.shared(ones.astype(np.float64))
    return RegistrationTally(
        by=question.by,
        keys=groups.keys,
        columns=columns,
        rows_in=rows_in,
        excluded=classes.excluded,
        period=period,
        dated_by="registered_on",
        attribution=question.attribution,
        overlapping=question.attribution == "whole" and question.by_organisation,
        names=groups.names,
        notes=(*subject.notes, *groups.notes),
        successions=known_successions(question.partnership),
    )
