"""Every clause of the procedure has a test, and no test names a clause that does not exist. `make clauses` prints which is whose."""

import re
import tomllib

import pytest

from tests.house.named_clauses import CLAUSES, ROOT, by_clause, clauses_of

LAST = {"A": 4, "R": 14, "W": 14, "D": 10, "F": 10}
"""The chapters of the written procedure, and how many clauses each has."""


@pytest.fixture(scope="module")
def named() -> dict[str, list[str]]:
    return by_clause()


@pytest.mark.parametrize("clause", CLAUSES)
def test_the_clause_has_a_test(clause: str, named: dict[str, list[str]]) -> None:
    assert named.get(clause), f"{clause} ({CLAUSES[clause]['title']}) has no test"


def test_no_test_names_a_clause_that_does_not_exist(named: dict[str, list[str]]) -> None:
    assert {clause: where for clause, where in named.items() if clause not in CLAUSES} == {}


def test_the_list_has_every_clause_in_order() -> None:
    assert list(CLAUSES) == [f"{chapter}{number}" for chapter, count in LAST.items() for number in range(1, count + 1)]


def test_each_clause_is_carried_out() -> None:
    assert {clause: about for clause, about in CLAUSES.items() if set(about) - {"title", "house"}} == {}


def test_every_clause_that_the_code_names_is_one() -> None:
    """Refusals, events and routes: `clause = "R11"`, `CLAUSE = "R11"`."""
    named = re.compile(r"\b(?:clause|CLAUSE)\b[^=\n]*= ?\"([^\"]*)\"")
    sources = [path for room in ("services", "shared", "servicelane") for path in (ROOT / room).rglob("*.py")]
    said = {(clause, path.name) for path in sources for clause in named.findall(path.read_text(encoding="utf-8")) if clause}
    assert {each for each in said if each[0] not in CLAUSES} == set()


def test_a_clause_is_found_by_marker_and_by_name() -> None:
    source = """
W11 = pytest.mark.clause("W11")
pytestmark = pytest.mark.clause("A1")

@pytest.mark.clause("R11")
@pytest.mark.parametrize("each", [pytest.param(1, marks=pytest.mark.clause("R12"))])
def test_it() -> None: ...

def test_w10_is_signed_d5() -> None: ...

@W11
def test_the_rest() -> None: ...
"""
    assert sorted(clauses_of(source)) == [
        ("A1", "the whole file"),
        ("D5", "test_w10_is_signed_d5"),
        ("R11", "test_it"),
        ("R12", "test_it"),
        ("W10", "test_w10_is_signed_d5"),
        ("W11", "test_the_rest"),
    ]


def test_the_list_is_read_as_it_stands() -> None:
    assert tomllib.loads((ROOT / "docs" / "clauses.toml").read_text(encoding="utf-8")) == CLAUSES
