"""Studies registered, counted per organisation or by any other property."""

from collections.abc import Iterable, Mapping

import attrs
import numpy as np

from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models import Partnership, Period, Study
from lhp_metrics.results import Row, Table, column
from lhp_metrics.tallies._grouping import by_names, grouping
from lhp_metrics.tallies._keys import Attribution, Count, exact_count
from lhp_metrics.tallies._records import Selection
from lhp_metrics.tallies._tally import Tally

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

    @classmethod
    def from_counts(
        cls,
        counts: Mapping[str, Count],
        *,
        by: str = "organisation",
        period: Period | None = None,
        partnership: Partnership | None = None,
        attribution: Attribution | None = None,
        total: int | None = None,
    ) -> "RegistrationTally":
        """Return the tally of figures that somebody else counted.

        Parameters
        ----------
        counts : mapping of str to int
            Registrations per group; the order is kept.
        by : str, default "organisation"
            What the groups are.
        period : Period, optional
            When the studies were registered; a change or a rate cannot be had without it.
        partnership : Partnership, optional
            Resolves names of organisations to codes; unknown ones are refused.
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
        values: dict[str, Count] = {}
        names: dict[str, str] = {}
        for key, value in counts.items():
            code = str(key)
            if partnership is not None:
                body = partnership.resolve(code, on=period.end if period else None)
                code = body.code
                names[code] = body.short_name or body.name
            if code in values:
                raise InvalidInputError(f"counts name {names.get(code, code)!r} ({code}) twice")
            values[code] = exact_count(f"counts[{key!r}]", value)
        found = sum(values.values())
        if attribution == "whole":
            if total is None or total > found or total < max(values.values(), default=0):
                raise InvalidInputError(
                    "with attribution 'whole' a study counts for each of its organisations: "
                    f"total must be the number of studies, at most {found}; got {total}"
                )
        elif total is not None and total != found:
            raise InvalidInputError(f"the counts add up to {found}, not to the total {total}")
        records = found if total is None else total
        return cls(
            by=(by,),
            keys=tuple(values),
            columns={"registrations": np.array([*values.values(), records])},
            rows_in=int(records),
            period=period,
            dated_by="registered_on",
            attribution=attribution,
            overlapping=attribution == "whole",
            names=names,
        )

    def _cell(self, index: int) -> Count:
        return exact_count("registrations", self.columns["registrations"][index])

    def to_table(self) -> Table[RegistrationCounts]:
        """Return the counts as a `Table`."""
        provenance = self.provenance("registration-counts/1")
        columns = {"registrations": self.columns["registrations"]}
        return self.as_table(RegistrationCounts, "Studies registered", columns, provenance)


def tally_registrations(
    studies: Iterable[Study],
    *,
    by: str | Iterable[str] | None = "organisation",
    period: Period | None = None,
    attribution: Attribution | None = None,
    partnership: Partnership | None = None,
) -> RegistrationTally:
    """Count the studies registered in a period.

    Parameters
    ----------
    studies : iterable of Study
        Each study once, dated by ``registered_on``.
    by : str or iterable of str, default "organisation"
        What to group by: ``"organisation"``, a field of `Study` that holds text (``"sponsor"``,
        ``"study_type"``, ``"lead"``) or yes and no (``"commercial"``), or ``"month"``,
        ``"quarter"``, ``"financial_year"`` of registration. Nothing stated is the group
        "not stated".
    period : Period, optional
        Count only studies registered in it; the others are in ``excluded``.
    attribution : {"lead", "whole", "fractional"}, optional
        For whom a study of several organisations counts: its lead, every one of them, or each
        by its part. Needed if there is such a study and `by` asks for organisations.
    partnership : Partnership, optional
        Resolves the names of organisations to codes; unknown ones are refused.

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
    chosen = Selection(studies, Study, "study_id")
    dates = chosen.within(period, "registered_on")
    groups = grouping(
        chosen.records,
        names,
        dates=dates,
        period=period,
        attribution=attribution,
        partnership=partnership,
    )
    ones = np.ones(len(chosen.records), dtype=np.int64)
    columns = {"registrations": groups.summed(ones)}
    if groups.weight is not None:
        columns["registrations_shared"] = groups.shared(ones.astype(np.float64))
    return RegistrationTally(
        by=names,
        keys=groups.keys,
        columns=columns,
        rows_in=chosen.rows_in,
        excluded=chosen.excluded,
        period=period,
        dated_by="registered_on",
        attribution=attribution,
        overlapping=attribution == "whole" and "organisation" in names,
        names=groups.names,
    )
