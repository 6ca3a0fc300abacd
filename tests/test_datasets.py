import json
from decimal import Decimal
from importlib.resources import files

import pytest

from lhp_metrics import OutcomeCounts
from lhp_metrics.datasets import (
    annual_report_2023_24,
    liverpool_health_partners,
    nihr_rfpb_success_rates,
)
from lhp_metrics.models import Partnership, Period, Trust, University

# Every spelling in the source documents: the annual report 2023-24, the Clinical Services Review
# of January 2023, the partners' and the centres' own pages, and a public record of an award.
SPELLINGS = {
    "RBS": [
        "Alder Hey Children's Hospital",
        "Alder Hey Children’s Hospital",
        "Alder Hey Children's NHS Foundation Trust",
        "Alder Hey",
    ],
    "REM": [
        "Aintree University Hospital NHS Foundation Trust",
        "Liverpool University Hospitals",
        "Liverpool University Hospitals Foundation Trust",
        "Liverpool University Hospitals NHS Foundation Trust",
        "Liverpool University Hospitals FT",
        "Liverpool University Hospital NHS Foundation Trust",
        "LUHFT",
    ],
    "REN": [
        "The Clatterbridge Cancer Centre",
        "The Clatterbridge Cancer Centre NHS Foundation Trust",
        "Clatterbridge Cancer Centre NHS Foundation Trust",
    ],
    "RBQ": [
        "Liverpool Heart and Chest Hospital",
        "Liverpool Heart & Chest Hospital",
        "Liverpool Heart and Chest NHS Foundation Trust",
        "Liverpool Heart and Chest Hospital FT",
    ],
    "REP": [
        "Liverpool Women's",
        "Liverpool Women’s",
        "Liverpool Women's NHS Foundation Trust",
    ],
    "RET": ["The Walton Centre", "The Walton Centre NHS Foundation Trust"],
    "RW4": ["Mersey Care NHS Foundation Trust", "Mersey Care"],
    "RQ6": [
        "The Royal Liverpool and Broadgreen University Hospitals NHS Trust",
        "Royal Liverpool & Broadgreen",
        "Royal Liverpool & Broadgreen University Hospitals",
    ],
    "04xs57h96": ["University of Liverpool"],
    "04zfme737": ["Liverpool John Moores University", "John Moores University", "LJMU"],
    "03svjbs84": ["Liverpool School of Tropical Medicine"],
    "028ndzd53": ["Edge Hill University"],
    "10003956": ["Liverpool Hope University"],
    "CRN-NWC": ["Clinical Research Network North West Coast"],
    "LHP": ["Liverpool Health Partners", "LHP"],
}


@pytest.fixture
def lhp() -> Partnership:
    return liverpool_health_partners()


@pytest.mark.parametrize(
    ("code", "spelling"),
    [(code, spelling) for code, spellings in SPELLINGS.items() for spelling in spellings],
)
def test_every_spelling_in_the_source_documents_resolves(lhp, code, spelling):
    assert lhp.resolve(spelling).code == code
    assert lhp.resolve(spelling.upper(), on="2024-03-31").code == code


def test_an_award_of_2017_to_a_trust_named_later_and_misspelt_resolves(lhp):
    trust = lhp.resolve("Liverpool University Hospital NHS Foundation Trust", on="2017-04-01")

    assert trust.code == "REM"
    assert trust.name_on("2017-04-01") == "Aintree University Hospital NHS Foundation Trust"


# Codes and dates as in the ODS file etr of December 2025.
@pytest.mark.parametrize(
    ("code", "opened", "closed"),
    [
        ("REM", "1992-04-01", None),
        ("RQ6", "1995-04-01", "2019-09-30"),
        ("RBS", "1991-04-01", None),
        ("REN", "1992-04-01", None),
        ("RBQ", "1991-04-01", None),
        ("REP", "1992-04-01", None),
        ("RET", "1992-04-01", None),
        ("RW4", "2001-04-01", None),
        ("RJX", "1993-04-01", "2016-06-30"),
        ("RTV", "2002-04-01", "2021-05-31"),
        ("RY1", "2010-11-01", "2018-03-31"),
    ],
)
def test_trusts_open_and_close_as_ods_says(lhp, code, opened, closed):
    trust = lhp.organisation(code)

    assert isinstance(trust, Trust)
    assert str(trust.opened_on) == opened
    assert (None if trust.closed_on is None else str(trust.closed_on)) == closed


def test_there_are_eleven_trusts_and_five_universities(lhp):
    kinds = [type(organisation) for organisation in lhp.organisations]

    assert (kinds.count(Trust), kinds.count(University), len(kinds)) == (11, 5, 18)


def test_universities_are_found_by_either_number_and_trusts_carry_their_notes(lhp):
    assert lhp.resolve("10006842") == lhp.resolve("https://ror.org/04xs57h96")
    assert "took over RQ6 on 1 October 2019" in lhp.organisation("REM").note


