"""The whole system on one machine: database, broker, the four departments and their entry, in one data folder.

`servicelane up` runs it until it is told to stop, `servicelane play` and the tests for as long as they need it:

    async with embedded_stack(folder, Path("data/branch"), clock="stepped", start=morning) as stack:
        httpx.get(f"{stack.url}/reception/health/ready")

The data folder holds `stack.json` (what runs where), `logs/`, `mongo/`, `clock` (where it is stepped) and the secrets of this stack.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

import httpx

from deploy.local import apache, embedded
from deploy.local.data_folder import HOST, ClockMode, StackFailed, chosen_ports, data_folder, describe
from deploy.local.supervisor import START_SECONDS, Death, Program, ProgramFailed, Supervisor
from shared import clock as business_clock
from shared.branch import Branch
from shared.contracts.event import DEPARTMENTS

ROOT = Path(__file__).parents[2]
PROCESSES = ("database", "broker", *DEPARTMENTS, "entry")
BEHIND, DEPARTMENT, ENTRY = range(3)
Broker = Literal["embedded", "apache"]
LeadAround = Callable[[Mapping[str, int]], Awaitable[Mapping[str, int]]]

__all__ = ["Stack", "StackFailed", "embedded_stack"]


@dataclass
class Stack:
    """A stack that is ready. Names of processes: database, broker, reception, workshop, delivery, followup, entry."""

    data: Path
    branch: Path
    ports: Mapping[str, int]
    supervisor: Supervisor = field(repr=False)
    plan: "Plan" = field(repr=False)

    @property
    def url(self) -> str:
        """The one entry address of all departments, the clock and the issuer."""
        return self.address("entry")

    @property
    def mongo_url(self) -> str:
        return embedded.database_url(self.ports["database"])

    @property
    def kafka_url(self) -> str:
        return f"{HOST}:{self.ports['broker']}"

    @property
    def processes(self) -> Mapping[str, int]:
        """The ids of those that run now, by name."""
        return self.supervisor.pids

    @property
    def deaths(self) -> Sequence[Death]:
        return self.supervisor.deaths

    def address(self, name: str) -> str:
        """Of one process, past the entry."""
        return f"http://{HOST}:{self.ports[name]}"

    def log(self, name: str) -> Path:
        return self.data / "logs" / f"{name}.log"

    def kill(self, name: str) -> int:
        """kill -9; it is started again by itself, unless it is held. The id that it had."""
        return self.supervisor.kill(name)

    def hold(self, name: str) -> None:
        """From now on it is not started again when it dies, until it is released."""
        self.supervisor.hold(name)

    def release(self, name: str) -> None:
        self.supervisor.release(name)

    async def restart(self, name: str, *, env: Mapping[str, str] | None = None) -> None:
        """End it in order and start it, `env` (such as a failpoint) being for this one process and not for those after it; ready."""
        await self.supervisor.restart(name, env=env)
        await self.until_ready(name)

    async def until_ready(self, *names: str, seconds: float = START_SECONDS) -> None:
        """All of them, or those named."""
        await asyncio.gather(*(self.supervisor.wait_until_ready(name, seconds) for name in names or PROCESSES))

    def second(self, department: str, *parts: str) -> Program:
        """One more process of a department beside its own, to be started; of `parts` (api, stream, relay) only these, where given."""
        return self.plan.department(department, embedded.free_port(), f"{department} {'+'.join(parts) or 'again'}", parts)

    async def empty_broker(self) -> None:
        """kill -9 of the broker, with the loss of all that it had; ready again. (The embedded one loses it at every death.)"""
        self.hold("broker")
        dead, before = self.kill("broker"), len(self.deaths)
        while not any(death.pid == dead for death in self.deaths[max(before - 1, 0) :]):
            await asyncio.sleep(0.02)
        shutil.rmtree(self.data / "kafka", ignore_errors=True)
        self.release("broker")
        await self.until_ready("broker")

    def described(self) -> dict[str, Any]:
        return {
            "supervisor": os.getpid(),
            "url": self.url,
            "branch": str(self.branch),
            "ports": dict(self.ports),
            "pids": dict(self.processes),
            "mongo_url": self.mongo_url,
            "kafka_url": self.kafka_url,
        }


@asynccontextmanager
async def embedded_stack(
    data: Path,
    branch: Path,
    *,
    clock: ClockMode = "real",
    start: datetime | None = None,
    port: int | None = None,
    broker: Broker | None = None,
    first_env: Mapping[str, Mapping[str, str]] | None = None,
    channels: Path | None = None,
    report: Callable[[str], None] = lambda _: None,
    lead_around: LeadAround | None = None,
) -> AsyncIterator[Stack]:
    """A ready stack on the data folder; at the end all of it has ended.

    `port` is the entry's, by default a free one. A stepped clock begins at `start` (now, where it is not given) unless the folder's
    clock has begun already. `report` is told what is started again.
    `first_env` adds to the environment of a process by name, until it dies for the first time. `channels` is the file of channels outside.
    `lead_around` is told the ports before anything starts, and gives those by which the departments reach database and broker instead.
    `StackFailed`, `BadBranch` before anything runs, or `StackFailed` with what a process said as it failed.
    """
    site = Branch.load(branch).site.id
    data = data.absolute()
    with data_folder(data, site, clock) as kept:
        ports = chosen_ports((*PROCESSES, "controller"), kept.get("ports", {}), {"entry": port} if port else {})
        around = await lead_around(ports) if lead_around else {}
        if clock == "stepped":
            business_clock.start(data / "clock", start or datetime.now(UTC))
        supervisor, outside = Supervisor(), channels.absolute() if channels else None
        try:
            async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
                plan = Plan(data, branch.absolute(), clock, broker or _asked_for(), ports, http, outside, around)
                await _start(plan, supervisor, first_env or {})
                supervisor.report = report
                stack = Stack(data, plan.branch, ports, supervisor, plan)
                keeping = asyncio.create_task(_keep_described(stack, {"site": site, "clock": clock}))
                try:
                    yield stack
                finally:
                    keeping.cancel()
        except ProgramFailed as error:
            raise StackFailed(str(error)) from error
        finally:
            await supervisor.stop()
            describe(data, {"site": site, "clock": clock, "ports": ports})


def _asked_for() -> Broker:
    """What `make test-kafka` sets."""
    return "apache" if os.environ.get("SERVICELANE_TEST_BROKER") == "apache" else "embedded"


async def _start(plan: "Plan", supervisor: Supervisor, first_env: Mapping[str, Mapping[str, str]]) -> None:
    """All at once: a department waits for database and broker as it does later, and while they start it imports what it needs."""
    departments = [plan.department(name, plan.ports[name], name) for name in DEPARTMENTS]
    programs = (plan.database(), plan.broker_program(), *departments, plan.entry())
    for program in programs:
        await supervisor.start(program, first_env=first_env.get(program.name))
    await asyncio.gather(*(supervisor.wait_until_ready(each.name, dying_is_failing=each.name not in first_env) for each in programs))


@dataclass(frozen=True)
class Plan:
    """What each process is told. `http` asks it whether it is ready."""

    data: Path
    branch: Path
    clock: ClockMode
    broker: Broker
    ports: Mapping[str, int]
    http: httpx.AsyncClient
    channels: Path | None = None
    around: Mapping[str, int] = field(default_factory=dict)

    @property
    def clock_file(self) -> Path:
        return self.data / "clock"

    def database(self) -> Program:
        port = self.ports["database"]
        command = embedded.database_command(port, self.data / "mongo")
        return Program("database", command, self._log("database"), partial(_listens, port), self._env({}), stage=BEHIND)

    def broker_program(self) -> Program:
        port, folder = self.ports["broker"], self.data / "kafka"
        ready, log, env = partial(_listens, port), self._log("broker"), self._env({})
        if self.broker == "embedded":
            return Program("broker", embedded.broker_command(port, self._reached("broker")), log, ready, env, stage=BEHIND)
        if missing := apache.why_not():
            raise StackFailed(f"Apache Kafka cannot run here: {missing}")
        config = self.data / "kafka.properties"
        prepare = partial(
            apache.format_folder, config, folder, port=port, controller=self.ports["controller"], advertised=self._reached("broker")
        )
        return Program("broker", apache.broker_command(config), log, ready, env, prepare, stage=BEHIND)

    def department(self, department: str, port: int, name: str, parts: Sequence[str] = ()) -> Program:
        env = self._env({"PORT": str(port), **self._settings()})
        command = [sys.executable, "-m", f"services.{department}", *(f"--{part}" for part in parts)]
        return Program(name, command, self._log(name), partial(_answers, self.http, port, "/health/ready"), env, stage=DEPARTMENT)

    def entry(self) -> Program:
        command = [sys.executable, "-m", "deploy.local.entry", "--port", str(self.ports["entry"])]
        command += ["--branch", str(self.branch), "--issuer", str(self.data / "issuer")]
        command += ["--clock", str(self.clock_file)] if self.clock == "stepped" else []
        command += [f"{name}=http://{HOST}:{self.ports[name]}" for name in DEPARTMENTS]
        ready = partial(_answers, self.http, self.ports["entry"], "/health/live")
        return Program("entry", command, self._log("entry"), ready, self._env({}), stage=ENTRY)

    def _settings(self) -> dict[str, str]:
        stepped = {"CLOCK_FILE": str(self.clock_file)} if self.clock == "stepped" else {}
        return {
            "MONGO_URL": embedded.database_url(self._reached("database")),
            "KAFKA_URL": f"{HOST}:{self._reached('broker')}",
            "BRANCH": str(self.branch),
            "HOST": HOST,
            "PARTITIONS": "2",  # one process a department, and each partition costs it something when nothing happens
            **({"FETCH_WAIT_MS": "30"} if self.broker == "embedded" else {}),
            "JWKS": str(self.data / "issuer" / "jwks.json"),
            "GROUP_KEY_FILE": str(self.data / "group.key"),
            **stepped,
            **({"CHANNELS_FILE": str(self.channels)} if self.channels else {}),
        }

    def _reached(self, name: str) -> int:
        """The port by which the departments reach it."""
        return self.around.get(name, self.ports[name])

    def _env(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Settings of the caller's own environment are not this stack's, but for how much is logged."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SERVICELANE_") or name.endswith("LOG_LEVEL")}
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        # few threads, so few arenas, and what is free goes back: 8 MB less a process
        spare = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072"}
        return {**kept, **spare, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"} | {
            f"SERVICELANE_{name}": value for name, value in settings.items()
        }

    def _log(self, name: str) -> Path:
        return self.data / "logs" / f"{name}.log"


async def _listens(port: int) -> bool:
    return embedded.is_listening(port)


async def _answers(http: httpx.AsyncClient, port: int, path: str) -> bool:
    try:
        return (await http.get(f"http://{HOST}:{port}{path}")).is_success
    except httpx.HTTPError:
        return False


async def _keep_described(stack: Stack, about: Mapping[str, Any]) -> None:
    """`stack.json` follows the processes: a new id is there soon after a restart."""
    last: Any = None
    while True:
        if (now := stack.described()) != last:
            describe(stack.data, {**about, **now})
            last = now
        await asyncio.sleep(0.2)
