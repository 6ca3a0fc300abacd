"""The service in examples/service, asked over HTTP as another program would."""

import asyncio
import json
import threading
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import httpx
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp

PATH = Path(__file__).parents[1] / "examples" / "service" / "app.py"
GRANTS = {"counts": {"NIHR": {"successful": 15, "unsuccessful": 51, "pending": 57}}}
# LHP's annual report 2023-24 (https://liverpoolhealthpartners.org.uk), tables of SPARK and the JRO.
BEFORE = {
    "period": {"start": "2023-04-01", "end": "2023-11-19"},
    "counts": {"Alder Hey": 10, "REN": 1, "RBQ": 11, "REM": 107, "REP": 24, "RET": 5},
    "total": 158,
}
AFTER = {
    "period": {"start": "2023-11-20", "end": "2024-03-31"},
    "counts": {"Alder Hey": 26, "REN": 34, "RBQ": 8, "REM": 69, "REP": 17, "RET": 10},
    "total": 164,
}


@pytest.fixture(scope="module")
def service():
    spec = spec_from_file_location("service", PATH)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def ask(service):
    """Return a function that asks the service, without a socket."""

    async def asked(method, path, content):
        transport = httpx.ASGITransport(app=service.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://lhp") as client:
            return await client.request(method, path, content=content)

    def ask(path, document=None, *, method="POST"):
        given = document if isinstance(document, str | bytes) else json.dumps(document)
        return asyncio.run(asked(method, path, given))

    return ask


def test_success_rates_come_back_with_interval_and_provenance(ask):
    response = ask("/success-rates", GRANTS)

    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    rates = lhp.Table.from_json(response.content)
    # scipy 1.17.1: binomtest(15, 66).proportion_ci(method="wilson")
    assert tuple(rates["NIHR"].rate) == pytest.approx((0.227273, 0.142852, 0.341695), abs=5e-7)
    assert "withdrawn or not considered are not stated" in rates.provenance.footnote()
    assert rates == lhp.success_rates(lhp.GrantTally.from_json(GRANTS))


def test_the_change_of_registrations_is_the_one_of_the_annual_report(ask):
    response = ask("/registration-change", {"after": AFTER, "before": BEFORE})

    change = lhp.RegistrationChanges.from_json(response.content)
    # 158 in 233 days and 164 in 133: (164 / 133) / (158 / 233)
    assert change.total.rate_ratio.value == pytest.approx(1.8184, abs=5e-5)
    assert (change["REN"].before, change["REN"].after) == (1, 34)
    assert change["RBS"].name == "Alder Hey"
    [(_, first, last), _] = change.provenance.periods
    assert (first.isoformat(), last.isoformat()) == ("2023-04-01", "2023-11-19")


def test_shares_come_back_as_percentages_that_total_100(ask):
    shares = lhp.Table.from_json(ask("/partner-shares", AFTER).content)

    assert shares.column("percent").sum() == pytest.approx(100)


def test_the_answer_fits_the_schema_that_the_service_publishes(ask):
    schema = ask("/schemas/table", method="GET").json()

    for path, document in (("/success-rates", GRANTS), ("/partner-shares", AFTER)):
        jsonschema.validate(ask(path, document).json(), schema)


@pytest.mark.parametrize("kind", [lhp.GrantTally, lhp.RegistrationTally])
def test_the_service_publishes_what_it_takes(ask, kind):
    name = {"GrantTally": "grant-tally", "RegistrationTally": "registration-tally"}[kind.__name__]

    assert ask(f"/schemas/{name}", method="GET").json() == kind.json_schema()
    assert ask("/schemas/grants", method="GET").status_code == 404


def test_every_fault_of_both_periods_comes_back_at_once(ask):
    before = {**BEFORE, "counts": {"REM": "107", "REN": True, "Clatterbrige": 1}}
    after = '{"counts": {"RET": 10, "RET": 11}, "perod": null}'
    response = ask("/registration-change", f'{{"before": {json.dumps(before)}, "after": {after}}}')

    assert response.status_code == 422
    assert [(fault["field"], fault["value"]) for fault in response.json()["faults"]] == [
        ("/before/counts/Clatterbrige", "Clatterbrige"),
        ("/before/counts/REM", "107"),
        ("/before/counts/REN", True),
        ("/after/perod", None),
        ("/after/counts/RET", 11),
    ]
    assert response.json()["error"].startswith("the request has 5 faults:")


@pytest.mark.parametrize(
    ("path", "document", "rule"),
    [
        ("/success-rates", b"", "must be JSON: Expecting value"),
        ("/success-rates", b"\xff", "must be JSON: 'utf-8' codec"),
        ("/success-rates", "7", "must be an object"),
        ("/registration-change", {"before": BEFORE}, "must be given"),
        ("/registration-change", [BEFORE, AFTER], "must be an object"),
        ("/registration-change", {"before": 7, "after": 7}, "must be an object"),
        ("/registration-change", {"before": BEFORE, "after": BEFORE}, "before (1 Apr 2023"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_reason(ask, path, document, rule):
    response = ask(path, document)

    assert response.status_code == 422
    assert response.json()["faults"][0]["rule"].startswith(rule)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{{"before": {0}, "before": {0}, "after": {1}}}', ("/before", "{…}", "must stand once")),
        ('{{"before": {0}}}', ("/after", None, "must be given")),
        (
            '{{"before": {0}, "after": {1}, "befor": {0}}}',
            ("/befor", "{…}", "must be a known field; did you mean 'before'?"),
        ),
    ],
)
def test_each_period_must_stand_once_and_alone(ask, text, fault):
    response = ask("/registration-change", text.format(json.dumps(BEFORE), json.dumps(AFTER)))

    assert response.status_code == 422
    field, value, rule = fault
    assert response.json()["faults"] == [{"field": field, "value": value, "rule": rule}]


def test_a_period_as_text_is_a_fault_whatever_json_it_holds(ask):
    response = ask("/registration-change", {"before": json.dumps(BEFORE), "after": AFTER})

    [fault] = response.json()["faults"]
    assert (response.status_code, fault["field"], fault["rule"]) == (
        422,
        "/before",
        "must be an object",
    )


def test_a_body_that_nobody_needs_is_not_read_to_its_end(ask, service):
    response = ask("/success-rates", b" " * (service.LARGEST_BODY + 1))

    assert response.status_code == 413


@given(
    st.sampled_from(["/success-rates", "/partner-shares", "/registration-change"]),
    st.text() | st.binary() | st.dictionaries(st.text(), st.integers() | st.floats() | st.text()),
)
def test_nothing_that_is_sent_is_an_error_of_the_service(ask, path, document):
    assert ask(path, document).status_code == 422


def test_it_answers_over_a_real_socket(service):
    import uvicorn

    config = uvicorn.Config(service.app, port=0, lifespan="off", log_level="critical", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        port = server.servers[0].sockets[0].getsockname()[1]
        response = httpx.post(f"http://127.0.0.1:{port}/success-rates", json=GRANTS, timeout=30)
    finally:
        server.should_exit = True
        thread.join()

    assert lhp.Table.from_json(response.content)["NIHR"].decided == 66