def test_mergers_are_followed_to_the_body_of_today(lhp):
    assert lhp.lineage("REM").codes == ("RQ6", "REM")
    assert lhp.lineage("RW4").codes == ("RJX", "RTV", "RW4")
    assert lhp.successor("RTV", on="2021-05-31").code == "RTV"
    assert lhp.successor("RTV", on="2021-06-01").code == "RW4"
    assert lhp.successor("RY1") is None


def test_the_partners_of_the_head_and_neck_centre_follow_the_merger(lhp):
    centre = lhp.centre("lhnc")
    founders = {"04xs57h96", "REM", "REN", "RET", "RQ6", "LHP"}

    assert centre.partners_on("2018-10-28") == ()
    assert set(centre.partners_on("2018-10-29")) == founders
    assert set(centre.partners_on("2019-10-01")) == founders - {"RQ6"}


def test_the_disputed_launch_is_unknown_and_names_both_sources(lhp):
    centre = lhp.centre("Liverpool Centre for Cardiovascular Science")

    assert (centre.launched_on, centre.launch_precision) == (None, "unknown")
    assert "World Heart Day 2018" in centre.note
    assert "February 2019" in centre.note


def test_a_launch_known_to_its_month_says_so(lhp):
    centre = lhp.centre("LCAR")

    assert (str(centre.launched_on), centre.launch_precision) == ("2019-01-01", "month")


def test_members_are_known_for_the_year_of_the_report_and_said_to_be_unknown_else(lhp):
    year = Period.financial_year("2023-24")

    # LHP annual report 2023-24: the six trusts of its tables; it mentions seven.
    six = {"RBS", "REN", "RBQ", "REM", "REP", "RET"}
    assert set(lhp.members(year, unknown="exclude")) == six
    assert "RW4" in lhp.members(year, unknown="include")
    assert "RQ6" not in lhp.members(year, unknown="include")
    assert lhp.members("2012-06-01", unknown="exclude") == ()
    assert "10003956" not in {known.organisation for known in lhp.memberships}


def test_lhps_three_site_committees_overlap_in_luhft_and_no_one_merged(lhp):
    committees = lhp.groups("2024-03-31")

    assert {name: set(members) for name, members in committees.items()} == {
        "Broadgreen site": {"RBQ", "REM"},
        "Aintree site": {"REM", "RET"},
        "Royal Liverpool site": {"REN", "REM"},
    }
    assert lhp.groups("2022-12-31") == {}
    group = lhp.group("NHS University Hospitals of Liverpool Group")
    assert (str(group.first_on), set(group.members)) == ("2024-11-01", {"REM", "REP"})
    assert lhp.successor("REP").code == "REP"


def test_the_eras_give_the_two_periods_of_the_report(lhp):
    year = Period.financial_year("2023-24")
    report = annual_report_2023_24()

    assert lhp.era("SPARK").within(year) == report.spark.period
    assert lhp.era("JRO").within(year) == report.jro.period
    assert lhp.era("Joint Research Service").first_on is None


def test_the_partnership_is_made_once():
    assert liverpool_health_partners() is liverpool_health_partners()


def read(name):
    return json.loads((files("lhp_metrics") / "data" / name).read_text("utf-8"))


def facts(node):
    """Yield every dict of a bundled file that states something of its own."""
    if isinstance(node, dict):
        if not any(isinstance(value, dict) for value in node.values()) and "title" not in node:
            yield node
        for key, value in node.items():
            if key != "sources":
                yield from facts(value)
    elif isinstance(node, list):
        for value in node:
            yield from facts(value)


@pytest.mark.parametrize(
    ("name", "at_least"),
    [("liverpool_health_partners.json", 120), ("annual_report_2023_24.json", 22)],
)
def test_every_fact_has_a_source_and_every_unknown_a_note(name, at_least):
    content = read(name)
    stated = list(facts(content))

    assert len(stated) >= at_least
    for fact in stated:
        assert fact["source"], fact
        assert set(fact["source"]) <= set(content["sources"]), fact
        assert "note" in fact, fact
        if fact.get("value", "") is None:
            assert fact["note"], fact


def test_every_source_named_is_used():
    for name in ("liverpool_health_partners.json", "annual_report_2023_24.json"):
        content = read(name)
        used = {source for fact in facts(content) for source in fact["source"]}
        assert used == set(content["sources"])


# As printed in the registration tables of LHP's annual report 2023-24.
PRINTED = {
    "RBS": (10, 26),
    "REN": (1, 34),
    "RBQ": (11, 8),
    "REM": (107, 69),
    "REP": (24, 17),
    "RET": (5, 10),
}


