import pytest
from scipy.stats import chi2

import lhp_metrics as lhp

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


def test_groups_that_share_records_have_no_total_per_head():
    whole = lhp.RegistrationTally.from_counts({"A": 3, "B": 2}, attribution="whole", total=4)

    table = lhp.per_head(whole.to_table(), {"A": 10, "B": 20}, count="registrations")

    assert not table.has_total


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
