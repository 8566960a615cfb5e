"""One entry address for a stack: the departments behind their names, the business clock, the flow of all, the issuer, a page.

`/reception/visits` is reception's `/visits`. It adds no rule: a department that is away is 503 with `Retry-After`, and whoever
sent an `Idempotency-Key` sends it again. Alone: `python -m deploy.local.gateway reception=http://… workshop=http://… --port 8080`.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import uvicorn
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask

from deploy.local.issuer import Issuer, from_here_only, issuer_router
from deploy.local.status_page import status_page
from shared import clock
from shared.answering import answer_problems
from shared.doors import Doors
from shared.headers import policy_of
from shared.metrics import CONTENT_TYPE_LATEST, Metrics
from shared.problems import NoSuchRoute
from shared.rates import PER_ADDRESS, Rates
from shared.refusal import NotReadyYet, Refused
from shared.serving import server_config
from shared.telemetry import log_to_stderr

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_THIS_HOP_ONLY = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade"}
)
_OURS = frozenset({"host", "content-length", "x-correlation-id", "forwarded", "x-forwarded-for", "x-forwarded-proto"})
_THE_SERVERS = frozenset({"date", "server"})

_KEPT_SECONDS = 2
"""Less than the servers keep an idle connection (shared.serving), so that none is used in the moment in which they close it."""
_ENDS_SECONDS = 5


class DepartmentAway(NotReadyYet):
    title = {"en": "The department does not answer.", "zh-CN": "该部门服务暂时没有响应。"}
    remedy = {"en": "Send the same again, with the same Idempotency-Key, in a moment.", "zh-CN": "请稍后使用相同的幂等键重新提交。"}


class ClockIsReal(Refused):
    title = {"en": "This stack runs on real time.", "zh-CN": "本系统使用真实时间。"}
    remedy = {"en": "Start it with a stepped clock.", "zh-CN": "请以步进时钟启动系统。"}


class ClockOnlyForwards(Refused):
    title = {"en": "Business time does not go back.", "zh-CN": "业务时间不能倒退。"}
    remedy = {"en": "Step to a later time.", "zh-CN": "请设置更晚的时间。"}


UTC_ZONE = ZoneInfo("UTC")


class ClockShown(BaseModel):
    now: AwareDatetime
    mode: str = Field(examples=["stepped"], description="`real` or `stepped`.")
    site_time: str = Field(examples=["2026-03-09 09:00"], description="The same on the clocks of the site's `time_zone`.")
    time_zone: str = Field(examples=["Asia/Shanghai"])


class StepClock(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to: AwareDatetime


def create_gateway(
    upstreams: Mapping[str, str],
    *,
    site: str = "",
    zone: ZoneInfo = UTC_ZONE,
    issuer: Issuer | None = None,
    clock_file: Path | None = None,
    rate_address: int = PER_ADDRESS,
    show_metrics: bool = False,
    transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """`upstreams`: department → its URL. With `clock_file`, `POST /clock` steps it, on this machine. `transport` is for tests.

    `show_metrics`: whether `/metrics` is there, its own and the departments'; they are for who runs the stack, not for everybody.
    """
    behind = Behind(upstreams, transport)
    app = FastAPI(title="servicelane", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False, lifespan=behind.lifespan)
    metrics = Metrics()
    metrics.readings.note("ready", 1, "entry")
    app.add_middleware(Doors, rates=Rates(per_address=rate_address), metrics=metrics)
    answer_problems(app)
    _add_clock(app, clock_file, zone)
    if show_metrics:
        _add_metrics(app, metrics)
    if issuer:
        app.include_router(issuer_router(issuer))

    @app.get("/", response_class=HTMLResponse)
    async def page() -> HTMLResponse:
        shown = status_page(site, upstreams, issuer=issuer is not None)
        return HTMLResponse(shown, headers={"Content-Security-Policy": policy_of(shown)})

    @app.get("/health/live")
    @app.get("/health/ready")
    async def ready() -> dict[str, bool]:
        """Of the entry itself; each department says its own."""
        return {"live": True, "ready": True}

    @app.get("/flow")
    async def flow() -> dict[str, Any]:
        """Each department's `GET /health/flow`; 503 where one does not answer."""
        return await behind.flow()

    @app.api_route("/{department}/{path:path}", methods=_METHODS)
    async def pass_on(department: str, path: str, request: Request) -> Response:
        if path.strip("/") == "metrics" and not show_metrics:
            raise NoSuchRoute
        return await behind.ask(department, request)

    return app


def _add_metrics(app: FastAPI, metrics: Metrics) -> None:
    @app.get("/metrics")
    async def own_metrics() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)


