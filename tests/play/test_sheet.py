"""A sheet with anything in it that is not understood is refused before anything starts, with file, line, field and reason."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from servicelane.play.sheet import BadSheet, read_sheet
from shared.branch import Branch

SAMPLE = Path("data/branch/day-0.jsonl")
Spoil = Callable[[dict[str, Any]], Any]


def _spoiled(tmp_path: Path, spoil: Spoil) -> Path:
    """The sample sheet with its second line spoiled."""
    lines = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    spoil(lines[1])
    path = tmp_path / "sheet.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["day-0.jsonl", "day-1.jsonl", "day-2.jsonl", "load-300.jsonl"])
def test_the_sheets_of_the_branch_are_understood(name: str, branch: Branch) -> None:
    assert read_sheet(SAMPLE.with_name(name), branch)


CANCELS = {"what": "customer_cancels", "when": "after_inspection"}
FINDS = {"op": "R-FBP", "warranty": "no", "customer": "declines"}
INSPECTED = {"op": "D-BRK", "fault": "to_be_inspected", "warranty": "no", "finds": FINDS}

SPOILED: list[tuple[str, Spoil]] = [
    ("surprise", lambda visit: visit.update(surprise=1)),
    ("vehicle.colour", lambda visit: visit["vehicle"].update(colour="red")),
    ("arrives", lambda visit: visit.update(arrives="25:00")),
    ("date", lambda visit: visit.update(date="2026-02-30")),
    ("vehicle.vin", lambda visit: visit["vehicle"].update(vin="LFPO")),
    ("vehicle.fuel", lambda visit: visit["vehicle"].update(fuel=1.5)),
    ("items", lambda visit: visit.update(items=[])),
    ("items.0.op", lambda visit: visit["items"][0].update(op="R-NONE")),
    ("items.0.warranty", lambda visit: visit["items"][0].update(warranty="perhaps")),
    ("items.0", lambda visit: visit["items"][0].update(warranty="unclear")),
    ("items.0", lambda visit: visit["items"][0].update(fault="to_be_inspected")),
    ("pays", lambda visit: visit.update(pays=[{"method": "card", "share": 0.9}])),
    ("pays.0.method", lambda visit: visit.update(pays=[{"method": "cheque", "share": 1}])),
    ("happens.0", lambda visit: visit.update(happens=[{"what": "earthquake"}])),
    ("happens.0.op", lambda visit: visit.update(happens=[{"what": "add_on", "op": "R-NONE", "customer": "accepts"}])),
    ("happens.1: the customer", lambda visit: visit.update(items=[INSPECTED], happens=[CANCELS, CANCELS])),
    ("happens.0.when: nothing is to be inspected", lambda visit: visit.update(items=visit["items"][:1], happens=[CANCELS])),
    ("follow_up.first_call.complaint", lambda visit: visit["follow_up"]["first_call"].update(result="complaint", complaint=None)),
    ("choices.call_hour", lambda visit: visit["choices"].update(call_hour="18:61")),
    ("cheats.0", lambda visit: visit.update(cheats=["steal_the_car:R1"])),
    ("customer", lambda visit: visit.pop("customer")),
]


@pytest.mark.parametrize(("field", "spoil"), SPOILED, ids=[f"{field}-{i}" for i, (field, _) in enumerate(SPOILED)])
def test_a_spoiled_line_is_refused_with_file_line_field_and_reason(field: str, spoil: Spoil, tmp_path: Path, branch: Branch) -> None:
    path = _spoiled(tmp_path, spoil)
    with pytest.raises(BadSheet) as refused:
        read_sheet(path, branch)
    where, _, reason = str(refused.value).partition(": ")
    assert where == f"{path}:2"
    assert field in reason


def test_a_line_that_is_not_json_is_refused(tmp_path: Path, branch: Branch) -> None:
    path = tmp_path / "sheet.jsonl"
    path.write_text(SAMPLE.read_text(encoding="utf-8") + "{not json}\n", encoding="utf-8")
    with pytest.raises(BadSheet, match=r"sheet\.jsonl:11: not JSON"):
        read_sheet(path, branch)


@pytest.mark.parametrize("odd", ['{"visit": ' + "[" * 100_000, '{"visit": ' + "9" * 5_000 + "}"], ids=["deep", "long"])
def test_a_line_that_is_too_deep_or_has_too_long_a_number_is_refused(odd: str, tmp_path: Path, branch: Branch) -> None:
    path = tmp_path / "sheet.jsonl"
    path.write_text(SAMPLE.read_text(encoding="utf-8") + f"{odd}\n", encoding="utf-8")
    with pytest.raises(BadSheet, match=r"sheet\.jsonl:11: "):
        read_sheet(path, branch)


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85"])
def test_a_text_may_have_what_only_looks_like_the_end_of_a_line(mark: str, tmp_path: Path, branch: Branch) -> None:
    path = _spoiled(tmp_path, lambda visit: visit.update(words=[f"异响{mark}急刹时"]))
    assert read_sheet(path, branch)[1].words == (f"异响{mark}急刹时",)


def test_a_sheet_may_be_as_a_desktop_of_another_kind_saves_it(tmp_path: Path, branch: Branch) -> None:
    path = tmp_path / "sheet.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + SAMPLE.read_bytes().replace(b"\n", b"\r\n"))
    assert read_sheet(path, branch) == read_sheet(SAMPLE, branch)


def test_a_visit_that_stands_there_twice_is_refused(tmp_path: Path, branch: Branch) -> None:
    path = tmp_path / "sheet.jsonl"
    first = SAMPLE.read_text(encoding="utf-8").splitlines()[0]
    path.write_text(f"{first}\n{first}\n", encoding="utf-8")
    with pytest.raises(BadSheet, match=r"sheet\.jsonl:2: visit: .* stands there twice"):
        read_sheet(path, branch)


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_a_sheet_without_a_visit_is_refused(content: str, tmp_path: Path, branch: Branch) -> None:
    path = tmp_path / "sheet.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadSheet, match="no visit"):
        read_sheet(path, branch)


def test_a_sheet_that_is_not_there_is_refused(tmp_path: Path, branch: Branch) -> None:
    with pytest.raises(BadSheet, match="cannot be read"):
        read_sheet(tmp_path / "none.jsonl", branch)
