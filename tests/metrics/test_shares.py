import json
import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

import lhp_metrics as lhp
from lhp_metrics.intervals import weighted_share_interval
from strategies import EVERY_STAGE, grant_lists

JRO = {"RBS": 26, "REN": 34, "RBQ": 8, "REM": 69, "REP": 17, "RET": 10}

partners = st.dictionaries(
    st.text("ABC", min_size=1, max_size=4), st.integers(0, 500), min_size=2, max_size=8
).filter(lambda counts: any(counts.values()))


OVERLAPPING = lhp.RegistrationTally.from_counts({"A": 6, "B": 7}, attribution="whole", total=10)


def tally(counts):
    return lhp.RegistrationTally.from_counts(counts)


def test_the_jros_shares_match_desctools():
    # R DescTools 0.99.59: MultinomCI(c(26, 34, 8, 69, 17, 10), 0.95, method = "goodman");
    # the same counts are in tests/reference/multinomial_simultaneous.json.
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
    table = lhp.partner_shares(OVERLAPPING)

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
        (
            tally(JRO),
            {"of": "pounds"},
            "of must be one of 'records', 'successful', 'pounds_requested', 'pounds_awarded'; got "
            "'pounds'",
        ),
        (
            lhp.tally_registrations([], by=None),
            {},
            "shares need a tally by partner; this one has only a total",
        ),
        (lhp.tally_registrations([]), {}, "the tally is empty, it counts no records"),
        (
            lhp.tally_registrations(
                [lhp.Study(study_id="S", registered_on="2023-05-01", lead="REM")],
                period=lhp.Period("2024-04-01", "2025-03-31"),
            ),
            {},
            "the tally is empty, it counts no records: all 1 were excluded",
        ),
        (
            lhp.GrantTally.from_counts({"A": lhp.OutcomeCounts(decided=3)}),
            {"of": "successful"},
            "of='successful' needs the split of decisions, not published here",
        ),
        (
            lhp.GrantTally.from_counts({"A": lhp.OutcomeCounts(successful=3, unsuccessful=4)}),
            {"of": "pounds_requested"},
            "of='pounds_requested' needs amounts, but none of the 7 applications states "
            "amount_requested",
        ),
        (
            tally(JRO),
            {"within": "financial_year"},
            "within='financial_year' needs a tally by 'financial_year' and something else; this "
            "one is by 'organisation'",
        ),
        (tally(JRO), {"digits": -1}, "digits must be a whole number from 0 to 10; got -1"),
        (tally(JRO), {"method": "wald"}, "method must be one of"),
        (OVERLAPPING, {"digits": 11}, "digits must be a whole number from 0 to 10; got 11"),
        (OVERLAPPING, {"method": "wald"}, "method must be one of"),
    ],
)
def test_what_cannot_be_shared_out_is_refused(counted, options, message):
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.partner_shares(counted, **options)

    assert str(caught.value).startswith(message)


# Pounds


def grant(reference, lead, requested=None, awarded=None, outcome="successful", **fields):
    return lhp.Grant(
        reference=reference,
        submitted_on="2023-05-01",
        outcome=outcome,
        lead=lead,
        amount_requested=requested,
        amount_awarded=awarded,
        **fields,
    )


def by_lead(records, **options):
    options = {"by": "organisation", "attribution": "lead"} | options
    return lhp.tally_grants(records, **options)


def test_pounds_are_shared_out_with_the_number_of_grants_behind_them():
    records = [
        grant("G1", "REM", 1000, "600.50"),
        grant("G2", "REM", 500, "199.50"),
        grant("G3", "REN", 1500, 200),
        grant("G4", "REN", None, None, "pending"),
    ]

    table = lhp.partner_shares(by_lead(records), of="pounds_awarded")

    assert table["REM"].pounds == Decimal("800.00")
    assert (table["REM"].count, table["REM"].share.value, table["REM"].percent) == (2, 0.8, 80.0)
    assert (table.total.count, table.total.pounds, table.total.percent) == (3, 1000, 100.0)
    assert table.title == "Shares of pounds awarded by organisation, each with its lead"
    assert "ratio-estimator, simultaneous" in str(table)
    asked = lhp.partner_shares(by_lead(records), of="pounds_requested")
    assert asked["REM"].share.value == 0.5
    assert "1 of 4 applications state no amount requested" in str(asked)


