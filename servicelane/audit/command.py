"""`servicelane audit`: reads a site's journals, judges them, prints the verdict; exit status 1 on a violation."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path

import httpx
import typer
from rich.console import Console
from rich.table import Table

from servicelane.audit.judge import RULES, Verdict, judge
from servicelane.audit.read_site import SiteUnreadable, read_site
from shared.branch import Branch


async def audit_site(url: str, branch: Branch, token: str) -> Verdict:
    return judge(await read_site(url, token), branch)


def audit(url: str, branch_folder: Path, *, auditor: str, as_json: bool) -> int:
    """Judge the site at `url` as the member of staff `auditor`; the exit status."""
    branch = Branch.load(branch_folder)
    verdict = asyncio.run(_signed_in(url, branch, auditor))
    if as_json:
        typer.echo(json.dumps(_plain(verdict), ensure_ascii=False, indent=1))
    else:
        _show(verdict)
    return 1 if verdict.violations else 0


async def _signed_in(url: str, branch: Branch, auditor: str) -> Verdict:
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        try:
            answer = await http.post("/issuer/token", json={"person": auditor})
        except httpx.TransportError as error:
            raise SiteUnreadable(f"{url}: not reached: {error!r}") from error
    if answer.status_code != 200:
        raise SiteUnreadable(f"{auditor} cannot sign in at {url}: {answer.status_code}: {answer.text[:300]}")
    return await audit_site(url, branch, str(answer.json()["access_token"]))


def _plain(verdict: Verdict) -> dict[str, object]:
    return {
        "orders": verdict.orders,
        "visits": verdict.visits,
        "entries": verdict.entries,
        "clauses": verdict.judged,
        "violations": [asdict(violation) for violation in verdict.violations],
    }


def _show(verdict: Verdict) -> None:
    console = Console()
    broken = {clause: sum(1 for v in verdict.violations if v.clause == clause) for clause in verdict.judged}
    table = Table(title="Clauses judged", box=None)
    for heading in ("clause", "rules", "violations"):
        table.add_column(heading, justify="left" if heading == "clause" else "right")
    for clause in verdict.judged:
        table.add_row(clause, str(sum(1 for rule in RULES if rule.clause == clause)), str(broken[clause]))
    console.print(table)
    for violation in verdict.violations:
        house = " ⌂" if violation.house_rule else ""
        console.print(f"[red]{violation.clause}{house}[/] {violation.visit or ''} {violation.rule}: {violation.says}", highlight=False)
    console.print(f"audit: {verdict.summary} ({verdict.visits} visits, {verdict.entries} journal entries)")
