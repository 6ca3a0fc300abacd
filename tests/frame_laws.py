"""The law that frames obey, whatever engine holds them: they count as their records do."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import pyarrow as pa
import pytest
from hypothesis import strategies as st

import lhp_metrics as lhp
from frames import GRANT, STUDY, assert_same, table
from strategies import CODES, EVERY_STAGE, grants, periods, studies

NAMES = ("lead", "theme", "month", "quarter", "financial_year")
SHARED = ("whole", "fractional")
# Mostly what is counted, now and then what is refused.
ATTRIBUTIONS = st.sampled_from([*SHARED, *SHARED, "lead", None])
UNDATED = st.sampled_from(["decided", "pending", "exclude", "exclude", "error"])

# Few organisations and long periods: groups that records share.
SOME_CODES = CODES[:4]
PERIODS = periods(max_days=3000)


def keys(*more: str) -> st.SearchStrategy[list[str]]:
    others = st.lists(st.sampled_from([*NAMES, *more]), unique=True, max_size=2)
    return others | others.map(lambda names: ["organisation", *names])


@st.composite
def resubmissions(draw: st.DrawFn, grant: lhp.Grant, others: Sequence[lhp.Grant]) -> lhp.Grant:
    """Return a grant that may follow another one: as a rule one that was there before it."""
    earlier = [other.reference for other in others if other.submitted_on < grant.submitted_on]
    names = earlier if earlier and draw(st.integers(0, 9)) else [g.reference for g in others]
    first = draw(st.sampled_from([None, "gone", *names]))
    return attrs.evolve(grant, resubmission_of=None if first == grant.reference else first)


@st.composite
def grant_questions(draw: st.DrawFn) -> tuple[list[lhp.Grant], dict[str, Any]]:
    records = draw(
        st.lists(grants(codes=SOME_CODES), unique_by=lambda g: g.reference, min_size=1, max_size=12)
    )
    records = [draw(resubmissions(record, records)) for record in records]
    known = draw(st.sampled_from(records))
    waits = st.timedeltas(dt.timedelta(0), dt.timedelta(days=500))
    question = {
        "by": draw(keys("funder", "stage")),
        "attribution": draw(ATTRIBUTIONS),
        "period": draw(st.none() | PERIODS),
        "dated_by": draw(st.sampled_from(["submitted_on", "decided_on"])),
        "as_of": draw(st.none() | waits.map(lambda wait: known.submitted_on + wait)),
        "undated": draw(UNDATED),
        "stages": draw(st.sampled_from([EVERY_STAGE, EVERY_STAGE, ("full", "not stated"), None])),
        "resubmissions": draw(st.sampled_from(["each", "latest"])),
    }
    return records, question


@st.composite
def study_questions(draw: st.DrawFn) -> tuple[list[lhp.Study], dict[str, Any]]:
    records = draw(
        st.lists(studies(codes=SOME_CODES), unique_by=lambda s: s.study_id, min_size=1, max_size=12)
    )
    question = {
        "by": draw(keys("commercial")),
        "attribution": draw(ATTRIBUTIONS),
        "period": draw(st.none() | PERIODS),
    }
    return records, question


def check_grants(
    records: Sequence[lhp.Grant],
    question: dict[str, Any],
    engines: dict[str, Callable[[pa.Table], Any]],
) -> None:
    check(lhp.tally_grants, records, table(records, GRANT), question, engines)


def check_studies(
    records: Sequence[lhp.Study],
    question: dict[str, Any],
    engines: dict[str, Callable[[pa.Table], Any]],
) -> None:
    check(lhp.tally_registrations, records, table(records, STUDY), question, engines)


def check(
    count: Callable[..., Any],
    records: Sequence[Any],
    rows: pa.Table,
    question: dict[str, Any],
    engines: dict[str, Callable[[pa.Table], Any]],
) -> None:
    """Demand of every engine the records' tally, or a refusal where they are refused."""
    try:
        expected = count(records, **question)
    except lhp.LhpMetricsError as error:
        for make in engines.values():
            with pytest.raises(type(error)):
                count(make(rows), **question)
        return
    for make in engines.values():
        assert_same(count(make(rows), **question), expected)
