"""Clocks of studies and sites, counted by the days that they ran."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import choice
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Partnership, Period, Study
from lhp_metrics.models.clocks import Clock
from lhp_metrics.models.clocks import clock as named_clock
from lhp_metrics.results import Row, Table, column
from lhp_metrics.tallies._clock_readings import Faults, readings
from lhp_metrics.tallies._clock_times import ClockTimes
from lhp_metrics.tallies._frames import is_frame, refuse_frame_options
from lhp_metrics.tallies._grouping import by_names, grouping
from lhp_metrics.tallies._keys import Attribution, Unknown
from lhp_metrics.tallies._lineage import known_successions
from lhp_metrics.tallies._pooling import COUNTED_BY
from lhp_metrics.tallies._records import Selection, checked_date, checked_period
from lhp_metrics.tallies._tally import Tally

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

__all__ = ["SetupCounts", "SetupTally", "tally_setup"]


@attrs.frozen(kw_only=True)
class SetupCounts:
    """How many clocks of a group have run to their end, and how many have not.

    Parameters
    ----------
    finished, unfinished : int
        Ended by the as-of date, and not; their sum is `started`.
    closed : int
        Of the unfinished, those that never will: recruitment closed before.
    """

    finished: int
    unfinished: int
    closed: int = 0

    @property
    def started(self) -> int:
        """All clocks counted."""
        return self.finished + self.unfinished


@attrs.frozen(kw_only=True)
class ClockCounts(Row):
    """Clocks of one group."""

    started: int = column("Started")
    finished: int = column("Finished")
    unfinished: int = column("Unfinished")
    closed: int = column("Of these closed")


@attrs.frozen(eq=False, repr=False, kw_only=True)
class SetupTally(Tally[SetupCounts]):
    """How many clocks ended, and how many were still running, by days since their start.

    Made by `tally_setup`. All that `setup_times`, `within_target` and `setup_change` need to
    know of the studies. Addressed by key it gives `SetupCounts`.

    Parameters
    ----------
    clock : Clock
        What was timed.

    Notes
    -----
    The columns ``"finished"`` and ``"unfinished"`` have a second axis: the number of days. Where
    the clock has a target, ``"due"`` counts those started so long ago that they could have run
    out, and ``"within"`` those of them that finished in time.
    """

    clock: Clock

    counted_by: ClassVar[tuple[str, ...]] = (*COUNTED_BY, "clock")

    def _cell(self, index: int) -> SetupCounts:
        return SetupCounts(
            finished=int(self.columns["finished"][index].sum()),
            unfinished=int(self.columns["unfinished"][index].sum()),
            closed=int(self.columns["closed"][index]),
        )

    @property
    def counted(self) -> int:
        """Number of records that the total counts: `rows_in` without the excluded ones."""
        return self.total.started

    def to_table(self) -> Table[ClockCounts]:
        """Return the clocks by how they stand as a `Table`."""
        finished, unfinished = (
            self.columns[name].sum(axis=1) for name in ("finished", "unfinished")
        )
        columns = {
            "started": finished + unfinished,
            "finished": finished,
            "unfinished": unfinished,
            "closed": self.columns["closed"],
        }
        provenance = self.provenance("setup-counts/1", basis=str(self.clock))
        return self.as_table(ClockCounts, f"Clocks: {self.clock.name}", columns, provenance)


def tally_setup(
    studies: "Iterable[Study] | IntoFrame",
    *,
    clock: Clock | str,
    as_of: dt.date | str,
    by: str | Iterable[str] | None = "organisation",
    period: Period | None = None,
    attribution: Attribution | None = None,
    partnership: Partnership | None = None,
    study_types: Mapping[str, str] | None = None,
    faults: Faults = "error",
    columns: Mapping[str, str] | None = None,
    organisations: Mapping[str, str] | None = None,
    unknown: Unknown = "error",
) -> SetupTally:
    """Count how long a clock has run for every study or site, as of a day.

    Parameters
    ----------
    studies : iterable of Study, or data frame
        Each study once. A frame, eager or lazy, has a row for each study and site, with columns
        named like the fields of `Study` and `StudySite`; it is counted in its own engine. Of a
        clock of whole studies it is not counted by organisation.
    clock : Clock or str
        What is timed; a name, such as ``"hra-approval-to-open"``, is that of `clock`.
    as_of : date
        The day on which it was known what had ended: a clock still running is counted as
        unfinished, with the days until then.
    by : str or iterable of str, default "organisation"
        What to group by, as in `tally_registrations`. With a clock of sites the organisation is
        the site itself. ``"month"``, ``"quarter"`` and ``"financial_year"`` are those of the
        clock's start.
    period : Period, optional
        Count only clocks that started in it; the others are in ``excluded``.
    attribution : {"lead", "whole"}, optional
        With a clock of whole studies: for whom a study of several organisations counts. Needed
        if there is such a study and `by` asks for organisations.
    partnership : Partnership, optional
        Resolves the names of organisations to codes; unknown ones are refused.
    study_types : mapping, optional
        The house's words for types of studies to the clock's, such as
        ``{"Drug trial": "CTIMP"}``; case and spaces do not matter.
    faults : {"error", "exclude"}, default "error"
        What an end before its start, or without one, is: an error that lists them all, or left
        out with its reason.
    columns, organisations, unknown : optional
        For frames, as `tally_registrations` takes them.

    Returns
    -------
    SetupTally
        ``rows_in`` counts clocks: with one for each site, a study stands in it once for each of
        its sites. Left out, each with its reason, are studies that the clock is not for, those
        without its first date, and those that had not started by `as_of`. A site that closed
        without reaching the end counts as unfinished, with the days until it closed.

    Raises
    ------
    InvalidInputError
        If a study stands twice, dates contradict each other, or a shared study has no
        attribution; every such study is named.
    NotFoundError
        If there is no such clock, or the partnership does not know an organisation.
    MissingExtraError
        If the frame is Spark's, and PyArrow is not installed.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> studies = [
    ...     lhp.Study(study_id="S1", hra_approval_on="2024-01-08", sites=[
    ...         lhp.StudySite("REM", opened_on="2024-02-27")]),
    ...     lhp.Study(study_id="S2", hra_approval_on="2024-02-01", sites=[lhp.StudySite("REM")]),
    ... ]
    >>> tally = lhp.tally_setup(studies, clock="hra-approval-to-open", as_of="2024-03-31")
    >>> tally["REM"]
    SetupCounts(finished=1, unfinished=1, closed=0)
    """
    timed = named_clock(clock) if isinstance(clock, str) else clock
    if not isinstance(timed, Clock):
        raise InvalidTypeError(f"clock must be a Clock or the name of one; got {clock!r}")
    date = checked_date("as_of", as_of)
    if date is None:
        raise InvalidTypeError("as_of must be a date: on which day were the clocks read?")
    choice("faults", faults, ("error", "exclude"))
    names = by_names(by)
    _refuse_attribution(timed, attribution)
    if is_frame(studies):
        from lhp_metrics.tallies._frame_grouping import Question
        from lhp_metrics.tallies._setup_frames import read_setup_frame

        question = Question(
            kind="study",
            id_field="study_id",
            by=names,
            period=checked_period(period),
            dated_by=timed.start,
            attribution=attribution,
            partnership=partnership,
            columns=columns,
            organisations=organisations,
            unknown=unknown,
            duplicates="error",
        )
        read = read_setup_frame(
            studies, question, timed, as_of=date, faults=faults, study_types=study_types
        )
        times, groups, ends_seen, notes = read.times, read.groups, read.ends_seen, read.notes
        rows_in, excluded = read.rows_in, read.excluded
    else:
        refuse_frame_options(columns=columns, organisations=organisations)
        found = readings(
            Selection(cast("Iterable[Study]", studies), Study, "study_id"),
            timed,
            as_of=date,
            period=checked_period(period),
            faults=faults,
            study_types=study_types,
        )
        clocks = found.started
        groups = grouping(
            [reading.study for reading in clocks],
            names,
            kind=Study,
            days=_ordinals(reading.started_on for reading in clocks),
            period=period,
            attribution=attribution,
            partnership=partnership,
            owners=[reading.organisation for reading in clocks] if timed.level == "site" else None,
            divisible=False,
        )
        times = ClockTimes.read(
            _ordinals(reading.started_on for reading in clocks),
            _ordinals(reading.ended_on for reading in clocks),
            _ordinals(reading.closed_on for reading in clocks),
            as_of=date,
        )
        ends_seen, notes = found.ends_seen, ()
        rows_in, excluded = found.rows_in, dict(found.excluded)
    return SetupTally(
        by=names,
        keys=groups.keys,
        columns=times.columns(groups, timed),
        rows_in=rows_in,
        excluded=excluded,
        period=period,
        dated_by=timed.start,
        as_of=date,
        attribution=attribution,
        overlapping=attribution == "whole" and "organisation" in names,
        names=groups.names,
        notes=(*notes, *groups.notes, *times.notes(timed, date, ends_seen=ends_seen)),
        successions=known_successions(partnership),
        clock=timed,
    )


def _refuse_attribution(clock: Clock, attribution: Attribution | None) -> None:
    if attribution is not None and clock.level == "site":
        raise InvalidInputError(
            f"attribution is for clocks of whole studies; {clock.name!r} counts for the site "
            "whose clock it is"
        )
    if attribution == "fractional":
        raise InvalidInputError(
            "a clock cannot run by parts: attribution must be 'lead' or 'whole'"
        )


def _ordinals(dates: Iterable[dt.date | None]) -> NDArray[np.int64]:
    return np.array([0 if day is None else day.toordinal() for day in dates], dtype=np.int64)
