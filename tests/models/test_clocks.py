import pickle

import attrs
import pytest

import lhp_metrics as lhp

# domain.md, "Set-up and delivery clocks": the indicators of April 2026 with their days.
APRIL_2026 = {
    "submission-to-first-participant": 150,
    "combined-review": 60,
    "combined-review-atimp": 90,
    "hra-approval-to-open": 60,
    "open-to-first-participant": 30,
}


def test_the_indicators_of_april_2026_are_the_newest():
    newest = {clock.name: clock for clock in reversed(lhp.clocks())}

    found = {name: newest[name].target_days for name in APRIL_2026}
    assert found == APRIL_2026
    assert {newest[name].version for name in APRIL_2026} == {"2026-04"}
    for name in APRIL_2026:
        assert lhp.clock(name) == newest[name]


def test_names_and_versions_together_are_unique():
    pairs = [(clock.name, clock.version) for clock in lhp.clocks()]

    assert len(set(pairs)) == len(pairs)


NAMES = (
    "hra-approval-to-open, open-to-first-participant, submission-to-first-participant,"
    " combined-review, combined-review-atimp, application-to-first-participant"
)


@pytest.mark.parametrize(
    ("name", "version", "error", "message"),
    [
        ("set-up", None, "NotFoundError", f"no clock is named 'set-up'; there are {NAMES}"),
        (
            "hra-approval-to-opening",
            None,
            "NotFoundError",
            f"no clock is named 'hra-approval-to-opening'; there are {NAMES};"
            " did you mean 'hra-approval-to-open'?",
        ),
        (
            "combined-review",
            "2024",
            "NotFoundError",
            "clock 'combined-review' has no version '2024'; it has '2026-04', '2025-12'",
        ),
        (60, None, "InvalidTypeError", "name must be the name of a clock; got 60"),
    ],
)
def test_a_clock_that_there_is_not_is_answered_with_those_there_are(name, version, error, message):
    with pytest.raises(getattr(lhp, error)) as caught:
        lhp.clock(name, version=version)

    assert str(caught.value) == message


def test_one_s_own_clock_survives_pickling_and_compares():
    own = lhp.Clock("ours", start="invited_on", end="opened_on", level="site", target_days=40)

    assert pickle.loads(pickle.dumps(own)) == own  # noqa: S301
    assert own.site == "each"
    assert attrs.evolve(own, target_days=41) != own
    assert "target 40 days" in repr(own)


FROM_HRA = "hra_approval_on to opened_on, first site"
FROM_OPENING = "opened_on to first_participant_on, first site"
REVIEW = "regulatory_submission_on to combined_review_on, study"
READ_INTO_IT = "It speaks of studies: that the first site counts is read into it."


# Department of Health and Social Care, "UK Clinical Research Delivery key performance indicators",
# methodology updated on 15 April 2026 and methodology note of 17 December 2025, table 1 of each:
# the indicators' numbers, their days and their studies.
@pytest.mark.parametrize(
    ("name", "version", "text", "indicator"),
    [
        (
            "submission-to-first-participant",
            "2026-04",
            "regulatory_submission_on to first_participant_on, first site, commercial studies,"
            " of type CTIMP, target 150 days",
            "April 2026, indicator 1: study level, the first site to recruit.",
        ),
        (
            "combined-review",
            "2026-04",
            f"{REVIEW}, not of type ATIMP, target 60 days",
            "April 2026, indicator 2, all but ATIMPs.",
        ),
        (
            "combined-review-atimp",
            "2026-04",
            f"{REVIEW}, of type ATIMP, target 90 days",
            "April 2026, indicator 2, ATIMPs.",
        ),
        (
            "hra-approval-to-open",
            "2026-04",
            f"{FROM_HRA}, target 60 days",
            f"April 2026, indicator 3. {READ_INTO_IT}",
        ),
        (
            "open-to-first-participant",
            "2026-04",
            f"{FROM_OPENING}, target 30 days",
            f"April 2026, indicator 4. {READ_INTO_IT}",
        ),
        (
            "combined-review",
            "2025-12",
            f"{REVIEW}, not of type ATIMP, target 60 days",
            "December 2025, indicator 1, all but ATIMPs.",
        ),
        (
            "combined-review-atimp",
            "2025-12",
            f"{REVIEW}, of type ATIMP, target 90 days",
            "December 2025, indicator 1, ATIMPs.",
        ),
        (
            "hra-approval-to-open",
            "2025-12",
            f"{FROM_HRA}, commercial studies, target 60 days",
            f"December 2025, indicator 2. {READ_INTO_IT}",
        ),
        (
            "open-to-first-participant",
            "2025-12",
            f"{FROM_OPENING}, commercial studies, target 30 days",
            f"December 2025, indicator 3. {READ_INTO_IT}",
        ),
    ],
)
def test_a_key_indicator_is_what_its_methodology_says(name, version, text, indicator):
    clock = lhp.clock(name, version=version)

    assert clock.level == "study"
    assert str(clock) == f"{name} ({version}): {text}"
    assert clock.source == (
        f"UK Clinical Research Delivery key performance indicators, methodology of {indicator}"
    )


