"""The HTTP side of a department: its app, who may do what, one call's transaction. `api.py` needs nothing else:

    MAY: Roles = {"accept_job": ("workshop_supervisor",), "see_jobs": ("workshop_supervisor", "advisor")}
    allowed = table(MAY)

    @router.post("/jobs/{visit}/acceptance")
    async def accept_job(visit: str, body: AcceptJob, call: Call = allowed("accept_job")) -> Job:
        return await call.update(Job, visit, lambda job: job.accept(call.person.id, body.things, call.now))

`Idempotency-Key`, `If-Match`, `X-Correlation-Id`, the transaction and its retries are inside `Call`; a `Problem` that is raised
becomes problem details. A query that the group's analysts may read names `group_analyst` in the table, like any other role.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from shared import every_department
from shared.auth import Verifier
from shared.call import Body, Call, Doorkeeper, Page, Roles, table
from shared.department import Department
from shared.docs_page import add_docs
from shared.doors import BODY_LIMIT, Doors
from shared.every_department import Readiness, database_answers
from shared.measuring import Measuring, servicelane_version
from shared.metrics import Metrics
from shared.openapi import Documented
from shared.problems import Failed, NoSuchMethod, NoSuchRoute, problem_response
from shared.rates import Rates
from shared.refusal import Malformed, Problem
from shared.store import ConnectionFailure, DatabaseAway, DatabaseError, Store, is_in_trouble

__all__ = ["Body", "Call", "Page", "Readiness", "Roles", "answer_problems", "create_app", "table"]

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    department: Department,
    store: Store,
    *,
    verifier: Verifier,
    readiness: Readiness | None = None,
    lifespan: Lifespan | None = None,
    body_limit: int = BODY_LIMIT,
    rates: Rates | None = None,
    measuring: Measuring | None = None,
) -> FastAPI:
    """The department's routes and those that every department has. `readiness` is asked by `GET /health/ready`; else the database is."""
    app = Documented(
        title=f"servicelane {department.title}",
        version=servicelane_version(),
        description="After-sales, carried out by the written procedure: a refusal names its clause.",
        servers=[{"url": "."}],
        root_path_in_servers=False,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.store = store
    app.state.verifier = verifier
    app.state.readiness = readiness or database_answers(store)
    app.state.rates = rates or Rates()
    app.state.measuring = measuring or Measuring(Metrics(), app.state.readiness, {}, store)
    app.add_middleware(Doors, body_limit=body_limit, rates=app.state.rates, metrics=app.state.measuring.metrics)
    app.include_router(department.router)
    app.include_router(every_department.router)
    add_docs(app)
    answer_problems(app)
    return app


def answer_problems(app: FastAPI) -> None:
    """Whatever is raised is answered as problem details. The app has `Doors` around it, which give the correlation id."""
    for kind, answer in ((Problem, _told), (RequestValidationError, _malformed), (HTTPException, _by_status)):
        app.add_exception_handler(kind, answer)
    app.add_exception_handler(ConnectionFailure, _away)
    app.add_exception_handler(DatabaseError, _in_trouble)
    app.add_exception_handler(OverflowError, _too_big_a_number)


async def _told(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return problem_response(
        problem, accepted=request.headers.get("Accept-Language"), instance=request.url.path, correlation=request.state.correlation
    )


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    await _admitted_first(request)
    fields = {_field(each): _without_input(each) for each in error.errors()}
    return await _told(request, Malformed(missing=tuple(fields), fields=fields))


async def _admitted_first(request: Request) -> None:
    """FastAPI reads a body as JSON before it asks who sends it; how it is judged is nobody's business who may not send it."""
    for asked in request.scope["route"].dependant.dependencies:
        if isinstance(asked.call, Doorkeeper):
            await asked.call.admit(request)


def _field(error: dict[str, Any]) -> str:
    """`items.0.operation` of the body; for all else the name in path, query or header."""
    if error["type"] == "json_invalid":
        return "body"
    return ".".join(str(part)[:60] for part in error["loc"][1:]) or "body"


def _without_input(error: dict[str, Any]) -> str:
    """What was typed may be a name or a phone: it is not sent back."""
    says = str(error["msg"])
    typed = str(error.get("input", ""))
    return "Is not valid" if typed and error["type"] in ("value_error", "assertion_error") and typed in says else says


async def _by_status(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known: dict[int, Problem] = {400: Malformed(missing=("body",)), 404: NoSuchRoute(), 405: NoSuchMethod()}
    answer = await _told(request, known.get(error.status_code, Failed()))
    answer.headers.update(error.headers or {})
    return answer


async def _away(request: Request, error: Exception) -> Response:  # noqa: ARG001  as Starlette calls it
    return await _told(request, DatabaseAway())


async def _in_trouble(request: Request, error: Exception) -> Response:
    """What is asked outside a transaction: a full disk is the same to its caller as no database."""
    if is_in_trouble(error):
        return await _away(request, error)
    raise error


async def _too_big_a_number(request: Request, error: Exception) -> Response:  # noqa: ARG001  as Starlette calls it
    """The database has numbers of 64 bits."""
    return await _told(request, Malformed(missing=("body",), expected="numbers of at most 64 bits"))
