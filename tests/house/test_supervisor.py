"""What is supervised runs, is started again when it dies, and ends with its supervisor; nothing else is touched."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from deploy.local.supervisor import Program, ProgramFailed, Supervisor
from tests.waiting_for import until

pytestmark = pytest.mark.slow

SLEEPS = "import time; time.sleep(300)"


async def always() -> bool:
    return True


async def never() -> bool:
    return False


def program(
    tmp_path: Path,
    code: str = SLEEPS,
    name: str = "sleeper",
    *,
    env: Mapping[str, str] | None = None,
    stop_seconds: float = Program.stop_seconds,
) -> Program:
    command = (sys.executable, "-S", "-c", code)
    return Program(name, command, tmp_path / f"{name}.log", always, env=env, stop_seconds=stop_seconds)


@pytest.fixture
async def supervisor() -> AsyncIterator[Supervisor]:
    supervisor = Supervisor()
    yield supervisor
    await supervisor.stop()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


async def test_what_was_killed_is_started_again_and_its_death_is_known(supervisor: Supervisor, tmp_path: Path) -> None:
    await supervisor.start(program(tmp_path))
    dead = supervisor.kill("sleeper")
    await until(lambda: supervisor.pids.get("sleeper", dead) != dead, what="a new process")
    assert [(death.name, death.pid, death.status) for death in supervisor.deaths] == [("sleeper", dead, -signal.SIGKILL)]


async def test_what_keeps_dying_is_started_again_and_again(supervisor: Supervisor, tmp_path: Path) -> None:
    await supervisor.start(program(tmp_path, "raise SystemExit(3)"))
    await until(lambda: len(supervisor.deaths) == 3, what="three deaths")
    assert {death.status for death in supervisor.deaths} == {3}


async def test_what_is_held_stays_dead_until_it_is_released(supervisor: Supervisor, tmp_path: Path) -> None:
    await supervisor.start(program(tmp_path))
    supervisor.hold("sleeper")
    supervisor.kill("sleeper")
    await until(lambda: supervisor.deaths, what="its death")
    await asyncio.sleep(0.5)  # longer than the pause before a start
    assert supervisor.pids == {}
    supervisor.release("sleeper")
    await until(lambda: supervisor.pids, what="its start")


async def test_the_first_environment_is_for_the_first_process_alone(supervisor: Supervisor, tmp_path: Path) -> None:
    code = "import os, time; print(os.environ.get('FAIL', 'none'), flush=True); time.sleep(300)"
    await supervisor.start(program(tmp_path, code, env=dict(os.environ)), first_env={"FAIL": "here"})
    log = tmp_path / "sleeper.log"
    await until(lambda: log.read_text() == "here\n", what="the first start")
    supervisor.kill("sleeper")
    await until(lambda: log.read_text() == "here\nnone\n", what="the second start")


async def test_the_supervisors_own_environment_does_not_leak_into_one_that_is_given(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICELANE_GROUP_KEY", "of another stack")
    code = "import os, time; print(os.environ.get('SERVICELANE_GROUP_KEY'), flush=True); time.sleep(300)"
    await supervisor.start(program(tmp_path, code, env={"PATH": os.environ["PATH"]}))
    assert await until((tmp_path / "sleeper.log").read_text, what="what it was given") == "None\n"


async def test_what_dies_before_it_is_ready_is_said_with_its_last_words(supervisor: Supervisor, tmp_path: Path) -> None:
    dying = program(tmp_path, "import sys; sys.exit('the folder is broken')")
    await supervisor.start(Program(dying.name, dying.command, dying.log, never))
    with pytest.raises(ProgramFailed, match="sleeper ended with status 1: the folder is broken"):
        await supervisor.wait_until_ready("sleeper", dying_is_failing=True)


async def test_the_end_reaches_what_they_started_and_nothing_else(tmp_path: Path) -> None:
    other = subprocess.Popen((sys.executable, "-S", "-c", SLEEPS), start_new_session=True)
    supervisor = Supervisor()
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(300)"
    await supervisor.start(program(tmp_path, deaf, "deaf", stop_seconds=0.3))
    await supervisor.start(program(tmp_path))
    await until((tmp_path / "deaf.log").read_text, what="the deaf one")
    pids = list(supervisor.pids.values())
    await supervisor.stop()
    assert not any(is_alive(pid) for pid in pids)
    assert is_alive(other.pid)
    other.kill()
    other.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tethers a process to its parent")
async def test_a_supervisor_killed_with_9_leaves_no_orphans(tmp_path: Path) -> None:
    code = f"""
import asyncio, sys
from pathlib import Path
from deploy.local.supervisor import Program, Supervisor

async def always():
    return True

async def main():
    supervisor = Supervisor()
    await supervisor.start(Program("sleeper", (sys.executable, "-c", {SLEEPS!r}), Path({str(tmp_path / "log")!r}), always))
    print(supervisor.pids["sleeper"], flush=True)
    await asyncio.sleep(300)

asyncio.run(main())
"""
    parent = subprocess.Popen((sys.executable, "-c", code), stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    orphan = int(parent.stdout.readline())
    assert is_alive(orphan)
    parent.kill()
    parent.wait()
    await until(lambda: not is_alive(orphan), what="the end of the orphan")
