"""Counts that are written read back as they were."""

import io
from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from strategies import CODES, grant_tallies, is_group, outcome_counts, periods, registration_tallies

EXCEL = pytest.param("excel", marks=pytest.mark.needs("openpyxl"))
FORMATS = pytest.mark.parametrize("file_format", ["csv", "json", EXCEL])
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"]), min_size=1, max_size=12
).filter(lambda text: text == text.strip() and is_group(text))
KEYS = WORDS | st.sampled_from(["=1", "'-", "@x", "#N/A", "007"])


def round_trip(counts, file_format, **options):
    file = io.BytesIO()
    lhp.write_counts(counts, file, file_format=file_format, **options)
    file.seek(0)
    return lhp.read_counts(file)


@FORMATS
@given(
    counts=st.dictionaries(KEYS, st.integers(0, 2**53 - 1), min_size=1)
    | st.dictionaries(KEYS, outcome_counts(), min_size=1)
    | st.dictionaries(
        KEYS, st.builds(lambda n: lhp.OutcomeCounts(decided=n), st.integers(0, 99)), min_size=1
    )
)
def test_counts_read_back_equal_in_their_order(file_format, counts):
    back = round_trip(counts, file_format)

    assert list(back.items()) == list(counts.items())


@FORMATS
@given(counts=st.dictionaries(st.tuples(KEYS, periods()), st.integers(0, 99), min_size=1))
def test_keys_of_several_parts_and_periods_read_back_equal(file_format, counts):
    assert round_trip(counts, file_format, by=("funder", "period")) == counts


@FORMATS
@given(grants=grant_tallies(), registrations=registration_tallies())
def test_the_groups_of_a_tally_read_back_equal(file_format, grants, registrations):
    for tally in (grants, registrations):
        if len(tally):
            assert round_trip(tally, file_format) == {key: tally[key] for key in tally}


@FORMATS
def test_what_nobody_states_has_no_column(file_format):
    counts = {
        name: lhp.OutcomeCounts(
            successful=1, unsuccessful=2, pending=3, unstated=["withdrawn", "not_considered"]
        )
        for name in ("NIHR", "MRC")
    }

    back = round_trip(counts, file_format)

    assert back == counts
    assert [group.unstated for group in back.values()] == [("withdrawn", "not_considered")] * 2
    tally = lhp.GrantTally.from_counts(counts)
    again = lhp.GrantTally.from_counts(round_trip(tally, file_format))
    assert again == tally
    assert again.to_table().provenance.notes == tally.to_table().provenance.notes != ()


def test_what_only_some_groups_state_is_not_written():
    stated = lhp.OutcomeCounts(successful=1, unsuccessful=2)
    counts = {"NIHR": stated, "MRC": attrs.evolve(stated, unstated=["withdrawn"])}

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.write_counts(counts, io.StringIO(), file_format="csv")

    assert str(caught.value) == (
        "counts['MRC'] does not state withdrawn, or not all, while others do, and a blank cell is "
        "not 0: GrantTally.from_counts(counts).to_json() keeps both"
    )
    partly = attrs.evolve(stated, withdrawn=2, unstated=["withdrawn"])
    with pytest.raises(lhp.InvalidInputError, match=r"'A'.* does not state withdrawn, or not all"):
        lhp.write_counts({"A": partly}, io.StringIO(), file_format="csv")


def test_a_column_of_keys_is_not_called_like_an_outcome_that_has_none():
    counts = {"NIHR": lhp.OutcomeCounts(successful=1, unsuccessful=2, unstated=["pending"])}

    with pytest.raises(lhp.InvalidInputError, match="by must name columns of its own; got 'pend"):
        lhp.write_counts(counts, io.StringIO(), by="pending", file_format="csv")


def test_a_tally_names_its_columns(tmp_path):
    tally = lhp.RegistrationTally.from_counts(dict.fromkeys(CODES, 3))

    lhp.write_counts(tally, tmp_path / "counts.csv")

    first = (tmp_path / "counts.csv").read_text("utf-8-sig").splitlines()[0]
    assert first == "organisation,registrations"


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        ({}, {}, "must have a group"),
        ({"a": Fraction(1, 2)}, {}, r"counts\['a'\] must be whole"),
        ({"a": True}, {}, r"counts\['a'\] must be whole"),
        ({"a": -1}, {}, "at least 0"),
        ({"a": 1, "b": lhp.OutcomeCounts(decided=3)}, {}, "all of one kind"),
        ({("a", "b"): 1}, {}, "a part for each of by"),
        ({"a": 1}, {"by": ("a", "b")}, "a part for each of by"),
        ({"a": 1}, {"by": "month"}, "periods, and only they"),
        ({lhp.Period.month("2023-04"): 1}, {}, "periods, and only they"),
        ({"a": 1}, {"by": "registrations"}, "by must name columns of its own"),
        ({("a", "b"): 1}, {"by": ("a", "a")}, "by must name columns of its own"),
        ({" a": 1}, {}, "without spaces around"),
        ({5: 1}, {}, "must be text or a Period"),
        ({"a": 1}, {"by": 5}, "by must be headings"),
        ({"a": 1}, {"by": " a"}, "by must name a column"),
        (5, {}, "counts must be a mapping or a tally"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(counts, options, message):
    with pytest.raises(lhp.LhpMetricsError, match=message):
        lhp.write_counts(counts, io.StringIO(), file_format="csv", **options)


@pytest.mark.parametrize("key", ["Total", "GRAND TOTAL", "totals"])
def test_a_total_is_not_written_since_nobody_could_read_it_back(key):
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.write_counts({"NIHR": 3, key: 3}, io.BytesIO(), file_format="csv")

    assert str(caught.value) == f"key {key!r} must be a group, not the total of the others"
