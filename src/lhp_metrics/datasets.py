"""Liverpool Health Partners and its published figures, each fact with its source.

The facts are in JSON files beside the library's code, every one with its sources and, where a
reader should know more, a note. An unknown value is None, never a guess.
"""

import functools
from decimal import Decimal
from typing import Any

import attrs

from lhp_metrics.models import (
    Centre,
    CentrePartner,
    DatedName,
    Group,
    Membership,
    Organisation,
    Partnership,
    Period,
    ServiceEra,
    Succession,
    Trust,
    University,
)
from lhp_metrics.tallies import GrantTally, OutcomeCounts, RegistrationTally

__all__ = [
    "AnnualReport",
    "Income",
    "PrintedPercentage",
    "RfpbOutcomes",
    "annual_report_2023_24",
    "liverpool_health_partners",
    "nihr_rfpb_success_rates",
]

_KINDS: dict[str, type[Organisation]] = {
    "organisation": Organisation,
    "trust": Trust,
    "university": University,
}


@functools.cache
def liverpool_health_partners() -> Partnership:
    """Return Liverpool Health Partners: who belongs to it and what became of it.

    Returns
    -------
    Partnership
        Trusts and universities, predecessors of today's trusts included, with successions,
        centres, memberships, groups and service eras. Every spelling of the annual report
        2023-24 and of LHP's other documents resolves.

    Notes
    -----
    Dates that no source states are None; so most memberships are confirmed for 2023-24 alone,
    by the report's tables, or not at all. Where sources disagree, as on the launch of the
    Liverpool Centre for Cardiovascular Science, the date is None and the note names them.

    References
    ----------
    .. [1] NHS England, Organisation Data Service, file etr, December 2025 (Open Government
       Licence v3.0), for the trusts' codes, names and dates.
    .. [2] Liverpool Health Partners, annual report 2023-24. The bundled file names the others.

    Examples
    --------
    >>> lhp = liverpool_health_partners()
    >>> lhp.resolve("Royal Liverpool & Broadgreen").code
    'RQ6'
    >>> lhp.successor("RQ6").name
    'Liverpool University Hospitals NHS Foundation Trust'
    """
    facts = _bundled("liverpool_health_partners.json")
    return Partnership(
        _value(facts["name"]),
        [_organisation(stated) for stated in facts["organisations"]],
        successions=[Succession(**_sourced(stated)) for stated in facts["successions"]],
        centres=[_centre(stated) for stated in facts["centres"]],
        memberships=[Membership(**_sourced(stated)) for stated in facts["memberships"]],
        groups=[Group(**_sourced(stated)) for stated in facts["groups"]],
        eras=[ServiceEra(**_sourced(stated)) for stated in facts["eras"]],
    )


@attrs.frozen(kw_only=True)
class Income:
    """Money as a report prints it, and in pounds.

    Parameters
    ----------
    pounds : Decimal
        The printed amount; no more exact than it was printed.
    printed : str
        As the report prints it.
    """

    pounds: Decimal
    printed: str


@attrs.frozen(kw_only=True)
class AnnualReport:
    """The figures that an annual report of Liverpool Health Partners prints.

    Parameters
    ----------
    spark, jro : RegistrationTally
        Studies registered per partner trust, with SPARK and with the Joint Research Office
        that followed it.
    grants : OutcomeCounts
        Grant applications supported; how the decided ones split is not published.
    income : Income
        From successful applications.
    source : str
        What the figures were copied from.
    note : str
        What the source leaves open.
    """

    spark: RegistrationTally
    jro: RegistrationTally
    grants: OutcomeCounts
    income: Income
    source: str
    note: str


@functools.cache
def annual_report_2023_24() -> AnnualReport:
    """Return the printed figures of LHP's annual report 2023-24.

    Returns
    -------
    AnnualReport

    Notes
    -----
    Both registration tables are checked against the totals that the report prints.

    Examples
    --------
    >>> report = annual_report_2023_24()
    >>> report.spark.total, report.spark.period.days, report.jro.total, report.jro.period.days
    (158, 233, 164, 133)
    >>> report.grants.decided, report.grants.pending, report.income.printed
    (66, 57, '£4.4 million')
    """
    facts = _bundled("annual_report_2023_24.json")
    grants, income = facts["grants"], facts["income"]
    return AnnualReport(
        spark=_registrations(facts, "SPARK"),
        jro=_registrations(facts, "JRO"),
        grants=OutcomeCounts(**{name: _value(fact) for name, fact in _given(grants).items()}),
        income=Income(pounds=Decimal(income["value"]), printed=income["printed_as"]),
        source=facts["sources"]["annual-report-2023-24"],
        note=facts["note"],
    )


@attrs.frozen(kw_only=True)
class PrintedPercentage:
    """A percentage as a page prints it, with the counts printed beside it.

    Parameters
    ----------
    process : {"two_stage", "one_stage"}
        Whether outlines were shortlisted first.
    financial_year : Period
        Year of the round.
    what : str
        Such as "funded of considered".
    part, whole : int
        The counts.
    printed : int
        The percentage as printed.
    """

    process: str
    financial_year: Period
    what: str
    part: int
    whole: int
    printed: int

    @property
    def follows(self) -> bool:
        """Whether the printed percentage is that of the counts, rounded to a whole number."""
        return abs(200 * self.part - 2 * self.printed * self.whole) <= self.whole


