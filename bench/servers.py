"""The servers that product and baseline share: the embedded database and broker, or those that the environment names.

`SERVICELANE_MONGO_URL` and `SERVICELANE_KAFKA_URL` are used for the figures that run in one process (intake, rebuild, timers);
those that need the whole stack bring their own.
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from deploy.local import embedded
from deploy.local.supervisor import Program, Supervisor
from shared.branch import Branch

ROOT = Path(__file__).parent.parent
BRANCH = ROOT / "data" / "branch"


@contextmanager
def folder() -> Iterator[Path]:
    """Gone afterwards, with all that the servers wrote."""
    with tempfile.TemporaryDirectory(prefix="servicelane-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextmanager
def database(at: Path) -> Iterator[str]:
    """The URL of a MongoDB; the embedded one keeps its files in `at`."""
    if url := os.environ.get("SERVICELANE_MONGO_URL"):
        yield url
        return
    started = embedded.start_database(at / "mongo")
    try:
        yield embedded.database_url(started.port)
    finally:
        started.stop()


@contextmanager
def broker(at: Path) -> Iterator[str]:
    """`host:port` of a Kafka."""
    if url := os.environ.get("SERVICELANE_KAFKA_URL"):
        yield url
        return
    started = embedded.start_broker(at / "broker.log")
    try:
        yield started.address
    finally:
        started.stop()


@asynccontextmanager
async def programs(at: Path, *commands: tuple[str, ...]) -> AsyncIterator[None]:
    """Bare programs, each `(module, argument…)`, as processes of their own; each makes the file of its last argument when it is ready."""
    supervisor = Supervisor()
    try:
        for number, (module, *arguments) in enumerate(commands):
            ready = at / f"ready-{secrets.token_hex(4)}"

            async def is_there(file: Path = ready) -> bool:
                return file.exists()

            command = [sys.executable, "-m", module, *arguments, str(ready)]
            env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}
            name = f"{module}-{number}"
            await supervisor.start(Program(name, command, at / f"{name}.log", is_there, env))
            await supervisor.wait_until_ready(name, 60, dying_is_failing=True)
        yield
    finally:
        await supervisor.stop()


def branch() -> Branch:
    """The sample branch under a site id that nothing else has."""
    sample = Branch.load(BRANCH)
    identity = sample.site.site.model_copy(update={"id": f"B{secrets.token_hex(4).upper()}"})
    return sample.model_copy(update={"site": sample.site.model_copy(update={"site": identity})})
