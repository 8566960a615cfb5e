"""Heavy days to their last line, and days in other seasons: before holidays, on made-up working days, over the end of a year."""

import json
import re
from pathlib import Path

import pytest

from tests.conftest import BRANCH
from tests.system.command_line import Servicelane

pytestmark = [pytest.mark.slow, pytest.mark.days]

DAY_1 = (
    "played day-1.jsonl: 40 visits, 39 delivered, 1 cancelled, 0 stuck; 35 cheats: 35 refused, 0 passed, 0 not tried; "
    "audit: 39 orders, 0 violations; follow-up: 75 calls held, 5 not reached, 0 open"
)
DAY_2 = (
    r"played day-2\.jsonl: 60 visits, 52 delivered, 8 cancelled, 0 stuck; 139 cheats: \d+ refused, 0 passed, \d+ not tried; "
    r"audit: \d+ orders, 0 violations; follow-up: 114 calls held, 6 not reached, 0 open"
)
CLEAN = r"played .*, 0 stuck; \d+ cheats: \d+ refused, 0 passed, \d+ not tried; audit: \d+ orders, 0 violations; follow-up: .*, 0 open"


def last_line(folder: Path, sheet: Path) -> str:
    play = Servicelane(folder, "play", sheet)
    try:
        ended = play.ended(seconds=1800)
        assert ended.status == 0, ended
        return ended.last_line
    finally:
        play.clean_up()


def some_visits_on(day: str, folder: Path, *, first: int) -> Path:
    """Every fifth visit of the heaviest day, moved to another date."""
    sheet = folder / f"{day}.jsonl"
    visits = [json.loads(line) for line in (BRANCH / "day-2.jsonl").read_text(encoding="utf-8").splitlines()]
    sheet.write_text("".join(json.dumps({**visit, "date": day}) + "\n" for visit in visits[first::5]), encoding="utf-8")
    return sheet


def test_a_day_of_forty_visits(tmp_path: Path) -> None:
    assert last_line(tmp_path, BRANCH / "day-1.jsonl") == DAY_1


def test_a_day_of_sixty_visits_with_the_most_cheats(tmp_path: Path) -> None:
    line = last_line(tmp_path, BRANCH / "day-2.jsonl")
    assert re.fullmatch(DAY_2, line), line


@pytest.mark.parametrize(
    ("day", "first"),
    [
        pytest.param("2026-02-12", 0, id="before the spring festival"),
        pytest.param("2026-09-29", 1, id="before the national holidays"),
        pytest.param("2026-10-10", 3, id="on a made-up working day"),
        pytest.param("2026-12-30", 2, id="over the end of the year"),
    ],
)
def test_a_day_in_another_season(day: str, first: int, tmp_path: Path) -> None:
    line = last_line(tmp_path, some_visits_on(day, tmp_path, first=first))
    assert re.fullmatch(CLEAN, line), line
