import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp

JRO = {"RBS": 26, "REN": 34, "RBQ": 8, "REM": 69, "REP": 17, "RET": 10}

partners = st.dictionaries(
    st.text("ABC", min_size=1, max_size=4), st.integers(0, 500), min_size=2, max_size=8
).filter(lambda counts: any(counts.values()))


def tally(counts):
    return lhp.RegistrationTally.from_counts(counts)


def test_the_jros_shares_match_desctools():
    # R DescTools 0.99.59: MultinomCI(c(26, 34, 8, 69, 17, 10), 0.95, method = "goodman");
    # the same counts are in tests/reference/multinomial_simultaneous.json.
    import json
    from pathlib import Path

    path = Path(__file__).parents[1] / "reference" / "multinomial_simultaneous.json"
    cases = json.loads(path.read_text())["cases"]
    (case,) = [
        case
        for case in cases
        if (case["method"], case["counts"], case["conf"]) == ("goodman", list(JRO.values()), 0.95)
    ]

    table = lhp.partner_shares(tally(JRO))

    assert table.column("share") == pytest.approx(case["estimate"], rel=1e-9)
    assert table.column("share.low") == pytest.approx(case["lower"], rel=1e-9)
    assert table.column("share.high") == pytest.approx(case["upper"], rel=1e-9)


def test_the_printed_percentages_total_100():
    table = lhp.partner_shares(tally(JRO))

    assert [row.percent for row in table] == [15.8, 20.7, 4.9, 42.1, 10.4, 6.1]
    assert round(sum(row.percent for row in table), 1) == table.total.percent == 100.0
    assert "42.1" in str(table)


@given(partners)
def test_shares_add_up_to_1_and_their_percentages_to_100(counts):
    table = lhp.partner_shares(tally(counts), digits=2)

    assert math.isclose(sum(row.share.value for row in table), 1.0)
    assert round(sum(round(100 * row.percent) for row in table)) == 10_000


@given(partners, st.randoms())
def test_the_order_of_partners_does_not_matter(counts, random):
    shuffled = list(counts.items())
    random.shuffle(shuffled)

    one, two = lhp.partner_shares(tally(counts)), lhp.partner_shares(tally(dict(shuffled)))

    for row in one:
        other = two[row.key]
        assert (row.count, row.percent) == (other.count, other.percent)
        assert tuple(row.share) == pytest.approx(tuple(other.share))


@given(partners)
def test_merging_two_partners_adds_their_shares(counts):
    first, second = sorted(counts)[:2]

    apart = lhp.partner_shares(tally(counts))
    merged = lhp.partner_shares(tally(counts).regroup({"merged": [first, second]}))

    together = apart[first].share.value + apart[second].share.value
    assert math.isclose(merged["merged"].share.value, together, abs_tol=1e-15)


def test_digits_are_chosen_and_printed():
    table = lhp.partner_shares(tally({"A": 1, "B": 1}), digits=0)

    assert table["A"].percent == 50.0
    assert str(table).splitlines()[4].endswith("  50")


def test_records_that_count_whole_have_no_column_that_adds_up():
    whole = lhp.RegistrationTally.from_counts({"A": 6, "B": 7}, attribution="whole", total=10)

    table = lhp.partner_shares(whole)

    assert table["A"].share.value == 0.6
    assert (table["A"].share.method, table["A"].percent) == ("wilson", None)
    assert table.total.percent is None
    assert "Groups share records: they add up to more than the total." in str(table)


def test_of_grants_the_submitted_or_the_successful_are_shared_out():
    grants = lhp.GrantTally.from_counts(
        {
            "A": lhp.OutcomeCounts(successful=3, unsuccessful=1, pending=6),
            "B": lhp.OutcomeCounts(successful=1, unsuccessful=9),
        }
    )

    assert lhp.partner_shares(grants)["A"].share.value == 0.5
    assert lhp.partner_shares(grants, of="successful")["A"].share.value == 0.75


def test_shares_of_nothing_are_undefined():
    table = lhp.partner_shares(tally({"A": 0, "B": 0}))

    assert math.isnan(table["A"].share.value)
    assert (table["A"].share.low, table["A"].share.high) == (0.0, 1.0)
    assert table["A"].percent is None
    assert math.isnan(table.total.share.value)


@pytest.mark.parametrize(
    ("counted", "options", "message"),
    [
        (tally(JRO), {"of": "successful"}, "registrations have no 'successful'; only of='records'"),
        (tally(JRO), {"of": "pounds"}, "of must be one of 'records', 'successful'; got 'pounds'"),
        (lhp.tally_registrations([], by=None), {}, "shares need a tally by partner"),
        (
            lhp.GrantTally.from_counts({"A": lhp.OutcomeCounts(decided=3)}),
            {"of": "successful"},
            "of='successful' needs the split of decisions, not published here",
        ),
    ],
)
def test_what_cannot_be_shared_out_is_refused(counted, options, message):
    with pytest.raises(lhp.InvalidInputError, match=message):
        lhp.partner_shares(counted, **options)


def test_parts_of_records_are_refused():
    study = lhp.Study(study_id="S", registered_on="2023-05-01", sites=["REM", "REN"])

    with pytest.raises(lhp.InvalidInputError, match="shares need whole records"):
        lhp.partner_shares(lhp.tally_registrations([study], attribution="fractional"))
