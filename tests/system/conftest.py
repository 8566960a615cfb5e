"""One stack for all tests that only ask something of it, or play what belongs to one stack: `servicelane up` as a person runs it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.system.command_line import Servicelane
from tests.system.people import People
from tests.waiting_for import until

MORNING = "2026-03-09T07:00"
"""Before the first car of the sample days."""


@dataclass(frozen=True)
class Up:
    """A running `servicelane up` on the folder `data`, its entry at `url`."""

    command: Servicelane
    data: Path
    url: str


async def ready(command: Servicelane, data: Path, port: int) -> Up:
    """Its page is there: everything runs."""
    url = f"http://127.0.0.1:{port}"

    def page_or_end() -> bool:
        assert command.process.poll() is None, command.ended()
        return f"servicelane at {url}" in command.said.read_text(encoding="utf-8")

    await until(page_or_end, deadline=120, every=0.05, what="the page of what runs")
    return Up(command, data, url)


@pytest.fixture(scope="session")
def stepped_command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Servicelane, Path]]:
    folder = tmp_path_factory.mktemp("up")
    arguments = ("--clock", "stepped", "--start", MORNING, "--port", STEPPED_PORT)
    command = Servicelane(folder, "up", "--data", folder / "stack", *arguments)
    yield command, folder / "stack"
    command.end()
    command.clean_up()


STEPPED_PORT = 14180


@pytest.fixture
async def stepped_stack(stepped_command: tuple[Servicelane, Path]) -> Up:
    """The session's own, whose clock whoever plays steps."""
    command, data = stepped_command
    return await ready(command, data, STEPPED_PORT)


@pytest.fixture
async def people(stepped_stack: Up) -> AsyncIterator[People]:
    """The branch's people at that stack."""
    async with People(stepped_stack.url) as people:
        yield people
