"""Schemathesis over a department's API with tokens of the people who may: nothing breaks, nothing is answered that is not documented."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
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


@dataclass
class Attack:
    """One department at `url`. `tokens`: role → token; `ids`: parameter of a path → values that are there."""

    department: str
    url: str
    tokens: Mapping[str, str]
    ids: Mapping[str, Sequence[str]]
    reached: Reached
    cases: int = 0
    failed: int = 0
    """Of the cases; `failures` has each kind once."""
    failures: dict[str, str] = field(default_factory=dict)

    def run(self, examples: int, start: int = 0) -> None:
        """`examples` of every operation, from the seed `start`."""
        for operation in self.operations():
            self._one(operation, examples, start)

    def operations(self) -> list[Any]:
        """Those that end."""
        schema = schemathesis.openapi.from_url(f"{self.url}/openapi.json")
        schema.config.update(base_url=self.url)
        found: list[Any] = []
        for each in schema.get_all_operations():
            if isinstance(each, Err):
                raise each.err()
            found.append(each.ok())
        return [operation for operation in found if operation.path not in ENDLESS]

    def _one(self, operation: Any, examples: int, start: int) -> None:
        may = {row.path: row.roles for row in rows_of(self.department) if row.method == operation.method.upper()}
        strangers = sorted(self.tokens)
        roles = sorted(may.get(operation.path, ())) or strangers
        valid_or_not = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

        @seed(start)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
        )
        @given(case=valid_or_not, choice=st.integers(0, 2**16), role=st.sampled_from(roles))
        def attacked(case: Any, choice: int, role: str) -> None:
            self._call(case, choice, role if choice % STRANGERS else strangers[choice % len(strangers)])

        run: Callable[[], None] = attacked
        try:
            run()
        except Exception as broken:  # noqa: BLE001  what schemathesis itself cannot do is a failure too
            self.failed += 1
            self.failures.setdefault(f"{operation.label}", f"{type(broken).__name__}: {str(broken)[:600]}")

    def _call(self, case: Any, choice: int, role: str) -> None:
        for place, name in enumerate(case.path_parameters or {}):
            known = self.ids.get(name) or self.ids.get(f"{name}_id")
            if known and choice % 4:
                case.path_parameters[name] = known[(choice >> place) % len(known)]
            if known and isinstance(case.body, dict) and "into" in case.body and choice % 4:  # R7: another one of the same kind
                case.body["into"] = known[(choice >> place + 1) % len(known)]
        self.cases += 1
        response = case.call(headers={"Authorization": f"Bearer {self.tokens[role]}"}, timeout=30)
        said = response.json() if "json" in str(response.headers.get("content-type", "")) else None
        self.reached.count(self.department, case.method, case.formatted_path, response.status_code, said)
        try:
            case.validate_response(response, checks=list(CHECKS))
        except (FailureGroup, AssertionError) as failed:
            self.failed += 1
            self.failures.setdefault(f"{self.department} {case.method} {case.path}: {response.status_code}", str(failed)[:1500])