def _add_clock(app: FastAPI, clock_file: Path | None, zone: ZoneInfo) -> None:
    business = clock.clock_of(clock_file)

    def shown(now: datetime) -> ClockShown:
        mode = "stepped" if clock_file else "real"
        return ClockShown(now=now, mode=mode, site_time=f"{now.astimezone(zone):%Y-%m-%d %H:%M}", time_zone=zone.key)

    @app.get("/clock")
    async def read_clock() -> ClockShown:
        return shown(business.now())

    @app.post("/clock", dependencies=[Depends(from_here_only)])
    async def step_clock(body: StepClock) -> ClockShown:
        if clock_file is None:
            raise ClockIsReal
        try:
            return shown(clock.step(clock_file, body.to))
        except clock.ClockGoesBackwards as error:
            raise ClockOnlyForwards(now=business.now(), to=body.to) from error


class Behind:
    """The departments, over connections that are kept."""

    def __init__(self, upstreams: Mapping[str, str], transport: httpx.AsyncBaseTransport | None) -> None:
        self._urls = {department: httpx.URL(url) for department, url in upstreams.items()}
        self._http = httpx.AsyncClient(
            transport=transport,
            timeout=httpx.Timeout(60, connect=2),
            limits=httpx.Limits(max_connections=256, max_keepalive_connections=64, keepalive_expiry=_KEPT_SECONDS),
            trust_env=False,
        )

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[None]:
        async with self._http:
            yield

    def lifespan(self, app: FastAPI) -> AbstractAsyncContextManager[None]:  # noqa: ARG002  FastAPI's shape
        return self._open()

    async def flow(self) -> dict[str, Any]:
        return dict(zip(self._urls, await asyncio.gather(*map(self._flow_of, self._urls)), strict=True))

    async def _flow_of(self, department: str) -> Any:
        try:
            answer = await self._http.get(self._url(department, b"/health/flow"), timeout=10)
        except httpx.TransportError as error:
            raise DepartmentAway(department=department) from error
        if answer.status_code != 200:
            raise DepartmentAway(department=department, status=answer.status_code)
        return answer.json()

    async def ask(self, department: str, request: Request) -> Response:
        if department not in self._urls:
            raise NoSuchRoute
        question = self._http.build_request(
            request.method,
            self._url(department, _rest_of(request), request.scope["query_string"]),
            headers=[*_passed_on(request.headers.raw, _OURS), *_added(request)],
            content=await request.body() or None,
        )
        try:
            answer = await self._http.send(question, stream=True)
        except httpx.TransportError as error:
            raise DepartmentAway(department=department) from error
        response = StreamingResponse(answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose))
        response.raw_headers = _passed_on(answer.headers.raw, _THE_SERVERS)
        return response

    def _url(self, department: str, path: bytes, query: bytes = b"") -> httpx.URL:
        base = self._urls[department]
        return base.copy_with(raw_path=base.raw_path.rstrip(b"/") + path + (b"?" + query if query else b""))


def _added(request: Request) -> list[tuple[bytes, bytes]]:
    """The correlation id, and who asks: the department believes this entry, so nobody else may have said it."""
    added = {"x-correlation-id": request.state.correlation, "x-forwarded-proto": request.url.scheme}
    added |= {"x-forwarded-for": request.client.host} if request.client else {}
    return [(name.encode(), value.encode()) for name, value in added.items()]


def _rest_of(request: Request) -> bytes:
    """The path after the department's name, as it was sent (an encoded slash stays one)."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return b"/" + raw.split(b"/", 2)[2]


def _passed_on(headers: Iterable[tuple[bytes, bytes]], without: frozenset[str]) -> list[tuple[bytes, bytes]]:
    headers = [(name.lower(), value) for name, value in headers]
    named = {each.strip().lower() for name, value in headers if name == b"connection" for each in value.decode("latin-1").split(",")}
    dropped = _THIS_HOP_ONLY | without | named
    return [(name, value) for name, value in headers if name.decode("latin-1") not in dropped]


def serve(gateway: FastAPI, host: str, port: int, *, trusted_proxies: str | None = None) -> None:
    """Until it is told to end. `trusted_proxies`: whose X-Forwarded-For and -Proto are believed; None: this machine's."""
    uvicorn.Server(server_config(gateway, end_within=_ENDS_SECONDS, host=host, port=port, forwarded_allow_ips=trusted_proxies)).run()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.gateway", description="One entry address for the departments.")
    parser.add_argument("upstreams", nargs="+", metavar="DEPARTMENT=URL")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--site", default="")
    parser.add_argument("--time-zone", type=ZoneInfo, default=UTC_ZONE, help="of the site, for the page: Asia/Shanghai")
    parser.add_argument("--rate-address", type=int, default=PER_ADDRESS, help="calls that an address may make in a minute; 0: no limit")
    parser.add_argument("--trusted-proxies", default="127.0.0.1", help="whose X-Forwarded-For and -Proto are believed")
    given = parser.parse_args()
    upstreams = dict(each.split("=", 1) for each in given.upstreams)
    log_to_stderr("gateway")
    gateway = create_gateway(upstreams, site=given.site, zone=given.time_zone, rate_address=given.rate_address)
    serve(gateway, given.host, given.port, trusted_proxies=given.trusted_proxies)


if __name__ == "__main__":
    main()
