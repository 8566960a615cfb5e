"""The table of who may do what, read from `who_may.toml`, which is written by hand from the procedure."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

DEPARTMENTS = ("reception", "workshop", "delivery", "followup")
PUBLIC = "public"
INSIDE = "inside"

_WRITTEN: Mapping[str, Mapping[str, str]] = tomllib.loads((Path(__file__).parent / "who_may.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Row:
    """`roles` is empty for what needs no token; `inside`, for who reaches the department itself, not by the entry."""

    method: str
    path: str
    clause: str
    roles: frozenset[str]
    anybody: bool = False
    inside: bool = False

    @property
    def changes(self) -> bool:
        return self.method != "GET"

    @property
    def address(self) -> str:
        """The path with something in its places that is well-formed and not there."""
        return re.sub(r"\{(\w+)\}", lambda place: _STANDS_FOR.get(place[1], "none-1"), self.path)


_STANDS_FOR = {"number": "1", "sha256": "0" * 64, "day": "2026-03-09", "period": "2026-02", "name": "swagger-ui.css"}


def rows_of(department: str) -> tuple[Row, ...]:
    """Its own and those that every department has."""
    return tuple(_row(*each) for section in ("every_department", department) for each in _WRITTEN[section].items())


def entry_rows() -> Mapping[str, str]:
    """Route of the entry → `public` or `loopback`."""
    return {route: says.partition(": ")[2] for route, says in _WRITTEN["entry"].items()}


def _row(route: str, says: str) -> Row:
    method, path = route.split(" ")
    clause, _, who = says.partition(": ")
    return Row(method, path, clause, frozenset(_roles(who)), anybody=who in (PUBLIC, INSIDE), inside=who == INSIDE)


def _roles(who: str) -> Iterator[str]:
    for name in who.split():
        if name in _WRITTEN["people"]:
            yield from _roles(_WRITTEN["people"][name])
        elif name not in (PUBLIC, INSIDE):
            yield name
