"""The walls of import-linter cover every room, also those that were built since."""

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MAY_BE_IN_A_DOMAIN = {"aggregate", "branch", "calendar", "contracts", "identity", "money", "refusal", "signing"}


def contracts() -> dict[str, Any]:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    return {contract["name"]: contract for contract in linter["contracts"]}


def test_each_shared_module_is_closed_to_the_domain_or_open_to_it() -> None:
    domain = contracts()["A department's domain does no input or output and knows nobody who does"]
    closed = {name.removeprefix("shared.") for name in domain["forbidden_modules"] if name.startswith("shared.")}
    there = {path.stem for path in (ROOT / "shared").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()} - {"__init__"}
    assert closed | MAY_BE_IN_A_DOMAIN == there, "name a new module in pyproject.toml, or here where a domain may import it"
    assert not closed & MAY_BE_IN_A_DOMAIN


def test_each_department_is_walled_off_from_the_others() -> None:
    walled = set(contracts()["Departments never import one another"]["modules"])
    assert walled == {f"services.{path.name}" for path in (ROOT / "services").iterdir() if (path / "__init__.py").exists()}
