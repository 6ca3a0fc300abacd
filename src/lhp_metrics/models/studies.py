"""Studies, and what happens to them at each of their sites."""

import datetime as dt
from collections.abc import Iterable, Iterator

import attrs

from lhp_metrics._checks import each_of
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models._fields import (
    attempt,
    date_or_none,
    identifier,
    identifier_or_none,
    is_read,
    order_faults,
    refuse_faults,
    text_or_none,
    whole_or_none,
    yes_no_or_none,
)
from lhp_metrics.models._organisation_fields import (
    Shares,
    code_or_none,
    code_required,
    read_organisation,
    share_faults,
    shares_or_none,
)
from lhp_metrics.models._packed import Packed, Packing, day
from lhp_metrics.models.organisations import Organisation

__all__ = ["STUDY_FACTS", "Study", "StudySite"]

STUDY_FACTS = Packing(2, {"key": "q", "registered_on": "i"})


@attrs.frozen
class StudySite:
    """One organisation's part in a study, from invitation to closure.

    Parameters
    ----------
    organisation : str or Organisation
        The participating site.
    invited_on, selected_on, capacity_and_capability_on : datetime.date or str, optional
        Invitation, selection, and confirmation of capacity and capability.
    valid_application_on : datetime.date or str, optional
        Valid application received, from which the benchmark of 70 days counted.
    opened_on : datetime.date or str, optional
        Open to recruitment.
    first_participant_on, closed_on : datetime.date or str, optional
        First participant recruited; closed to recruitment.
    planned_closing_on : datetime.date or str, optional
        Last day of recruitment as planned.
    target, recruited : int, optional
        Participants agreed and recruited.

    Raises
    ------
    InvalidInputError
        If the dates are in an impossible order, or participants were recruited at a site that
        never opened.

    Examples
    --------
    >>> StudySite("rem", opened_on="2023-12-01", target=30).organisation
    'REM'
    """

    organisation: str = attrs.field(converter=code_required)
    invited_on: dt.date | None = attrs.field(default=None, converter=date_or_none, kw_only=True)
    selected_on: dt.date | None = attrs.field(default=None, converter=date_or_none, kw_only=True)
    capacity_and_capability_on: dt.date | None = attrs.field(
        default=None, converter=date_or_none, kw_only=True
    )
    valid_application_on: dt.date | None = attrs.field(
        default=None, converter=date_or_none, kw_only=True
    )
    opened_on: dt.date | None = attrs.field(default=None, converter=date_or_none, kw_only=True)
    first_participant_on: dt.date | None = attrs.field(
        default=None, converter=date_or_none, kw_only=True
    )
    closed_on: dt.date | None = attrs.field(default=None, converter=date_or_none, kw_only=True)
    planned_closing_on: dt.date | None = attrs.field(
        default=None, converter=date_or_none, kw_only=True
    )
    target: int | None = attrs.field(default=None, converter=whole_or_none, kw_only=True)
    recruited: int | None = attrs.field(default=None, converter=whole_or_none, kw_only=True)

    def __attrs_post_init__(self) -> None:
        refuse_faults("site", self.organisation, self, self._broken_rules())

    def _broken_rules(self) -> Iterator[str]:
        yield from order_faults(
            self,
            "invited_on",
            "selected_on",
            "capacity_and_capability_on",
            "opened_on",
            "first_participant_on",
            "closed_on",
        )
        # Applications came before or after invitations; only recruitment must follow both.
        yield from order_faults(self, "valid_application_on", "first_participant_on")
        yield from order_faults(self, "opened_on", "planned_closing_on")
        if not is_read(self.recruited) or self.recruited is None:
            return
        if self.recruited > 0 and self.opened_on is None:
            yield f"recruited is {self.recruited} but opened_on is not given"
        if self.recruited == 0 and isinstance(self.first_participant_on, dt.date):
            yield f"recruited is 0 but first_participant_on is {self.first_participant_on}"


SiteInput = StudySite | str | Organisation


def _read_sites(values: object) -> tuple[StudySite, ...]:
    sites = tuple(
        site if isinstance(site, StudySite) else StudySite(read_organisation(site))
        for site in each_of(values, "sites")
    )
    seen: set[str] = set()
    for site in sites:
        if site.organisation in seen:
            raise InvalidInputError(f"must list each site once; got {site.organisation!r} twice")
        seen.add(site.organisation)
    return sites


