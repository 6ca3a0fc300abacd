"""What registrations are divided by: days of the periods, or exposures of the tallies."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import attrs
import numpy as np

from lhp_metrics._checks import FloatArray, choice
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Period
from lhp_metrics.tallies import DAYS_PER_YEAR, RegistrationTally

__all__ = ["Exposure", "Exposures", "Per", "exposures_of"]

Exposure: TypeAlias = Literal["days", "working_days"]
Per: TypeAlias = Literal["30 days", "year"] | int


@attrs.frozen(kw_only=True)
class Exposures:
    """What the counts of two aligned tallies are divided by.

    Parameters
    ----------
    before, after : ndarray of float, shape (n + 1,)
        Per group, and of the total at the end.
    own : bool
        Whether each group has its own, which add up to the total's; days are the same for all.
    what : str
        For the footnote: "days", "staff-years".
    per : float
        Rates are printed per so many of these.
    unit : str
        The same in words: "per 30 days".
    """

    before: FloatArray
    after: FloatArray
    own: bool
    what: str
    per: float
    unit: str

    def without_each(self) -> tuple[FloatArray, FloatArray]:
        """Return the total's exposures without each group in turn, and with all at the end."""
        if not self.own:
            return self.before, self.after
        before, after = (
            np.append(values[-1] - values[:-1], values[-1]) for values in (self.before, self.after)
        )
        # Without the only group nothing is left, of which 0 against 0 says enough.
        return np.where(before > 0, before, 1.0), np.where(after > 0, after, 1.0)


def exposures_of(
    tallies: Sequence[RegistrationTally],
    periods: Sequence[Period],
    exposure: Exposure | None,
    per: Per | None,
) -> Exposures:
    """Return the exposures of two aligned tallies; `exposure` None prefers the tallies' own."""
    if exposure is not None:
        choice("exposure", exposure, ("days", "working_days"))
    own = tallies[0].exposure_unit
    if exposure is None and own is not None:
        number = 1_000 if per is None else per
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise InvalidTypeError(f"per must be a number of {own}, such as 1_000; got {per!r}")
        if not 0 < number < float("inf"):
            raise InvalidInputError(f"per must be a number above 0; got {per!r}")
        before, after = (_known(tally, name) for tally, name in zip(tallies, NAMES, strict=True))
        unit = f"per {number:,} {own}"
        return Exposures(
            before=before, after=after, own=True, what=own, per=float(number), unit=unit
        )
    what = exposure or "days"
    per = "30 days" if per is None else per
    choice("per", per, ("30 days", "year") if what == "days" else ("30 days",))
    before, after = (np.full(len(tallies[0]) + 1, _days(period, what)) for period in periods)
    words = what.replace("_", " ")
    return Exposures(
        before=before,
        after=after,
        own=False,
        what=words,
        per=DAYS_PER_YEAR if per == "year" else 30.0,
        unit="per year" if per == "year" else f"per 30 {words}",
    )


NAMES = ("before", "after")


def _known(tally: RegistrationTally, name: str) -> FloatArray:
    values = tally.columns["exposure"].astype(np.float64)
    missing = [str(key) for key, value in zip(tally.keys, values, strict=False) if value == 0]
    if missing:
        raise InvalidInputError(
            f"{name} has no exposure ({tally.exposure_unit}) for {', '.join(missing)}: count it "
            "with 0 registrations and give it one"
        )
    return values


def _days(period: Period, exposure: Exposure) -> float:
    days = period.days if exposure == "days" else period.working_days
    if not days:
        raise InvalidInputError(f"{period} has no working days, so its registrations have no rate")
    return float(days)
