"""One stack for the tests of a module that only ask something of it, or play what belongs to one: `servicelane up` as a person runs it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.embedded import free_port
from tests.system.command_line import Servicelane
from tests.system.people import People
from tests.waiting_for import until

MORNING = "2026-03-09T07:00"
"""Before the first car of the sample days."""

Started = tuple[Servicelane, Path, int]


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


@pytest.fixture(scope="module")
def stepped_command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    folder = tmp_path_factory.mktemp("up")
    port = free_port()
    command = Servicelane(folder, "up", "--data", folder / "stack", "--port", port, "--clock", "stepped", "--start", MORNING)
    yield command, folder / "stack", port
    command.end()
    command.clean_up()


@pytest.fixture
async def stepped_stack(stepped_command: Started) -> Up:
    """The module's own, whose clock whoever plays steps. It ends with the module: a stack on which nothing happens is not idle."""
    return await ready(*stepped_command)


@pytest.fixture
async def people(stepped_stack: Up) -> AsyncIterator[People]:
    """The branch's people at that stack."""
    async with People(stepped_stack.url) as people:
        yield people
