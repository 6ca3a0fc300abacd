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
