"""Keeps processes running: starts them, starts again what dies, and ends all of them, and nothing else.

Each is the leader of a process group of its own, so that a Ctrl-C reaches only the supervisor, and is tethered to it
(`deploy.local.tether`). Start everything from one thread that lives as long as the supervisor: the tether is to the thread.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TETHER = Path(__file__).with_name("tether.py")
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
START_SECONDS = 180.0
"""Much more than a start takes: a machine that is busy otherwise is slow, not broken. What dies is not waited for so long."""
GOOD_LIFE = 10.0
"""Seconds after which a death counts as the first one again."""


class ProgramFailed(RuntimeError):
    """A program ended before it was ready, or was not ready in time; the text has the end of what it wrote."""


@dataclass(frozen=True)
class Program:
    """What runs: `ready` is asked until it is true; `prepare` runs before every start. What has a lower `stage` ends later.

    `env` is the whole environment; where it is not given, the supervisor's own.
    """

    name: str
    command: Sequence[str]
    log: Path
    ready: Callable[[], Awaitable[bool]]
    env: Mapping[str, str] | None = None
    prepare: Callable[[], Awaitable[None]] | None = None
    stage: int = 0
    stop_seconds: float = 12.0


@dataclass(frozen=True)
class Death:
    """One end of a process that nobody had asked for; a negative `status` is the signal that ended it."""

    name: str
    pid: int
    status: int


class Supervisor:
    """`deaths` are those of all programs, in order; `report` is told of them. What is held is not started again until it is released."""

    def __init__(self) -> None:
        self.deaths: list[Death] = []
        self.report: Callable[[str], None] = lambda _: None
        self._programs: dict[str, Program] = {}
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._released: dict[str, asyncio.Event] = {}
        self._starting_or_ending = asyncio.Lock()

    @property
    def pids(self) -> dict[str, int]:
        """Of those that run now."""
        return {name: process.pid for name, process in self._processes.items() if process.returncode is None}

    async def start(self, program: Program, *, first_env: Mapping[str, str] | None = None) -> None:
        """Started, not yet ready. `first_env` is for the first process alone, not for those that follow it."""
        self._programs[program.name] = program
        self._released.setdefault(program.name, asyncio.Event()).set()
        async with self._starting_or_ending:
            await self._spawn(program, first_env or {})
        self._keepers[program.name] = asyncio.create_task(self._keep(program), name=f"keep {program.name}")

    async def wait_until_ready(self, name: str, seconds: float = START_SECONDS, *, dying_is_failing: bool = False) -> None:
        """`ProgramFailed` after `seconds`; at once where it ends before, if `dying_is_failing`."""
        program, deaths = self._programs[name], len(self._deaths_of(name))
        deadline = time.monotonic() + seconds
        while not (name in self.pids and await program.ready()):
            if dying_is_failing and len(self._deaths_of(name)) > deaths:
                raise ProgramFailed(f"{name} ended with status {self._deaths_of(name)[-1].status}: {last_words(program.log)}")
            if time.monotonic() > deadline:
                raise ProgramFailed(f"{name} was not ready after {seconds:g} s: {last_words(program.log)}")
            await asyncio.sleep(0.05)

    def kill(self, name: str) -> int:
        """kill -9, as a power cut would; the id of the process that was."""
        pid = self._processes[name].pid
        self._signal(name, signal.SIGKILL)
        return pid

    def hold(self, name: str) -> None:
        self._released[name].clear()

    def release(self, name: str) -> None:
        self._released[name].set()

    async def restart(self, name: str, *, env: Mapping[str, str] | None = None) -> None:
        """Ended in order and started, with `env` for this one process alone."""
        await self._end(name)
        await self.start(self._programs[name], first_env=env)

    async def stop(self) -> None:
        """Everything ends, the highest stage first."""
        for stage in sorted({program.stage for program in self._programs.values()}, reverse=True):
            await asyncio.gather(*(self._end(name) for name, program in self._programs.items() if program.stage == stage))

    async def _keep(self, program: Program) -> None:
        pause = FIRST_PAUSE
        while True:
            born = time.monotonic()
            process = self._processes[program.name]
            status = await process.wait()
            self.deaths.append(Death(program.name, process.pid, status))
            self.report(f"{program.name} (process {process.pid}) ended with status {status}; it is started again")
            pause = FIRST_PAUSE if time.monotonic() - born > GOOD_LIFE else pause
            await self._revive(program, pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _revive(self, program: Program, pause: float) -> None:
        while True:
            await asyncio.sleep(pause)
            await self._released[program.name].wait()
            try:
                async with self._starting_or_ending:
                    return await self._spawn(program, {})
            except (OSError, ProgramFailed) as error:
                self.report(f"{program.name} cannot be started: {error}")
                pause = LONGEST_PAUSE

    async def _spawn(self, program: Program, extra: Mapping[str, str]) -> None:
        if program.prepare:
            await program.prepare()
        with program.log.open("ab") as out:
            self._processes[program.name] = await asyncio.create_subprocess_exec(
                *(sys.executable, "-S", "-E", str(TETHER), str(os.getpid()), *program.command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**(os.environ if program.env is None else program.env), **extra},
                start_new_session=True,
            )

    async def _end(self, name: str) -> None:
        if keeper := self._keepers.pop(name, None):
            async with self._starting_or_ending:  # a start that is cancelled halfway would leave a process that nobody knows
                keeper.cancel()
            await asyncio.wait([keeper])
        if name not in self._processes:
            return
        self._signal(name, signal.SIGTERM)
        await _ended(self._processes[name], self._programs[name].stop_seconds)
        self._signal(name, signal.SIGKILL)
        await self._processes[name].wait()

    def _signal(self, name: str, which: signal.Signals) -> None:
        """To the whole group: what the process has started in turn goes with it."""
        process = self._processes[name]
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, which)

    def _deaths_of(self, name: str) -> list[Death]:
        return [death for death in self.deaths if death.name == name]


async def _ended(process: asyncio.subprocess.Process, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), seconds)


def last_words(log: Path) -> str:
    """What a program said last, and where the rest of it is."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()] if log.exists() else []
    return f"{lines[-1]} (all of it: {log})" if lines else f"it wrote nothing to {log}"
