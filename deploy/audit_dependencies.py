"""`make audit-deps`: known vulnerabilities of what requirements.txt pins, by pip-audit.

Status 0: every pin was looked up and none is known to be vulnerable. 1: some are. 2: some, or all, could not be looked up, which says
nothing about them; pip-audit alone would call that "no known vulnerabilities".
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PINS = Path("requirements.txt")


def audited(pins: Path) -> Mapping[str, Any] | None:
    """pip-audit's report; None where it could not make one. What it says of that is on standard error."""
    command = (
        sys.executable,
        "-m",
        "pip_audit",
        "--require-hashes",
        "--disable-pip",
        "--progress-spinner=off",
        "--format=json",
        "-r",
        pins,
    )
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    try:
        report: Mapping[str, Any] = json.loads(ran.stdout)
    except ValueError:
        return None
    return report


def judged(report: Mapping[str, Any] | None) -> tuple[list[str], int]:
    """What is to be said, and the status."""
    if report is None:
        return ["NOT AUDITED: the service of advisories could not be asked. Run this where it can be reached."], 2
    pins = report["dependencies"]
    found = [f"{pin['name']} {pin['version']}: {hole['id']}{_mended(hole)}" for pin in pins for hole in pin.get("vulns", ())]
    skipped = [pin["name"] for pin in pins if "skip_reason" in pin]
    said = [*found]
    if skipped:
        said.append(f"NOT AUDITED: {len(skipped)} of {len(pins)} pins are unknown to the service of advisories: {', '.join(skipped)}.")
        said.append("Run this where the public index's advisories can be reached; a mirror often has none.")
    said.append(f"{len(pins) - len(skipped)} pins audited, {len(found)} vulnerabilities known.")
    return said, 1 if found else 2 if skipped or not pins else 0


def _mended(hole: Mapping[str, Any]) -> str:
    return f", mended in {', '.join(hole['fix_versions'])}" if hole.get("fix_versions") else ""


def main() -> None:
    said, status = judged(audited(PINS))
    sys.stdout.write("\n".join(said) + "\n")
    sys.exit(status)


if __name__ == "__main__":
    main()
