"""A branch that lacks somebody whom a day needs is refused before anything starts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from servicelane.play import command
from servicelane.play.course import NEEDED, OWN_QC, double, must_have_everybody
from servicelane.play.sheet import Visit, read_sheet
from shared.branch import BadBranch, Branch, StaffMember
from tests.conftest import BRANCH

Change = Callable[[StaffMember], tuple[str, ...]]


def _changed(branch: Branch, change: Change) -> Branch:
    staff = {person.id: person.model_copy(update={"roles": change(person)}) for person in branch.staff.values()}
    return branch.model_copy(update={"staff": {id: person for id, person in staff.items() if person.roles}})


def _without(*roles: str) -> Change:
    return lambda person: tuple(role for role in person.roles if role not in roles)


def _apart(person: StaffMember) -> tuple[str, ...]:
    """Nobody is technician and inspector at once."""
    return tuple(role for role in person.roles if role != "technician") if "qc_inspector" in person.roles else person.roles


@pytest.fixture
def visits(branch: Branch) -> tuple[Visit, ...]:
    return read_sheet(BRANCH / "day-0.jsonl", branch)


def _plain(visits: tuple[Visit, ...]) -> tuple[Visit, ...]:
    return tuple(visit.model_copy(update={"cheats": ()}) for visit in visits)


def test_the_sample_branch_has_everybody(branch: Branch, visits: tuple[Visit, ...]) -> None:
    must_have_everybody(branch, visits)


@pytest.mark.parametrize("role", NEEDED)
def test_a_role_that_nobody_has_is_named(role: str, branch: Branch, visits: tuple[Visit, ...]) -> None:
    with pytest.raises(BadBranch, match=f"nobody in staff.csv is {role}"):
        must_have_everybody(_changed(branch, _without(role)), visits)


def test_either_kind_of_inspector_will_do_and_one_of_them_has_to_be_there(branch: Branch, visits: tuple[Visit, ...]) -> None:
    must_have_everybody(_changed(branch, _without("qc_inspector")), _plain(visits))
    with pytest.raises(BadBranch, match="qc_inspector or technical_director"):
        must_have_everybody(_changed(branch, _without("qc_inspector", "technical_director")), visits)


def test_who_is_technician_and_inspector_at_once_is_needed_for_that_cheat_alone(branch: Branch, visits: tuple[Visit, ...]) -> None:
    apart = _changed(branch, _apart)
    assert double(branch)
    assert double(apart) is None
    must_have_everybody(apart, _plain(visits))
    with pytest.raises(BadBranch, match="qc_by_own_technician:W11"):
        must_have_everybody(apart, (visits[0].model_copy(update={"cheats": (OWN_QC,)}), *_plain(visits[1:])))


def test_nothing_is_started_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for path in BRANCH.iterdir():
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        (tmp_path / path.name).write_text("".join(line for line in lines if "gatekeeper" not in line), encoding="utf-8")
    monkeypatch.setattr(command, "_play", pytest.fail)
    with pytest.raises(BadBranch, match="gatekeeper"):
        command.play(tmp_path / "day-0.jsonl", tmp_path, None)
