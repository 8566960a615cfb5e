"""Schemathesis over a department's API with tokens of the people who may: nothing breaks, nothing is answered that is not documented.

By operation, each as often as the others; and in sequences, where a call takes from an earlier answer what it names (ids, numbers): which
answer feeds which call schemathesis infers from the document.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Err
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.access.written_down import rows_of
from tests.fuzz.reached import Reached

CHECKS: Sequence[Any] = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
ENDLESS = frozenset({"/notices/stream"})


STRANGERS = 8
"""One call in so many comes from any role; the others from those who may, so that most get past the door."""
STEPS = 10
"""Calls of one sequence, at most."""


@dataclass
class Attack:
    """One department at `url`. `tokens`: role → token; `ids`: parameter of a path → values that are there."""

    department: str
    url: str
    tokens: Mapping[str, str]
    ids: Mapping[str, Sequence[str]]
    reached: Reached
    cases: int = 0
    followed: int = 0
    """Of the cases: those that took something from an earlier answer."""
    failed: int = 0
    """Of the cases; `failures` has each kind once."""
    failures: dict[str, str] = field(default_factory=dict)

    def run(self, examples: int, start: int = 0) -> None:
        """`examples` of every operation, from the seed `start`."""
        for operation in self.operations():
            self._one(operation, examples, start)

    def run_sequences(self, calls: int, start: int = 0) -> None:
        """At least so many calls, each of which may take from the answers before it what it names."""
        wanted, chance = self.cases + calls, Random(start)
        while self.cases < wanted:
            before = self.cases
            self._sequences(-(-(wanted - self.cases) // STEPS), chance)
            if self.cases == before:
                self._cannot("sequences", RuntimeError("schemathesis made no call"))
                break

    def operations(self) -> list[Any]:
        """Those that end."""
        found: list[Any] = []
        for each in self._read().get_all_operations():
            if isinstance(each, Err):
                raise each.err()
            found.append(each.ok())
        return found

    def _read(self) -> Any:
        schema: Any = schemathesis.openapi.from_url(f"{self.url}/openapi.json")
        schema.config.update(base_url=self.url)
        for path in ENDLESS:
            schema = schema.exclude(path=path)
        return schema

    def _one(self, operation: Any, examples: int, start: int) -> None:
        valid_or_not = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

        @seed(start)
        @_as_often_as(examples)
        @given(case=valid_or_not, choice=st.integers(0, 2**16))
        def attacked(case: Any, choice: int) -> None:
            self._aim(case, choice)
            self._judge(case, self._send(case, choice))

        run: Callable[[], None] = attacked
        try:
            run()
        except Exception as broken:  # noqa: BLE001  what schemathesis itself cannot do is a failure too
            self._cannot(operation.label, broken)

    def _sequences(self, examples: int, chance: Random) -> None:
        attack, machine = self, self._machine

        @seed(chance.getrandbits(32))
        class Following(machine):  # type: ignore[misc, valid-type]  # schemathesis makes it of the document
            def step(self, input: Any) -> Any:
                if input.is_applied:
                    attack.followed += 1
                else:
                    attack._aim(input.case, chance.getrandbits(16))
                return super().step(input)

            def call(self, case: Any, **_: Any) -> Any:
                return attack._send(case, chance.getrandbits(16))

            def validate_response(self, response: Any, case: Any, *_: Any, **__: Any) -> None:
                attack._judge(case, response)

        try:
            run_state_machine_as_test(Following, settings=_as_often_as(examples))
        except Flaky:
            pass  # the site is another one after each call, and Hypothesis wants the same again
        except Exception as broken:  # noqa: BLE001  what schemathesis itself cannot do is a failure too
            self._cannot("sequences", broken)

    @cached_property
    def _machine(self) -> Any:
        """Of valid calls: what an invalid one is answered feeds nothing."""
        schema = self._read()
        schema.config.generation.update(modes=[GenerationMode.POSITIVE])
        return schema.as_state_machine()

    def _cannot(self, what: str, broken: Exception) -> None:
        self.failed += 1
        self.failures.setdefault(what, f"{type(broken).__name__}: {str(broken)[:600]}")

    def _aim(self, case: Any, choice: int) -> None:
        """At what is there, mostly."""
        for place, name in enumerate(case.path_parameters or {}):
            known = self.ids.get(name) or self.ids.get(f"{name}_id")
            if known and choice % 4:
                case.path_parameters[name] = known[(choice >> place) % len(known)]
            if known and isinstance(case.body, dict) and "into" in case.body and choice % 4:  # R7: another one of the same kind
                case.body["into"] = known[(choice >> place + 1) % len(known)]

    def _send(self, case: Any, choice: int) -> Any:
        """By one of those who may, mostly."""
        anybody = sorted(self.tokens)
        roles = sorted(self._may.get((case.method.upper(), case.path), ())) if choice % STRANGERS else anybody
        role = (roles or anybody)[choice // STRANGERS % len(roles or anybody)]
        self.cases += 1
        return case.call(headers={"Authorization": f"Bearer {self.tokens[role]}"}, timeout=30)

    @cached_property
    def _may(self) -> Mapping[tuple[str, str], Sequence[str]]:
        return {(row.method, row.path): sorted(row.roles) for row in rows_of(self.department)}

    def _judge(self, case: Any, response: Any) -> None:
        said = response.json() if "json" in str(response.headers.get("content-type", "")) else None
        self.reached.count(self.department, case.method, case.formatted_path, response.status_code, said)
        try:
            case.validate_response(response, checks=list(CHECKS))
        except (FailureGroup, AssertionError) as failed:
            self.failed += 1
            self.failures.setdefault(f"{self.department} {case.method} {case.path}: {response.status_code}", str(failed)[:1500])


def _as_often_as(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
