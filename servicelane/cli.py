"""The command `servicelane`. What is wrong is one clear line, and exit status 2; a day or an audit that went wrong is 1."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

ROOT = Path(__file__).parents[1]
SAMPLE_BRANCH = Path("data/branch") if Path("data/branch").is_dir() else ROOT / "data" / "branch"

BranchFolder = Annotated[
    Path,
    typer.Option("--branch", envvar="SERVICELANE_BRANCH", help="Folder of the branch: site.toml, staff.csv, operations.csv, parts.csv."),
]


class ClockKind(StrEnum):
    REAL = "real"
    STEPPED = "stepped"


class DepartmentChoice(StrEnum):
    RECEPTION = "reception"
    WORKSHOP = "workshop"
    DELIVERY = "delivery"
    FOLLOWUP = "followup"


@app.command()
def up(
    branch: BranchFolder = SAMPLE_BRANCH,
    data: Annotated[Path, typer.Option(help="Folder of the stack's data; it survives.")] = Path("var/stack"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the one entry address.")] = 8080,
    clock: Annotated[ClockKind, typer.Option(help="Business time: real, or stepped by whoever plays.")] = ClockKind.REAL,
    start: Annotated[datetime | None, typer.Option(help="Where a stepped clock begins, in the site's time zone.")] = None,
    channels: Annotated[Path | None, typer.Option(help="File of the channels by which notices go outside.")] = None,
) -> None:
    """Run the whole system here: database, broker, the four departments and their entry, until Ctrl-C."""
    with _one_clear_line():
        asyncio.run(_up(branch, data, port, clock, start, channels))


async def _up(branch: Path, data: Path, port: int, clock: ClockKind, start: datetime | None, channels: Path | None) -> None:
    from deploy.local.stack import embedded_stack
    from shared.branch import Branch

    if start and clock is ClockKind.REAL:
        raise Unusable("--start is for a stepped clock: add --clock stepped")
    if channels:
        from shared.channels import Channels  # draws in all that a department has

        Channels.load(channels)
    begin = _in_zone(start, Branch.load(branch).site.zone)
    console = Console()
    _cancel_on_signals()
    with suppress(asyncio.CancelledError), console.status("starting the database, the broker and the departments") as status:
        async with embedded_stack(
            data, branch, clock=clock.value, start=begin, port=port, channels=channels, report=console.print
        ) as stack:
            status.stop()
            console.print(_page(stack, clock))
            try:
                await asyncio.Event().wait()
            finally:
                console.print("stopping")


def _cancel_on_signals() -> None:
    """The first SIGINT or SIGTERM cancels this task; further ones do not cut its ending short."""
    this = asyncio.current_task()
    assert this
    for which in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(which, lambda: this.cancelling() or this.cancel())


def _end_in_order_on_sigterm() -> None:
    """As a Ctrl-C does: what was started is stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def _in_zone(start: datetime | None, zone: ZoneInfo) -> datetime | None:
    return start.replace(tzinfo=zone) if start and start.tzinfo is None else start


def _page(stack: Any, clock: ClockKind) -> Table:
    table = Table(
        title=f"servicelane at {stack.url}", caption=f"business time is {clock.value}; data and logs in {stack.data}; Ctrl-C ends it"
    )
    for heading in ("what", "where", "process", "API, log"):
        table.add_column(heading, no_wrap=True)
    for name, pid in stack.processes.items():
        behind = {"database": stack.mongo_url, "broker": stack.kafka_url, "entry": stack.url}
        where = behind.get(name) or f"{stack.url}/{name}"
        shown = f"logs/{name}.log" if name in behind else f"{stack.url}/{name}/docs"
        table.add_row(name, where, str(pid), shown)
    return table


