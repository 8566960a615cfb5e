"""What became of the faults, as a table for people and as JSON."""

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.local import apache
from tests.chaos.monkey import Struck


@dataclass(frozen=True)
class Check:
    """One claim about the end of the day."""

    name: str
    holds: bool
    says: str


@dataclass(frozen=True)
class Report:
    sheet: str
    visits: int
    seed: int
    seconds: float
    struck: Sequence[Struck]
    not_struck: Sequence[str]
    checks: Sequence[Check]

    @property
    def passed(self) -> int:
        return sum(each.outage is not None for each in self.struck) + sum(check.holds for check in self.checks)

    @property
    def failed(self) -> int:
        return len(self.struck) + len(self.checks) - self.passed

    def rows(self) -> list[dict[str, Any]]:
        kinds = dict.fromkeys(each.kind for each in self.struck)
        return [self._row(kind, [each for each in self.struck if each.kind == kind]) for kind in kinds]

    def _row(self, kind: str, struck: Sequence[Struck]) -> dict[str, Any]:
        outages = [each.outage for each in struck if each.outage is not None]
        return {
            "fault": kind,
            "times": len(struck),
            "recovered": len(outages),
            "longest_outage_s": round(max(outages), 1) if outages else None,
            "mean_outage_s": round(sum(outages) / len(outages), 1) if outages else None,
        }

    def write(self, folder: Path, console: Console) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        about = {
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": f"{platform.machine()}, {platform.system()} {platform.release()}, Python {platform.python_version()}",
            "broker": f"Apache Kafka {apache.version()}",
            "database": f"secantusdb {version('secantusdb')}",
        }
        plain = asdict(self) | about | {"faults": self.rows(), "passed": self.passed, "failed": self.failed}
        (folder / "chaos.json").write_text(json.dumps(plain, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        with (folder / "chaos.txt").open("w", encoding="utf-8") as file:
            for where in (console, Console(file=file, width=140)):
                self._show(where, about)

    def _show(self, console: Console, about: dict[str, str]) -> None:
        table = Table(title=f"chaos: {self.sheet}, {self.visits} visits, seed {self.seed}, {self.seconds:.0f} s", box=None)
        table.add_column("fault", no_wrap=True)
        for heading in ("times", "recovered", "longest outage", "mean outage"):
            table.add_column(heading, justify="right", no_wrap=True)
        for row in self.rows():
            table.add_row(
                row["fault"], str(row["times"]), str(row["recovered"]), *map(_seconds, (row["longest_outage_s"], row["mean_outage_s"]))
            )
        console.print(table)
        longest = max((each.outage for each in self.struck if each.outage is not None), default=0.0)
        console.print(
            f"{len(self.struck)} faults; longest outage {longest:.1f} s; {'; '.join(about.values())}", highlight=False, soft_wrap=True
        )
        if self.not_struck:
            console.print(f"not struck: {', '.join(self.not_struck)}", highlight=False, soft_wrap=True)
        for check in self.checks:
            console.print(
                f"{'holds ' if check.holds else 'BROKEN'} {check.name}: {check.says}", highlight=False, soft_wrap=True, markup=False
            )
        console.print(f"{self.passed} passed, {self.failed} failed", highlight=False)


def _seconds(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f} s"
