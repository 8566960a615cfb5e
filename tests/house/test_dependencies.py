"""What `make audit-deps` and `make sbom` say of the pins."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.audit_dependencies import judged

ROOT = Path(__file__).parents[2]
CLEAN = {"name": "a", "version": "1", "vulns": []}
HOLED = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}
UNKNOWN = {"name": "c", "skip_reason": "Dependency not found"}


def test_all_looked_up_and_none_vulnerable_is_well() -> None:
    assert judged({"dependencies": [CLEAN]}) == (["1 pins audited, 0 vulnerabilities known."], 0)


def test_a_vulnerable_pin_is_named_with_what_mends_it() -> None:
    said, status = judged({"dependencies": [CLEAN, HOLED]})
    assert (said[0], status) == ("b 2: PYSEC-1, mended in 2.1", 1)


@pytest.mark.parametrize("report", [None, {"dependencies": []}, {"dependencies": [CLEAN, UNKNOWN]}])
def test_what_could_not_be_looked_up_is_not_called_well(report: dict[str, object] | None) -> None:
    assert judged(report)[1] == 2


def test_what_was_not_audited_is_said() -> None:
    assert any("NOT AUDITED: 1 of 2 pins" in line and "c" in line for line in judged({"dependencies": [CLEAN, UNKNOWN]})[0])


@pytest.mark.slow
def test_the_bill_of_materials_has_every_pin_with_its_hashes(tmp_path: Path) -> None:
    made = re.search(r"^\t\$\(BIN\)/(cyclonedx-py .*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert made is not None
    command = made[1].replace("build/sbom.json", str(tmp_path / "sbom.json")).split()
    subprocess.run((sys.executable, "-m", "cyclonedx_py", *command[1:]), cwd=ROOT, check=True, capture_output=True)
    bill = json.loads((tmp_path / "sbom.json").read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "servicelane")
    listed = {(part["name"], part["version"]) for part in bill["components"]}
    pinned = set(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    assert listed == pinned
    assert all(part["externalReferences"][0]["hashes"] for part in bill["components"])
