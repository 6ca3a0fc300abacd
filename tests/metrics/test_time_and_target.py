import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lhp_metrics as lhp
from lhp_metrics.intervals import rate_interval
from strategies import study_lists

DAY = "2024-06-30"


def site(
    code="REM", *, target=60, recruited=0, closed=None, opened="2024-01-01", ends="2024-12-31"
):
    return lhp.StudySite(
        code,
        opened_on=opened,
        planned_closing_on=ends,
        closed_on=closed,
        target=target,
        recruited=recruited,
    )


def study(*sites, name="S1", **fields):
    return lhp.Study(study_id=name, sites=sites, **fields)


def judged(*sites, **options):
    return lhp.time_and_target([study(*sites)], DAY, **options).total


# The rule of the R&D Forum's notice of 26 January 2021: share of the target over share of the time;
# 25 % recruited in 50 % of the time is 50 % below plan.
def test_a_quarter_of_the_target_in_half_of_the_time_is_half_the_plan():
    row = judged(site(target=40, recruited=10, opened="2024-01-01", ends="2024-12-29"))

    assert row.of_plan == pytest.approx(0.5)
    assert (row.on_track, row.behind) == (0, 1)
    assert judged(site(target=40, recruited=10, ends="2024-12-29"), tolerance=0.5).on_track == 1


@pytest.mark.parametrize(
    ("recruited", "closed", "status"),
    [
        (30, None, "on_track"),  # 182 of 366 days: 29.8 of 60
        (29, None, "behind"),
        (60, "2024-05-31", "closed_met"),
        (59, "2024-05-31", "closed_not_met"),
        (29, "2024-07-01", "behind"),  # closed only after the day that is asked about
    ],
)
def test_open_and_closed_studies_are_judged(recruited, closed, status):
    row = judged(site(recruited=recruited, closed=closed))

    states = ("on_track", "behind", "closed_met", "closed_not_met")
    assert [name for name in states if getattr(row, name)] == [status]


def test_who_closed_after_the_planned_end_did_not_keep_to_the_time():
    late = site(recruited=60, closed="2024-06-01", ends="2024-05-31")

    assert judged(late).closed_not_met == 1


def test_a_study_is_judged_by_the_sum_over_its_sites():
    sites = [site("REM", recruited=50), site("REN", recruited=15)]

    whole = lhp.time_and_target([study(*sites)], DAY).total
    each = lhp.time_and_target([study(*sites)], DAY, level="site", by="organisation")

    assert (whole.on_track, whole.behind, whole.recruited) == (1, 0, 65)
    assert (each["REM"].on_track, each["REN"].behind) == (1, 1)
    assert each.total.share_on_track.value == 0.5


def test_recruitment_per_month_stands_beside_the_plan():
    row = judged(site(recruited=33))

    months = 182 / (365.25 / 12)
    assert row.recruited_per_month.value == pytest.approx(33 / months)
    assert tuple(rate_interval(33, months)) == pytest.approx(
        (row.recruited_per_month.low, row.recruited_per_month.high)
    )
    assert row.planned_per_month == pytest.approx(60 * 182 / 366 / months)


def test_each_study_left_out_has_its_reason():
    studies = [
        study(site(), name=1),
        study(name=2),
        study("REM", name=3),
        study(site(opened="2024-08-01"), name=4),
        study(site(target=None), name=5),
        study(site(target=0), name=6),
        study(site(ends=None), name=7),
        study(site(recruited=None), name=8),
        study(site(ends=None), site("REN", opened=None, ends="2023-12-31"), name=9),
        study(site(ends=None), site("REN", opened=None, ends="2024-01-01"), name=10),
    ]

    table = lhp.time_and_target(studies, DAY)

    assert table.total.on_track + table.total.behind == 2
    assert table.provenance.records_in == 10
    assert table.provenance.records_excluded == {
        "no sites listed": 1,
        "no opened_on": 1,
        "not open by 30 Jun 2024": 1,
        "no target at one of its sites": 1,
        "a target of 0": 1,
        "no planned_closing_on": 1,
        "planned_closing_on before opened_on": 1,
        "no recruited at one of its open sites": 1,
    }


@settings(max_examples=25)
@given(study_lists(max_size=8), st.sampled_from(["study", "site"]))
def test_every_study_is_judged_or_left_out(studies, level):
    table = lhp.time_and_target(studies, "2023-01-01", level=level)

    row = table.total
    counted = row.on_track + row.behind + row.closed_met + row.closed_not_met
    left_out = sum(table.provenance.records_excluded.values())
    assert table.provenance.records_in == counted + left_out
    if level == "study":
        assert table.provenance.records_in == len(studies)