def test_the_registrations_are_those_of_the_report_and_add_up(lhp):
    content = read("annual_report_2023_24.json")
    counts = {
        (row["organisation"], row["service"]): row["count"] for row in content["registrations"]
    }

    assert counts == {
        (code, service): count
        for code, pair in PRINTED.items()
        for service, count in zip(("SPARK", "JRO"), pair, strict=True)
    }
    for service, total in (("SPARK", 158), ("JRO", 164)):
        assert content["registration_totals"][service]["value"] == total
        assert sum(count for (_, name), count in counts.items() if name == service) == total
    for row in content["registrations"]:
        assert lhp.resolve(row["printed_as"]).code == row["organisation"]


def test_the_services_split_the_financial_year_between_them():
    services = read("annual_report_2023_24.json")["services"]
    spark, jro = (Period(services[name]["start"], services[name]["end"]) for name in services)

    assert (spark.days, jro.days) == (233, 133)
    assert spark.union(jro) == Period.financial_year("2023-24")


def test_the_grants_decided_and_pending_are_those_submitted():
    grants = read("annual_report_2023_24.json")["grants"]

    assert grants["decided"]["value"] + grants["pending"]["value"] == grants["submitted"]["value"]
    assert grants["successful"]["value"] is None


def test_the_report_is_what_was_printed():
    # LHP annual report 2023-24: the two registration tables, and the sentence on grants.
    report = annual_report_2023_24()

    assert {key: report.spark[key] for key in report.spark} == {
        "RBS": 10,
        "REN": 1,
        "RBQ": 11,
        "REM": 107,
        "REP": 24,
        "RET": 5,
    }
    assert {key: report.jro[key] for key in report.jro} == {
        "RBS": 26,
        "REN": 34,
        "RBQ": 8,
        "REM": 69,
        "REP": 17,
        "RET": 10,
    }
    assert report.spark.period == Period("2023-04-01", "2023-11-19")
    assert report.jro.period == Period("2023-11-20", "2024-03-31")
    assert report.grants == OutcomeCounts(decided=66, pending=57)
    assert report.grants.submitted == 123
    assert (report.income.pounds, report.income.printed) == (Decimal(4_400_000), "£4.4 million")


def test_the_number_of_successes_is_not_made_up():
    assert annual_report_2023_24().grants.successful is None


# NIHR, "RfPB success rates", V1.1 (March 2021), as transcribed: year, submitted, considered,
# shortlisted, funded.
RFPB_TWO_STAGE = [
    ("2018-19", 390, 378, 119, 68),
    ("2019-20", 370, 361, 120, 70),
    ("2020-21", 397, 391, 136, 87),
    ("2021-22", 387, 381, 128, 78),
]
RFPB_ONE_STAGE = [
    ("2010-11", 598, 448, 110),
    ("2011-12", 459, 355, 68),
    ("2012-13", 361, 258, 57),
    ("2013-14", 368, 300, 65),
    ("2014-15", 311, 293, 64),
    ("2015-16", 232, 226, 41),
]


def test_nihrs_one_stage_rounds_are_those_of_the_page():
    tally = nihr_rfpb_success_rates().one_stage

    assert [str(year) for year in tally] == [year for year, *_ in RFPB_ONE_STAGE]
    for year, submitted, considered, funded in RFPB_ONE_STAGE:
        counts = tally[year]
        assert (counts.submitted, counts.decided) == (submitted, considered)
        assert counts.successful == funded


def test_nihrs_two_stage_rounds_are_those_of_the_page_by_stage_too():
    rfpb = nihr_rfpb_success_rates()

    for year, submitted, considered, shortlisted, funded in RFPB_TWO_STAGE:
        outline, full, both = rfpb.outline[year], rfpb.full[year], rfpb.two_stage[year]
        assert (outline.submitted, outline.decided) == (submitted, considered)
        assert outline.successful == full.submitted == full.decided == shortlisted
        assert full.successful == both.successful == funded
        assert (both.submitted, both.decided) == (submitted, considered)


def test_printed_percentages_are_told_from_those_that_follow():
    wrong = {
        (str(p.financial_year), p.what, p.printed)
        for p in nihr_rfpb_success_rates().printed
        if not p.follows
    }

    # By hand: 33.6, 60.9, 64.0, 58.3, 18.0, 31.5 and 57.1 %.
    assert wrong == {
        ("2021-22", "shortlisted of considered", 33),
        ("2021-22", "funded of shortlisted", 59),
        ("2020-21", "funded of shortlisted", 63),
        ("2019-20", "funded of shortlisted", 59),
        ("2018-19", "funded of considered", 19),
        ("2018-19", "shortlisted of considered", 32),
        ("2018-19", "funded of shortlisted", 58),
    }


def test_nihrs_figures_name_their_source_and_are_read_once():
    rfpb = nihr_rfpb_success_rates()

    assert rfpb.source == (
        "National Institute for Health and Care Research, RfPB success rates, V1.1, March 2021 "
        "(web page)"
    )
    assert rfpb is nihr_rfpb_success_rates()