@app.command()
def play(
    sheet: Annotated[Path, typer.Argument(help="The day sheet, a visit a line.")],
    branch: BranchFolder = SAMPLE_BRANCH,
    at: Annotated[str | None, typer.Option("--at", metavar="URL", help="Entry of a running `up --clock stepped`.")] = None,
) -> None:
    """Play a day sheet as the branch's people would, to the end of the follow-up; on a stack of its own unless --at is given."""
    from servicelane.play import command

    _end_in_order_on_sigterm()
    with _one_clear_line():
        raise typer.Exit(command.play(sheet, branch, at))


Token = Annotated[
    str | None,
    typer.Option("--token", metavar="TOKEN", envvar="SERVICELANE_TOKEN", help="Access token of the site's issuer, in place of --token-of."),
]


@app.command()
def audit(
    branch: BranchFolder = SAMPLE_BRANCH,
    at: Annotated[str, typer.Option("--at", metavar="URL", help="Entry address of the site.")] = "http://127.0.0.1:8080",
    as_json: Annotated[bool, typer.Option("--json", help="The verdict as JSON.")] = False,
    token_of: Annotated[str, typer.Option("--token-of", metavar="PERSON", help="Member of staff who audits.")] = "group-1",
    token: Token = None,
    story: Annotated[str | None, typer.Option(metavar="VISIT", help="One order's story on one page, violations beside.")] = None,
    score: Annotated[bool, typer.Option("--score", help="How far each clause is kept, with the events behind it.")] = False,
    dispute: Annotated[str | None, typer.Option(metavar="VISIT", help="Write the dispute file of one order.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the dispute file goes: dispute-VISIT.zip.")] = None,
) -> None:
    """Judge every order clause by clause from the journals alone; exit status 1 on a violation."""
    from servicelane.audit import command

    wanted = command.Wanted(story=story, score=score, dispute=dispute, out=out)
    with _one_clear_line():
        raise typer.Exit(command.audit(at, branch, auditor=token_of, as_json=as_json, wanted=wanted, token=token))


At = Annotated[str, typer.Option("--at", metavar="URL", help="Entry address of the site.")]
HERE = "http://127.0.0.1:8080"


@app.command(name="import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="customers.csv, vehicles.csv, history.csv, stock.csv, prices.csv: any of them.")],
    branch: BranchFolder = SAMPLE_BRANCH,
    at: At = HERE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Name every bad line, and send nothing.")] = False,
    token_of: Annotated[str, typer.Option("--token-of", metavar="PERSON", help="Business supervisor who imports.")] = "bizsup-1",
    clerk: Annotated[str, typer.Option("--clerk", metavar="PERSON", help="Parts clerk who takes the stock over.")] = "parts-1",
    token: Token = None,
    clerk_token: Annotated[
        str | None,
        typer.Option("--clerk-token", metavar="TOKEN", envvar="SERVICELANE_CLERK_TOKEN", help="The parts clerk's, likewise."),
    ] = None,
) -> None:
    """Take customers, vehicles, their history, stock and prices over from CSV files; the same file again does nothing twice."""
    from servicelane.keeping import command
    from servicelane.keeping.importing import Clerks

    tokens = {clerk: clerk_token or token, token_of: token}
    with _one_clear_line():
        raise typer.Exit(command.import_files(at, branch, files, Clerks(files=token_of, parts=clerk), tokens, dry_run=dry_run))


customer = typer.Typer(no_args_is_help=True, help="One customer's personal data: exported, or erased.")
app.add_typer(customer, name="customer")

Supervisor = Annotated[str, typer.Option("--token-of", metavar="PERSON", help="Business supervisor who does it.")]
CustomerId = Annotated[str, typer.Argument(metavar="ID", help="The customer's id, such as customer-5f3c9a….")]


@customer.command()
def export(
    id: CustomerId,
    out: Annotated[Path, typer.Option(help="The JSON file to write; only its owner may read it.")],
    at: At = HERE,
    token_of: Supervisor = "bizsup-1",
    token: Token = None,
) -> None:
    """Everything that the departments have of one customer, in one file."""
    from servicelane.keeping import command

    with _one_clear_line():
        raise typer.Exit(command.export_customer(at, id, out, token_of, token))


