"""A department as a process: `python -m services.workshop`, all of it, or `--api`, `--stream` or `--relay` alone, to scale.

HTTP is served from the first moment: `/health/ready` says what is up, all else answers 503 until the database is there. The
database or the broker being away, at the start or later, is waited for. SIGTERM and SIGINT end it in order, within seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import every_department, tracing
from shared.auth import SigningKeys, TokenVerifier
from shared.branch import BadBranch, Branch
from shared.channels import Channels, Sender
from shared.clock import clock_of
from shared.department import Department
from shared.epochs import UnfinishedRestore
from shared.gallery import UnnamedPictures
from shared.intake import Intake
from shared.measuring import Measuring
from shared.metrics import CONTENT_TYPE_LATEST, Metrics
from shared.problems import problem_response
from shared.rates import Rates
from shared.refusal import DatabaseAway
from shared.relay import Relay
from shared.serving import server_config
from shared.settings import Settings, variable
from shared.site_changes import SiteChanges
from shared.store import Store
from shared.telemetry import log_to_stderr
from shared.timers import TimerLoop
from shared.web import create_app

log = logging.getLogger(__name__)

PARTS = ("api", "stream", "relay")
FRESH_TRY_SECONDS = 5.0
STOP_SECONDS = 5.0
REQUESTS_END_SECONDS = 3


class Part(Protocol):
    """What runs beside HTTP."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


def run(department: Department, arguments: Sequence[str] | None = None) -> None:
    """Runs until it is told to stop. What is wrong with settings, branch or port is said in a line, and ends with status 1."""
    parts = _parts(department, arguments)
    try:
        settings = Settings()
        channels = Channels.load(settings.channels_file) if settings.channels_file and "relay" in parts else Channels.none()
        service = Service(department, settings, Branch.load(settings.branch), parts, channels)
        traced = tracing.wanted()
        listener = _listen(settings.host, settings.port)
    except ValidationError as error:
        sys.exit("\n".join(f"{variable(str(each['loc'][0]))}: {each['msg']}" for each in error.errors()))
    except (BadBranch, CannotListen, ValueError) as error:
        sys.exit(str(error))
    site = service.branch.site.id
    log_to_stderr(f"{site}.{department.name}", settings.log_level, site=site, department=department.name)
    if traced:
        tracing.start(department.name, site)
    asyncio.run(_run_and_leave(service, listener))


async def _run_and_leave(service: Service, listener: socket.socket) -> None:
    """The process ends here: with the broker gone, Faust's tasks and thread would hold it for as long as they wait."""
    status = 0
    try:
        await service.run(listener)
    except UnfinishedRestore as unfinished:
        log.critical("%s", unfinished)
        status = 1
    except Exception:
        log.exception("it cannot go on")
        status = 1
    tracing.stop()
    logging.shutdown()
    os._exit(status)


def _parts(department: Department, arguments: Sequence[str] | None) -> frozenset[str]:
    parser = argparse.ArgumentParser(prog=f"python -m services.{department.name}", description=department.title)
    parser.add_argument("--api", action="store_true", help="serve the HTTP API")
    parser.add_argument("--stream", action="store_true", help="take in what other departments announce, and react")
    parser.add_argument("--relay", action="store_true", help="publish the journal, fire what is due, and clear away")
    given = vars(parser.parse_args(arguments))
    return frozenset(name for name in PARTS if given[name]) or frozenset(PARTS)


class CannotListen(Exception):
    """The address is taken, or none of this machine's."""


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port), backlog=512)
        # asyncio sets this only on sockets that it made itself; without it each answer waits 40 ms for an acknowledgement
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        raise CannotListen(f"cannot listen on {host}:{port}: {error.strerror}") from error


