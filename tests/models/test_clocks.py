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


def test_the_benchmark_of_70_days_was_last_assessed_in_2018_19():
    benchmark = lhp.clock("application-to-first-participant")

    assert (benchmark.target_days, benchmark.version) == (70, "2018-19")


def test_the_indicators_of_december_2025_spoke_of_commercial_studies():
    for name in ("hra-approval-to-open", "open-to-first-participant"):
        assert lhp.clock(name, version="2025-12").commercial is True
        assert lhp.clock(name).commercial is None


def test_names_and_versions_together_are_unique_and_every_clock_has_its_source():
    pairs = [(clock.name, clock.version) for clock in lhp.clocks()]

    assert len(set(pairs)) == len(pairs)
    assert all(clock.source for clock in lhp.clocks())


def test_a_wrong_name_lists_the_near_ones_and_all():
    with pytest.raises(lhp.NotFoundError) as caught:
        lhp.clock("hra-approval-to-opening")
    assert "did you mean 'hra-approval-to-open'" in str(caught.value)
    for name in APRIL_2026:
        assert name in str(caught.value)
    with pytest.raises(lhp.NotFoundError, match="no version '2024'; it has '2026-04', '2025-12'"):
        lhp.clock("combined-review", version="2024")
    with pytest.raises(lhp.InvalidTypeError, match="name must be the name of a clock; got 60"):
        lhp.clock(60)


def test_one_s_own_clock_survives_pickling_and_compares():
    own = lhp.Clock("ours", start="invited_on", end="opened_on", level="site", target_days=40)

    assert pickle.loads(pickle.dumps(own)) == own  # noqa: S301
    assert own.site == "each"
    assert attrs.evolve(own, target_days=41) != own
    assert "target 40 days" in repr(own)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "submission-to-first-participant",
            "submission-to-first-participant (2026-04): regulatory_submission_on to "
            "first_participant_on, first site, commercial studies, of type CTIMP, target 150 days",
        ),
        (
            "combined-review",
            "combined-review (2026-04): regulatory_submission_on to combined_review_on, study, "
            "not of type ATIMP, target 60 days",
        ),
        (
            "application-to-first-participant",
            "application-to-first-participant (2018-19): valid_application_on to "
            "first_participant_on, each site, target 70 days",
        ),
    ],
)
def test_a_clock_says_whose_dates_it_counts_and_of_which_studies(name, text):
    assert str(lhp.clock(name)) == text
    assert ", non-commercial" in str(attrs.evolve(lhp.clock(name), commercial=False))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"start": "aproved_on"}, "InvalidInputError", "start must be a date of Study or StudySit"),
        ({"end": "open_on"}, "InvalidInputError", "did you mean 'opened_on'"),
        ({"end": "invited_on"}, "InvalidInputError", "start and end are both 'invited_on'"),
        ({"level": "trust"}, "InvalidInputError", "level must be one of 'study', 'site'"),
        ({"site": "first"}, "InvalidInputError", "site must be one of 'each', 'lead'; got 'first'"),
        ({"level": "study", "site": "each"}, "InvalidInputError", "one of 'first', 'lead'"),
        ({"target_days": -1}, "InvalidInputError", "target_days must be at least 0; got -1"),
        ({"target_days": 60.5}, "InvalidTypeError", "target_days must be a whole number"),
        ({"study_types": "CTIMP"}, "InvalidTypeError", "must be a collection of texts"),
        ({"level": 3}, "InvalidInputError", "level must be text; got 3"),
        (
            {"start": None, "end": 5},
            "InvalidInputError",
            "start must be text; got None; ",
        ),
        ({"commercial": "yes"}, "InvalidTypeError", "commercial must be True, False or None"),
        ({"study_types": ["CTIMP"], "not_study_types": ["ctimp"]}, "InvalidInputError", "both nam"),
        (
            {"start": "registered_on", "end": "hra_approval_on"},
            "InvalidInputError",
            "level is 'site' but both dates are the study's",
        ),
    ],
)
def test_an_impossible_clock_is_refused(changes, error, message):
    fields = {"start": "invited_on", "end": "opened_on", "level": "site"} | changes

    with pytest.raises(getattr(lhp, error), match=message) as caught:
        lhp.Clock("ours", **fields)
    assert str(caught.value).startswith("clock 'ours'")


def test_every_fault_of_a_clock_is_listed_at_once():
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.Clock("x", start="a", end="b", level="site", target_days=-3)
    assert str(caught.value).count(";") >= 2