def test_the_ratio_estimators_standard_error_is_that_of_survey_or_the_bound_on_it():
    # R survey 4.1.1, svyratio of amount*won over amount: its variance has the factor
    # n / (n - 1). At small z Wilson's limits are z standard errors from the share.
    path = Path(__file__).parents[1] / "reference" / "amount_weighted_rate.json"
    cases = json.loads(path.read_text())["cases"]
    z, bounded = 1e-3, []
    for case in cases:
        if case["method"] != "ratio-linearisation" or not 0 < case["estimate"] < 1:
            continue
        amounts, won = np.array(case["amount"], dtype=float), np.array(case["won"])

        low, high = weighted_share_interval(
            (amounts * won).sum(),
            amounts.sum(),
            (amounts**2 * won).sum(),
            (amounts**2).sum(),
            confidence_level=math.erf(z / math.sqrt(2)),
        )

        n, p = len(amounts), case["estimate"]
        kish = amounts.sum() ** 2 / (amounts**2).sum()
        least = math.sqrt(p * (1 - p) / kish)
        bounded.append(least > case["se"] * math.sqrt((n - 1) / n))
        expected = max(least, case["se"] * math.sqrt((n - 1) / n))
        assert p == pytest.approx((low + high) / 2, abs=1e-5)
        assert (high - low) / (2 * z) == pytest.approx(expected, rel=1e-4)
    assert set(bounded) == {True, False}


@given(partners)
def test_equal_pounds_have_the_intervals_of_counts(counts):
    counts = {key: count % 8 for key, count in counts.items()}
    records = [
        grant(f"{key}{i}", key, 100, 50) for key, count in counts.items() for i in range(count)
    ]
    tally = by_lead(records, by="lead")

    if not records:
        return
    pounds, number = (lhp.partner_shares(tally, of=of) for of in ("pounds_awarded", "records"))

    assert pounds.column("share").tolist() == pytest.approx(number.column("share").tolist())
    for end in ("share.low", "share.high"):
        assert pounds.column(end).tolist() == pytest.approx(number.column(end).tolist())


@given(grant_lists(min_size=1), st.sampled_from(["lead", "fractional"]))
def test_shares_of_pounds_add_up_lie_in_their_intervals_and_print_as_100(records, attribution):
    counted = lhp.tally_grants(
        records,
        by="organisation",
        attribution=attribution,
        stages=EVERY_STAGE,
    )
    for of in ("records", "pounds_requested", "pounds_awarded", "successful"):
        try:
            table = lhp.partner_shares(counted, of=of, digits=2)
        except lhp.InvalidInputError:
            continue
        share = table.column("share")
        if np.isnan(share).any():
            assert not any(row.count for row in table) or "pounds" in of
            continue
        assert math.isclose(share.sum(), 1.0)
        assert round(sum(round(100 * row.percent) for row in table)) == 10_000
        assert (np.abs(table.column("percent") - 100 * share) < 0.01 + 1e-9).all()
        assert (table.column("share.low") <= share + 1e-12).all()
        assert (table.column("share.high") >= share - 1e-12).all()


def test_a_negative_amount_is_refused_with_the_record():
    with pytest.raises(lhp.InvalidInputError) as caught:
        grant("G-017", "REM", "-5")

    assert str(caught.value) == "grant 'G-017': amount_requested must not be negative; got '-5'"


# Parts of records


@given(grant_lists(min_size=1))
def test_fractional_totals_equal_the_number_of_records_exactly(records):
    counted = lhp.tally_grants(
        records,
        by="organisation",
        attribution="fractional",
        stages=EVERY_STAGE,
    )

    table = lhp.partner_shares(counted)

    assert sum(row.count for row in table) == len(records) == table.total.count


def study(name, sites, **fields):
    return lhp.Study(study_id=name, registered_on="2023-05-01", sites=sites, **fields)


def test_parts_of_records_have_intervals_of_the_ratio_estimator():
    studies = [study(f"S{i}", ["REM", "REN"]) for i in range(10)] + [study("T", ["REM"])]
    divided = lhp.tally_registrations(studies, attribution="fractional")

    table = lhp.partner_shares(divided)

    assert table["REN"].count == 5
    assert table["REM"].count + table["REN"].count == 11
    assert table["REN"].share.method == "ratio-estimator"
    # Ten halves say more than a draw by lot: five of eleven would, with the same total.
    five = lhp.partner_shares(tally({"REM": 6, "REN": 5}))["REN"].share
    assert five.low < table["REN"].share.low < table["REN"].share.high < five.high
    assert "shared ones divided" in table.title
    assert "Attribution: fractional." in str(table)