@customer.command()
def erase(
    id: CustomerId,
    reason: Annotated[str, typer.Option(help="Why; it is kept, and must not name the customer.")],
    at: At = HERE,
    token_of: Supervisor = "bizsup-1",
    token: Token = None,
) -> None:
    """Erase one customer's personal data in every department; refused while a visit, a ruling or a complaint is open."""
    from servicelane.keeping import command

    with _one_clear_line():
        raise typer.Exit(command.erase_customer(at, id, reason, token_of, token))


MongoUrl = Annotated[str | None, typer.Option("--mongo", metavar="URL", help="MongoDB; otherwise as SERVICELANE_MONGO_URL says.")]
StackFolder = Annotated[Path, typer.Option("--data", help="A stack's data folder, whose database is meant where none is named.")]
Only = Annotated[list[DepartmentChoice] | None, typer.Option("--department", help="Only this one; may be given again.")]


@app.command()
def backup(
    out: Annotated[Path, typer.Argument(help="The folder to write; it must not be there yet.")],
    branch: BranchFolder = SAMPLE_BRANCH,
    department: Only = None,
    mongo: MongoUrl = None,
    data: StackFolder = Path("var/stack"),
) -> None:
    """Copy a site's databases, all as they are at one moment, while it runs."""
    from servicelane.backup import command

    _end_in_order_on_sigterm()
    with _one_clear_line():
        raise typer.Exit(command.backup(mongo, data, branch, out, [each.value for each in department or ()]))


@app.command()
def restore(
    archive: Annotated[Path, typer.Argument(help="The folder that `servicelane backup` wrote.")],
    branch: BranchFolder = SAMPLE_BRANCH,
    department: Only = None,
    replace: Annotated[bool, typer.Option("--replace", help="Give up what is in the database now.")] = False,
    mongo: MongoUrl = None,
    data: StackFolder = Path("var/stack"),
) -> None:
    """Bring departments back from a backup, each in a new epoch, and say what cannot come back. They must be stopped; others may run."""
    from servicelane.backup import command

    _end_in_order_on_sigterm()
    with _one_clear_line():
        raise typer.Exit(command.restore(mongo, data, branch, archive, [each.value for each in department or ()], replace=replace))


@app.command()
def schemas() -> None:
    """Write the JSON Schema of each event type beside the contracts, and the AsyncAPI document into build/."""
    from servicelane import schemas as published

    with _one_clear_line():
        for line in published.publish(ROOT / "build" / "asyncapi.json"):
            typer.echo(line)


class Unusable(ValueError):
    """The command line cannot be carried out."""


@contextmanager
def _one_clear_line() -> Iterator[None]:
    try:
        yield
    except _expected() as error:
        typer.echo(f"servicelane: {error}", err=True)
        raise typer.Exit(2) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _expected() -> tuple[type[Exception], ...]:
    """Known when something is raised, so that `servicelane --help` imports nothing of this."""
    from deploy.local.data_folder import StackFailed
    from servicelane.address import BadAddress
    from servicelane.audit.read_site import SiteUnreadable
    from servicelane.backup.archive import BadArchive
    from servicelane.backup.command import CannotRestore
    from servicelane.backup.databases import DatabaseFailed
    from servicelane.keeping.one_customer import CannotBeDone
    from servicelane.keeping.reading import NotAnImport
    from servicelane.output import CannotWrite
    from servicelane.play.client import Unexpected
    from servicelane.play.sheet import BadSheet
    from servicelane.schemas import IncompatibleChange
    from shared.branch import BadBranch
    from shared.channels import BadChannels

    return (
        Unusable,
        StackFailed,
        BadAddress,
        SiteUnreadable,
        BadArchive,
        CannotRestore,
        DatabaseFailed,
        BadSheet,
        IncompatibleChange,
        BadBranch,
        BadChannels,
        NotAnImport,
        CannotWrite,
        CannotBeDone,
        Unexpected,
    )


if __name__ == "__main__":
    app()
