"""Metrics of Liverpool Health Partners, with the uncertainty that belongs to them."""

from typing import TYPE_CHECKING

from lhp_metrics._version import __version__
from lhp_metrics.errors import (
    Fault,
    FaultyInputError,
    InvalidFileError,
    InvalidInputError,
    InvalidTypeError,
    LhpMetricsError,
    MissingExtraError,
    NotFoundError,
)
from lhp_metrics.estimates import Estimate, Interval
from lhp_metrics.models import (
    Centre,
    CentrePartner,
    DatedName,
    Grant,
    Group,
    Membership,
    Organisation,
    Partnership,
    Period,
    Records,
    ServiceEra,
    Study,
    StudySite,
    Succession,
    Trust,
    University,
)
from lhp_metrics.provenance import Provenance
from lhp_metrics.report import report

if TYPE_CHECKING:
    from lhp_metrics.datasets import (
        AnnualReport,
        PrintedPercentage,
        RfpbOutcomes,
        annual_report_2023_24,
        liverpool_health_partners,
        nihr_rfpb_success_rates,
    )
    from lhp_metrics.metrics.concentration import Concentration, concentration
    from lhp_metrics.metrics.control_chart import ControlChart, ControlPoint, control_chart
    from lhp_metrics.metrics.forecast import SuccessForecast, decisions_needed, forecast_successes
    from lhp_metrics.metrics.funnel import FunnelPoint, FunnelPoints, funnel
    from lhp_metrics.metrics.registrations import (
        Heterogeneity,
        RegistrationChange,
        RegistrationChanges,
        registration_change,
    )
    from lhp_metrics.metrics.setup_change import SetupChange, setup_change
    from lhp_metrics.metrics.setup_times import SetupTime, setup_curves, setup_times
    from lhp_metrics.metrics.share_change import ShareChange, ShareChanges, share_change
    from lhp_metrics.metrics.shares import PartnerShare, PoundsShare, partner_shares
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
    from lhp_metrics.metrics.time_and_target import TimeAndTarget, time_and_target
    from lhp_metrics.metrics.time_to_decision import (
        TimeToDecision,
        decision_curves,
        time_to_decision,
    )
    from lhp_metrics.metrics.value_success import (
        ValueSuccessRate,
        value_success_rate,
        value_success_rates,
    )
    from lhp_metrics.metrics.within_target import WithinTarget, within_target
    from lhp_metrics.models.clocks import Clock, clock, clocks
    from lhp_metrics.readers import read_counts, read_grants, read_ods, read_studies
    from lhp_metrics.results import (
        PerHead,
        Row,
        SuppressionRule,
        Table,
        per_head,
        round_to_total,
        suppress,
    )
    from lhp_metrics.results.json_schema import result_schema
    from lhp_metrics.tallies import (
        GrantTally,
        OutcomeCounts,
        RegistrationTally,
        Tally,
        combine,
        parse_json,
        tally_grants,
        tally_registrations,
    )
    from lhp_metrics.tallies.decisions import DecisionTally, tally_decisions
    from lhp_metrics.tallies.setup import SetupCounts, SetupTally, tally_setup
    from lhp_metrics.writers import write_counts, write_grants, write_studies

__all__ = [
    "AnnualReport",
    "Centre",
    "CentrePartner",
    "Clock",
    "Concentration",
    "ControlChart",
    "ControlPoint",
    "DatedName",
    "DecisionTally",
    "Estimate",
    "Fault",
    "FaultyInputError",
    "FunnelPoint",
    "FunnelPoints",
    "Grant",
    "GrantTally",
    "Group",
    "Heterogeneity",
    "Interval",
    "InvalidFileError",
    "InvalidInputError",
    "InvalidTypeError",
    "LhpMetricsError",
    "Membership",
    "MissingExtraError",
    "NotFoundError",
    "Organisation",
    "OutcomeCounts",
    "PartnerShare",
    "Partnership",
    "PerHead",
    "Period",
    "PoundsShare",
    "PrintedPercentage",
    "Provenance",
    "Records",
    "RegistrationChange",
    "RegistrationChanges",
    "RegistrationTally",
    "RfpbOutcomes",
    "Row",
    "ServiceEra",
    "SetupChange",
    "SetupCounts",
    "SetupTally",
    "SetupTime",
    "ShareChange",
    "ShareChanges",
    "Study",
    "StudySite",
    "SuccessForecast",
    "SuccessRate",
    "SuccessRateChange",
    "SuccessRateComparison",
    "SuccessRateComparisons",
    "Succession",
    "SuppressionRule",
    "Table",
    "Tally",
    "TimeAndTarget",
    "TimeToDecision",
    "Trust",
    "University",
    "ValueSuccessRate",
    "WithinTarget",
    "__version__",
    "annual_report_2023_24",
    "clock",
    "clocks",
    "combine",
    "compare_success_rates",
    "concentration",
    "control_chart",
    "decision_curves",
    "decisions_needed",
    "forecast_successes",
    "funnel",
    "liverpool_health_partners",
    "nihr_rfpb_success_rates",
    "parse_json",
    "partner_shares",
    "per_head",
    "possible_success_rates",
    "read_counts",
    "read_grants",
    "read_ods",
    "read_studies",
    "registration_change",
    "report",
    "result_schema",
    "round_to_total",
    "setup_change",
    "setup_curves",
    "setup_times",
    "share_change",
    "success_rate",
    "success_rate_change",
    "success_rates",
    "suppress",
    "tally_decisions",
    "tally_grants",
    "tally_registrations",
    "tally_setup",
    "time_and_target",
    "time_to_decision",
    "value_success_rate",
    "value_success_rates",
    "within_target",
    "write_counts",
    "write_grants",
    "write_studies",
]

