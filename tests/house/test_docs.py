"""What the documents say is so."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from servicelane.cli import app
from shared.settings import documented_as_markdown

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_and_link_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = {target for target in re.findall(r"\]\(([^)#:]+)\)", text) if not (document.parent / target).exists()}
    named = set(re.findall(r"`((?:services|shared|deploy|servicelane|tests|docs|data)/[a-z0-9_./-]+)`", text))
    assert links == set()
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_every_test_that_the_threat_model_names_is_there() -> None:
    named = re.findall(
        r"`(tests/[a-z0-9_/]+\.py)(?:::(test_[a-z0-9_]+))?`", (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    )
    assert len(named) > 20
    assert [(file, test) for file, test in named if f"def {test}" not in (ROOT / file).read_text(encoding="utf-8")] == []


def test_the_table_of_settings_is_the_present_one() -> None:
    assert documented_as_markdown() in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_readme_names_every_command_and_every_target() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(
        f"servicelane {command.name or command.callback.__name__}" in readme for command in app.registered_commands if command.callback
    )
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(targets) > 20
    assert [target for target in targets if not re.search(rf"make {target}\b", readme)] == []


def test_decisions_are_numbered_without_a_hole() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert all(page.read_text(encoding="utf-8").startswith(f"# {int(page.name[:4])}. ") for page in pages)


def test_the_command_says_what_it_can_do() -> None:
    said = CliRunner().invoke(app, ["--help"]).output
    assert all(command in said for command in ("up", "play", "audit", "schemas"))
