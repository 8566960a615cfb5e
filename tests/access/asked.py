"""The routes of an ASGI app, and one call of it without anything between: thousands of them are made."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json
from starlette.types import ASGIApp, Message

FROM_OUTSIDE = "203.0.113.7"
EVERYTHING_BEHIND = "/{department}/{path:path}"
"""The one route of the entry that leads on to the departments."""


def every_route(routes: Iterable[Any]) -> Iterator[str]:
    """`GET /docs` of each that is served, whether or not the documents show it."""
    for route in routes:
        if (included := getattr(route, "original_router", None)) is not None:
            yield from every_route(included.routes)
        elif route.path != EVERYTHING_BEHIND:
            yield from (f"{method} {route.path}" for method in route.methods or () if method != "HEAD")


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def problem(self) -> str:
        """The last part of its type: `wrong-role`."""
        try:
            said = from_json(self.body)
        except ValueError:
            return ""
        return str(said.get("type", "")).rpartition(":")[2] if isinstance(said, dict) else ""


async def ask(
    app: ASGIApp, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"", client: str = FROM_OUTSIDE
) -> Answer:
    """Whoever asks hangs up after the body, so that a stream ends with its first line."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    said: list[Message] = []

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)

    path, _, query = path.partition("?")
    sent = {"host": "test", "content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": (client, 1),
        "server": ("test", 80),
    }
    await app(scope, receive, send)
    return Answer(said[0]["status"], b"".join(message.get("body", b"") for message in said[1:]))
