"""What was reached of the departments' APIs: which commands succeeded, which clauses refused, how many calls of which status."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import services
from shared.refusal import Refused

_DOCUMENTED = ("get", "put", "post", "patch", "delete")

NOT_REFUSED: Mapping[str, str] = {
    "F9": "a letter's number in the register is always a new one: that none is entered twice is a rule for the code, not for a caller",
}
"""Clauses whose refusal nobody can bring about by a call, each with its reason."""


@cache
def refusing() -> tuple[str, ...]:
    """The clauses that have a refusal in the departments' code."""
    for found in pkgutil.walk_packages(services.__path__, "services."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    return tuple(sorted({kind.clause for kind in _kinds(Refused) if kind.__module__.startswith("services.")}))


def _kinds(kind: type[Refused]) -> Iterator[type[Refused]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)


@dataclass
class Reached:
    """`documents`: department → its OpenAPI document. `undocumented`: answers that the document does not have, in words."""

    documents: Mapping[str, Mapping[str, Any]]
    succeeded: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    undocumented: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._ways = [
            (department, method.upper(), re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), f"{department} {method.upper()} {path}")
            for department, document in self.documents.items()
            for path, operations in document["paths"].items()
            for method in operations
            if method in _DOCUMENTED
        ]
        self._ways.sort(key=lambda way: way[3].count("{"))

    @property
    def commands(self) -> list[str]:
        return [name for _, method, _, name in self._ways if method != "GET"]

    def operation(self, name: str) -> Mapping[str, Any]:
        """As the document has it: `workshop POST /jobs/{visit}/found`."""
        department, method, path = name.split(" ")
        described: Mapping[str, Any] = self.documents[department]["paths"][path][method.lower()]
        return described

    def count(self, department: str, method: str, path: str, status: int, answer: Any) -> None:
        self.statuses[status] += 1
        if name := self._name(department, method, path):
            self.succeeded[name] += 200 <= status < 300
            if str(status) not in self.operation(name)["responses"]:
                self.undocumented[f"{name}: {status}"] += 1
        if isinstance(answer, dict) and answer.get("clause") and status >= 400:
            self.refused[str(answer["clause"])] += 1

    def _name(self, department: str, method: str, path: str) -> str | None:
        return next((name for of, verb, way, name in self._ways if (of, verb) == (department, method) and way.fullmatch(path)), None)

    def name_of(self, method: str, address: str) -> str:
        """Of what stands at an address of the entry, such as `/workshop/jobs/visit-1`; `LookupError` where nothing does."""
        department, _, path = address.partition("?")[0].lstrip("/").partition("/")
        if name := self._name(department, method, f"/{path}"):
            return name
        raise LookupError(f"{method} {address}")

    def has(self, method: str, address: str) -> bool:
        with suppress(LookupError):
            return bool(self.name_of(method, address))
        return False

    def query_above(self, address: str) -> str | None:
        """The query that stands at the address of a command, or nearest above it: `/workshop/jobs/visit-1` of `…/visit-1/moves`."""
        while address.count("/") > 1:
            if self.has("GET", address):
                return address
            address = address.rpartition("/")[0]
        return None

    def checks(self) -> dict[str, bool]:
        """What has to be so after everything, in words, and whether it is: each command succeeded, each clause refused."""
        commands = {f"succeeded at least once: {name}": bool(self.succeeded[name]) for name in self.commands}
        clauses = {f"refused at least once: {clause}": bool(self.refused[clause]) for clause in refusing() if clause not in NOT_REFUSED}
        listed = {f"nobody can make refuse: {clause}": not self.refused[clause] and clause in refusing() for clause in NOT_REFUSED}
        documented = {"each answer is in the OpenAPI document": not self.undocumented}
        return commands | clauses | listed | documented | {"no answer of 500 or more": not any(status >= 500 for status in self.statuses)}
