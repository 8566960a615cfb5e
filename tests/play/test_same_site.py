"""A site of another id than the branch's is refused before anything is sent to it; and its day is that of its own zone."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from servicelane.keeping import command
from servicelane.keeping.importing import Clerks, known_to
from servicelane.play.client import Answer, Desk, OtherSite
from servicelane.play.command import play_at
from servicelane.play.sheet import read_sheet
from shared.branch import Branch, Site
from tests.conftest import BRANCH

CLERKS = Clerks(files="bizsup-1", parts="parts-1")
NIGHT = "2026-02-28T20:00:00+00:00"
"""In Shanghai it is the first of March."""


class OthersDesk(Desk):
    """At a site of another id, whose clock is stepped."""

    def __init__(self) -> None:
        super().__init__("http://site")
        self.sent: list[tuple[str, str]] = []

    async def operate(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        return self._answer(method, path, {"mode": "stepped", "now": NIGHT})

    async def ask(
        self, person: str, method: str, path: str, body: Mapping[str, Any] | None = None, *, site: str | None = None, key: str | None = None
    ) -> Answer:
        return self._answer(method, path, {"site": {"id": "SH02"}} if path == "/followup/settings" else [])

    def _answer(self, method: str, path: str, body: Any) -> Answer:
        if method != "GET":
            self.sent.append((method, path))
        return Answer(httpx.Response(200, json=body), "")


async def test_a_day_is_not_played_at_another_site(sample_branch: Branch) -> None:
    desk = OthersDesk()
    with pytest.raises(OtherSite, match=f"the site there is SH02, the branch's folder is {sample_branch.site.id}'s"):
        await play_at("http://site", "day", read_sheet(BRANCH / "day-0.jsonl", sample_branch), sample_branch, Console(), desk)
    assert desk.sent == []


async def test_nothing_is_imported_into_another_site(sample_branch: Branch, tmp_path: Path) -> None:
    desk = OthersDesk()
    with pytest.raises(OtherSite):
        await command._import(desk, sample_branch, [tmp_path / "stock.csv"], CLERKS, dry_run=False)
    assert desk.sent == []
    await desk.close()


@pytest.mark.parametrize(("zone", "today"), [("Asia/Shanghai", date(2026, 3, 1)), ("America/New_York", date(2026, 2, 28))])
async def test_today_is_the_day_of_the_sites_zone(zone: str, today: date, sample_branch: Branch) -> None:
    desk = OthersDesk()
    plain = sample_branch.site.model_dump()
    site = Site.model_validate(plain | {"site": plain["site"] | {"time_zone": zone}})
    assert (await known_to(desk, CLERKS, site)).today == today
    await desk.close()