def test_parts_that_come_together_are_no_surer_than_whole_records():
    studies = [study(f"S{i}", ["REM", "REN", "RET"]) for i in range(9)] + [study("T", ["RBS"])]
    divided = lhp.tally_registrations(studies, attribution="fractional")

    merged = lhp.partner_shares(divided.regroup({"three": ["REM", "REN", "RET"]}))

    whole = lhp.partner_shares(tally({"three": 9, "RBS": 1}))
    assert merged["three"].count == 9
    assert tuple(merged["three"].share) == pytest.approx(tuple(whole["three"].share))


def test_where_all_were_successful_the_successful_are_shared_out_as_the_records():
    grants = [grant(f"G{i}", None, partners=["REM", "REN", "RET"]) for i in range(9)]
    counted = lhp.tally_grants(
        [*grants, grant("H", None, partners=["RBS"])], by="organisation", attribution="fractional"
    )

    records, successful = (
        lhp.partner_shares(counted, of=of).column("share.high") for of in ("records", "successful")
    )

    assert successful.tolist() == records.tolist()


def test_parts_of_records_have_one_method_only():
    divided = lhp.tally_registrations([study("S", ["REM", "REN"])], attribution="fractional")

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.partner_shares(divided, method="sison-glaz")

    assert str(caught.value) == (
        "method 'sison-glaz' is for whole counts; parts of records and pounds have intervals of "
        "the ratio estimator"
    )


# Within years; by other attributes


def test_shares_within_each_year_total_100_each():
    records = [
        lhp.Study(study_id=f"{year}{lead}{i}", registered_on=f"{year}-05-01", lead=lead)
        for year, lead, n in [(2022, "REM", 2), (2022, "REN", 1), (2023, "REM", 1), (2023, "X", 3)]
        for i in range(n)
    ]
    counted = lhp.tally_registrations(records, by=("lead", "financial_year"))

    table = lhp.partner_shares(counted, within="financial_year")

    year = lhp.Period.financial_year("2022-23")
    assert table["REM", year].share.value == pytest.approx(2 / 3)
    assert [row.percent for row in table if row.key[1] == year] == [66.7, 33.3]
    assert sum(row.percent for row in table) == 200
    # X has nothing in the first year, but is one of the three that could have.
    alone = lhp.partner_shares(tally({"REM": 2, "REN": 1, "X": 0}))
    assert tuple(table["REM", year].share) == pytest.approx(tuple(alone["REM"].share))
    assert not table.has_total
    assert "within each financial year" in table.title
    assert table.provenance.notes[-1] == (
        "Shares are of what each financial year has: there is no total of them."
    )


def test_pounds_within_each_year_have_no_total_either():
    grants = [
        lhp.Grant(
            reference=f"{year}{lead}",
            submitted_on=f"{year}-05-01",
            outcome="pending",
            lead=lead,
            amount_requested=amount,
        )
        for year, lead, amount in [(2022, "REM", 100), (2022, "REN", 300), (2023, "REM", 500)]
    ]
    counted = lhp.tally_grants(grants, by=("lead", "financial_year"))

    table = lhp.partner_shares(counted, of="pounds_requested", within="financial_year")

    assert [row.percent for row in table] == [25.0, 100.0, 75.0]
    assert not table.has_total
    assert table.provenance.notes[-1] == (
        "Shares are of what each financial year has: there is no total of them."
    )


def test_shares_within_what_the_tally_is_not_by_are_refused():
    counted = lhp.tally_registrations([study("S", ["REM"])], by=("organisation", "financial_year"))

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.partner_shares(counted, within="month")

    assert str(caught.value) == (
        "within='month' needs a tally by 'month' and something else; this one is by "
        "'organisation', 'financial_year'"
    )


def test_shares_within_need_groups_that_add_up():
    counted = lhp.tally_registrations(
        [study("S", ["REM", "REN"])], by=("organisation", "financial_year"), attribution="whole"
    )

    with pytest.raises(lhp.InvalidInputError, match="how many records each financial_year has"):
        lhp.partner_shares(counted, within="financial_year")


