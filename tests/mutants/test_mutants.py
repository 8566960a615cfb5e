"""A rule that is taken out is missed by its clause's test, or `make mutants` says that it is not."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from shared.refusal import Refused
from tests.mutants.guards import guards_of, taken_out
from tests.mutants.toy import parcel

ROOT = Path(__file__).parents[2]
TOY = "tests.mutants.toy.parcel"


def mutants(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.mutants", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)


def test_guards_are_what_refuses_by_a_clause_and_calls_that_only_refuse() -> None:
    found = [(guard.function, guard.does, set(guard.clauses)) for guard in guards_of([TOY])]
    assert found == [
        ("send", "must_be_paid()", {"D5"}),
        ("send", "raise TooHeavy", {"W2"}),
        ("must_be_paid", "raise NotPaid", {"D5"}),
        ("problems", "yield NotAddressed", {"A1"}),
    ]


def test_a_guard_is_gone_until_the_block_ends_and_no_file_changes() -> None:
    before = Path(parcel.__file__).read_bytes()
    unpaid, too_heavy = partial(parcel.send, paid=False), partial(parcel.send, weight=31)
    for guard, send in zip(guards_of([TOY]), (unpaid, too_heavy, unpaid, partial(parcel.send, addressed=False)), strict=True):
        with taken_out(guard):
            assert send() == "sent"
        with pytest.raises(Refused):
            send()
    assert Path(parcel.__file__).read_bytes() == before


@pytest.mark.slow
def test_who_noticed_is_said_and_survivors_fail_the_run() -> None:
    done = mutants("--modules", TOY, "--tests", "tests/mutants/toy/parcel_tests.py")
    said = {line.split("parcel.py:")[1].split(" ", 1)[1].split("  ")[0]: line for line in done.stdout.splitlines() if "parcel.py:" in line}
    assert said["must_be_paid"].rstrip().endswith("test_an_unpaid_parcel_stays"), done.stdout + done.stderr
    assert "no test of its clause, but" in said["problems"]
    assert "survived" in next(line for line in done.stdout.splitlines() if "TooHeavy" in line)
    assert "4 guards taken out, 2 noticed by a test of their clause, 2 not" in done.stdout
    assert done.returncode == 1


@pytest.mark.slow
def test_a_guard_of_each_department_is_missed_by_its_clause() -> None:
    done = mutants("--sample")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 guards taken out, 4 noticed by a test of their clause" in done.stdout
