"""Tallies: counted once, nothing lost; all that the metrics need to know of the records."""

from lhp_metrics.tallies._keys import Attribution, Count, Key
from lhp_metrics.tallies._tally import Tally, aligned, combine, spans
from lhp_metrics.tallies.grants import GrantTally, OutcomeCounts, tally_grants
from lhp_metrics.tallies.registrations import RegistrationTally, tally_registrations

__all__ = [
    "Attribution",
    "Count",
    "GrantTally",
    "Key",
    "OutcomeCounts",
    "RegistrationTally",
    "Tally",
    "aligned",
    "combine",
    "spans",
    "tally_grants",
    "tally_registrations",
]
