"""What every metric keeps to: errors name the argument, defaults are the documented ones, and a
group has what it has alone."""

import datetime as dt
import importlib
import inspect
import pkgutil
import re

import attrs
import pytest

import lhp_metrics as lhp
from every_result import clocks_as_of, every_table, grant, recruiting
from lhp_metrics import OutcomeCounts, metrics
from setup_histories import one_site

REPORT = lhp.annual_report_2023_24()
RFPB = lhp.nihr_rfpb_success_rates().one_stage
GRANTS = [
    grant("G1", "successful", "REM", "£250,000", "£240,000", "2023-09-01"),
    grant("G2", "unsuccessful", "REM", "£120,000.50", None, "2023-10-01"),
    grant("G3", "unsuccessful", "REN", "£85,000", None, "2023-10-01"),
    grant("G4", "successful", "REN", "£60,000.25", "£60,000", "2023-12-01"),
    grant("G5", "pending", "REN", "£40,000", None, None),
    grant("G6", "successful", "REP", "£1,000,000", "£900,000", "2024-01-15"),
    grant("G7", "pending", "RBS", "£75,000", None, None),
]
LEADS = ("REM", "REN", "REP", "RBS")


def by_lead(*leads):
    chosen = [one for one in GRANTS if one.lead in leads]
    return lhp.tally_grants(chosen, by="lead", as_of="2024-03-31")


def decisions(*leads):
    chosen = [one for one in GRANTS if one.lead in leads]
    return lhp.tally_decisions(chosen, by="lead", as_of="2024-03-31")


CLOCKS, LATER = clocks_as_of("2024-03-31", 0), clocks_as_of("2025-03-31", 7)
# Every metric, and what it can be asked with nothing but its defaults.
ASKED = {
    "compare_success_rates": [RFPB],
    "concentration": [REPORT.jro],
    "control_chart": [[22, 19, 27, 24, 21, 20, 25, 29, 31, 26, 23, 40]],
    "decision_curves": [decisions(*LEADS)],
    "decisions_needed": [0.1],
    "forecast_successes": [RFPB],
    "funnel": [RFPB],
    "partner_shares": [REPORT.jro],
    "possible_success_rates": [REPORT.grants],
    "registration_change": [REPORT.spark, REPORT.jro],
    "setup_change": [CLOCKS, LATER],
    "setup_curves": [CLOCKS],
    "setup_times": [CLOCKS],
    "share_change": [REPORT.spark, REPORT.jro],
    "success_rate": [RFPB],
    "success_rate_change": [RFPB["2010-11"], RFPB["2011-12"]],
    "success_rates": [RFPB],
    "time_and_target": [recruiting(), "2024-06-30"],
    "time_to_decision": [decisions(*LEADS)],
    "value_success_rate": [by_lead(*LEADS)],
    "value_success_rates": [by_lead(*LEADS)],
    "within_target": [CLOCKS],
}


def test_every_metric_is_asked_here():
    modules = [
        importlib.import_module(f"{metrics.__name__}.{module.name}")
        for module in pkgutil.iter_modules(metrics.__path__)
        if module.name[0] != "_"
    ]
    public = {
        name
        for module in modules
        for name in module.__all__
        if inspect.isfunction(getattr(module, name))
    }

    assert public == set(ASKED)


