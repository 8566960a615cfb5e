"""What was reached of the departments' APIs: which commands succeeded, which clauses refused, how many calls of which status."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import services
from shared.refusal import Refused

def _kinds(kind: type[Refused]) -> Iterator[type[Refused]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)


for _found in pkgutil.walk_packages(services.__path__, "services."):
    if not _found.name.endswith("__main__"):
        importlib.import_module(_found.name)

REFUSING = tuple(sorted({kind.clause for kind in _kinds(Refused) if kind.clause}))
"""The clauses that have a refusal, as the departments' code declares it."""

_DOCUMENTED = ("get", "put", "post", "patch", "delete")


@dataclass
class Reached:
    """`documents`: department → its OpenAPI document."""

    documents: Mapping[str, Mapping[str, Any]]
    succeeded: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)

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

    def count(self, department: str, method: str, path: str, status: int, answer: Any) -> None:
        self.statuses[status] += 1
        if 200 <= status < 300 and (name := self._name(department, method, path)):
            self.succeeded[name] += 1
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

    def never_succeeded(self) -> list[str]:
        return [name for name in self.commands if not self.succeeded[name]]

    def never_refused(self, clauses: Iterable[str]) -> list[str]:
        return [clause for clause in clauses if not self.refused[clause]]