@dataclass
class Service:
    """One process of a department."""

    department: Department
    settings: Settings
    branch: Branch
    parts: frozenset[str] = frozenset(PARTS)
    channels: Channels = field(default_factory=Channels.none)
    store: Store | None = None
    running: dict[str, Part] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.measuring = Measuring(Metrics(), self.readiness, self.running)

    async def run(self, listener: socket.socket) -> None:
        told_to_stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
        await self.serve(listener, told_to_stop)

    async def serve(self, listener: socket.socket, told_to_stop: asyncio.Event) -> None:
        front = Front(self.readiness, self.measuring)
        server = _Server(
            server_config(front, end_within=REQUESTS_END_SECONDS, lifespan="off", forwarded_allow_ips=self.settings.trusted_proxies)
        )
        tasks: dict[str, asyncio.Task[Any]] = {
            "http": asyncio.create_task(server.serve(sockets=[listener])),
            "work": asyncio.create_task(self._work(front)),
            "stop": asyncio.create_task(told_to_stop.wait()),
        }
        await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping")
        server.should_exit = True
        tasks["work"].cancel()
        await asyncio.wait({tasks["http"], tasks["work"], asyncio.create_task(self._stop_parts())}, timeout=STOP_SECONDS)
        tasks["stop"].cancel()
        if self.store:
            self.store.close()
        for task in (tasks["work"], tasks["http"]):
            if task.done() and not task.cancelled() and (failure := task.exception()):
                raise failure

    async def readiness(self) -> Mapping[str, bool]:
        """Of each part that this process runs, whether it is up."""
        up = {"database": self.store is not None and (await every_department.database_answers(self.store)())["database"]}
        relay, intake = self.running.get("relay"), self.running.get("stream")
        if "relay" in self.parts:
            up["relay"] = isinstance(relay, Relay) and relay.topics_are_there.is_set()
        if "stream" in self.parts:
            up["stream"] = isinstance(intake, Intake) and intake.joined
        return up

    async def _work(self, front: Front) -> None:
        self.store = self.measuring.store = await self._open_store()
        changes = SiteChanges(self.store)
        await changes.start()
        self.running["changes"] = changes
        front.app = self._app(self.store)
        if "relay" in self.parts:
            self.running["relay"] = Relay(self.store, self.settings.kafka_url, replication=self.settings.replication)
            self.running["timers"] = TimerLoop(self.store)
            self.running["unnamed pictures"] = UnnamedPictures(self.store)
            self.running["sender"] = Sender(self.store, self.channels)
        if "stream" in self.parts:
            self.running["stream"] = Intake(self.store, self.settings.kafka_url, fetch_wait_ms=self.settings.fetch_wait_ms)
        for name, part in self.running.items():
            if name != "changes":
                await part.start()
        log.info("started", extra={"parts": sorted(self.parts)})
        await asyncio.Event().wait()

    async def _open_store(self) -> Store:
        while True:
            try:
                return await Store.open(
                    self.settings.mongo_url.get_secret_value(),
                    self.department,
                    self.branch,
                    clock_of(self.settings.clock_file),
                    partitions=self.settings.partitions,
                    group_key=self.settings.group_key.get_secret_value(),
                    patience=FRESH_TRY_SECONDS,
                )
            except DatabaseAway as away:
                log.warning("waiting for the database: %s", type(away.__cause__).__name__)

    def _app(self, store: Store) -> ASGIApp:
        if "api" not in self.parts:
            return health_only(store, self.readiness, self.measuring)
        settings = self.settings
        verifier = TokenVerifier(SigningKeys(settings.jwks), issuer=settings.issuer, audience=settings.audience)
        rates = Rates(settings.rate_person, settings.rate_address)
        return create_app(self.department, store, verifier=verifier, readiness=self.readiness, rates=rates, measuring=self.measuring)

    async def _stop_parts(self) -> None:
        """All at once: each has its own deadline, also with the broker gone, when Faust's stop hangs."""
        for outcome in await asyncio.gather(*(part.stop() for part in self.running.values()), return_exceptions=True):
            if isinstance(outcome, Exception):
                log.warning("while stopping: %r", outcome)


class Front:
    """What HTTP meets first: the department's app once the database is there; until then health, and 503."""

    def __init__(self, readiness: every_department.Readiness, measuring: Measuring) -> None:
        self.app: ASGIApp | None = None
        self._readiness = readiness
        self._measuring = measuring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.app or self._not_yet(scope)
        await app(scope, receive, send)

    def _not_yet(self, scope: Scope) -> ASGIApp:
        match scope.get("path"):
            case "/health/live":
                return JSONResponse({"live": True})
            case "/health/ready":
                return self._not_ready
            case "/metrics":
                return self._metrics
            case _:
                return problem_response(DatabaseAway(), accepted=None, instance=str(scope.get("path")), correlation="-")

    async def _not_ready(self, scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse({"ready": False, "parts": dict(await self._readiness())}, status_code=503)(scope, receive, send)

    async def _metrics(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Response(await self._measuring.text(), media_type=CONTENT_TYPE_LATEST)(scope, receive, send)


def health_only(store: Store, readiness: every_department.Readiness, measuring: Measuring) -> FastAPI:
    """What a process without the API serves."""
    app = FastAPI(openapi_url=None)
    app.state.store, app.state.readiness, app.state.measuring = store, readiness, measuring
    routes: dict[str, Callable[..., Awaitable[Any]]] = {
        "/health/live": every_department.live,
        "/health/ready": every_department.ready,
        "/health/flow": every_department.flow,
        "/metrics": every_department.metrics,
    }
    for path, answer in routes.items():
        app.add_api_route(path, answer)
    return app


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ours are handled above: uvicorn raises them again when it has ended, before relay and intake have."""
        yield