OF = "'records', 'successful', 'pounds_requested', 'pounds_awarded'"
SURVIVAL = "'log-log', 'log', 'plain', 'logit', 'arcsin', 'wilson'"
DIFFERENCE = "'miettinen-nurminen', 'mee', 'newcombe', 'newcombe-cc', 'agresti-caffo', 'wald'"
RATIO = "'miettinen-nurminen', 'koopman', 'katz-log', 'adjusted-log', 'mover-wilson', 'scas'"
PROPORTION = "'wilson', 'wilson-cc', 'clopper-pearson', 'mid-p', 'jeffreys', 'agresti-coull'"
SHARES_OUT = "a RegistrationTally or GrantTally; got int"
GRANT_COUNTS = "a GrantTally or OutcomeCounts; got int"
# A wrong value of each argument, and what the message says that it must be.
WRONG = {
    "adjust": ("bonferroni", "one of 'holm', 'benjamini-hochberg', 'none'; got 'bonferroni'"),
    "as_of": (20240630, "a date; got 20240630"),
    "attribution": ("half", "one of 'lead', 'whole'; got 'half'"),
    "baseline": (1.5, "a number of points or a Period; got 1.5"),
    "basis": ("all", "one of 'decided', 'submitted', 'considered'; got 'all'"),
    "by": (7, "a collection of names; got 7"),
    "confidence_level": (1, "between 0 and 1, such as 0.95; got 1.0"),
    "digits": (11, "a whole number from 0 to 10; got 11"),
    "dispersion": ("normal", "one of 'poisson', 'quasi'; got 'normal'"),
    "expected_rate": (1.5, "between 0 and 1; got 1.5"),
    "exposure": ("hours", "one of 'days', 'working_days'; got 'hours'"),
    "half_width": (0.5, "from 0.000001 to below 0.5; got 0.5"),
    "level": ("sponsor", "one of 'study', 'site'; got 'sponsor'"),
    "limits": ("c", "one of 'xmr', 'poisson'; got 'c'"),
    "lineage": ("warn", "one of 'refuse', 'ignore'; got 'warn'"),
    "months": (7, "a collection of numbers; got 7"),
    "of": ("papers", f"one of {OF}; got 'papers'"),
    "partnership": ("LHP", "a Partnership; got str"),
    "per": ("week", "one of '30 days', 'year'; got 'week'"),
    "prior": ("flat", "one of 'jeffreys', 'others'; got 'flat'"),
    "ratio_method": ("wald", f"one of {RATIO}; got 'wald'"),
    "rebase": (3, "a collection of places; got 3"),
    "resamples": (99, "at least 100; got 99"),
    "seed": (-1, "at least 0; got -1"),
    "series": (["a"], "a number or an array of numbers; got an array of dtype <U1"),
    "studies": (7, "a collection of Study; got 7"),
    "target": (1.5, "between 0 and 1; got 1.5"),
    "tolerance": (1, "at least 0 and below 1; got 1"),
    "trim": (0.6, "between 0 and 0.5; got 0.6"),
    "upto": (-1, "finite, at least 0; got -1.0"),
}
# The same of what every metric takes in its own way.
OWN = {
    "compare_success_rates": {"tally": GRANT_COUNTS, "method": DIFFERENCE},
    "concentration": {"tally": SHARES_OUT},
    "decision_curves": {"tally": "a DecisionTally; got int", "method": SURVIVAL},
    "forecast_successes": {"tally": GRANT_COUNTS},
    "funnel": {
        "tally": "a GrantTally or RegistrationTally or SetupTally; got int",
        "method": "'wilson', 'exact'; got 7",
    },
    "partner_shares": {
        "tally": SHARES_OUT,
        "method": "'goodman', 'quesenberry-hurst', 'sison-glaz'; got 7",
    },
    "possible_success_rates": {"counts": "an OutcomeCounts; got int", "method": PROPORTION},
    "registration_change": {
        "before": "a RegistrationTally; got int",
        "after": "a RegistrationTally; got int",
        "method": "'mid-p', 'exact', 'score', 'wald-log', 'mover-score', 'scas'; got 7",
    },
    "setup_change": {
        "before": "a SetupTally; got int",
        "after": "a SetupTally; got int",
        "method": SURVIVAL,
    },
    "setup_curves": {"tally": "a SetupTally; got int", "method": SURVIVAL},
    "setup_times": {"tally": "a SetupTally; got int", "method": SURVIVAL},
    "share_change": {"before": SHARES_OUT, "after": SHARES_OUT},
    "success_rate": {"counts": GRANT_COUNTS, "method": PROPORTION},
    "success_rate_change": {"before": GRANT_COUNTS, "after": GRANT_COUNTS, "method": DIFFERENCE},
    "success_rates": {"tally": GRANT_COUNTS, "method": PROPORTION},
    "time_and_target": {"method": PROPORTION},
    "time_to_decision": {"tally": "a DecisionTally; got int", "method": SURVIVAL},
    "value_success_rate": {
        "tally": "a GrantTally; got int",
        "method": "'logit-linearisation', 'linearisation'; got 7",
    },
    "value_success_rates": {
        "tally": "a GrantTally; got int",
        "method": "'logit-linearisation', 'linearisation'; got 7",
    },
    "within_target": {"tally": "a SetupTally; got int", "method": PROPORTION},
}
# Anything is true or false.
FLAGS = ("screen_outliers", "simultaneous")
# These have messages of their own, in the tests of their modules.
NAMED_OTHERWISE = ("expected", "reference", "within")


