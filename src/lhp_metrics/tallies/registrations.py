"""Studies registered, counted per organisation or by any other property."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import choice
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models import Partnership, Period, PeriodUnit, Study
from lhp_metrics.results import Row, Table, column
from lhp_metrics.tallies._exposure import exposure_column, exposure_unit
from lhp_metrics.tallies._frames import is_frame, refuse_frame_options
from lhp_metrics.tallies._grouping import ATTRIBUTIONS, PERIODS, by_names, grouping
from lhp_metrics.tallies._keys import (
    Attribution,
    Count,
    Duplicates,
    Key,
    KeyT,
    Unknown,
    exact_count,
)
from lhp_metrics.tallies._lineage import known_successions
from lhp_metrics.tallies._members import with_member_rows
from lhp_metrics.tallies._pooling import with_keys
from lhp_metrics.tallies._published import checked_total, exact_counts, resolved
from lhp_metrics.tallies._records import Selection, checked_period
from lhp_metrics.tallies._tally import Tally

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

__all__ = ["RegistrationCounts", "RegistrationTally", "tally_registrations"]


@attrs.frozen(kw_only=True)
class RegistrationCounts(Row):
    """Studies registered in one group."""

    registrations: Count = column("Registrations")


@attrs.frozen(eq=False, repr=False, kw_only=True)
class RegistrationTally(Tally[Count]):
    """Studies registered per group in a period.

    Made by `tally_registrations` from records, or by `from_counts` from published figures.
    Addressed by key it gives a number, whole but for fractional attribution.

    Examples
    --------
    >>> from lhp_metrics import Period
    >>> spark = RegistrationTally.from_counts(
    ...     {"RBS": 10, "REM": 107}, period=Period("2023-04-01", "2023-11-19")
    ... )
    >>> spark["REM"], spark.total, spark.period.days
    (107, 117, 233)
    """

    counting: ClassVar[str] = "registrations"

    @classmethod
    def from_counts(
        cls,
        counts: Mapping[KeyT, Count],
        *,
        by: str | tuple[str, ...] = "organisation",
        period: Period | None = None,
        partnership: Partnership | None = None,
        attribution: Attribution | None = None,
        total: int | None = None,
    ) -> "RegistrationTally":
        """Return the tally of figures that somebody else counted.

        Parameters
        ----------
        counts : mapping of str or Period to int
            Registrations per group; the order is kept. For ``by="month"`` the keys are periods.
        by : str or tuple of str, default "organisation"
            What the groups are; of several names the keys are tuples.
        period : Period, optional
            When the studies were registered; a change or a rate cannot be had without it.
        partnership : Partnership, optional
            Resolves names of organisations to codes; unknown ones are refused. Its successions
            are remembered: `registration_change` refuses to compare across them.
        attribution : {"lead", "whole", "fractional"}, optional
            For whom a study of several organisations was counted, if that is known.
        total : int, optional
            The printed total, which the counts must add up to. With ``attribution="whole"``
            it is needed, and is the number of studies: the counts add up to at least that.

        Raises
        ------
        InvalidInputError
            If a count is negative or not whole, or the counts do not add up.
        """
        if attribution is not None:
            choice("attribution", attribution, ATTRIBUTIONS)
        checked_period(period)
        found = exact_counts(counts)
        groups, values, names = resolved(found, by, period, partnership)
        records = checked_total(values, total, whole=attribution == "whole")
        return cls(
            by=groups,
            keys=tuple(values),
            columns={"registrations": np.array([*values.values(), records])},
            rows_in=records,
            period=period,
            dated_by="registered_on",
            attribution=attribution,
            overlapping=attribution == "whole",
            names=names,
            successions=known_successions(partnership),
        )

    @property
    def events(self) -> NDArray[Any]:
        """Studies registered, one number per group and the total's at the end."""
        return self.columns["registrations"]

    @classmethod
    def from_frame(
        cls,
        frame: "IntoFrame",
        *,
        by: str | tuple[str, ...] = "organisation",
        columns: Mapping[str, str] | None = None,
        period: Period | None = None,
        partnership: Partnership | None = None,
        attribution: Attribution | None = None,
        total: int | None = None,
    ) -> "RegistrationTally":
        """Return the tally of a data frame that holds counts: a row for each group.

        Parameters
        ----------
        frame : data frame
            Of any library that narwhals reads, eager or lazy: the columns of `by`, and
            ``registrations``. A month, quarter or financial year is a date in it, or its name
            such as ``"2023-11"`` or ``"2023-24"``.
        by : str or tuple of str, default "organisation"
            The columns that name the groups.
        columns : mapping, optional
            The frame's column names to these, such as ``{"Trust": "organisation"}``.
        period, partnership, attribution, total
            As of `from_counts`.

        Raises
        ------
        InvalidInputError
            If a column is missing, a group has two rows, or a count is negative or not whole.

        Examples
        --------
        >>> import pandas as pd
        >>> counts = pd.DataFrame({"Trust": ["REM", "REN"], "registrations": [176, 36]})
        >>> RegistrationTally.from_frame(counts, columns={"Trust": "organisation"})["REM"]
        176
        """
        from lhp_metrics.tallies._aggregated_frames import group_counts

        found = group_counts(frame, by, needed=["registrations"], columns=columns, period=period)
        return cls.from_counts(
            {key: counts["registrations"] for key, counts in found.items()},
            by=by,
            period=period,
            partnership=partnership,
            attribution=attribution,
            total=total,
        )

    def with_exposure(self, exposure: Mapping[KeyT, float], *, unit: str) -> "RegistrationTally":
        """Return the tally with what each group's registrations are counted over.

        Rates and changes are then per unit of it, not per day.

        Parameters
        ----------
        exposure : mapping
            A number above 0 for every group of the tally.
        unit : str
            What is given. A unit with time in it, such as ``"person-years"`` or
            ``"bed-days"``, is the sum over the period. Any other, such as ``"staff"``, is the
            average number on a day of it, and becomes staff-years (of 365.25 days): so the
            exposures of adjoining periods add up, and periods of unequal length compare.

        Raises
        ------
        InvalidInputError
            If a group has no exposure, or one that is not finite and above 0; every missing
            one is named.
        NotFoundError
            If an exposure belongs to no group of the tally.

        Examples
        --------
        >>> from lhp_metrics import Period, RegistrationTally
        >>> tally = RegistrationTally.from_counts(
        ...     {"REM": 107, "REN": 1}, period=Period("2023-04-01", "2023-11-19"))
        >>> staffed = tally.with_exposure({"REM": 12_000, "REN": 1_900}, unit="staff")
        >>> staffed.exposure_unit, round(staffed.exposure("REM"))
        ('staff-years', 7655)
        """
        columns = dict(self.columns)
        columns["exposure"] = exposure_column(self.keys, exposure, unit=unit, period=self.period)
        return attrs.evolve(self, columns=columns, exposure_unit=exposure_unit(unit))

    def exposure(self, key: Key) -> float:
        """Return a group's exposure, in `exposure_unit`.

        Parameters
        ----------
        key : str, Period or tuple
            A group of the tally; NotFoundError names near ones.

        Raises
        ------
        InvalidInputError
            If the tally has no exposure.
        """
        if self.exposure_unit is None:
            raise InvalidInputError("the tally has no exposure: with_exposure gives it one")
        self[key]  # refuses a key that is none
        return float(self.columns["exposure"][self._index[key]])

    def with_members(self, partnership: Partnership) -> "RegistrationTally":
        """Return the tally with a row of 0 for each member that had no registrations.

        Only for organisations whose membership is known for the whole period; of the others the
        tally's notes say that they have no row. A row of 0 is a finding, and it widens
        simultaneous intervals.

        Parameters
        ----------
        partnership : Partnership
            Knows who was a member.

        Raises
        ------
        InvalidInputError
            If the tally has no period, is not by organisation alone, or has exposures, which
            a new row would lack.

        Examples
        --------
        >>> import lhp_metrics as lhp
        >>> year = lhp.Period.financial_year("2023-24")
        >>> tally = lhp.RegistrationTally.from_counts({"REM": 176, "RBS": 36}, period=year)
        >>> whole = tally.with_members(lhp.liverpool_health_partners())
        >>> whole["REN"], "RW4" in whole
        (0, False)
        """
        return with_member_rows(self, partnership)

    def _cell(self, index: int) -> Count:
        return exact_count("registrations", self.columns["registrations"][index])

    @property
    def counted(self) -> Count:
        """Number of records that the total counts: `rows_in` without the excluded ones."""
        return self.total

    def to_table(self) -> Table[RegistrationCounts]:
        """Return the counts as a `Table`."""
        provenance = self.provenance("registration-counts/1")
        columns = {"registrations": self.columns["registrations"]}
        return self.as_table(RegistrationCounts, "Studies registered", columns, provenance)


