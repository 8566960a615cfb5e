"""Every clause that is carried out has a test, and no test names a clause that does not exist."""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLAUSES = tomllib.loads((ROOT / "docs" / "clauses.toml").read_text(encoding="utf-8"))
CARRIED_OUT = [clause for clause, about in CLAUSES.items() if about.get("carried_out", True)]
IN_A_NAME = re.compile(r"(?<![a-z0-9])([arwdf](?:[1-9]|1[0-4]))(?![a-z0-9])")


def clauses_of(source: str) -> Iterator[tuple[str, str]]:
    """Clause and where it is named: by the marker `clause`, or in the name of a test."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "clause":
            yield from ((str(each.value), f"line {node.lineno}") for each in node.args if isinstance(each, ast.Constant))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield from ((clause.upper(), node.name) for clause in IN_A_NAME.findall(node.name))


@pytest.fixture(scope="module")
def named() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if path != Path(__file__):
            for clause, where in clauses_of(path.read_text(encoding="utf-8")):
                found[clause].append(f"{path.relative_to(ROOT)}: {where}")
    return found


@pytest.mark.parametrize("clause", CARRIED_OUT)
def test_the_clause_has_a_test(clause: str, named: dict[str, list[str]]) -> None:
    assert named[clause], f"{clause} ({CLAUSES[clause]['title']}) is carried out, and no test proves it"


def test_no_test_names_a_clause_that_does_not_exist(named: dict[str, list[str]]) -> None:
    assert {clause: where for clause, where in named.items() if clause not in CLAUSES} == {}


def test_the_list_has_every_clause_in_order() -> None:
    last = {"A": 4, "R": 14, "W": 14, "D": 10, "F": 10}
    assert list(CLAUSES) == [f"{chapter}{number}" for chapter, count in last.items() for number in range(1, count + 1)]


def test_a_clause_is_found_by_marker_and_by_name() -> None:
    source = '@pytest.mark.clause("R11")\ndef test_it() -> None: ...\n\ndef test_w10_is_signed_d5() -> None: ...\n'
    assert {clause for clause, _ in clauses_of(source)} == {"R11", "W10", "D5"}
