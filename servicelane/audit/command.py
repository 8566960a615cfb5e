"""`servicelane audit`: reads a site's journals, judges them, prints the verdict; exit status 1 on a violation."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path

import httpx
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from servicelane.audit.judge import Verdict, judge
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
        "clauses": [
            {
                "clause": judged.clause.id,
                "title": judged.clause.title,
                "house": judged.clause.house,
                "rules": len(judged.clause.rules),
                "facts": judged.facts,
                "violations": judged.violations,
                "house_violations": judged.house_violations,
            }
            for judged in verdict.judged
        ],
        "violations": [asdict(violation) for violation in verdict.violations if not violation.house_rule],
        "house_violations": [asdict(violation) for violation in verdict.violations if violation.house_rule],
    }


def _show(verdict: Verdict) -> None:
    console = Console()
    console.print(_table(verdict))
    regime = [violation for violation in verdict.violations if not violation.house_rule]
    house = [violation for violation in verdict.violations if violation.house_rule]
    for title, violations in (("Against the regime", regime), ("Against the house's own rules ⌂", house)):
        if violations:
            console.print(f"\n[bold]{title}[/]")
        for violation in violations:
            console.print(f"[red]{violation.clause}[/] {violation.visit or ''} {violation.rule}: {escape(violation.says)}", highlight=False)
    console.print(f"audit: {verdict.summary} ({verdict.visits} visits, {verdict.entries} journal entries)")


def _table(verdict: Verdict) -> Table:
    table = Table(title="Clauses judged", box=None)
    for heading in ("clause", "what it asks", "rules", "facts", "violations", "⌂"):
        table.add_column(heading, justify="left" if heading in ("clause", "what it asks") else "right")
    for judged in verdict.judged:
        clause, rules = judged.clause, len(judged.clause.rules)
        facts = str(judged.facts) if judged.facts else "no facts"
        found = [f"[red]{count}[/]" if count else "" for count in (judged.violations, judged.house_violations)]
        table.add_row(clause.id, f"{clause.title}{' ⌂' if clause.house else ''}", str(rules), facts, *found)
    return table
