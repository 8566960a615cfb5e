"""A day that is played before the fuzzing: its calls succeed where the procedure allows them, and leave ids behind."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from servicelane.play.client import Desk
from servicelane.play.command import play_at
from servicelane.play.sheet import read_sheet
from shared.branch import Branch
from shared.contracts.event import DEPARTMENTS
from tests.fuzz.reached import Reached


def documents_at(url: str) -> Mapping[str, Mapping[str, Any]]:
    return {name: httpx.get(f"{url}/{name}/openapi.json", timeout=30, trust_env=False).raise_for_status().json() for name in DEPARTMENTS}


def token_of(url: str, person: str) -> str:
    answer = httpx.post(f"{url}/issuer/token", json={"person": person}, timeout=30, trust_env=False)
    return str(answer.raise_for_status().json()["access_token"])


def counting(reached: Reached) -> Callable[[httpx.Response], Awaitable[None]]:
    """For each answer that a desk gets."""

    async def count(response: httpx.Response) -> None:
        department, _, path = response.request.url.path.lstrip("/").partition("/")
        if department in DEPARTMENTS:
            await response.aread()
            said = response.json() if "json" in response.headers.get("content-type", "") else None
            reached.count(department, response.request.method, f"/{path}", response.status_code, said)

    return count


async def play_counted(url: str, sheet: Path, branch: Branch, reached: Reached, console: Console) -> bool:
    """Whether the day went as it should. Every answer that the player gets is counted."""
    desk = Desk(url)
    desk.http.event_hooks["response"].append(counting(reached))
    return (await play_at(url, sheet.name, read_sheet(sheet, branch), branch, console, desk)).good


def ids_left(url: str, tokens: Mapping[str, str]) -> Mapping[str, list[str]]:
    """Parameter of a path → what is there, as the lists and the journals name it."""
    found: dict[str, set[str]] = {}
    headers = {"Authorization": f"Bearer {tokens['group_analyst']}"}
    with httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False) as http:
        for department in DEPARTMENTS:
            after = ""
            while True:
                page = http.get(f"/{department}/journal?limit=1000{after}").raise_for_status().json()
                for entry in page["items"]:
                    for name, value in entry["data"].items():
                        if isinstance(value, str | int) and not isinstance(value, bool):
                            found.setdefault(name, set()).add(str(value))
                if page["next"] is None:
                    break
                after = f"&after={page['next']}"
    return {name: sorted(values)[:50] for name, values in found.items()}
