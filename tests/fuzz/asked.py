"""What is asked of a stack beside its commands: its OpenAPI documents, tokens, the ids that are there; and how answers are counted."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx

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
                        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
                            found.setdefault(name, set()).add(str(value))
                if page["next"] is None:
                    break
                after = f"&after={page['next']}"
    return {name: sorted(values)[:50] for name, values in found.items()}
