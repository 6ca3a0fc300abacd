"""Who is who, on which date, and the records that a partnership counts."""

from lhp_metrics.models.bank_holidays import england_bank_holidays, working_days
from lhp_metrics.models.centres import Centre, CentrePartner, LaunchPrecision
from lhp_metrics.models.eras import ServiceEra
from lhp_metrics.models.grants import Grant, Outcome, Stage
from lhp_metrics.models.groups import Group, GroupKind
from lhp_metrics.models.memberships import Membership
from lhp_metrics.models.organisations import DatedName, Organisation, Trust, University
from lhp_metrics.models.partnership import Partnership, UnknownMembership
from lhp_metrics.models.period import Period, PeriodUnit
from lhp_metrics.models.records import Records
from lhp_metrics.models.studies import Study, StudySite
from lhp_metrics.models.successions import Lineage, Succession, SuccessionKind

__all__ = [
    "Centre",
    "CentrePartner",
    "DatedName",
    "Grant",
    "Group",
    "GroupKind",
    "LaunchPrecision",
    "Lineage",
    "Membership",
    "Organisation",
    "Outcome",
    "Partnership",
    "Period",
    "PeriodUnit",
    "Records",
    "ServiceEra",
    "Stage",
    "Study",
    "StudySite",
    "Succession",
    "SuccessionKind",
    "Trust",
    "University",
    "UnknownMembership",
    "england_bank_holidays",
    "working_days",
]
