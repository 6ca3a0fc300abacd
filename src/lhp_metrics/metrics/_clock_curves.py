"""Survival curves of a tally's clocks: one per group, and the total's at the end."""

from typing import Any

from lhp_metrics._checks import of_kind
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.intervals import SurvivalCurve, SurvivalMethod
from lhp_metrics.tallies import Tally
from lhp_metrics.tallies.setup import SetupTally

__all__ = ["TOTAL", "as_setup_tally", "curves_with_total", "refuse_parts"]

TOTAL = "Total"


def as_setup_tally(name: str, tally: SetupTally) -> SetupTally:
    """Return a tally of whole clocks, or refuse what is none."""
    of_kind(name, tally, SetupTally)
    refuse_parts(tally, "clocks")
    return tally


def refuse_parts(tally: Tally[Any], what: str) -> None:
    """Refuse a tally that restating has cut into parts."""
    if tally.is_fractional:
        raise InvalidInputError(f"curves need whole {what}, but this tally counts parts of them")


def curves_with_total(
    tally: SetupTally, *, method: SurvivalMethod, confidence_level: float
) -> SurvivalCurve:
    """Return the curve of every group, and of all together under the key "Total"."""
    return SurvivalCurve.from_counts(
        tally.columns["finished"],
        tally.columns["unfinished"],
        keys=(*tally.keys, TOTAL),
        method=method,
        confidence_level=confidence_level,
    )
