"""A data folder is one stack's at a time, and what is wrong with it is said in a line."""

import json
import socket
from pathlib import Path

import pytest

from deploy.local.data_folder import HOST, PORTS, StackFailed, chosen_ports, data_folder, describe


def test_a_second_stack_on_the_same_folder_is_told_who_has_it(tmp_path: Path) -> None:
    with data_folder(tmp_path, "BJ01", "real"):
        describe(tmp_path, {"supervisor": 4711, "url": "http://127.0.0.1:8080"})
        with (
            pytest.raises(StackFailed, match=r"a stack runs on .* already \(process 4711 at http://127.0.0.1:8080\)"),
            data_folder(tmp_path, "BJ01", "real"),
        ):
            pass
    with data_folder(tmp_path, "BJ01", "real"):
        pass


@pytest.mark.parametrize("content", ["{", "[]", '{"ports": 3}'])
def test_a_broken_folder_is_said(tmp_path: Path, content: str) -> None:
    (tmp_path / "stack.json").write_text(content)
    with pytest.raises(StackFailed, match=r"is broken: stack\.json"), data_folder(tmp_path, "BJ01", "real"):
        pass


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(StackFailed, match=r"no stack\.json, but thesis\.tex"), data_folder(tmp_path, "BJ01", "real"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_in_the_folders_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StackFailed, match="cannot be used: File exists"), data_folder(tmp_path / "data", "BJ01", "real"):
        pass


def test_another_site_or_another_clock_does_not_get_into_a_folder(tmp_path: Path) -> None:
    with data_folder(tmp_path, "BJ01", "stepped"):
        pass
    with pytest.raises(StackFailed, match="holds site BJ01, and the branch is SH01"), data_folder(tmp_path, "SH01", "stepped"):
        pass
    with pytest.raises(StackFailed, match="is stepped and cannot become real"), data_folder(tmp_path, "BJ01", "real"):
        pass


def test_the_secret_is_kept_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    with data_folder(tmp_path, "BJ01", "real"):
        key = (tmp_path / "group.key").read_text()
    with data_folder(tmp_path, "BJ01", "real"):
        assert (tmp_path / "group.key").read_text() == key
    assert (tmp_path / "group.key").stat().st_mode & 0o077 == 0


def test_the_folder_says_what_the_last_stack_was(tmp_path: Path) -> None:
    with data_folder(tmp_path, "BJ01", "real"):
        describe(tmp_path, {"ports": {"broker": 15001}})
    with data_folder(tmp_path, "BJ01", "real") as kept:
        assert kept == {"ports": {"broker": 15001}}
        assert json.loads((tmp_path / "stack.json").read_text())["site"] == "BJ01"


def test_ports_stay_where_they_are_free() -> None:
    first = chosen_ports(("broker", "database"), {}, {})
    assert chosen_ports(("broker", "database"), first, {}) == first
    assert set(first.values()) <= set(PORTS)
    with socket.create_server((HOST, first["broker"])):
        second = chosen_ports(("broker", "database"), first, {})
    assert second["broker"] != first["broker"]
    assert second["database"] == first["database"]


def test_a_port_that_was_asked_for_and_is_taken_is_said() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StackFailed, match=f"port {port} is taken"):
            chosen_ports(("entry",), {}, {"entry": port})
