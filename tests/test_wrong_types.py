"""Whatever is passed, a public function answers or raises an error of the library's own."""

import datetime as dt
import inspect
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import lhp_metrics as lhp
from lhp_metrics import intervals

TALLY = lhp.annual_report_2023_24().jro
GRANTS = lhp.nihr_rfpb_success_rates().one_stage
USEFUL = [
    TALLY,
    GRANTS,
    lhp.annual_report_2023_24().spark,
    GRANTS["2010-11"],
    lhp.Period("2023-04-01", "2023-11-19"),
    lhp.liverpool_health_partners(),
    lhp.partner_shares(TALLY),
]
junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 10**20),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=3),
    st.dates(),
    st.decimals(),
    st.sampled_from(
        [object(), int, len, 1j, dt.timedelta(1), dt.datetime(2024, 1, 1), Decimal("sNaN")]
    ),
    st.sampled_from(
        [np.array([]), np.array([1, 2]), np.array("x"), np.array([None]), np.float64(1)]
    ),
    st.sampled_from(USEFUL),
)
anything = st.one_of(
    junk,
    st.lists(junk, max_size=3),
    st.dictionaries(st.one_of(st.text(max_size=3), st.integers()), junk, max_size=2),
    st.tuples(junk, junk),
)


# What users build themselves; results and tallies are built by functions.
MODELS = [
    value
    for name in lhp.__all__
    if getattr(value := getattr(lhp, name), "__module__", "").startswith("lhp_metrics.models")
]


def callables():
    for module in (lhp, intervals):
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isfunction(value) or value in MODELS:
                yield pytest.param(value, id=f"{module.__name__}.{name}")
    for kind in (lhp.GrantTally, lhp.RegistrationTally, lhp.Period):
        for name, method in inspect.getmembers(kind, inspect.ismethod):
            if not name.startswith("_"):
                yield pytest.param(method, id=f"{kind.__name__}.{name}")


@pytest.mark.parametrize("function", list(callables()))
@settings(
    max_examples=40, suppress_health_check=list(HealthCheck), deadline=None, phases=[Phase.generate]
)
@given(data=st.data())
def test_only_documented_errors_escape(function, data):
    positional, named = [], {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is not parameter.empty and data.draw(st.booleans()):
            continue
        value = data.draw(anything, label=parameter.name)
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional.append(value)
        elif parameter.kind is parameter.VAR_KEYWORD:
            continue
        else:
            named[parameter.name] = value
    try:
        if positional:
            function(*positional)
        else:
            function(**named)
    except (lhp.LhpMetricsError, OSError):  # no file of that name
        pass


REGISTRATIONS = lhp.RegistrationTally.from_counts({"REM": 60}, period=lhp.Period.month("2023-11"))


APPLICATIONS = lhp.GrantTally.from_counts({"NIHR": lhp.OutcomeCounts(successful=1, unsuccessful=2)})


GRANT_KINDS = "a GrantTally or OutcomeCounts"


EITHER = "a RegistrationTally or GrantTally"


@pytest.mark.parametrize(
    ("metric", "given", "message"),
    [
        (lhp.success_rate, [12], f"counts must be {GRANT_KINDS}; got int"),
        (lhp.success_rates, [REGISTRATIONS], f"tally must be {GRANT_KINDS}; got RegistrationTally"),
        (
            lhp.possible_success_rates,
            [APPLICATIONS],
            "counts must be an OutcomeCounts; got GrantTally",
        ),
        (lhp.success_rate_change, [APPLICATIONS, 1], f"after must be {GRANT_KINDS}; got int"),
        (lhp.value_success_rates, [REGISTRATIONS], "tally must be a GrantTally; got Registration"),
        (
            lhp.registration_change,
            [APPLICATIONS, APPLICATIONS],
            "before must be a RegistrationTally; got Grant",
        ),
        (lhp.registration_change, [REGISTRATIONS, 1], "after must be a RegistrationTally; got int"),
        (lhp.partner_shares, [{"REM": 60}], f"tally must be {EITHER}; got dict"),
        (lhp.concentration, [{"REM": 60}], f"tally must be {EITHER}; got dict"),
        (lhp.share_change, [REGISTRATIONS, None], f"after must be {EITHER}; got NoneType"),
        (
            lhp.funnel,
            ["tally"],
            "tally must be a GrantTally or RegistrationTally or SetupTally; got str",
        ),
    ],
)
def test_a_metric_given_the_wrong_kind_names_the_right_ones(metric, given, message):
    with pytest.raises(lhp.InvalidTypeError, match=message):
        metric(*given)
