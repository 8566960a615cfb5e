"""Whatever is raised behind an address is answered as problem details, of a department and of the entry alike."""

from typing import Any, Protocol, runtime_checkable

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from shared.problems import Failed, NoSuchMethod, NoSuchRoute, problem_response
from shared.refusal import Malformed, Problem


def answer_problems(app: FastAPI) -> None:
    """The app has `Doors` around it, which give the correlation id."""
    for kind, answer in (
        (Problem, told),
        (RequestValidationError, _malformed),
        (HTTPException, _by_status),
        (OverflowError, _too_big_a_number),
    ):
        app.add_exception_handler(kind, answer)


async def told(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return problem_response(
        problem, accepted=request.headers.get("Accept-Language"), instance=request.url.path, correlation=request.state.correlation
    )


@runtime_checkable
class Doorkeeper(Protocol):
    """A dependency of a route that lets in who may. A body that is not JSON is noticed before dependencies are: `admit` is asked then."""

    async def admit(self, request: Request) -> object:
        """Raises the problem of who may not."""


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    await _admitted_first(request)
    fields = {_field(each): _without_input(each) for each in error.errors()}
    return await told(request, Malformed(missing=tuple(fields), fields=fields))


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
    answer = await told(request, known.get(error.status_code, Failed()))
    answer.headers.update(error.headers or {})
    return answer


async def _too_big_a_number(request: Request, error: Exception) -> Response:  # noqa: ARG001  as Starlette calls it
    """The database has numbers of 64 bits."""
    return await told(request, Malformed(missing=("body",), expected="numbers of at most 64 bits"))
