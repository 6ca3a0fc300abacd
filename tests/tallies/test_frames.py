import datetime as dt

import dask
import pytest
from hypothesis import given, settings

import lhp_metrics as lhp
from frame_laws import check_grants, check_studies, grant_questions, study_questions
from frames import ENGINES


@pytest.fixture(autouse=True)
def _dask_in_this_thread():
    with dask.config.set(scheduler="synchronous"):
        yield


@pytest.mark.parametrize("engine", ENGINES)
@given(asked=grant_questions())
@settings(max_examples=15)
def test_grants_of_a_frame_count_as_their_records_do(engine, asked):
    records, question = asked

    check_grants(records, question, {engine: ENGINES[engine]})


@pytest.mark.parametrize("engine", ENGINES)
@given(asked=study_questions())
@settings(max_examples=15)
def test_studies_of_a_frame_count_as_their_records_do(engine, asked):
    records, question = asked

    check_studies(records, question, {engine: ENGINES[engine]})
