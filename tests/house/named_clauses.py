"""Which clauses a test is of: those of its marker `clause`, and those in its name."""

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLAUSES = tomllib.loads((ROOT / "docs" / "clauses.toml").read_text(encoding="utf-8"))
_IN_A_NAME = re.compile(r"(?<![a-z0-9])([arwdf](?:[1-9]|1[0-4]))(?![a-z0-9])")


def in_name(name: str) -> set[str]:
    return {clause.upper() for clause in _IN_A_NAME.findall(name)}


def clauses_of(source: str) -> Iterator[tuple[str, str]]:
    """Clause and the test that is of it; a marker of a whole file is of the file."""
    tree = ast.parse(source)
    marks = _named_marks(tree)
    for clause in sorted(marks.pop("pytestmark", set())):
        yield clause, "the whole file"
    yield from ((clause, name) for name, of in marks.items() if name.startswith("Test") for clause in sorted(of))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name.startswith(("test_", "Test")):
            of = in_name(node.name).union(*(_marked(each, marks) for each in node.decorator_list))
            yield from ((clause, node.name) for clause in sorted(of))


def _named_marks(tree: ast.Module) -> dict[str, set[str]]:
    """`W6, W7 = pytest.mark.clause("W6"), pytest.mark.clause("W7")`, at the top of a file; `TestDesk = pytest.mark.clause("D5")(…)`."""
    marks: dict[str, set[str]] = defaultdict(set)
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            target, value = statement.targets[0], statement.value
            pairs = (
                zip(target.elts, value.elts, strict=False)
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
                else [(target, value)]
            )
            for name, mark in pairs:
                called = name.id if isinstance(name, ast.Name) else name.attr if isinstance(name, ast.Attribute) else ""
                if clauses := _marked(mark, {}):
                    marks[called] |= clauses
    return marks


def _marked(expression: ast.expr, marks: Mapping[str, set[str]]) -> set[str]:
    """Also `pytest.param(…, marks=pytest.mark.clause("W11"))`, in a decorator."""
    found = set[str]()
    for node in ast.walk(expression):
        if isinstance(node, ast.Name):
            found |= marks.get(node.id, set())
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "clause":
            found |= {str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)}
    return found


def by_clause(folder: Path = ROOT / "tests") -> dict[str, list[str]]:
    """By clause: `tests/…/test_x.py::test_y`."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        for clause, test in clauses_of(path.read_text(encoding="utf-8")):
            found[clause].append(f"{path.relative_to(folder.parent)}::{test}")
    return found


def main() -> None:
    """`make clauses`."""
    named = by_clause()
    for clause, about in CLAUSES.items():
        tests = named.get(clause, [])
        sys.stdout.write("\n       ".join([f"{clause:4} {about['title']} ({len(tests)})", *tests]) + "\n")


if __name__ == "__main__":
    main()