@attrs.frozen(kw_only=True)
class RfpbOutcomes:
    """Applications to NIHR's Research for Patient Benefit programme by financial year.

    Parameters
    ----------
    one_stage : GrantTally
        2010-11 to 2015-16: funded or not, of those considered.
    two_stage : GrantTally
        2018-19 to 2021-22: funded or not in the end, of the outlines considered.
    outline, full : GrantTally
        The same rounds by stage: outlines shortlisted or not; full applications funded or not.
    printed : tuple of PrintedPercentage
        Every percentage that the page prints.
    source : str
        What the figures were copied from.
    note : str
        What the source leaves open.
    """

    one_stage: GrantTally
    two_stage: GrantTally
    outline: GrantTally
    full: GrantTally
    printed: tuple[PrintedPercentage, ...]
    source: str
    note: str


@functools.cache
def nihr_rfpb_success_rates() -> RfpbOutcomes:
    """Return the applications and awards that NIHR printed for Research for Patient Benefit.

    Returns
    -------
    RfpbOutcomes

    Notes
    -----
    Nothing is pending in these rounds, and the page says of no application that it was
    withdrawn; what was submitted but not considered is kept apart.

    Examples
    --------
    >>> rfpb = nihr_rfpb_success_rates()
    >>> rfpb.one_stage["2010-11"].successful, rfpb.one_stage["2010-11"].submitted
    (110, 598)
    >>> sum(not percentage.follows for percentage in rfpb.printed), len(rfpb.printed)
    (7, 18)
    """
    facts = _bundled("nihr_rfpb_success_rates.json")
    two = [stated for stated in facts["rounds"] if stated["process"] == "two_stage"]
    one = [stated for stated in facts["rounds"] if stated["process"] == "one_stage"]
    return RfpbOutcomes(
        one_stage=_rounds(one, "funded", "considered", "submitted"),
        two_stage=_rounds(two, "funded", "considered", "submitted"),
        outline=_rounds(two, "shortlisted", "considered", "submitted"),
        full=_rounds(two, "funded", "shortlisted", "shortlisted"),
        printed=tuple(
            PrintedPercentage(
                process=stated["process"],
                financial_year=Period.financial_year(stated["financial_year"]),
                what=what.replace("_", " "),
                part=stated[what.split("_of_")[0]],
                whole=stated[what.split("_of_")[1]],
                printed=printed,
            )
            for stated in facts["rounds"]
            for what, printed in stated["printed_percentages"].items()
        ),
        source=facts["sources"]["nihr-rfpb-success-rates"],
        note=facts["note"],
    )


def _rounds(facts: list[dict[str, Any]], won: str, considered: str, submitted: str) -> GrantTally:
    counts = {
        Period.financial_year(stated["financial_year"]): OutcomeCounts(
            successful=stated[won],
            unsuccessful=stated[considered] - stated[won],
            not_considered=stated[submitted] - stated[considered],
        )
        for stated in sorted(facts, key=lambda stated: str(stated["financial_year"]))
    }
    return GrantTally.from_counts(counts, by="financial_year")


def _given(facts: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not published, and the sum that the parts give."""
    return {
        name: fact
        for name, fact in facts.items()
        if _value(fact) is not None and name != "submitted"
    }


def _registrations(facts: dict[str, Any], service: str) -> RegistrationTally:
    era = facts["services"][service]
    rows = [row for row in facts["registrations"] if row["service"] == service]
    return RegistrationTally.from_counts(
        {row["organisation"]: row["count"] for row in rows},
        period=Period(era["start"], era["end"]),
        partnership=liverpool_health_partners(),
        total=_value(facts["registration_totals"][service]),
    )


def _organisation(facts: dict[str, Any]) -> Organisation:
    fields = {
        field: _value(facts[field])
        for field in ("code", "short_name", "opened_on", "closed_on", "ukprn")
        if field in facts
    }
    return _KINDS[facts["kind"]](
        names=[
            DatedName(name["name"], name["first_on"], name["last_on"]) for name in facts["names"]
        ],
        aliases=[_value(alias) for alias in facts["aliases"]],
        note=facts["note"],
        **fields,
    )


def _centre(facts: dict[str, Any]) -> Centre:
    return Centre(
        name=_value(facts["name"]),
        acronym=_value(facts["acronym"]),
        launched_on=_value(facts["launched_on"]),
        launch_precision=facts["launch_precision"],
        partners=[
            CentrePartner(
                partner["organisation"],
                joined_on=partner["joined_on"],
                left_on=partner["left_on"],
            )
            for partner in facts["partners"]
        ],
        note=facts["note"],
    )


def _sourced(facts: dict[str, Any]) -> dict[str, Any]:
    """Leave out where a fact is from, which the file keeps."""
    return {name: facts[name] for name in facts if name != "source"}


def _value(fact: dict[str, Any]) -> Any:
    return fact["value"]


def _bundled(name: str) -> dict[str, Any]:
    import json
    from importlib.resources import files

    content: dict[str, Any] = json.loads((files("lhp_metrics") / "data" / name).read_text("utf-8"))
    return content