def test_shares_by_any_attribute():
    records = [
        grant("G1", "REM", 100, 100, funder_type="public"),
        grant("G2", "REM", 100, 200, funder_type="public"),
        grant("G3", "REM", 100, 100, funder_type="charity"),
        grant("G4", "REM", 100, 0),
    ]

    table = lhp.partner_shares(lhp.tally_grants(records, by="funder_type"), of="pounds_awarded")

    assert list(table.keys) == ["charity", "public", "not stated"]
    assert table["public"].share.value == 0.75
    assert table.title == "Shares of pounds awarded by funder type"


# Centres


CENTRES = [
    lhp.Centre(name="Cancer", partners=["REM", "REN", "RQ6"]),
    lhp.Centre(name="Brain", partners=["REM", "RET"]),
]


def test_centres_that_share_a_partner_have_no_column_that_adds_up():
    centres = tally({"REM": 6, "REN": 3, "RET": 1}).regroup(CENTRES, on="2024-03-31")

    table = lhp.partner_shares(centres)

    assert (table["Cancer"].share.value, table["Brain"].share.value) == (0.9, 0.7)
    assert table["Cancer"].percent is table.total.percent is None
    assert table["Cancer"].share.method == "wilson"
    assert (
        "Cancer counts through its partners on 31 Mar 2024: REM, REN; without a row in the tally: "
        "RQ6." in (table.provenance.footnote())
    )


def test_every_printed_form_says_how_shared_records_count():
    whole = lhp.tally_registrations([study("S", ["REM", "REN"])], attribution="whole")

    table = lhp.partner_shares(whole)

    for text in (str(table), table.to_html(), repr(table)):
        assert "Attribution: whole." in text
        assert "shared ones whole for each of theirs" in text
        assert "Groups share records: they add up to more than the total." in text


def test_the_footnote_says_why_a_percentage_may_differ_from_its_share():
    note = "Percent is rounded so that the column totals 100"
    thirds = {"A": 1, "B": 1, "C": 1}
    table = lhp.partner_shares(lhp.RegistrationTally.from_counts(thirds))
    shared = lhp.RegistrationTally.from_counts(thirds, attribution="whole", total=2)
    years = lhp.tally_registrations(
        [lhp.Study(study_id="S", registered_on="2024-01-05", lead="REM")],
        by=("organisation", "financial_year"),
    )
    within = lhp.partner_shares(years, within="financial_year")

    assert f"{note}." in table.provenance.notes
    assert f"{note} within each financial year." in within.provenance.notes
    assert note not in lhp.partner_shares(shared).provenance.footnote()
    nothing = lhp.RegistrationTally.from_counts({"A": 0})
    assert note not in lhp.partner_shares(nothing).provenance.footnote()


# Options


@pytest.mark.parametrize("confidence_level", [0.9, 0.99])
def test_simultaneous_limits_have_the_level_that_was_asked_for(confidence_level):
    table = lhp.partner_shares(tally(JRO), confidence_level=confidence_level)

    # L. A. Goodman (1965): Wilson's interval at 1 - (1 - level) / 6, for six partners; scipy.
    each = 1 - (1 - confidence_level) / 6
    for row in table:
        expected = binomtest(row.count, 164).proportion_ci(each, method="wilson")
        assert tuple(row.share)[1:] == pytest.approx(tuple(expected), rel=1e-9)
        assert row.share.confidence_level == confidence_level


@pytest.mark.parametrize("confidence_level", [0.9, 0.99])
def test_limits_of_groups_that_share_records_have_the_level_that_was_asked_for(confidence_level):
    share = lhp.partner_shares(OVERLAPPING, confidence_level=confidence_level)["A"].share

    # scipy: Wilson's interval for 6 of 10.
    expected = binomtest(6, 10).proportion_ci(confidence_level, method="wilson")
    assert tuple(share)[1:] == pytest.approx(tuple(expected), rel=1e-9)


@pytest.mark.parametrize(
    ("digits", "expected"), [(0, [67, 33]), (1, [66.7, 33.3]), (3, [66.667, 33.333])]
)
def test_percentages_are_rounded_to_the_digits_that_were_asked_for(digits, expected):
    table = lhp.partner_shares(tally({"A": 2, "B": 1}), digits=digits)

    assert [row.percent for row in table] == expected


