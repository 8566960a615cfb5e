"""A branch's folder that cannot be used is refused with the file, and with what to do."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.branch import BadBranch, Branch
from tests.conftest import BRANCH

FILES = ("site.toml", "staff.csv", "operations.csv", "parts.csv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(BRANCH / name, tmp_path / name)
    return tmp_path


def _again(path: Path, change: Callable[[str], str], encoding: str = "utf-8") -> None:
    path.write_bytes(change(path.read_text(encoding="utf-8")).encode(encoding))


@pytest.mark.parametrize("name", FILES)
def test_a_mark_before_the_text_as_spreadsheets_put_it_means_nothing(name: str, folder: Path) -> None:
    _again(folder / name, str, "utf-8-sig")
    assert Branch.load(folder) == Branch.load(BRANCH)


@pytest.mark.parametrize("name", ["site.toml", "staff.csv"])
def test_a_file_in_another_encoding_is_refused(name: str, folder: Path) -> None:
    _again(folder / name, str, "gb18030")
    with pytest.raises(BadBranch, match=rf"{name}: is not UTF-8 text: save it as UTF-8"):
        Branch.load(folder)


@pytest.mark.parametrize("zone", ["Asia/Peking-West", "../zone", "Asia", ""])
def test_a_time_zone_that_does_not_exist_is_refused(zone: str, folder: Path) -> None:
    there = Branch.load(BRANCH).site.site.time_zone
    _again(folder / "site.toml", lambda text: text.replace(f'"{there}"', f'"{zone}"'))
    with pytest.raises(BadBranch, match=r"site\.toml: site\.time_zone: .* is no time zone"):
        Branch.load(folder)


def test_a_shop_that_never_opens_is_refused(folder: Path) -> None:
    _again(folder / "site.toml", lambda text: text.replace('closes = "20:00"', 'closes = "07:00"'))
    with pytest.raises(BadBranch, match=r"site\.toml: shop\.closes: the shop opens before it closes"):
        Branch.load(folder)


def test_a_line_that_is_no_csv_is_refused_by_its_number(folder: Path) -> None:
    with (folder / "staff.csv").open("a", encoding="utf-8") as file:
        file.write(f"who-1,{'x' * 200_000},advisor,,\n")
    with pytest.raises(BadBranch, match=r"staff\.csv:\d+: .*; save it anew as CSV"):
        Branch.load(folder)
