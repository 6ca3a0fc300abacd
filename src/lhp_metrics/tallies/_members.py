"""Members of the partnership that had nothing to count: which of them have a row of 0?"""

from typing import Any, TypeVar

import attrs

from lhp_metrics._checks import of_kind
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models import Partnership
from lhp_metrics.tallies._pooling import with_keys
from lhp_metrics.tallies._tally import Tally

__all__ = ["with_member_rows"]

TallyT = TypeVar("TallyT", bound=Tally[Any])


def with_member_rows(tally: TallyT, partnership: Partnership) -> TallyT:
    """Return the tally with the members of its whole period; the doubtful ones are in a note."""
    of_kind("partnership", partnership, Partnership)
    if tally.period is None or tally.by != ("organisation",):
        raise InvalidInputError("members need a tally by organisation with a period")
    if tally.exposure_unit is not None:
        raise InvalidInputError("add members before exposures: a new row would have none")
    known = partnership.members(tally.period, unknown="exclude")
    possible = partnership.members(tally.period, unknown="include")
    names = {
        body.code: body.short_name or body.name for body in map(partnership.organisation, possible)
    }
    whole = with_keys(tally, known, names | dict(tally.names))
    doubtful = [names[code] for code in possible if code not in whole]
    note = (
        f"No row for {', '.join(doubtful)}: nothing registered, and membership in the period "
        "is not known."
    )
    return attrs.evolve(
        whole,
        notes=(*tally.notes, note) if doubtful else tally.notes,
        successions=partnership.successions,
    )
