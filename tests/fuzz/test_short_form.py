"""`make fuzz SHORT=1` as a test."""

from pathlib import Path

import pytest

from tests.fuzz.fuzzed import SHORT, fuzz

pytestmark = [pytest.mark.slow, pytest.mark.short_form]


async def test_nothing_breaks_nothing_is_undocumented_each_command_succeeds_each_clause_refuses(tmp_path: Path) -> None:
    outcome = await fuzz(SHORT, seed=0, folder=tmp_path)
    assert outcome.broken == {}
    assert outcome.not_so == []
    assert all(attack.cases for attack in outcome.attacks)
