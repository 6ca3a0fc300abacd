import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from strategies import grant_lists


def grant(name, submitted, outcome="pending", decided=None, **fields):
    return lhp.Grant(
        reference=name, submitted_on=submitted, outcome=outcome, decided_on=decided, **fields
    )


@given(grant_lists(max_size=12), st.dates(min_value=lhp.Period.financial_year("2018-19").start))
def test_the_outcomes_are_those_that_tally_grants_counts(grants, day):
    options = {"as_of": day, "undated": "exclude", "by": "funder"}
    grants = [g for g in grants if g.stage is None]

    tally = lhp.tally_decisions(grants, **options)

    counts = lhp.tally_grants(grants, **options)
    assert tally.keys == counts.keys
    assert [tally[key] for key in tally] == [counts[key] for key in counts]
    assert tally.total == counts.total
    assert tally.excluded == counts.excluded


@given(grant_lists(max_size=12), st.integers(0, 12))
def test_adding_tallies_equals_pooling_the_grants(grants, at):
    grants = [g for g in grants if g.stage is None]
    options = {"as_of": "2024-01-01", "undated": "exclude"}

    parts = [lhp.tally_decisions(part, **options) for part in (grants[:at], grants[at:])]

    assert lhp.combine(parts, disjoint=True) == lhp.tally_decisions(grants, **options)


def test_a_decision_taken_later_is_pending_with_the_days_until_then():
    grants = [
        grant("G1", "2023-05-01", "successful", "2023-05-31"),
        grant("G2", "2023-05-01", "unsuccessful", "2024-05-01"),
        grant("G3", "2023-12-01"),
        grant("G4", "2024-02-01"),
    ]

    tally = lhp.tally_decisions(grants, as_of="2023-12-31")

    assert np.flatnonzero(tally.columns["successful"][-1]).tolist() == [30]
    assert np.flatnonzero(tally.columns["pending"][-1]).tolist() == [30, 244]
    assert tally.excluded == {"submitted after 31 Dec 2023": 1}
    assert tally.to_table().total.decided == 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"as_of": None}, lhp.InvalidTypeError, "as_of must be a date"),
        (
            {"undated": "decided"},
            lhp.InvalidInputError,
            "undated must be one of 'error', 'exclude'",
        ),
        ({"attribution": "fractional"}, lhp.InvalidInputError, "attribution must be one of 'lead'"),
        ({}, lhp.InvalidInputError, "grant 'G1': outcome without decided_on"),
    ],
)
def test_bad_input_is_named(options, error, message):
    with pytest.raises(error, match=message):
        lhp.tally_decisions(
            [grant("G1", "2023-05-01", "successful")], **({"as_of": "2024-01-01"} | options)
        )