def arguments():
    for name in ASKED:
        for argument in inspect.signature(getattr(lhp, name)).parameters:
            if argument not in (*FLAGS, *NAMED_OTHERWISE):
                yield name, argument


def ask(name, **named):
    metric = getattr(lhp, name)
    given = dict(zip(inspect.signature(metric).parameters, ASKED[name], strict=False))
    return metric(**{**given, **named})


@pytest.mark.parametrize(("name", "argument"), list(arguments()))
def test_a_wrong_argument_is_named_with_what_it_must_be(name, argument):
    own = OWN.get(name, {}).get(argument)
    choice = "one of " if argument == "method" else ""
    value, rule = WRONG[argument] if own is None else (7, f"{choice}{own}")
    said = re.escape(f"{argument} must be {rule}")

    with pytest.raises((lhp.InvalidInputError, lhp.InvalidTypeError), match=f"^{said}"):
        ask(name, **{argument: value})


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("compare_success_rates", "comparisons of success rates"),
        ("forecast_successes", "forecasts"),
        ("funnel", "funnels"),
        ("success_rate", "success rates"),
        ("success_rate_change", "changes of success rates"),
        ("success_rates", "success rates"),
    ],
)
def test_what_needs_whole_applications_says_so(name, what):
    parts = lhp.tally_grants(
        [attrs.evolve(GRANTS[0], partners=["REN"])], by="organisation", attribution="fractional"
    )
    said = (
        f"{what} need whole applications, but this tally has attribution 'fractional': count with "
        "'lead' or 'whole'"
    )

    with pytest.raises(lhp.InvalidInputError, match=f"^{said}$"):
        getattr(lhp, name)(*[parts] * len(ASKED[name]))


LEVEL = {"confidence_level": 0.95}
# As the docstrings have them; "by default" in words is spelt out as what it comes to.
DOCUMENTED = {
    "compare_success_rates": {
        "reference": "rest",
        "basis": "decided",
        "method": "miettinen-nurminen",
        "ratio_method": "miettinen-nurminen",
        "simultaneous": False,
        **LEVEL,
    },
    "concentration": {"of": "records", "resamples": 4_000, "seed": 0, **LEVEL},
    "control_chart": {
        "baseline": 12,  # all of ASKED's
        "screen_outliers": False,
        "rebase": [],
        "limits": "xmr",
    },
    "decision_curves": {"method": "wilson", **LEVEL},
    "decisions_needed": {"expected_rate": 0.5, **LEVEL},
    "forecast_successes": {"prior": "jeffreys", **LEVEL},
    "funnel": {
        "target": None,
        "expected": None,
        "basis": "decided",
        "method": "wilson",
        "trim": 0.1,
    },
    "partner_shares": {"of": "records", "within": None, "method": "goodman", "digits": 1, **LEVEL},
    "possible_success_rates": {"method": "wilson", **LEVEL},
    "registration_change": {
        "exposure": "days",
        "per": "30 days",
        "method": "mid-p",
        "adjust": "holm",
        "dispersion": "poisson",
        "lineage": "refuse",
        **LEVEL,
    },
    "setup_change": {
        "upto": None,
        "method": "log-log",
        "adjust": "holm",
        "lineage": "refuse",
        **LEVEL,
    },
    "setup_curves": {"method": "log-log", **LEVEL},
    "setup_times": {"method": "log-log", **LEVEL},
    "share_change": {"of": "records", "lineage": "refuse", **LEVEL},
    "success_rate": {"basis": "decided", "method": "wilson", **LEVEL},
    "success_rate_change": {
        "basis": "decided",
        "method": "miettinen-nurminen",
        "ratio_method": "miettinen-nurminen",
        "simultaneous": False,
        "lineage": "refuse",
        **LEVEL,
    },
    "success_rates": {"basis": "decided", "method": "wilson", **LEVEL},
    "time_and_target": {
        "by": [],
        "level": "study",
        "tolerance": 0,
        "attribution": None,
        "partnership": None,
        "method": "wilson",
        **LEVEL,
    },
    "time_to_decision": {"months": [3, 6, 9, 12, 18], "method": "wilson", **LEVEL},
    "value_success_rate": {"method": "logit-linearisation", **LEVEL},
    "value_success_rates": {"method": "logit-linearisation", **LEVEL},
    "within_target": {"method": "wilson", **LEVEL},
}


