"""What is committed works for everybody: no lock files, no addresses of registries, nothing of one machine."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "package-lock.json", "yarn.lock", "Cargo.lock", "go.sum"}
ADDRESS = re.compile(r"--(?:extra-)?index-url|--find-links|--trusted-host|://[^\s]*(?:pypi|pythonhosted|/simple)", re.IGNORECASE)


def committed() -> list[Path]:
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a clone")
    listed = subprocess.run(("git", "ls-files", "-z"), cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).exists()]


def test_no_lock_file_and_no_registry_is_named() -> None:
    files = committed()
    assert [path.name for path in files if path.name in LOCKS] == []
    texts = [path for path in files if path.suffix in {".toml", ".txt", ".md", ".yml", ".xml", ".sh", ""} or path.name == "Dockerfile"]
    assert [path.name for path in texts if ADDRESS.search(path.read_text(encoding="utf-8"))] == []


def test_every_requirement_is_pinned_with_hashes_and_the_direct_ones_are_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for file, asked in (
        ("requirements.txt", project["dependencies"]),
        ("requirements-dev.txt", [*project["dependencies"], *extras["dev"]]),
        ("requirements-bench.txt", [*project["dependencies"], *extras["bench"]]),
    ):
        text = (ROOT / file).read_text(encoding="utf-8")
        pinned = dict(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==(\S+)", text, re.MULTILINE))
        assert {re.split(r"[\[>=<;]", each)[0] for each in asked} <= pinned.keys()
        assert all("--hash=sha256:" in block for block in re.split(r"\n(?=\S)", text) if "==" in block)


def test_the_development_and_benchmark_pins_agree_with_the_runtime_ones() -> None:
    files = ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt")
    runtime, *others = (set(re.findall(r"^\S+==\S+", (ROOT / file).read_text(), re.MULTILINE)) for file in files)
    assert all(runtime <= pins for pins in others)
