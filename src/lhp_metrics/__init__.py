"""Metrics of Liverpool Health Partners, with the uncertainty that belongs to them."""

from lhp_metrics._version import __version__
from lhp_metrics.datasets import AnnualReport, annual_report_2023_24, liverpool_health_partners
from lhp_metrics.errors import (
    InvalidInputError,
    InvalidTypeError,
    LhpMetricsError,
    MissingExtraError,
    NotFoundError,
)
from lhp_metrics.estimates import Estimate, Interval
from lhp_metrics.metrics.concentration import Concentration, concentration
from lhp_metrics.metrics.registrations import (
    Heterogeneity,
    RegistrationChange,
    RegistrationChanges,
    registration_change,
)
from lhp_metrics.metrics.share_change import ShareChange, ShareChanges, share_change
from lhp_metrics.metrics.shares import PartnerShare, PoundsShare, partner_shares
from lhp_metrics.metrics.success import (
    SuccessRate,
    possible_success_rates,
    success_rate,
    success_rates,
)
from lhp_metrics.models import (
    Centre,
    CentrePartner,
    DatedName,
    Grant,
    Organisation,
    Partnership,
    Period,
    Study,
    StudySite,
    Succession,
    Trust,
    University,
)
from lhp_metrics.provenance import Provenance
from lhp_metrics.report import report
from lhp_metrics.results import (
    PerHead,
    Row,
    SuppressionRule,
    Table,
    per_head,
    round_to_total,
    suppress,
)
from lhp_metrics.tallies import (
    GrantTally,
    OutcomeCounts,
    RegistrationTally,
    Tally,
    combine,
    tally_grants,
    tally_registrations,
)

__all__ = [
    "AnnualReport",
    "Centre",
    "CentrePartner",
    "Concentration",
    "DatedName",
    "Estimate",
    "Grant",
    "GrantTally",
    "Heterogeneity",
    "Interval",
    "InvalidInputError",
    "InvalidTypeError",
    "LhpMetricsError",
    "MissingExtraError",
    "NotFoundError",
    "Organisation",
    "OutcomeCounts",
    "PartnerShare",
    "Partnership",
    "PerHead",
    "Period",
    "PoundsShare",
    "Provenance",
    "RegistrationChange",
    "RegistrationChanges",
    "RegistrationTally",
    "Row",
    "ShareChange",
    "ShareChanges",
    "Study",
    "StudySite",
    "SuccessRate",
    "Succession",
    "SuppressionRule",
    "Table",
    "Tally",
    "Trust",
    "University",
    "__version__",
    "annual_report_2023_24",
    "combine",
    "concentration",
    "liverpool_health_partners",
    "partner_shares",
    "per_head",
    "possible_success_rates",
    "registration_change",
    "report",
    "round_to_total",
    "share_change",
    "success_rate",
    "success_rates",
    "suppress",
    "tally_grants",
    "tally_registrations",
]
