import pytest
from scipy.stats import chi2

import lhp_metrics as lhp
from every_result import every_table

TALLY = lhp.RegistrationTally.from_counts({"REM": 69, "REN": 10})
STAFF = {"REM": 14_000, "REN": 1_700, "RET": 1_500}


def test_rates_are_per_thousand_with_exact_limits():
    # Garwood's limits as quantiles of chi-squared, by scipy.stats.
    low, high = chi2.ppf(0.025, 20) / 2 / 1.7, chi2.ppf(0.975, 22) / 2 / 1.7

    table = lhp.per_head(TALLY.to_table(), STAFF, count="registrations")

    row = table["REN"]
    assert (row.count, row.heads) == (10, 1700)
    assert tuple(row.rate) == pytest.approx((10 / 1.7, low, high), rel=1e-9)
    assert table.total.rate.value == pytest.approx(1000 * 79 / 15_700)
    assert row.rate.unit == "per 1,000 staff"
    assert "Exposure: 1,000 staff." in str(table)
    assert table.title == "Studies registered, per 1,000 staff"


def test_what_the_rate_is_per_is_chosen():
    table = lhp.per_head(TALLY.to_table(), STAFF, count="registrations", per=100, unit="beds")

    assert table["REM"].rate.value == pytest.approx(100 * 69 / 14_000)
    assert table["REM"].rate.unit == "per 100 beds"


@pytest.mark.parametrize(
    ("name", "count", "expected"),
    [
        ("clock_counts", "started", 7),
        ("setup_times", "unfinished", 1),
        ("within_target", "within", 4),
        ("setup_change", "before", 7),
        ("time_and_target", "recruited", 45),
    ],
)
def test_counts_of_clocks_and_plans_have_rates_too(name, count, expected):
    table = lhp.per_head(every_table()[name], STAFF, count=count)

    assert table["REM"].rate.value == pytest.approx(expected / 14)
    assert table.has_total


def test_decisions_by_month_need_heads_of_every_row():
    table = every_table()["time_to_decision"]

    with pytest.raises(lhp.NotFoundError, match=r"heads lack .*3 months"):
        lhp.per_head(table, {"NIHR": 10}, count="successful")
    rated = lhp.per_head(table, dict.fromkeys(table.keys, 10), count="successful")
    assert rated["NIHR", "9 months"].rate.value == pytest.approx(200)


def test_medians_are_no_counts():
    with pytest.raises(lhp.InvalidInputError, match="whole counts, and 'median' has others"):
        lhp.per_head(every_table()["setup_times"], STAFF, count="median")


def test_groups_that_share_records_have_no_total_per_head():
    whole = lhp.RegistrationTally.from_counts({"A": 3, "B": 2}, attribution="whole", total=4)

    table = lhp.per_head(whole.to_table(), {"A": 10, "B": 20}, count="registrations")

    assert not table.has_total
    # No record is shared here, but X's heads are in both groups.
    tally = lhp.RegistrationTally.from_counts({"X": 0, "Y": 10, "Z": 10})
    shared = tally.regroup({"A": ["X", "Y"], "B": ["X", "Z"]})
    assert not lhp.per_head(shared.to_table(), {"A": 9, "B": 9}, count="registrations").has_total


@pytest.mark.parametrize(
    ("heads", "count", "error", "message"),
    [
        ({"REM": 5}, "registrations", lhp.NotFoundError, "heads lack 'REN'; did you mean 'REM'?"),
        (
            {"REM": 5, "REN": 0},
            "registrations",
            lhp.InvalidInputError,
            "heads['REN'] must be finite and above 0; got 0.0",
        ),
        (STAFF, "count", lhp.NotFoundError, "the table has no column 'count'"),
        ([1, 2], "registrations", lhp.InvalidTypeError, "heads must map the table's keys"),
    ],
)
def test_what_has_no_rate_is_refused(heads, count, error, message):
    with pytest.raises(error) as caught:
        lhp.per_head(TALLY.to_table(), heads, count=count)

    assert str(caught.value).startswith(message)


def test_parts_of_records_have_no_exact_limits():
    study = lhp.Study(study_id="S", registered_on="2023-05-01", sites=["REM", "REN"])
    divided = lhp.tally_registrations([study], attribution="fractional").to_table()

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.per_head(divided, STAFF, count="registrations")

    assert str(caught.value) == (
        "a rate per head needs whole counts, and 'registrations' has others"
    )


def test_a_rate_is_told_with_its_count_and_a_hidden_one_is_not_told():
    heads = {"REM": 5_000, "REN": 1_000}
    tally = lhp.RegistrationTally.from_counts({"REM": 20, "REN": 3})
    table = lhp.per_head(tally.to_table(), heads, count="registrations", per=1_000)

    # Exact limits of 20 are 12.22 and 30.89: half of chi2.ppf([0.025, 0.975], [40, 42]).
    assert table["REM"].describe() == (
        "REM: 20, which is 4.00 per 1,000 staff (95% confidence interval 2.44 to 6.18)."
    )
    hidden = lhp.suppress(table, rule=lhp.SuppressionRule(5))
    assert hidden["REN"].describe() == (
        "REN: the figures are not shown, because counts are too small to publish."
    )
