import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from hospitals import hospitals
from strategies import adjoining_periods

SPARK = lhp.Period("2023-04-01", "2023-11-19")
JRO = lhp.Period("2023-11-20", "2024-03-31")
STAFF = {"REM": 12_000.0, "REN": 1_900.0}

amounts = st.floats(0.5, 1e6)


def tally(counts, period=SPARK, **options):
    return lhp.RegistrationTally.from_counts(counts, period=period, **options)


def test_staff_become_staff_years_and_person_years_stay():
    counted = tally({"REM": 107, "REN": 1})

    staffed = counted.with_exposure(STAFF, unit="staff")
    timed = counted.with_exposure(STAFF, unit="person-years")

    assert (staffed.exposure_unit, timed.exposure_unit) == ("staff-years", "person-years")
    assert staffed.exposure("REM") == pytest.approx(12_000 * 233 / 365.25)
    assert timed.exposure("REM") == 12_000
    assert float(timed.columns["exposure"][-1]) == 13_900
    assert (staffed["REM"], staffed.total) == (107, 108)


@given(adjoining_periods(), amounts, amounts)
def test_as_many_staff_in_both_parts_are_as_many_in_the_whole(periods, many, few):
    parts = [
        tally({"REM": 3, "REN": 1}, period).with_exposure({"REM": many, "REN": few}, unit="staff")
        for period in periods
    ]
    both = parts[0] + parts[1]
    whole = tally({"REM": 6, "REN": 2}, periods[0].union(periods[1])).with_exposure(
        {"REM": many, "REN": few}, unit="staff"
    )

    assert both.exposure("REM") == pytest.approx(whole.exposure("REM"))
    assert both.exposure_unit == "staff-years"


def test_a_groups_exposure_is_that_of_its_members():
    staffed = tally({"REM": 107, "REN": 1}).with_exposure(STAFF, unit="bed-days")

    assert staffed.regroup({"Site": ["REM", "REN"]}).exposure("Site") == 13_900


def test_a_months_exposure_is_over_its_own_days():
    months = tally(
        {lhp.Period("2023-11-01", "2023-11-19"): 4, lhp.Period("2023-11-20", "2023-11-30"): 9},
        lhp.Period.month("2023-11"),
        by="month",
    ).with_exposure(
        {
            lhp.Period("2023-11-01", "2023-11-19"): 100,
            lhp.Period("2023-11-20", "2023-11-30"): 100,
        },
        unit="beds",
    )

    assert months.exposure("1 Nov 2023 to 19 Nov 2023") == pytest.approx(100 * 19 / 365.25)
    assert months.exposure("20 Nov 2023 to 30 Nov 2023") == pytest.approx(100 * 11 / 365.25)


@pytest.mark.parametrize(
    ("exposure", "unit", "error", "message"),
    [
        ({"REM": 1}, "staff", lhp.InvalidInputError, "exposure has no staff for REN, RBS"),
        (
            STAFF | {"RBS": 5, "RET": 4},
            "staff",
            lhp.NotFoundError,
            "the tally has no group 'RET'; did you mean 'REN' or 'REM'?",
        ),
        (
            STAFF | {"RBS": 0},
            "staff",
            lhp.InvalidInputError,
            "exposure of 'RBS' must be a finite number above 0; got 0",
        ),
        (
            STAFF | {"RBS": "many"},
            "staff",
            lhp.InvalidTypeError,
            "exposure of 'RBS' must be a number or an array of numbers; got 'many'",
        ),
        (
            STAFF | {"RBS": float("nan")},
            "staff",
            lhp.InvalidInputError,
            "exposure of 'RBS' must not be NaN (missing); got nan",
        ),
        (STAFF, " ", lhp.InvalidTypeError, "unit must be text such as 'staff'; got ' '"),
        (
            [1, 2, 3],
            "staff",
            lhp.InvalidTypeError,
            "exposure must map groups to numbers; got [1, 2, 3]",
        ),
    ],
)
def test_exposures_that_cannot_be_are_refused(exposure, unit, error, message):
    with pytest.raises(error) as caught:
        tally({"REM": 2, "REN": 1, "RBS": 0}).with_exposure(exposure, unit=unit)

    assert str(caught.value) == message


def test_without_a_period_only_a_unit_with_time_in_it_will_do():
    counted = tally({"REM": 2, "REN": 1}, None)

    assert counted.with_exposure(STAFF, unit="person-years").exposure("REN") == 1_900
    with pytest.raises(lhp.InvalidInputError) as caught:
        counted.with_exposure(STAFF, unit="staff")
    assert str(caught.value) == (
        "the tally has no period, so staff make no exposure: give a unit with time in it, such "
        "as 'person-years'"
    )


def test_exposures_of_different_kinds_do_not_add_up():
    one = tally({"REM": 2, "REN": 1}).with_exposure(STAFF, unit="staff")
    two = tally({"REM": 2, "REN": 1}, JRO)

    with pytest.raises(lhp.InvalidInputError) as caught:
        _ = one + two
    assert str(caught.value) == "the tallies differ in exposure_unit: 'staff-years' and None"
    with pytest.raises(lhp.InvalidInputError, match="the tally has no exposure: with_exposure"):
        two.exposure("REM")
    with pytest.raises(lhp.NotFoundError, match="the tally has no group 'RBS'"):
        one.exposure("RBS")


def test_exposures_are_restated_with_the_counts():
    partners = lhp.Partnership(
        "Split",
        hospitals("REM", "REN", "RBS"),
        successions=[
            lhp.Succession(
                predecessor="RBS", successor=heir, on="2020-04-01", kind="split", portion=portion
            )
            for heir, portion in (("REM", "1/4"), ("REN", "3/4"))
        ],
    )
    counted = tally({"REM": 2, "RBS": 8}).with_exposure({"REM": 100, "RBS": 40}, unit="bed-days")

    restated = counted.restate(partners)

    assert (restated["REM"], restated["REN"]) == (4, 6)
    assert (restated.exposure("REM"), restated.exposure("REN")) == (110, 30)