@given(st.integers(0, 60), st.integers(0, 60))
def test_more_recruits_are_never_behind_fewer(one, more):
    fewer, many = judged(site(recruited=one)), judged(site(recruited=one + more))

    assert many.on_track >= fewer.on_track


def test_nothing_open_and_nothing_closed_is_undefined():
    row = lhp.time_and_target([], DAY).total

    for estimate in (row.share_on_track, row.share_met):
        assert math.isnan(estimate.value)
        assert tuple(estimate)[1:] == (0, 1)
    assert tuple(row.recruited_per_month)[1:] == (0, math.inf)


def test_shared_studies_need_an_attribution():
    shared = study(site("REM"), site("REN"), lead="REM")

    with pytest.raises(lhp.InvalidInputError, match="say attribution='lead' or 'whole'"):
        lhp.time_and_target([shared], DAY, by="organisation")
    led = lhp.time_and_target([shared], DAY, by="organisation", attribution="lead")
    assert led.keys == ("REM",)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"level": "trust"}, lhp.InvalidInputError, "level must be one of 'study', 'site'"),
        ({"tolerance": 30}, lhp.InvalidInputError, "tolerance must be at least 0 and below 1"),
        ({"as_of": None}, lhp.InvalidTypeError, "as_of must be a date"),
        ({"attribution": "fractional"}, lhp.InvalidInputError, "attribution must be one of"),
        ({"level": "site", "attribution": "lead"}, lhp.InvalidInputError, "attribution is for st"),
    ],
)
def test_bad_options_are_named(options, error, message):
    with pytest.raises(error, match=message):
        lhp.time_and_target([study(site())], **({"as_of": DAY} | options))


def test_a_study_planned_to_close_before_any_site_opened_is_left_out_and_counted():
    study = lhp.Study(
        study_id="S1",
        sites=[
            lhp.StudySite("REM", opened_on="2024-06-01", target=10, recruited=2),
            lhp.StudySite("REN", planned_closing_on="2024-01-31", target=5),
        ],
    )

    table = lhp.time_and_target([study], "2024-07-31")

    assert table.provenance.records_excluded == {"planned_closing_on before opened_on": 1}


FIELDS = {"opened": "2024-01-01", "ends": "2024-12-31", "target": 60, "recruited": 9}


@pytest.mark.parametrize(
    ("level", "fields", "reason"),
    [
        ("study", {"opened": None, "recruited": None}, "no opened_on"),
        ("site", {"opened": None, "recruited": None}, "no opened_on"),
        ("study", {"opened": "2024-07-01"}, "not open by 30 Jun 2024"),
        ("study", {"target": None}, "no target at one of its sites"),
        ("site", {"target": None}, "no target"),
        ("study", {"target": 0}, "a target of 0"),
        ("study", {"ends": None}, "no planned_closing_on"),
        ("study", {"recruited": None}, "no recruited at one of its open sites"),
        ("site", {"recruited": None}, "no recruited"),
    ],
)
def test_whatever_a_plan_lacks_is_the_reason_why_it_is_left_out(level, fields, reason):
    # Two of each, beside one that has it all.
    studies = [
        study(site(**FIELDS), name="whole"),
        *(study(site(**{**FIELDS, **fields}), name=name) for name in ("one", "two")),
    ]
    table = lhp.time_and_target(studies, DAY, level=level)

    assert table.provenance.records_excluded == {reason: 2}
    assert table.provenance.records_in == 3
    assert table.total.behind == 1


def test_the_attribution_is_in_the_footnote():
    shared = study(site("REM", **FIELDS), site("REN", **FIELDS))

    table = lhp.time_and_target([shared], DAY, by="organisation", attribution="whole")

    assert table.provenance.attribution == "whole"
    assert [row.behind for row in (*table, table.total)] == [1, 1, 1]
    assert "Groups share records: they add up to more than the total." in table.provenance.notes
    alone = study(site("REM", **FIELDS))
    one = lhp.time_and_target([alone], DAY, by="organisation", attribution="whole")
    assert "Groups may share records." in one.provenance.notes


@pytest.mark.parametrize("tolerance", [-0.1, 1, [0.1, 0.2]])
def test_a_tolerance_is_one_fraction(tolerance):
    with pytest.raises(lhp.InvalidInputError, match=r"^tolerance must be at least 0 and below 1; "):
        judged(site(), tolerance=tolerance)
