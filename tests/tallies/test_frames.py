import dask
import pytest
from hypothesis import given, settings

from frame_laws import check_grants, check_studies, grant_questions, study_questions
from frames import ENGINES

# A query takes Dask a second, whatever its size.
EXAMPLES = {"Dask": 4}


@pytest.fixture(autouse=True)
def _dask_in_this_thread():
    with dask.config.set(scheduler="synchronous"):
        yield


@pytest.mark.parametrize("engine", ENGINES)
def test_grants_of_a_frame_count_as_their_records_do(engine):
    @given(asked=grant_questions())
    @settings(max_examples=EXAMPLES.get(engine, 15))
    def law(asked):
        records, question = asked
        check_grants(records, question, {engine: ENGINES[engine]})

    law()


@pytest.mark.parametrize("engine", ENGINES)
def test_studies_of_a_frame_count_as_their_records_do(engine):
    @given(asked=study_questions())
    @settings(max_examples=EXAMPLES.get(engine, 15))
    def law(asked):
        records, question = asked
        check_studies(records, question, {engine: ENGINES[engine]})

    law()