def test_the_benchmark_of_70_days_counts_each_site_and_says_what_is_unsure_of_it():
    benchmark = lhp.clock("application-to-first-participant")

    assert str(benchmark) == (
        "application-to-first-participant (2018-19): valid_application_on to "
        "first_participant_on, each site, target 70 days"
    )
    assert benchmark.source == (
        "The benchmark of 70 days, not assessed since 2018-19; trusts worded its start differently."
    )


def test_a_clock_says_whose_dates_it_counts_and_of_which_studies():
    own = lhp.Clock(
        "ours",
        start="invited_on",
        end="opened_on",
        level="site",
        site="lead",
        commercial=False,
        study_types=["CTIMP", "ATIMP"],
        not_study_types=["Device", "Survey"],
    )

    assert str(own) == (
        "ours (own): invited_on to opened_on, lead site, non-commercial studies,"
        " of type CTIMP or ATIMP, not of type Device or Survey"
    )


@pytest.mark.parametrize(("level", "site"), [("study", "first"), ("site", "each")])
def test_a_study_counts_by_its_first_site_and_sites_each_unless_said(level, site):
    assert lhp.Clock("ours", start="invited_on", end="opened_on", level=level).site == site


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"start": "approved_on"},
            "InvalidInputError",
            "start must be a date of Study or StudySite; got 'approved_on'; did you mean"
            " 'hra_approval_on' or 'opened_on' or 'closed_on'?",
        ),
        (
            {"end": "open_on"},
            "InvalidInputError",
            "end must be a date of Study or StudySite; got 'open_on'; did you mean 'opened_on'"
            " or 'closed_on'?",
        ),
        ({"end": "invited_on"}, "InvalidInputError", "start and end are both 'invited_on'"),
        (
            {"level": "trust"},
            "InvalidInputError",
            "level must be one of 'study', 'site'; got 'trust'",
        ),
        (
            {"level": "trust", "site": "nobody"},
            "InvalidInputError",
            "level must be one of 'study', 'site'; got 'trust';"
            " site must be one of 'first', 'lead', 'each'; got 'nobody'",
        ),
        ({"site": "first"}, "InvalidInputError", "site must be one of 'each', 'lead'; got 'first'"),
        (
            {"level": "study", "site": "each"},
            "InvalidInputError",
            "site must be one of 'first', 'lead'; got 'each'",
        ),
        ({"target_days": -1}, "InvalidInputError", "target_days must be at least 0; got -1"),
        (
            {"target_days": 60.5},
            "InvalidTypeError",
            "target_days must be a whole number; got 60.5",
        ),
        (
            {"study_types": "CTIMP"},
            "InvalidTypeError",
            "study_types must be a collection of texts; got 'CTIMP'",
        ),
        (
            {"not_study_types": "CTIMP"},
            "InvalidTypeError",
            "not_study_types must be a collection of texts; got 'CTIMP'",
        ),
        ({"level": 3}, "InvalidInputError", "level must be text; got 3"),
        (
            {"start": None, "end": 5},
            "InvalidInputError",
            "start must be text; got None; end must be text; got 5",
        ),
        (
            {"commercial": "yes"},
            "InvalidTypeError",
            "commercial must be True, False or None; got 'yes'",
        ),
        (
            {"study_types": ["Device", "CTIMP"], "not_study_types": ["device", "ctimp"]},
            "InvalidInputError",
            "study_types and not_study_types both name ctimp, device",
        ),
        (
            {"start": "registered_on", "end": "hra_approval_on"},
            "InvalidInputError",
            "level is 'site' but both dates are the study's",
        ),
        (
            {"start": "combined_review_on", "end": "hra_approval_on", "target_days": -3},
            "InvalidInputError",
            "target_days must be at least 0; got -3; level is 'site' but both dates are the"
            " study's",
        ),
    ],
)
def test_an_impossible_clock_is_refused_with_every_fault(changes, error, message):
    fields = {"start": "invited_on", "end": "opened_on", "level": "site"} | changes

    with pytest.raises(getattr(lhp, error)) as caught:
        lhp.Clock("ours", **fields)

    assert str(caught.value) == f"clock 'ours': {message}"
