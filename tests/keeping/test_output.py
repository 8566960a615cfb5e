"""What a command writes: new, its owner's alone, whole or not at all; and it is looked at before anything is fetched."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from servicelane.audit.command import Wanted, audit
from servicelane.cli import app
from servicelane.output import CannotWrite, must_be_new, new_file
from tests.conftest import BRANCH

NOWHERE = "http://127.0.0.1:9"


def test_a_file_takes_its_name_when_it_is_whole_and_is_its_owners_alone(tmp_path: Path) -> None:
    out = tmp_path / "a.json"
    with new_file(out) as file:
        file.write(b"whole")
        assert not out.exists()
    assert (out.read_bytes(), out.stat().st_mode & 0o777) == (b"whole", 0o600)
    assert list(tmp_path.iterdir()) == [out]


def test_what_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), new_file(tmp_path / "a.json"):
        raise KeyboardInterrupt
    with pytest.raises(CannotWrite, match=r"a\.json: No space left on device; nothing was written"), new_file(tmp_path / "a.json"):
        raise OSError(28, os.strerror(28))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_came_meanwhile_stays(tmp_path: Path) -> None:
    out = tmp_path / "a.json"
    with pytest.raises(CannotWrite, match="is there already"), new_file(out) as file:
        file.write(b"mine")
        out.write_bytes(b"theirs")
    assert out.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(("out", "says"), [("none/a.json", "there is no folder"), ("there.json", "is there already")])
def test_a_place_where_nothing_can_be_written_is_said_so(out: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "there.json").write_text("")
    with pytest.raises(CannotWrite, match=says):
        must_be_new(tmp_path / out)


@pytest.mark.parametrize(("out", "says"), [("none/a.zip", "there is no folder"), ("there.zip", "is there already")])
def test_a_dispute_files_place_is_looked_at_before_the_site_is(out: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "there.zip").write_text("")
    with pytest.raises(CannotWrite, match=says):
        audit(NOWHERE, BRANCH, auditor="group-1", as_json=False, wanted=Wanted(dispute="visit-1", out=tmp_path / out))


def test_an_exports_place_is_looked_at_before_the_site_is(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["customer", "export", "customer-1", "--at", NOWHERE, "--out", str(tmp_path / "none" / "a.json")])
    assert ran.exit_code == 2
    assert "there is no folder" in ran.output
