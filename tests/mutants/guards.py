"""Guards of a domain module, and the module's code with one of them taken out.

A guard is a `raise` (or a `yield` of a generator of refusals) of a class that names a clause, or a call whose only effect is such a raise
(`job.must_be_held()`). Taken out, it does nothing; all else stays. Nothing is written: the code of the running function is exchanged.
"""

import ast
import gc
import importlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

from shared.refusal import Problem

Clauses = frozenset[str]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Guard:
    module: str
    function: str
    line: int
    column: int
    does: str
    """As it stands in the source: `raise CarGone`, `yield DamageOpen`, `must_be_held()`."""
    clauses: Clauses
    """One, or for a call all that it can refuse with."""

    @property
    def where(self) -> str:
        return f"{self.module.replace('.', '/')}.py:{self.line} {self.function}"


def guards_of(modules: Sequence[str]) -> list[Guard]:
    """All guards of the modules, which belong together: a call is a guard where a function of that name in any of them refuses."""
    sources = {name: _Source.of(name) for name in modules}
    refusing = _refusing(source for source in sources.values())
    return [guard for source in sources.values() for guard in source.guards(refusing)]


@contextmanager
def taken_out(guard: Guard) -> Iterator[None]:
    """The function runs without its guard until the block ends."""
    source = _Source.of(guard.module)
    function = source.running(guard)
    code = function.__code__
    function.__code__ = source.code_without(guard, code)
    try:
        yield
    finally:
        function.__code__ = code


@dataclass(frozen=True)
class _Source:
    module: ModuleType
    tree: ast.Module

    @classmethod
    def of(cls, name: str) -> "_Source":
        module = importlib.import_module(name)
        return cls(module, ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")))

    def guards(self, refusing: Mapping[str, Clauses]) -> Iterator[Guard]:
        for name, function in self.functions():
            for node in ast.walk(function):
                if not isinstance(node, ast.Raise | ast.Expr):
                    continue
                if said := _said(node):
                    clauses, verb = self.clauses_in(said), "raise" if isinstance(node, ast.Raise) else "yield"
                    does = f"{verb} {ast.unparse(said)}"
                else:
                    called = _callee(node.value) if isinstance(node, ast.Expr) else ""
                    clauses, does = refusing.get(called, frozenset()), f"{called}()"
                if clauses:
                    yield Guard(self.module.__name__, name, node.lineno, node.col_offset, does, clauses)

    def functions(self) -> Iterator[tuple[str, Function]]:
        """Functions and methods; one inside another belongs to it."""
        for node in self.tree.body:
            if isinstance(node, Function):
                yield node.name, node
            elif isinstance(node, ast.ClassDef):
                yield from ((f"{node.name}.{method.name}", method) for method in node.body if isinstance(method, Function))

    def clauses_in(self, expression: ast.AST) -> Clauses:
        named = (vars(self.module).get(node.id) for node in ast.walk(expression) if isinstance(node, ast.Name))
        return frozenset(kind.clause for kind in named if isinstance(kind, type) and issubclass(kind, Problem) and kind.clause)

    def running(self, guard: Guard) -> FunctionType:
        (line,) = {first_line(node) for name, node in self.functions() if _is_in(guard, node) and name == guard.function}
        return next(
            each
            for each in gc.get_objects()
            if isinstance(each, FunctionType) and (each.__code__.co_filename, each.__code__.co_firstlineno) == (self.module.__file__, line)
        )

    def code_without(self, guard: Guard, code: CodeType) -> CodeType:
        _TakeOut(guard).visit(self.tree)
        compiled = compile(ast.fix_missing_locations(self.tree), str(self.module.__file__), "exec")
        return next(each for each in _codes(compiled) if (each.co_name, each.co_firstlineno) == (code.co_name, code.co_firstlineno))


class _TakeOut(ast.NodeTransformer):
    def __init__(self, guard: Guard) -> None:
        self.place = (guard.line, guard.column)

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Raise | ast.Expr) and (node.lineno, node.col_offset) == self.place:
            # `if False:` and not `pass`, since a generator without its last yield is none.
            return ast.copy_location(ast.If(ast.Constant(value=False), [node], []), node)
        return self.generic_visit(node)


def first_line(function: Function) -> int:
    return min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])


def _is_in(guard: Guard, function: Function) -> bool:
    return function.lineno <= guard.line <= (function.end_lineno or 0)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _said(statement: ast.AST) -> ast.expr | None:
    """What is raised or yielded, without what it is told."""
    match statement:
        case ast.Raise(exc=ast.Call(func=said)) | ast.Raise(exc=ast.Name() as said):
            return said
        case ast.Raise(exc=ast.IfExp() as said):
            return said
        case ast.Expr(value=ast.Yield(value=ast.Call(func=said))):
            return said
    return None


def _callee(node: ast.AST) -> str:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name
    return ""


def _refusing(sources: Iterable[_Source]) -> dict[str, Clauses]:
    """What each function that changes nothing can refuse with, by itself or by what it calls, by its bare name."""
    refuses: dict[str, set[str]] = defaultdict(set)
    calls: dict[str, set[str]] = defaultdict(set)
    changing = set[str]()
    for source in sources:
        for qualified, function in source.functions():
            name = qualified.rpartition(".")[2]
            for node in ast.walk(function):
                if said := _said(node):
                    refuses[name] |= source.clauses_in(said)
                if called := _callee(node):
                    calls[name].add(called)
                if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
                    changing.add(name)
    while any(not refuses[called] <= refuses[name] for name in calls for called in calls[name]):
        for name, callees in calls.items():
            refuses[name].update(*(refuses[each] for each in callees))
    return {name: frozenset(clauses) for name, clauses in refuses.items() if name not in changing}