def tally_registrations(
    studies: "Iterable[Study] | IntoFrame",
    *,
    by: str | Iterable[str] | None = "organisation",
    period: Period | None = None,
    attribution: Attribution | None = None,
    partnership: Partnership | None = None,
    columns: Mapping[str, str] | None = None,
    organisations: Mapping[str, str] | None = None,
    unknown: Unknown = "error",
    duplicates: Duplicates = "error",
) -> RegistrationTally:
    """Count the studies registered in a period.

    Parameters
    ----------
    studies : iterable of Study, or data frame
        Each study once, dated by ``registered_on``. Or any frame, eager or lazy, that narwhals
        reads (pandas, Polars, PyArrow, DuckDB, Dask, PySpark): a row for each study, or for each
        study and ``organisation``; it is counted in its own engine.
    by : str or iterable of str, default "organisation"
        What to group by: ``"organisation"``, a field of `Study` that holds text (``"sponsor"``,
        ``"study_type"``, ``"lead"``) or yes and no (``"commercial"``), or ``"month"``,
        ``"quarter"``, ``"financial_year"`` of registration. Nothing stated is the group
        "not stated".
    period : Period, optional
        Count only studies registered in it; the others are in ``excluded``. By month, quarter or
        year each one in it has a row, of 0 where nothing was registered.
    attribution : {"lead", "whole", "fractional"}, optional
        For whom a study of several organisations counts: its lead, every one of them, or each
        by its part. Needed if there is such a study and `by` asks for organisations.
    partnership : Partnership, optional
        Resolves the names of organisations to codes; unknown ones are refused. Its successions
        are remembered: `registration_change` refuses to compare across them.
    columns : mapping, optional
        Of a frame: its column names to the fields of `Study`, such as ``{"Edge ID":
        "study_id"}``. ``organisation`` is the row's site; ``share`` its part of the study, in
        whole numbers such as 2 and 1.
    organisations : mapping, optional
        Of a frame: the house's names of organisations to codes, or to names that the
        partnership knows.
    unknown : {"error", "other"}, default "error"
        Of a frame: what an organisation is that neither knows: an error that lists them all and
        how often, or "other".
    duplicates : {"error", "unchecked"}, default "error"
        Of a frame: whether to look for studies that stand twice, which is the one check that
        moves all rows. Unchecked, every row is a study; the notes say so.

    Returns
    -------
    RegistrationTally

    Raises
    ------
    InvalidInputError
        If a study stands twice, has no registration date, or is shared and no attribution is
        said; every such study is named.
    NotFoundError
        If the partnership does not know an organisation.
    MissingExtraError
        If the frame is Spark's, and PyArrow is not installed.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> study = lhp.Study(study_id="S1", registered_on="2023-05-01", lead="REM", sites=[
    ...     lhp.StudySite(organisation="REM"), lhp.StudySite(organisation="RET")])
    >>> tally = lhp.tally_registrations([study], attribution="whole")
    >>> tally["REM"], tally["RET"], tally.total
    (1, 1, 1)
    """
    names = by_names(by)
    if is_frame(studies):
        from lhp_metrics.tallies._frame_grouping import Question
        from lhp_metrics.tallies._registration_frames import tally_study_frame

        question = Question(
            kind="study",
            id_field="study_id",
            by=names,
            period=checked_period(period),
            dated_by="registered_on",
            attribution=attribution,
            partnership=partnership,
            columns=columns,
            organisations=organisations,
            unknown=unknown,
            duplicates=duplicates,
        )
        return _with_every_span(tally_study_frame(studies, question))
    refuse_frame_options(columns=columns, organisations=organisations)
    chosen = Selection(cast("Iterable[Study]", studies), Study, "study_id")
    chosen.within(checked_period(period), "registered_on")
    groups = grouping(
        chosen,
        names,
        kind=Study,
        days=chosen.days("registered_on"),
        period=period,
        attribution=attribution,
        partnership=partnership,
    )
    ones = np.ones(len(chosen), dtype=np.int64)
    counted = {"registrations": groups.summed(ones)}
    if groups.weight is not None:
        counted["registrations_shared"] = groups.shared(ones.astype(np.float64))
    tally = RegistrationTally(
        by=names,
        keys=groups.keys,
        columns=counted,
        rows_in=chosen.rows_in,
        excluded=chosen.excluded,
        period=period,
        dated_by="registered_on",
        attribution=attribution,
        overlapping=attribution == "whole" and "organisation" in names,
        names=groups.names,
        notes=groups.notes,
        successions=known_successions(partnership),
    )
    return _with_every_span(tally)


def _with_every_span(tally: RegistrationTally) -> RegistrationTally:
    """Return a tally by month, quarter or year with a row of 0 where nothing was registered."""
    if tally.period is None or len(tally.by) != 1 or tally.by[0] not in PERIODS:
        return tally
    return with_keys(tally, tally.period.split(cast("PeriodUnit", tally.by[0])), tally.names)
