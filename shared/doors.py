"""Around every HTTP call: its correlation id, its limits, its line in the log and the metrics, and the answer to a defect of ours."""

import asyncio
import logging
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import tracing
from shared.headers import protect
from shared.metrics import Metrics
from shared.pictures import SIZE_LIMIT
from shared.problems import Failed, HeadersTooLarge, TooLarge, TooSlow, problem_response
from shared.rates import NOT_COUNTED, Rates, TooMany
from shared.refusal import Problem
from shared.telemetry import correlation

log = logging.getLogger("servicelane.http")

BODY_LIMIT = 1 << 20
"""Bytes."""
HEADERS_LIMIT = 32 << 10
"""Bytes, of names and values together."""
BODY_SECONDS = 30.0
"""System time within which a body has to be here."""

_ASKED_ALL_THE_TIME = ("/health/", "/flow", "/metrics")


class ClientGone(Exception):
    """It hung up before its body was here."""


class Doors:
    """Reads the whole body first, so that one that is too large starts nothing."""

    def __init__(
        self,
        app: ASGIApp,
        body_limit: int = BODY_LIMIT,
        rates: Rates | None = None,
        metrics: Metrics | None = None,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._app = app
        self._body_limit = body_limit
        self._body_seconds = body_seconds
        self._rates = rates or Rates()
        self._metrics = metrics or Metrics()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = correlation_id(Headers(scope=scope).get("X-Correlation-Id"))
        scope.setdefault("state", {})["correlation"] = given
        token = correlation.set(given)
        asked_all_the_time = scope["path"].startswith(_ASKED_ALL_THE_TIME)
        answer, started = _Answer(send, given, scope.get("scheme", "http")), time.perf_counter()
        try:
            with nullcontext() if asked_all_the_time else _traced(scope, answer):
                await self._guarded(scope, receive, answer)
        finally:
            self._note(scope, answer.status, time.perf_counter() - started)
            correlation.reset(token)

    async def _guarded(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._count(scope)
            body = await self._body(Headers(scope=scope), receive, self._limit_of(scope))
            await self._app(scope, _again(body, receive), answer.send)
        except ClientGone:
            return
        except (TooLarge, TooSlow, HeadersTooLarge, TooMany) as problem:
            await _say(problem, scope, receive, answer)
        except Exception:
            log.exception("a call failed", extra={"route": _route(scope)})
            if answer.status is not None:
                raise
            await _say(Failed(), scope, receive, answer)

    async def _count(self, scope: Scope) -> None:
        """Before anything of the call is read or looked up."""
        if sum(len(name) + len(value) for name, value in scope["headers"]) > HEADERS_LIMIT:
            raise HeadersTooLarge(limit=HEADERS_LIMIT)
        if not scope["path"].startswith(NOT_COUNTED):
            await self._rates.count_address((scope.get("client") or ("unknown", 0))[0])

    def _note(self, scope: Scope, status: int | None, seconds: float) -> None:
        """The route, never the path: a path or query may name a plate."""
        route = _route(scope)
        level = logging.DEBUG if route.startswith(_ASKED_ALL_THE_TIME) else logging.INFO
        log.log(level, "call", extra={"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 1)})
        if status is not None:
            self._metrics.answered(scope["method"], route, status, seconds)

    def _limit_of(self, scope: Scope) -> int:
        """Pictures are larger than whatever else is sent."""
        sends_picture = scope["method"] == "POST" and scope["path"].endswith("/pictures")
        return max(self._body_limit, SIZE_LIMIT) if sends_picture else self._body_limit

    async def _body(self, headers: Headers, receive: Receive, limit: int) -> bytes:
        announced = headers.get("Content-Length", "")
        if announced.isdigit() and int(announced) > limit:
            raise TooLarge(limit=limit)
        try:
            async with asyncio.timeout(self._body_seconds):
                return await _whole(receive, limit)
        except TimeoutError as error:
            raise TooSlow(seconds=self._body_seconds) from error


async def _whole(receive: Receive, limit: int) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            raise TooLarge(limit=limit)
    return bytes(body)


class _Answer:
    def __init__(self, send: Send, given: str, scheme: str) -> None:
        self._send = send
        self._given = given
        self._scheme = scheme
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Correlation-Id"] = self._given
            protect(headers, self._scheme)
        await self._send(message)


def correlation_id(given: str | None) -> str:
    """The caller's, where it is an id; else a new one."""
    return given if given and re.fullmatch(r"[A-Za-z0-9._:-]{1,100}", given) else str(uuid.uuid4())


@contextmanager
def _traced(scope: Scope, answer: _Answer) -> Iterator[None]:
    """The route, never the path."""
    with tracing.span("call", "server", parent=Headers(scope=scope).get(tracing.HEADER)) as span:
        try:
            yield
        finally:
            called = {"http_request_method": scope["method"], "http_route": _route(scope), "correlation": scope["state"]["correlation"]}
            tracing.describe(span, f"{scope['method']} {_route(scope)}", **called, http_response_status=answer.status)


def _again(body: bytes, receive: Receive) -> Receive:
    rest = [body]

    async def replay() -> Message:
        return {"type": "http.request", "body": rest.pop(), "more_body": False} if rest else await receive()

    return replay


async def _say(problem: Problem, scope: Scope, receive: Receive, answer: _Answer) -> None:
    response = problem_response(
        problem,
        accepted=Headers(scope=scope).get("Accept-Language"),
        instance=scope["path"],
        correlation=scope["state"]["correlation"],
    )
    await response(scope, receive, answer.send)


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", "-"))