def _sites(values: Iterable[SiteInput]) -> tuple[StudySite, ...]:
    return attempt(_read_sites, values)


@attrs.frozen(kw_only=True)
class Study(Packed):
    """A research study and its sites.

    Parameters
    ----------
    study_id : str or int
        What tells this study from every other, such as the EDGE ID.
    registered_on : datetime.date or str, optional
        Date of registration with the research office.
    registered_with : str, optional
        Service that registered it, such as ``"JRO"``.
    title : str, optional
        Short title.
    iras_id, cpms_id : str or int, optional
        Numbers in the Integrated Research Application System and the Central Portfolio
        Management System.
    sponsor : str or Organisation, optional
        Organisation that takes responsibility for the study; not a site by that alone.
    lead : str or Organisation, optional
        Lead site.
    sites : iterable of StudySite, str or Organisation, optional
        Participating sites, each once.
    shares : mapping, optional
        Exact part of each organisation, such as ``{"REM": "2/3", "REN": "1/3"}``; adds up to 1.
    commercial : bool, optional
        None where not stated.
    study_type, theme, funder : str, optional
        As the office words them.
    centre : str, optional
        Acronym of the centre it belongs to, if it belongs to one directly.
    regulatory_submission_on : datetime.date or str, optional
        Application for regulatory approval.
    combined_review_on, hra_approval_on : datetime.date or str, optional
        Outcome of the combined review; HRA approval letter.

    Raises
    ------
    InvalidInputError
        If values cannot be read or contradict each other; the message names the study and lists
        every fault.
    InvalidTypeError
        If a value is of a kind that would have to be guessed at.

    Examples
    --------
    >>> study = Study(study_id=140217, registered_on="2023-12-01", lead="REM", sites=["REN"])
    >>> study.study_id, study.organisations
    ('140217', ('REM', 'REN'))
    """

    study_id: str = attrs.field(converter=identifier)
    registered_on: dt.date | None = attrs.field(default=None, converter=date_or_none)
    registered_with: str | None = attrs.field(default=None, converter=text_or_none)
    title: str | None = attrs.field(default=None, converter=text_or_none)
    iras_id: str | None = attrs.field(default=None, converter=identifier_or_none)
    cpms_id: str | None = attrs.field(default=None, converter=identifier_or_none)
    sponsor: str | None = attrs.field(default=None, converter=code_or_none)
    lead: str | None = attrs.field(default=None, converter=code_or_none)
    sites: tuple[StudySite, ...] = attrs.field(default=(), converter=_sites)
    shares: Shares | None = attrs.field(default=None, converter=shares_or_none)
    commercial: bool | None = attrs.field(default=None, converter=yes_no_or_none)
    study_type: str | None = attrs.field(default=None, converter=text_or_none)
    theme: str | None = attrs.field(default=None, converter=text_or_none)
    funder: str | None = attrs.field(default=None, converter=text_or_none)
    centre: str | None = attrs.field(default=None, converter=text_or_none)
    regulatory_submission_on: dt.date | None = attrs.field(default=None, converter=date_or_none)
    combined_review_on: dt.date | None = attrs.field(default=None, converter=date_or_none)
    hra_approval_on: dt.date | None = attrs.field(default=None, converter=date_or_none)

    def __attrs_post_init__(self) -> None:
        refuse_faults("study", self.study_id, self, self._broken_rules())
        self._keep(STUDY_FACTS.pack(hash(self.study_id), day(self.registered_on)), self._named())

    def _broken_rules(self) -> Iterator[str]:
        # Either approval may come first: only the application must precede both.
        yield from order_faults(self, "regulatory_submission_on", "combined_review_on")
        yield from order_faults(self, "regulatory_submission_on", "hra_approval_on")
        if is_read(self.lead, self.sites):
            yield from share_faults(self.shares, self._named())

    def _named(self) -> tuple[str, ...]:
        leads = () if self.lead is None else (self.lead,)
        return tuple(dict.fromkeys(leads + tuple(site.organisation for site in self.sites)))

    @property
    def organisations(self) -> tuple[str, ...]:
        """The lead, then the sites, each once."""
        return self._organisations
