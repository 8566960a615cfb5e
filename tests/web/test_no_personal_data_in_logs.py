"""Whatever is typed, wherever it is typed, and whatever goes wrong with it: no log line has it."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from shared.telemetry import log_to_stderr
from tests.web.conftest import SUPERVISOR, TECHNICIAN, Toy

TYPED = ("王伟", "Wang Wei", "13800138000", "京A12345")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a service writes to standard error when it is told to write everything."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    log_to_stderr("BJ01.workshop", "DEBUG", site="BJ01", department="workshop")
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)


async def test_names_phones_and_plates_of_a_request_are_in_no_line(toy: Toy, lamp: str, lines: io.StringIO) -> None:
    for typed in TYPED:
        await toy.get(SUPERVISOR, f"/lamps/{typed}?q={typed}")
        await toy.get(SUPERVISOR, f"/lamps/{typed}/broken", X_Correlation_Id="corr-1")
        await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": typed, "phone": typed, typed: typed})
        await toy.post(TECHNICIAN, f"/lamps/{typed}/light", {"watts": 13}, Idempotency_Key=typed.encode().hex())
        await toy.ask(SUPERVISOR, "POST", f"/lamps/{lamp}/light", content=typed.encode())
    text = lines.getvalue()
    calls = [each for each in map(json.loads, text.splitlines()) if each["logger"] == "servicelane.http"]
    assert len(calls) >= 5 * len(TYPED)
    assert [typed for typed in (*TYPED, *map(quote, TYPED)) if typed in text] == []


async def test_every_line_has_department_site_and_the_call_that_it_belongs_to(toy: Toy, lamp: str, lines: io.StringIO) -> None:
    await toy.get(SUPERVISOR, f"/lamps/{lamp}/broken", X_Correlation_Id="corr-1")
    of_ours = [each for each in map(json.loads, lines.getvalue().splitlines()) if each["logger"] == "servicelane.http"]
    assert {each["message"] for each in of_ours} == {"call", "a call failed"}
    assert {(each["site"], each["department"], each["correlation"]) for each in of_ours} == {("BJ01", "workshop", "corr-1")}
