import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp


def grant(reference, outcome="pending", submitted_on="2023-05-01", **fields):
    return lhp.Grant(reference=reference, outcome=outcome, submitted_on=submitted_on, **fields)


OUTLINE = grant("O", "successful", stage="outline")
FULL = grant("F", "unsuccessful", stage="full")
SINGLE = grant("S", "successful", stage="single")
UNSTATED = grant("U", "unsuccessful")

FIRST = grant("A", "unsuccessful", "2023-05-01", decided_on="2023-09-01")
SECOND = grant("B", "unsuccessful", "2024-05-01", decided_on="2024-09-01", resubmission_of="A")
THIRD = grant("C", "successful", "2025-05-01", decided_on="2025-09-01", resubmission_of="B")


# Stages


def test_mixed_stages_are_refused_unless_they_are_kept_apart():
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.tally_grants([OUTLINE, FULL, SINGLE, UNSTATED])

    assert str(caught.value) == (
        "applications of several stages would be counted together: 'outline' (1), 'full' (1), "
        "'single' (1); say by='stage' to keep them apart, stages='full' for one of them, or "
        "stages=('full', 'single') for several together"
    )
    apart = lhp.tally_grants([OUTLINE, FULL, SINGLE, UNSTATED], by="stage")
    assert list(apart) == ["full", "outline", "single", "not stated"]
    assert apart["outline"].successful == 1


@pytest.mark.parametrize("pair", [(OUTLINE, FULL), (FULL, SINGLE)])
def test_two_stages_are_mixed_already(pair):
    with pytest.raises(lhp.InvalidInputError, match="several stages would be counted together"):
        lhp.tally_grants(pair)


def test_only_the_stages_that_count_have_to_agree():
    earlier = grant("E", stage="outline", submitted_on="2022-05-01")

    tally = lhp.tally_grants([earlier, FULL], period=lhp.Period.financial_year("2023-24"))

    assert tally.total.submitted == 1


def test_stages_may_be_chosen_and_the_footnote_says_so():
    tally = lhp.tally_grants([OUTLINE, FULL, SINGLE, UNSTATED], stages=["single", "full"])

    assert (tally.total.successful, tally.total.unsuccessful) == (1, 1)
    assert tally.excluded == {"stage outline": 1, "stage not stated": 1}
    assert "Stages: full, single." in lhp.success_rates(tally).provenance.footnote()
    assert lhp.tally_grants([OUTLINE, FULL], stages="full").total.submitted == 1


def test_applications_without_a_stage_beside_others_are_noted():
    tally = lhp.tally_grants([FULL, UNSTATED])

    assert tally.notes == ("1 of the applications state no stage, the others 'full'.",)
    assert lhp.tally_grants([UNSTATED]).notes == ()


def test_an_unknown_stage_is_refused():
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.tally_grants([FULL], stages=["full", "final"])

    assert str(caught.value) == (
        "stages must be among 'outline', 'full', 'single', 'not stated'; got 'final'"
    )


# Resubmissions


def test_resubmissions_count_each_and_that_is_noted():
    tally = lhp.tally_grants([FIRST, SECOND, THIRD])

    assert (tally.total.successful, tally.total.unsuccessful) == (1, 2)
    assert tally.notes == ("Resubmissions count each: 2 of the applications are one.",)


def test_resubmissions_may_count_once_as_the_latest():
    tally = lhp.tally_grants([FIRST, SECOND, THIRD], by="financial_year", resubmissions="latest")

    assert [str(key) for key in tally] == ["2025-26"]
    assert tally.total == lhp.OutcomeCounts(successful=1, unsuccessful=0)
    assert tally.excluded == {"resubmitted later": 2}
    footnote = lhp.success_rates(tally).provenance.footnote()
    assert "Resubmissions count once, as the latest application." in footnote


def test_the_latest_is_the_latest_that_was_submitted_by_then():
    tally = lhp.tally_grants([FIRST, SECOND, THIRD], as_of="2024-12-31", resubmissions="latest")

    assert tally.total == lhp.OutcomeCounts(successful=0, unsuccessful=1)
    assert tally.excluded == {"submitted after 31 Dec 2024": 1, "resubmitted later": 1}


