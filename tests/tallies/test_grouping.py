import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from strategies import study_lists

LHP = lhp.liverpool_health_partners()


def study(name, centre):
    return lhp.Study(study_id=name, registered_on="2023-05-01", lead="REM", centre=centre)


def test_a_record_belongs_directly_to_the_centre_that_it_names():
    studies = [
        study("S1", "LCCS"),
        study("S2", "Liverpool Centre for Cardiovascular Science"),
        study("S3", None),
    ]

    tally = lhp.tally_registrations(studies, by="centre", partnership=LHP)

    assert (tally["LCCS"], tally["not stated"], tally.total) == (2, 1, 3)
    assert "Centre: the one that a record names" in tally.to_table().provenance.footnote()


def test_a_centre_that_no_one_knows_is_refused_with_near_ones():
    with pytest.raises(lhp.NotFoundError) as caught:
        lhp.tally_registrations([study("S", "LCSC")], by="centre", partnership=LHP)

    assert str(caught.value) == (
        "Liverpool Health Partners: no centre is called 'LCSC'; did you mean 'LCCS'?"
    )


@given(study_lists(min_size=1), st.sampled_from(["lead", "whole", "fractional"]))
def test_every_attribution_keeps_the_number_of_records(studies, attribution):
    tally = lhp.tally_registrations(studies, attribution=attribution)

    parts = sum(tally[key] for key in tally)
    assert tally.total == len(studies)
    assert (parts >= len(studies)) if attribution == "whole" else (parts == len(studies))


def test_an_unknown_attribution_is_refused():
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.tally_registrations([study("S", None)], attribution="equal")

    assert str(caught.value) == (
        "attribution must be one of 'lead', 'whole', 'fractional'; got 'equal'"
    )


@pytest.mark.parametrize("count", [lhp.tally_grants, lhp.tally_registrations])
def test_a_misspelt_name_is_refused_though_nothing_is_counted(count):
    with pytest.raises(lhp.InvalidInputError, match="'fundr'; did you mean 'funder'"):
        count([], by="fundr")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])  # what databases put for no date
@pytest.mark.parametrize("by", ["month", "quarter", "financial_year"])
def test_the_first_and_the_last_day_that_there_is_have_their_periods(day, by):
    grant = lhp.Grant(reference="G1", submitted_on=day, outcome="pending")
    (key,) = lhp.tally_grants([grant], by=by).keys
    assert isinstance(key, lhp.Period)
    assert key.contains(day)
