"""Whatever is told has a text in both languages, made of facts that its notice has."""

import ast
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.contracts.event import DEPARTMENTS
from shared.contracts.workshop import ProgressReported
from shared.notices import in_words
from shared.refusal import Texts

SERVICES = Path(__file__).parents[2] / "services"
_NOT_FACTS = {"clause", "visit", "roles", "people"}


def texts_of(department: str) -> Mapping[str, Texts]:
    texts: Mapping[str, Texts] = import_module(f"services.{department}.notices").NOTICES
    return texts


def told_by(department: str) -> Iterator[tuple[str, set[str] | None, str]]:
    """Code, facts (None where not written out) and place of every `unit.tell("code", clause=…, fact=…)`, or `_tell` around it."""
    for path in sorted((SERVICES / department).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            names = [keyword.arg for keyword in node.keywords]
            place = f"{path.name}:{node.lineno}"
            match node.func:
                case ast.Attribute(attr="tell") if "clause" in names:
                    facts = None if None in names else {str(name) for name in names} - _NOT_FACTS
                    yield from ((code, facts, place) for code in codes_in(node.args[0]))
                case ast.Name(id=name) if name.startswith("_tell"):
                    yield from ((code, None, place) for argument in node.args[1:2] for code in codes_in(argument))


def codes_in(argument: ast.expr) -> Iterator[str]:
    """A code that is written out, or its beginning: `progress_*` for `f"progress_{kind}"`. A name is given by whoever calls."""
    match argument:
        case ast.Constant(value=str(code)):
            yield code
        case ast.JoinedStr(values=[ast.Constant(value=str(beginning)), *_]):
            yield f"{beginning}*"
        case ast.IfExp(body=body, orelse=orelse):
            yield from codes_in(body)
            yield from codes_in(orelse)


def texts_for(code: str, texts: Mapping[str, Texts]) -> list[Texts]:
    return [text for known, text in texts.items() if fnmatch(known, code)]


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_every_notice_that_is_told_has_its_texts_and_the_facts_that_they_name(department: str) -> None:
    lacking = []
    for code, facts, place in told_by(department):
        if not (known := texts_for(code, texts_of(department))):
            lacking.append(f"{place}: {code} has no text in services/{department}/notices.py")
        named = {name for text in known for words in text.values() for name in re.findall(r"{(\w+)}", words)}
        lacking += [f"{place}: {code} speaks of {name}, which is not among its facts" for name in sorted(named - (facts or named))]
    assert lacking == []


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_every_text_is_of_a_notice_that_is_told_and_in_both_languages(department: str) -> None:
    texts = texts_of(department)
    assert {code for code, text in texts.items() if set(text) != {"zh-CN", "en"}} == set()
    told = [code for code, _, _ in told_by(department)]
    assert [code for code in texts if not any(fnmatch(code, each) for each in told)] == []


def test_each_kind_of_progress_has_its_text() -> None:
    kinds = re.findall(r"[a-z_]{2,}", str(ProgressReported.model_json_schema()["properties"]["kind"]["pattern"]))
    assert {f"progress_{kind}" for kind in kinds} <= texts_of("workshop").keys()


def notice(about: str, **facts: Any) -> dict[str, Any]:
    return {"about": about, "facts": facts}


TEXTS = {"job_waiting": {"en": "Promised for {promised_at}.", "zh-CN": "承诺 {promised_at}。"}}
SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_time_is_said_in_the_sites_zone() -> None:
    assert in_words(TEXTS, notice("job_waiting", promised_at="2026-03-09T07:30:00+00:00"), "zh-CN", SHANGHAI) == "承诺 2026-03-09 15:30。"
    assert (
        in_words(TEXTS, notice("job_waiting", promised_at="2026-03-09T07:30:00Z"), "en", ZoneInfo("UTC"))
        == "Promised for 2026-03-09 07:30."
    )


def test_what_is_not_known_is_said_as_a_dash_and_never_fails() -> None:
    assert in_words(TEXTS, notice("job_waiting"), "en", SHANGHAI) == "Promised for —."
    assert in_words(TEXTS, notice("job_waiting", promised_at=""), "en", SHANGHAI) == "Promised for —."
    assert in_words(TEXTS, notice("job_waiting", promised_at="2026-03-09Tx"), "en", SHANGHAI) == "Promised for 2026-03-09Tx."
    assert in_words(TEXTS, notice("of_tomorrow"), "en", SHANGHAI) == "of_tomorrow"
