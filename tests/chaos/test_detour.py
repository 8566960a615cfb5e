"""What the monkey strikes with does what its table says."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.chaos.detour import HOST, Detour
from tests.chaos.monkey import Struck
from tests.chaos.table import Check, Report


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(1 << 16):
        writer.write(chunk)
        await writer.drain()
    writer.close()


@pytest.fixture
async def detour() -> AsyncIterator[Detour]:
    """Around to a server that says what it hears."""
    server = await asyncio.start_server(_echo, HOST, 0)
    detour = Detour(server.sockets[0].getsockname()[1])
    await detour.open()
    yield detour
    await detour.close()
    server.close()


async def test_what_goes_around_arrives_as_it_was_and_the_end_of_it_too(detour: Detour) -> None:
    reader, writer = await asyncio.open_connection(HOST, detour.port)
    sent = bytes(range(256)) * 4096
    writer.write(sent)
    writer.write_eof()
    assert await asyncio.wait_for(reader.read(-1), 10) == sent
    writer.close()


async def test_a_cut_ends_the_connections_that_are_and_new_ones_are_led_on(detour: Detour) -> None:
    reader, writer = await asyncio.open_connection(HOST, detour.port)
    writer.write(b"before")
    assert await asyncio.wait_for(reader.readexactly(6), 10) == b"before"
    detour.cut()
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.read(1), 10)
    again, other = await asyncio.open_connection(HOST, detour.port)
    other.write(b"after")
    assert await asyncio.wait_for(again.readexactly(5), 10) == b"after"
    assert detour.cuts == 1
    other.close()


async def test_while_it_refuses_nobody_gets_through(detour: Detour) -> None:
    refusing = asyncio.create_task(detour.refuse(60))
    await asyncio.sleep(0)
    reader, _ = await asyncio.open_connection(HOST, detour.port)
    assert await asyncio.wait_for(reader.read(1), 10) == b"", "it is ended at once"
    refusing.cancel()
    await asyncio.wait({refusing})
    again, writer = await asyncio.open_connection(HOST, detour.port)
    writer.write(b"through")
    assert await asyncio.wait_for(again.readexactly(7), 10) == b"through"
    writer.close()


def test_a_fault_that_was_not_overcome_and_a_claim_that_does_not_hold_are_failures() -> None:
    report = Report(
        sheet="s",
        visits=1,
        seed=1,
        seconds=9,
        struck=[Struck("kill -9 broker", 1, 0, 2.0), Struck("kill -9 broker", 5, 0, 4.0), Struck("broker wiped", 7, 0, None)],
        not_struck=[],
        checks=[Check("every car done", True, ""), Check("nothing lost, nothing twice", False, "")],
    )
    assert (report.passed, report.failed) == (3, 2)
    killed, wiped = report.rows()
    assert (killed["times"], killed["recovered"], killed["longest_outage_s"], killed["mean_outage_s"]) == (2, 2, 4.0, 3.0)
    assert (wiped["recovered"], wiped["longest_outage_s"]) == (0, None)