# Loaded when first asked for: importing all of it would cost as much as numpy does. Type checkers
# read the imports above.
_LATER = {
    "datasets": (
        "AnnualReport",
        "PrintedPercentage",
        "RfpbOutcomes",
        "annual_report_2023_24",
        "liverpool_health_partners",
        "nihr_rfpb_success_rates",
    ),
    "metrics.concentration": (
        "Concentration",
        "concentration",
    ),
    "metrics.control_chart": (
        "ControlChart",
        "ControlPoint",
        "control_chart",
    ),
    "metrics.forecast": (
        "SuccessForecast",
        "decisions_needed",
        "forecast_successes",
    ),
    "metrics.funnel": (
        "FunnelPoint",
        "FunnelPoints",
        "funnel",
    ),
    "metrics.registrations": (
        "Heterogeneity",
        "RegistrationChange",
        "RegistrationChanges",
        "registration_change",
    ),
    "metrics.setup_change": (
        "SetupChange",
        "setup_change",
    ),
    "metrics.setup_times": (
        "SetupTime",
        "setup_curves",
        "setup_times",
    ),
    "metrics.share_change": (
        "ShareChange",
        "ShareChanges",
        "share_change",
    ),
    "metrics.shares": (
        "PartnerShare",
        "PoundsShare",
        "partner_shares",
    ),
    "metrics.success": (
        "SuccessRate",
        "possible_success_rates",
        "success_rate",
        "success_rates",
    ),
    "metrics.success_change": (
        "SuccessRateChange",
        "success_rate_change",
    ),
    "metrics.success_comparison": (
        "SuccessRateComparison",
        "SuccessRateComparisons",
        "compare_success_rates",
    ),
    "metrics.time_and_target": (
        "TimeAndTarget",
        "time_and_target",
    ),
    "metrics.time_to_decision": (
        "TimeToDecision",
        "decision_curves",
        "time_to_decision",
    ),
    "metrics.value_success": (
        "ValueSuccessRate",
        "value_success_rate",
        "value_success_rates",
    ),
    "metrics.within_target": (
        "WithinTarget",
        "within_target",
    ),
    "models.clocks": (
        "Clock",
        "clock",
        "clocks",
    ),
    "readers": ("read_counts", "read_grants", "read_ods", "read_studies"),
    "results": (
        "PerHead",
        "Row",
        "SuppressionRule",
        "Table",
        "per_head",
        "round_to_total",
        "suppress",
    ),
    "results.json_schema": ("result_schema",),
    "tallies": (
        "GrantTally",
        "OutcomeCounts",
        "RegistrationTally",
        "Tally",
        "combine",
        "parse_json",
        "tally_grants",
        "tally_registrations",
    ),
    "tallies.decisions": (
        "DecisionTally",
        "tally_decisions",
    ),
    "tallies.setup": (
        "SetupCounts",
        "SetupTally",
        "tally_setup",
    ),
    "writers": (
        "write_counts",
        "write_grants",
        "write_studies",
    ),
}

if not TYPE_CHECKING:

    def __getattr__(name):
        """Load the module that holds a public name, and keep the name."""
        from importlib import import_module

        for module, names in _LATER.items():
            if name in names:
                value = getattr(import_module(f"lhp_metrics.{module}"), name)
                globals()[name] = value
                return value
        raise AttributeError(f"module 'lhp_metrics' has no attribute {name!r}")

    def __dir__():
        """List the public names, loaded or not."""
        return __all__