@pytest.mark.parametrize("name", list(ASKED))
def test_the_documented_defaults_are_what_is_done(name):
    given = inspect.signature(getattr(lhp, name)).parameters.values()
    optional = {argument.name for argument in given if argument.default is not argument.empty}

    assert set(DOCUMENTED[name]) == optional
    plain, spelt_out = ask(name), ask(name, **DOCUMENTED[name])
    assert plain == spelt_out or str(plain) == str(spelt_out)


COUNTS = {
    "one": OutcomeCounts(successful=1, unsuccessful=0),
    "two": OutcomeCounts(successful=1, unsuccessful=1, pending=1),
    "many": OutcomeCounts(successful=40, unsuccessful=60, pending=7, withdrawn=3, not_considered=2),
    "none won": OutcomeCounts(successful=0, unsuccessful=9),
    "all pending": OutcomeCounts(successful=0, unsuccessful=0, pending=3),
    "nothing": OutcomeCounts(successful=0, unsuccessful=0),
    "not published": OutcomeCounts(decided=5, pending=2),
}
FASTER = {
    "one": OutcomeCounts(successful=0, unsuccessful=2),
    "two": OutcomeCounts(successful=2, unsuccessful=1, pending=2),
    "many": OutcomeCounts(successful=70, unsuccessful=20, withdrawn=1),
    "none won": OutcomeCounts(successful=0, unsuccessful=4),
    "all pending": OutcomeCounts(successful=4, unsuccessful=1),
    "nothing": OutcomeCounts(successful=0, unsuccessful=0),
    "not published": OutcomeCounts(successful=2, unsuccessful=3),
}
STUDIES = {"one": (1, 2), "two": (2, 0), "many": (40, 70), "nothing": (0, 0), "new": (0, 5)}
SETUP = {"REM": (31, 45, 52, 61, 90, 118, None), "REN": (20, None), "RET": (75,), "RBS": (None,)}


def applications(counts, *keys):
    return lhp.GrantTally.from_counts({key: counts[key] for key in keys}, by="funder")


def registrations(place, month, *keys):
    counts = {key: STUDIES[key][place] for key in keys}
    return lhp.RegistrationTally.from_counts(counts, period=lhp.Period.month(month))


def clocks(as_of, faster, *keys):
    day = dt.date.fromisoformat(as_of)
    studies = [
        one_site(f"{key}{number}", key, day - dt.timedelta(days=200 - 10 * number), wait)
        for key in keys
        for number, wait in enumerate(
            wait if wait is None else wait - faster for wait in SETUP[key]
        )
    ]
    return lhp.tally_setup(studies, clock="hra-approval-to-open", as_of=day)


def sites(*keys):
    return [study for study in recruiting() if study.sites[0].organisation in keys]


