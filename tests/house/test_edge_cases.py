"""Each behaviour of docs/edge_cases.toml is shown by a test that is there; a test that names an edge case names one of them."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASES = tomllib.loads((ROOT / "docs" / "edge_cases.toml").read_text(encoding="utf-8"))
SHOWN = [(number, behaviour, test) for number, case in CASES.items() for behaviour, test in case["shown"].items()]


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize(("number", "behaviour", "test"), SHOWN)
def test_the_behaviour_has_its_test(number: str, behaviour: str, test: str) -> None:
    file, _, name = test.partition("::")
    assert f"test_{name}" in names_in(ROOT / "tests" / file), f"edge case {number}: nothing shows that {behaviour}"


def test_the_cases_are_numbered_without_a_hole_and_each_shows_something() -> None:
    assert list(CASES) == [str(number) for number in range(1, len(CASES) + 1)]
    assert [number for number, case in CASES.items() if not case["shown"]] == []
    assert {key for case in CASES.values() for key in case} <= {"title", "shown", "missing", "screens"}


def test_a_test_that_names_an_edge_case_is_in_the_list() -> None:
    named = {
        (f"{path.relative_to(ROOT / 'tests')}::{name.removeprefix('test_')}", found.group(1))
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in names_in(path)
        if (found := re.match(r"test_edge_case_(\d+)_", name))
    }
    assert {(test, number) for test, number in named if number not in CASES} == set()
