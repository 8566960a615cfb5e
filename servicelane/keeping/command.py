"""`servicelane import`, `servicelane customer export` and `erase`: what they print, and their exit status."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from servicelane.address import checked
from servicelane.keeping import importing, one_customer
from servicelane.keeping.importing import Clerks, Imported
from servicelane.keeping.lines import KINDS
from servicelane.keeping.reading import File, kind_of, read
from servicelane.output import must_be_new, new_file
from servicelane.play.client import Desk, must_be_site
from shared.branch import Branch

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds for which a service that is away is waited for: somebody sits before the screen."""


Tokens = Mapping[str, str | None]
"""A person's token, where an issuer of the site's gave one; others sign in at the embedded issuer."""


def import_files(url: str, branch_folder: Path, files: Sequence[Path], clerks: Clerks, tokens: Tokens, *, dry_run: bool) -> int:
    """0 where every line is, or could be, there afterwards; 1 where a line is bad or was refused. A bad line, and nothing is sent."""
    branch = Branch.load(branch_folder)
    return _at(url, tokens, lambda desk: _import(desk, branch, files, clerks, dry_run=dry_run))


def export_customer(url: str, customer: str, out: Path, person: str, token: str | None = None) -> int:
    """Into a file that only its owner reads."""
    must_be_new(out)
    document = _at(url, {person: token}, lambda desk: one_customer.exported(desk, person, customer))
    with new_file(out) as file:
        file.write((json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
    visits = len(document["departments"]["reception"]) - 1 - len(document["merged"])
    typer.echo(f"exported {customer}: {visits} visits, {len(document['vehicles'])} vehicles, into {out}")
    return 0


def erase_customer(url: str, customer: str, reason: str, person: str, token: str | None = None) -> int:
    erased = _at(url, {person: token}, lambda desk: one_customer.erase(desk, person, customer, reason))
    typer.echo(
        f"erased {customer} in every department: {len(erased['visits'])} visits, {len(erased['vehicles'])} vehicles without their owner"
    )
    return 0


def _at(url: str, tokens: Tokens, work: Callable[[Desk], Awaitable[T]]) -> T:
    async def there() -> T:
        desk = Desk(checked(url), patience=PATIENCE, tokens=tokens)
        try:
            return await work(desk)
        finally:
            await desk.close()

    return asyncio.run(there())


async def _import(desk: Desk, branch: Branch, paths: Sequence[Path], clerks: Clerks, *, dry_run: bool) -> int:
    await must_be_site(desk, clerks.files, branch.site.id)
    known = await importing.known_to(desk, clerks, branch.site)
    files = [read(path, known) for path in sorted(paths, key=lambda path: list(KINDS).index(kind_of(path)))]
    await importing.check_at_site(desk, clerks, files)
    for said in (said for file in files for said in file.bad):
        typer.echo(said)
    for said in (said for file in files for said in file.odd):
        typer.echo(f"{said} (taken all the same)")
    bad = sum(len({said.number for said in file.bad}) for file in files)
    if dry_run or bad:
        _show(files, {})
        outcome = "nothing was sent" if bad else "every line can be sent"
        typer.echo(f"{'dry run: ' if dry_run else ''}{sum(len(file.lines) for file in files)} good lines, {bad} bad lines: {outcome}")
        return 1 if bad else 0
    return await _send(desk, clerks, files)


async def _send(desk: Desk, clerks: Clerks, files: Sequence[File]) -> int:
    outcomes: dict[str, Imported] = {}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for file in files:
            task = progress.add_task(file.path.name, total=len(file.lines))
            outcomes[file.path.name] = await importing.send(desk, clerks, file, partial(progress.advance, task))
    for said in (said for outcome in outcomes.values() for said in outcome.refused):
        typer.echo(said)
    _show(files, outcomes)
    refused = sum(len(outcome.refused) for outcome in outcomes.values())
    new, there = (sum(getattr(outcome, what) for outcome in outcomes.values()) for what in ("new", "there"))
    typer.echo(f"imported: {new} new, {there} there already, {refused} refused")
    return 1 if refused else 0


def _show(files: Sequence[File], outcomes: dict[str, Imported]) -> None:
    table = Table(box=None)
    for heading in ("file", "good", "bad", *(("new", "there already", "refused") if outcomes else ())):
        table.add_column(heading, justify="left" if heading == "file" else "right", no_wrap=True)
    for file in files:
        row: list[Any] = [file.path.name, len(file.lines), len({said.number for said in file.bad})]
        if outcomes:
            outcome = outcomes[file.path.name]
            row += [outcome.new, outcome.there, len(outcome.refused)]
        table.add_row(*map(str, row))
    Console().print(table)
