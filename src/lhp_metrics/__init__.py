"""Metrics of Liverpool Health Partners, with the uncertainty that belongs to them."""

from lhp_metrics._version import __version__
from lhp_metrics.datasets import (
    AnnualReport,
    PrintedPercentage,
    RfpbOutcomes,
    annual_report_2023_24,
    liverpool_health_partners,
    nihr_rfpb_success_rates,
)
from lhp_metrics.errors import (
    InvalidInputError,
    InvalidTypeError,
    LhpMetricsError,
    MissingExtraError,
    NotFoundError,
)
from lhp_metrics.estimates import Estimate, Interval
from lhp_metrics.metrics.forecast import SuccessForecast, decisions_needed, forecast_successes
from lhp_metrics.metrics.funnel import FunnelPoint, FunnelPoints, funnel
from lhp_metrics.metrics.registrations import (
    Heterogeneity,
    RegistrationChange,
    RegistrationChanges,
    registration_change,
)
from lhp_metrics.metrics.shares import PartnerShare, partner_shares
from lhp_metrics.metrics.success import (
    SuccessRate,
    possible_success_rates,
    success_rate,
    success_rates,
)
from lhp_metrics.metrics.success_change import SuccessRateChange, success_rate_change
from lhp_metrics.metrics.success_comparison import (
    SuccessRateComparison,
    SuccessRateComparisons,
    compare_success_rates,
)
from lhp_metrics.metrics.value_success import (
    ValueSuccessRate,
    value_success_rate,
    value_success_rates,
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
from lhp_metrics.results import Row, Table, round_to_total
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
    "DatedName",
    "Estimate",
    "FunnelPoint",
    "FunnelPoints",
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
    "Period",
    "PrintedPercentage",
    "Provenance",
    "RegistrationChange",
    "RegistrationChanges",
    "RegistrationTally",
    "RfpbOutcomes",
    "Row",
    "Study",
    "StudySite",
    "SuccessForecast",
    "SuccessRate",
    "SuccessRateChange",
    "SuccessRateComparison",
    "SuccessRateComparisons",
    "Succession",
    "Table",
    "Tally",
    "Trust",
    "University",
    "ValueSuccessRate",
    "__version__",
    "annual_report_2023_24",
    "combine",
    "compare_success_rates",
    "decisions_needed",
    "forecast_successes",
    "funnel",
    "liverpool_health_partners",
    "nihr_rfpb_success_rates",
    "partner_shares",
    "possible_success_rates",
    "registration_change",
    "report",
    "round_to_total",
    "success_rate",
    "success_rate_change",
    "success_rates",
    "tally_grants",
    "tally_registrations",
    "value_success_rate",
    "value_success_rates",
]