IN_A_FAMILY = ("p_adjusted", "p_benjamini_hochberg")
# A metric of some groups, the groups, and the fields that the other groups have a say in.
GROUPED = {
    "compare_success_rates": (
        lambda *keys: lhp.compare_success_rates(
            applications(COUNTS, "many", *keys), reference="many"
        ),
        [key for key in COUNTS if key != "many"],
        IN_A_FAMILY,
    ),
    "forecast_successes": (
        lambda *keys: lhp.forecast_successes(applications(COUNTS, *keys)),
        COUNTS,
        (),
    ),
    "funnel": (
        lambda *keys: lhp.funnel(applications(COUNTS, *keys), target=0.3),
        COUNTS,
        (
            "z_adjusted",
            "adjusted_position",
            *(f"adjusted_{side}_{n}" for side in ("lower", "upper") for n in ("95", "99_8")),
        ),
    ),
    "funnel of registrations": (
        lambda *keys: lhp.funnel(
            registrations(1, "2023-01", *keys),
            expected=dict(zip(STUDIES, (1.5, 2, 60, 0.5, 2), strict=True)),
            target=1,
        ),
        STUDIES,
        (
            "z_adjusted",
            "adjusted_position",
            *(f"adjusted_{side}_{n}" for side in ("lower", "upper") for n in ("95", "99_8")),
        ),
    ),
    "registration_change": (
        lambda *keys: lhp.registration_change(
            registrations(0, "2023-01", *keys), registrations(1, "2023-02", *keys)
        ),
        STUDIES,
        (*IN_A_FAMILY, "total_ratio_without"),
    ),
    "setup_change": (
        lambda *keys: lhp.setup_change(
            clocks("2024-03-31", 0, *keys), clocks("2025-03-31", 7, *keys)
        ),
        SETUP,
        IN_A_FAMILY,
    ),
    "setup_times": (
        lambda *keys: lhp.setup_times(clocks("2024-03-31", 0, *keys)),
        SETUP,
        (),
    ),
    "success_rate_change": (
        lambda *keys: lhp.success_rate_change(
            applications(COUNTS, *keys), applications(FASTER, *keys)
        ),
        COUNTS,
        IN_A_FAMILY,
    ),
    "success_rates": (lambda *keys: lhp.success_rates(applications(COUNTS, *keys)), COUNTS, ()),
    "time_and_target": (
        lambda *keys: lhp.time_and_target(sites(*keys), "2024-06-30", by="organisation"),
        ["REM", "REN"],
        (),
    ),
    "time_to_decision": (lambda *keys: lhp.time_to_decision(decisions(*keys)), LEADS, ()),
    "value_success_rates": (lambda *keys: lhp.value_success_rates(by_lead(*keys)), LEADS, ()),
    "within_target": (
        lambda *keys: lhp.within_target(clocks("2024-03-31", 0, *keys)),
        SETUP,
        (),
    ),
}


def figures(row, without):
    """Return what a row says of its group, but for its name and the fields `without`."""
    flat = row.to_dict()
    return {
        name: value
        for name, value in flat.items()
        if not name.startswith(("key", "name", *without))
    }


def same(one, other, without):
    assert figures(one, without) == pytest.approx(figures(other, without), nan_ok=True)


@pytest.mark.parametrize("metric", list(GROUPED))
def test_a_group_among_others_has_what_it_has_alone(metric):
    found, keys, without = GROUPED[metric]
    together = found(*keys)

    for key in keys:
        rows = [row for row in found(key) if "Total" not in row.name]
        assert rows
        for alone in rows:
            same(together[alone.key], alone, without)


@pytest.mark.parametrize("metric", list(GROUPED))
def test_the_total_of_one_group_is_that_group(metric):
    found, keys, without = GROUPED[metric]

    for key in keys:
        table = found(key)
        if table.has_total:
            same(table.total, table[key], without)


def test_the_total_is_what_all_have_without_groups():
    plain = lhp.tally_grants(GRANTS, as_of="2024-03-31")
    grouped = by_lead(*LEADS)
    for metric in (lhp.success_rates, lhp.value_success_rates, lhp.forecast_successes):
        same(metric(grouped).total, metric(plain).total, ())


# Funnels hold no counts of their own, probabilities by month add up, and one is hidden already.
NEVER_HIDDEN = (
    "funnel",
    "funnel_of_registrations",
    "registration_change_suppressed",
    "time_to_decision",
)


@pytest.mark.parametrize("name", [name for name in every_table() if name not in NEVER_HIDDEN])
def test_of_hidden_figures_every_sentence_says_only_that(name):
    hidden = lhp.suppress(every_table()[name], rule=lhp.SuppressionRule(1_000_000))
    said = "he figures are not shown, because counts are too small to publish."

    for row in hidden:
        assert row.describe() in (f"{row.name}: t{said}", f"T{said}")
    if hidden.has_total:
        assert hidden.total.describe() == f"T{said}"


@pytest.mark.parametrize("name", list(every_table()))
def test_sentences_end_and_hold_no_nothing(name):
    table = every_table()[name]
    rows = [*table, *([table.total] if table.has_total else [])]

    for said in (table.describe(), *(row.describe() for row in rows)):
        assert said.endswith(".")
        assert not re.search(r"None|nan|inf\b|  |\.\.| [,.;]", said)
