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

from fastapi import FastAPI, Request, Response

from shared import every_department
from shared.answering import answer_problems, told
from shared.auth import Verifier
from shared.call import Body, Call, Page, Roles, table
from shared.department import Department
from shared.docs_page import add_docs
from shared.doors import BODY_LIMIT, Doors
from shared.every_department import Readiness, database_answers
from shared.measuring import Measuring, servicelane_version
from shared.metrics import Metrics
from shared.openapi import Documented
from shared.rates import Rates
from shared.refusal import DatabaseAway
from shared.store import Store
from shared.tries import ConnectionFailure, DatabaseError, is_in_trouble

__all__ = ["Body", "Call", "Page", "Readiness", "Roles", "create_app", "table"]

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
    app.add_exception_handler(ConnectionFailure, _away)
    app.add_exception_handler(DatabaseError, _in_trouble)
    return app


async def _away(request: Request, error: Exception) -> Response:  # noqa: ARG001  as Starlette calls it
    return await told(request, DatabaseAway())


async def _in_trouble(request: Request, error: Exception) -> Response:
    """What is asked outside a transaction: a full disk is the same to its caller as no database."""
    if is_in_trouble(error):
        return await _away(request, error)
    raise error
