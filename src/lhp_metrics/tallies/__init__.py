"""Tallies: counted once, nothing lost; all that the metrics need to know of the records."""

from lhp_metrics.tallies._exposure import DAYS_PER_YEAR
from lhp_metrics.tallies._keys import Attribution, Count, Key, KeyT
from lhp_metrics.tallies._lineage import succession_text, successions_between
from lhp_metrics.tallies._pooling import aligned, combine
from lhp_metrics.tallies._reading import parse_json
from lhp_metrics.tallies._tally import Tally, spans
from lhp_metrics.tallies._unstated import is_unstated, stated, unstated_notes
from lhp_metrics.tallies.grants import GrantTally, OutcomeCounts, tally_grants
from lhp_metrics.tallies.registrations import RegistrationTally, tally_registrations

__all__ = [
    "DAYS_PER_YEAR",
    "Attribution",
    "Count",
    "GrantTally",
    "Key",
    "KeyT",
    "OutcomeCounts",
    "RegistrationTally",
    "Tally",
    "aligned",
    "combine",
    "is_unstated",
    "parse_json",
    "spans",
    "stated",
    "succession_text",
    "successions_between",
    "tally_grants",
    "tally_registrations",
    "unstated_notes",
]
