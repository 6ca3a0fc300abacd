import pytest
from hypothesis import given

from lhp_metrics.errors import InvalidInputError, NotFoundError
from lhp_metrics.models import Partnership, Period, ServiceEra, Trust
from strategies import periods

SPARK = ServiceEra("SPARK", "2019-10-28", "2023-11-19")
JRO = ServiceEra("JRO", "2023-11-20")
TRUSTS = [Trust(code="REM", names="A Hospital")]


@given(periods())
def test_eras_that_follow_one_another_divide_a_period_between_them(period):
    parts = []
    for era in (SPARK, JRO):
        try:
            parts.append(era.within(period))
        except InvalidInputError:
            continue

    covered = sum(part.days for part in parts)
    before_both = max(0, (SPARK.first_on - period.start).days)
    assert covered == max(0, period.days - before_both)


def test_an_era_that_is_over_is_a_period_and_one_that_runs_is_not():
    assert SPARK.period == Period("2019-10-28", "2023-11-19")
    with pytest.raises(InvalidInputError) as caught:
        _ = JRO.period
    assert str(caught.value) == (
        "service era 'JRO' has no last day: within(period) gives its days in a period"
    )


@pytest.mark.parametrize(
    ("era", "message"),
    [
        (JRO, "service era 'JRO' has no day in 2022-23"),
        (ServiceEra("JRS"), "the first day of service era 'JRS' is unknown"),
    ],
)
def test_an_era_outside_or_without_beginning_has_no_days_to_give(era, message):
    with pytest.raises(InvalidInputError) as caught:
        era.within(Period.financial_year("2022-23"))

    assert str(caught.value) == message


def test_a_partnership_finds_its_eras_by_name():
    found = Partnership("Example", TRUSTS, eras=[ServiceEra("JRS"), SPARK, JRO])

    assert found.era("spark") is SPARK
    with pytest.raises(NotFoundError, match=r"no service era is called 'SPARKS'; did you mean"):
        found.era("SPARKS")


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (ServiceEra("JRO", "2023-11-19"), "service eras 'SPARK' and 'JRO' overlap"),
        (ServiceEra("JRO", "2019-10-28"), "service eras 'JRO' and 'SPARK' overlap"),
        (ServiceEra("spark", "2024-01-01"), "two service eras are called 'spark'"),
    ],
)
def test_two_services_at_a_time_or_of_one_name_are_refused(second, message):
    with pytest.raises(InvalidInputError, match=message):
        Partnership("Example", TRUSTS, eras=[second, SPARK])


def test_dates_in_reverse_are_refused():
    with pytest.raises(InvalidInputError) as caught:
        ServiceEra("JRO", "2024-01-01", "2023-01-01")

    assert str(caught.value) == (
        "service era 'JRO': last_on (2023-01-01) is before first_on (2024-01-01)"
    )
