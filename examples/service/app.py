"""LHP's metrics over HTTP: counts in as JSON, results out as JSON, faults as data.

From this folder, with `pip install starlette uvicorn`:

    uvicorn app:app
    curl localhost:8000/success-rates -d '{"counts": {"NIHR":
        {"successful": 12, "unsuccessful": 20, "pending": 5}}}'
"""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import lhp_metrics as lhp

LARGEST_BODY = 1_000_000  # bytes; the counts of ten thousand groups take less

PARTNERSHIP = lhp.liverpool_health_partners()
SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "grant-tally": lhp.GrantTally.json_schema,
    "registration-tally": lhp.RegistrationTally.json_schema,
    "table": lambda: lhp.result_schema("table"),
}


async def success_rates(request: Request) -> Response:
    """Take grant applications by outcome; answer with the success rate of each group."""
    tally = lhp.GrantTally.from_json(await body(request))
    return answer(lhp.success_rates(tally))


async def partner_shares(request: Request) -> Response:
    """Take registrations by organisation; answer with each one's part of the total."""
    tally = lhp.RegistrationTally.from_json(await body(request), partnership=PARTNERSHIP)
    return answer(lhp.partner_shares(tally))


async def registration_change(request: Request) -> Response:
    """Take ``{"before": …, "after": …}``, registrations of two periods; answer with the change."""
    document = lhp.parse_json(await body(request), members=("before", "after"))
    tallies: list[lhp.RegistrationTally] = []
    faults: list[lhp.Fault] = []
    for name in ("before", "after"):
        try:
            tallies.append(
                lhp.RegistrationTally.from_json(
                    document[name], partnership=PARTNERSHIP, at=f"/{name}"
                )
            )
        except lhp.FaultyInputError as error:
            faults += error.faults
    if faults:
        raise lhp.FaultyInputError("the request", faults)
    return answer(lhp.registration_change(*tallies))


async def schema(request: Request) -> Response:
    """Answer with the JSON Schema of what is taken or given."""
    name = request.path_params["name"]
    if name not in SCHEMAS:
        raise HTTPException(404, f"the schemas are {', '.join(SCHEMAS)}; got {name!r}")
    return JSONResponse(SCHEMAS[name]())


async def body(request: Request) -> bytes:
    """Return what was sent, or refuse more than anybody needs."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > LARGEST_BODY:
            raise HTTPException(413, f"the body must be at most {LARGEST_BODY:,} bytes")
    return bytes(received)


def answer(table: lhp.Table[Any]) -> Response:
    """Return a result with its provenance; undefined numbers are text, as JSON has none."""
    return Response(table.to_json(), media_type="application/json")


async def refused(_: Request, error: Exception) -> Response:
    """Say what is wrong with the input, every fault as data."""
    faults = getattr(error, "faults", [lhp.Fault(field="", rule=str(error))])
    listed = [{"field": each.field, "value": each.value, "rule": each.rule} for each in faults]
    return JSONResponse({"error": str(error), "faults": listed}, status_code=422)


app = Starlette(
    routes=[
        Route("/success-rates", success_rates, methods=["POST"]),
        Route("/partner-shares", partner_shares, methods=["POST"]),
        Route("/registration-change", registration_change, methods=["POST"]),
        Route("/schemas/{name}", schema),
    ],
    exception_handlers={lhp.LhpMetricsError: refused},
)