def test_an_application_resubmitted_in_a_later_period_does_not_count_in_its_own():
    year = lhp.Period.financial_year("2023-24")

    assert lhp.tally_grants([FIRST, SECOND], period=year).total.submitted == 1
    once = lhp.tally_grants([FIRST, SECOND], period=year, resubmissions="latest")
    assert once.total.submitted == 0


def test_a_resubmission_of_an_application_that_is_not_there_counts():
    assert lhp.tally_grants([SECOND], resubmissions="latest").total.unsuccessful == 1


@given(st.permutations([FIRST, SECOND, THIRD, FULL]))
def test_the_order_of_records_does_not_change_who_is_latest(records):
    tally = lhp.tally_grants(records, by="reference", resubmissions="latest")

    assert list(tally) == ["C", "F"]


def test_a_resubmission_before_its_original_is_refused():
    early = grant("E", submitted_on="2023-01-01", resubmission_of="A")

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.tally_grants([FIRST, early])

    assert str(caught.value) == (
        "grant 'E': submitted_on (2023-01-01) is before that of 'A' (2023-05-01), of which it is "
        "a resubmission"
    )


def test_resubmissions_in_a_circle_are_refused():
    circle = [
        grant("A", resubmission_of="B"),
        grant("B", resubmission_of="A"),
        grant("Z", resubmission_of="A"),
    ]

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.tally_grants(circle, resubmissions="latest")

    assert str(caught.value) == "resubmissions form a circle: 'A', 'B'"


def test_a_tally_that_counts_once_is_not_pooled_with_one_that_counts_each():
    one = lhp.tally_grants([FIRST], resubmissions="latest")
    two = lhp.tally_grants([FULL])

    with pytest.raises(lhp.InvalidInputError, match="the tallies differ in rules"):
        lhp.combine([one, two], disjoint=True)


# Funders

FUNDERS = {"N.I.H.R.": "NIHR", "National Institute for Health Research": "NIHR", "MRC": "UKRI"}


def funded(*names):
    return [grant(str(index), funder=name) for index, name in enumerate(names)]


def test_spellings_of_a_funder_are_joined():
    given_grants = funded(
        "NIHR", "n.i.h.r.", "National Institute  for Health Research", "MRC", None
    )

    tally = lhp.tally_grants(given_grants, by="funder", funders=FUNDERS)

    assert {key: tally[key].pending for key in tally} == {"NIHR": 3, "UKRI": 1, "not stated": 1}


def test_spellings_are_joined_in_keys_of_several_parts():
    tally = lhp.tally_grants(
        funded("N.I.H.R.", "NIHR"), by=("financial_year", "funder"), funders=FUNDERS
    )

    assert tally[lhp.Period.financial_year("2023-24"), "NIHR"].pending == 2


def test_unmapped_funders_are_an_error_that_lists_them_all():
    with pytest.raises(lhp.NotFoundError) as caught:
        lhp.tally_grants(funded("NIRH", "Wellcome", "Wellcome"), by="funder", funders=FUNDERS)

    assert str(caught.value) == (
        "funders has no entry for 'NIRH' (once); did you mean 'NIHR'?, 'Wellcome' (2 times); "
        "map them, or say unknown_funders='keep' or 'other'"
    )


@pytest.mark.parametrize(
    ("unknown", "keys"), [("keep", ["NIHR", "Wellcome"]), ("other", ["NIHR", "other"])]
)
def test_unmapped_funders_are_kept_or_put_together_on_request(unknown, keys):
    tally = lhp.tally_grants(
        funded("N.I.H.R.", "Wellcome"), by="funder", funders=FUNDERS, unknown_funders=unknown
    )

    assert list(tally) == keys


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"resubmissions": "once"},
            lhp.InvalidInputError,
            "resubmissions must be one of 'each', 'latest'; got 'once'",
        ),
        (
            {"unknown_funders": "drop"},
            lhp.InvalidInputError,
            "unknown_funders must be one of 'error', 'keep', 'other'; got 'drop'",
        ),
        (
            {"funders": {"NIHR": ["N.I.H.R."]}},
            lhp.InvalidTypeError,
            "funders must map text to text; got 'NIHR': ['N.I.H.R.']",
        ),
    ],
)
def test_a_wrong_option_is_named(options, error, message):
    with pytest.raises(error) as caught:
        lhp.tally_grants(funded("NIHR"), by="funder", **options)

    assert str(caught.value) == message
