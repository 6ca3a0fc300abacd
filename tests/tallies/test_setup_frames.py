import datetime as dt

import attrs
import dask
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lhp_metrics as lhp
from frames import ENGINES, assert_same
from setup_histories import histories, site, study

APPROVAL_TO_OPEN = lhp.clock("hra-approval-to-open")
AT_EACH_SITE = attrs.evolve(APPROVAL_TO_OPEN, version="own", level="site", site="each")
DAY = dt.date(2024, 6, 30)
EXAMPLES = {"Dask": 3}  # A query takes Dask a second, whatever its size.


FRAME = pa.schema(
    {
        "study_id": pa.string(),
        "hra_approval_on": pa.date32(),
        "organisation": pa.string(),
        "opened_on": pa.date32(),
        "closed_on": pa.date32(),
    }
)


def as_frame(studies):
    """Return studies as a long table: a row for each site."""
    rows = [
        {
            "study_id": study.study_id,
            "hra_approval_on": study.hra_approval_on,
            "organisation": code,
            "opened_on": getattr(site, "opened_on", None),
            "closed_on": getattr(site, "closed_on", None),
        }
        for study in studies
        for code, site in [(s.organisation, s) for s in study.sites] or [(None, None)]
    ]
    return pa.Table.from_pylist(rows, schema=FRAME)


@pytest.fixture(autouse=True)
def _dask_in_this_thread():
    with dask.config.set(scheduler="synchronous"):
        yield


@pytest.mark.parametrize("engine", ENGINES)
def test_a_frame_is_counted_as_its_records_are(engine):
    @settings(max_examples=EXAMPLES.get(engine, 12))
    @given(studies=histories(8), by=st.sampled_from(["organisation", "month", None]))
    def law(studies, by):
        frame = ENGINES[engine](as_frame(studies))
        period = lhp.Period("2024-01-01", "2024-05-31")
        for clock in (AT_EACH_SITE, APPROVAL_TO_OPEN):
            if clock is AT_EACH_SITE or by != "organisation":
                options = {"clock": clock, "as_of": DAY, "by": by, "period": period}
                assert_same(lhp.tally_setup(frame, **options), lhp.tally_setup(studies, **options))

    law()


def at_each_site(studies, **options):
    return lhp.tally_setup(studies, clock=AT_EACH_SITE, as_of=DAY, **options)


def test_a_frame_s_words_are_mapped_and_its_faults_are_listed():
    frame = pl.DataFrame(
        {
            "ref": ["S1", "S2", "S3"],
            "approved": [dt.date(2024, 1, 1), None, dt.date(2024, 3, 1)],
            "site": ["Royal", "REN", "REN"],
            "open": [dt.date(2024, 2, 1), dt.date(2024, 2, 1), dt.date(2024, 2, 1)],
        }
    )
    options = {
        "columns": {
            "ref": "study_id",
            "approved": "hra_approval_on",
            "site": "organisation",
            "open": "opened_on",
        },
        "organisations": {"Royal": "REM"},
        "partnership": lhp.liverpool_health_partners(),
    }

    with pytest.raises(lhp.InvalidInputError) as caught:
        at_each_site(frame, **options)
    assert str(caught.value) == (
        "1 row (study 'S2': 2024-02-01): opened_on is given but hra_approval_on is not; "
        "1 row (study 'S3': 2024-02-01, 2024-03-01): opened_on is before hra_approval_on"
    )
    tally = at_each_site(frame, faults="exclude", **options)
    assert tally["REM"].finished == 1
    assert sum(tally.excluded.values()) == 2
    with pytest.raises(lhp.InvalidInputError, match="the frame has no column 'opened_on'"):
        at_each_site(
            frame.select("ref", "approved", "site"),
            **{
                **options,
                "columns": {
                    "ref": "study_id",
                    "approved": "hra_approval_on",
                    "site": "organisation",
                },
            },
        )
    with pytest.raises(lhp.InvalidInputError, match="translate the columns of a data frame"):
        at_each_site([study()], columns={"a": "b"})


def test_of_a_frame_a_clock_of_studies_is_not_counted_by_organisation():
    frame = as_frame([study("S1", "2024-01-01", site("REM", "2024-02-01"))])

    with pytest.raises(lhp.InvalidInputError, match="use a clock of each site, or give records"):
        lhp.tally_setup(frame, clock=APPROVAL_TO_OPEN, as_of=DAY)
    lead = attrs.evolve(AT_EACH_SITE, site="lead")
    with pytest.raises(lhp.InvalidInputError, match="is the lead site's: filter the frame by it"):
        lhp.tally_setup(frame, clock=lead, as_of=DAY)


def test_the_clock_of_a_study_ends_with_its_first_site_and_closes_with_its_last():
    day = dt.date(2023, 5, 1)
    clock = lhp.Clock("own", start="hra_approval_on", end="opened_on", level="study")
    frame = pl.DataFrame(
        {
            "study_id": ["S1", "S1", "S2", "S2", "S3"],
            "organisation": ["REM", "REN", "REM", "REN", "REM"],
            "hra_approval_on": [day] * 5,
            "opened_on": [None, day + dt.timedelta(days=9), None, None, None],
        }
    )
    closed = [None, None, day, None, day + dt.timedelta(days=30)]

    running = lhp.tally_setup(frame, clock=clock, as_of="2024-01-01", by=()).total
    ended = lhp.tally_setup(
        frame.with_columns(pl.Series("closed_on", closed)), clock=clock, as_of="2024-01-01", by=()
    ).total

    # Of S2 one site closed and the other has not: the study is still in set-up.
    assert (running.started, running.finished, running.closed) == (3, 1, 0)
    assert (ended.started, ended.finished, ended.closed) == (3, 1, 1)