def test_of_equal_partners_the_first_in_the_alphabet_gets_the_unit_left_over():
    # By hand: three thirds of 100.0 are 33.3 each, and 0.1 is left.
    table = lhp.partner_shares(tally({"C": 1, "B": 1, "A": 1}))

    assert {row.key: row.percent for row in table} == {"A": 33.4, "B": 33.3, "C": 33.3}


def test_parts_that_add_up_to_whole_pounds_are_pounds_again():
    grant = lhp.Grant(
        reference="G1",
        submitted_on="2023-05-01",
        outcome="pending",
        lead="REM",
        partners=["REM", "REN"],
        amount_requested="£100",
    )
    tally = lhp.tally_grants([grant], by="organisation", attribution="fractional")

    shares = lhp.partner_shares(tally, of="pounds_requested")

    assert [row.pounds for row in shares] == [50, 50]
    assert {type(row.pounds) for row in shares} == {Decimal}


def test_the_whole_is_sure_where_there_is_any():
    some, none = (lhp.partner_shares(tally(counts)) for counts in ({"A": 1, "B": 0}, {"A": 0}))

    assert tuple(some.total.share) == (1, 1, 1)
    assert some.total.percent == 100
    assert tuple(none.total.share) == pytest.approx((math.nan, 0, 1), nan_ok=True)
    assert none.total.percent is None or math.isnan(none.total.percent)


def asked_for(*pounds, **fields):
    return [
        lhp.Grant(
            reference=number,
            submitted_on="2023-05-01",
            outcome="pending",
            lead=lead,
            funder=funder,
            amount_requested=amount,
            **fields,
        )
        for number, (lead, funder, amount) in enumerate(pounds)
    ]


@pytest.mark.parametrize("leads", [("REM", "REN", "REP"), ("REP", "REN", "REM")])
def test_a_group_that_states_no_pounds_is_no_reason_to_refuse_the_others(leads):
    # The one without may be the first of the groups or the last.
    pounds = dict(zip(leads, (300, 100, None), strict=True))
    grants = asked_for(*((lead, "NIHR", amount) for lead, amount in pounds.items()))
    table = lhp.partner_shares(lhp.tally_grants(grants, by="lead"), of="pounds_requested")

    assert [table[lead].share.value for lead in leads] == [0.75, 0.25, 0]
    assert [table[lead].count for lead in leads] == [1, 1, 0]
    assert table.provenance.notes[0] == (
        "1 of 3 applications state no amount requested: they have no part in the pounds."
    )


def test_pounds_that_nobody_states_are_refused():
    nobody = lhp.tally_grants(asked_for(("REM", "NIHR", None), ("REN", "MRC", None)), by="lead")

    with pytest.raises(
        lhp.InvalidInputError,
        match=r"^of='pounds_requested' needs amounts, but none of the 2 applications states "
        r"amount_requested$",
    ):
        lhp.partner_shares(nobody, of="pounds_requested")


def test_a_single_group_has_all_of_its_pounds_if_it_has_any():
    for amount, expected in ((300, (1, 1, 1)), (0, (math.nan, 0, 1))):
        tallied = lhp.tally_grants(asked_for(("REM", "NIHR", amount)), by="lead")
        share = lhp.partner_shares(tallied, of="pounds_requested")["REM"].share
        assert tuple(share) == pytest.approx(expected, nan_ok=True)


def test_shares_within_each_group_are_those_of_that_group_alone():
    registered = {("2022", "A"): 5, ("2022", "B"): 15, ("2023", "A"): 1, ("2024", "A"): 0,
                  ("2024", "B"): 0}  # fmt: skip
    both = lhp.RegistrationTally.from_counts(registered, by=("year", "organisation"))
    table = lhp.partner_shares(both, within="year")

    for year in ("2022", "2023", "2024"):
        # B has nothing in 2023, where it could have had something.
        counts = {key: registered.get((year, key), 0) for key in "AB"}
        alone = lhp.partner_shares(tally(counts))
        for key in counts:
            if (year, key) in registered:
                row = table[year, key]
                assert tuple(row.share) == pytest.approx(tuple(alone[key].share), nan_ok=True)
                assert row.percent == pytest.approx(alone[key].percent, nan_ok=True)
