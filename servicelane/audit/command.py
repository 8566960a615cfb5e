"""`servicelane audit`: reads a site's journals, judges them, prints the verdict; exit status 1 on a violation."""

import asyncio
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from servicelane.address import checked
from servicelane.audit import dispute
from servicelane.audit.findings import Violation
from servicelane.audit.journals import Journals
from servicelane.audit.judge import Verdict, judge
from servicelane.audit.page import page
from servicelane.audit.read_site import NoSuchVisit, SiteUnreadable, as_told, read_site
from servicelane.audit.score import of_site, scores
from servicelane.audit.story import stories
from servicelane.output import must_be_new
from servicelane.sign_in import no_token
from shared.branch import Branch

FILE_WIDTH = 180


@dataclass(frozen=True)
class Wanted:
    """What to show: the verdict on all, one visit's story, the score, or one visit's dispute file into `out`."""

    story: str | None = None
    score: bool = False
    dispute: str | None = None
    out: Path | None = None

    @property
    def file(self) -> Path:
        return self.out or Path(f"dispute-{self.dispute}.zip")


def audit(url: str, branch_folder: Path, *, auditor: str, as_json: bool, wanted: Wanted | None = None, token: str | None = None) -> int:
    """Judge the site at `url` with `token`, or as the member of staff `auditor` of the embedded issuer; the exit status."""
    branch, wanted = Branch.load(branch_folder), wanted or Wanted()
    if wanted.dispute:
        must_be_new(wanted.file)
    checked(url)
    journals = asyncio.run(read_site(url, token) if token else _signed_in(url, auditor))
    must_be_of(journals, branch)
    verdict = judge(journals, branch)
    return show(verdict, journals, branch, wanted, as_json=as_json)


def must_be_of(journals: Journals, branch: Branch) -> None:
    """Another branch has other staff, hours, rates and limits: by these its journals would be judged wrongly. Raises `SiteUnreadable`."""
    if others := {entry.envelope.site for entry in journals.every()} - {branch.site.id}:
        named = ", ".join(sorted(others))
        raise SiteUnreadable(f"the journals are of {named}, the branch's folder is {branch.site.id}'s: name the folder with --branch")


async def _signed_in(url: str, auditor: str) -> Journals:
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        try:
            answer = await http.post("/issuer/token", json={"person": auditor})
        except httpx.TransportError as error:
            raise SiteUnreadable(f"{url}: not reached: {error!r}") from error
    if answer.status_code != 200:
        raise SiteUnreadable(f"{url}: {no_token(auditor, answer)}")
    return await read_site(url, str(as_told(answer, lambda body: body["access_token"])))


def show(verdict: Verdict, journals: Journals, branch: Branch, wanted: Wanted, *, as_json: bool) -> int:
    """Prints what is wanted; 1 where there is a violation in it. Raises `NoSuchVisit`."""
    if visit := wanted.story or wanted.dispute:
        return _of_visit(visit, verdict, journals, branch, wanted)
    if wanted.score:
        _show_score(verdict, branch, as_json=as_json)
    elif as_json:
        plain = _plain(verdict) | {"under_way": list(journals.under_way)}
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=1))
    else:
        _show(verdict, journals.under_way)
    return 1 if verdict.violations else 0


def _of_visit(visit: str, verdict: Verdict, journals: Journals, branch: Branch, wanted: Wanted) -> int:
    told = stories(journals)
    if visit not in told:
        raise NoSuchVisit(f"{visit}: no journal of {branch.site.id} knows this visit")
    violations = [violation for violation in verdict.violations if violation.visit == visit]
    if wanted.dispute:
        dispute.write(journals, visit, violations, branch, wanted.file)
        typer.echo(f"{wanted.file}: the journal, signed papers, consents and times of {visit}; {len(violations)} violations")
        return 0
    _console().print(page(told[visit], violations, branch))
    return 1 if violations else 0


def _console() -> Console:
    """What goes into a file is not folded to a terminal's width."""
    console = Console()
    return console if console.is_terminal else Console(width=FILE_WIDTH)


def _plain(verdict: Verdict) -> dict[str, Any]:
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
        "lost": [asdict(lost) for lost in verdict.lost],
        "violations": [asdict(violation) for violation in verdict.of_the_regime],
        "house_violations": [asdict(violation) for violation in verdict.of_the_house],
    }


def _show(verdict: Verdict, under_way: tuple[str, ...]) -> None:
    console = _console()
    console.print(_table(verdict))
    _list(console, "Against the regime", verdict.of_the_regime)
    _list(console, "Against the house's own rules ⌂", verdict.of_the_house)
    for lost in verdict.lost:
        unproven = f"; not proven any more: {', '.join(lost.unproven)}" if lost.unproven else ""
        says = f"lost with a database: {lost.visit}: what led to {', '.join(lost.effects)}, which stand{unproven}"
        console.print(says, highlight=False, soft_wrap=True, markup=False)
    if under_way:
        console.print("\nThe site did not come to rest. What this was is judged as lost; audit again when it has come to its end:")
    for left in under_way:
        console.print(f"  {left}", highlight=False, soft_wrap=True, markup=False)
    console.print(f"audit: {verdict.summary} ({verdict.visits} visits, {verdict.entries} journal entries)")


def _list(console: Console, title: str, violations: list[Violation]) -> None:
    if violations:
        console.print(f"\n[bold]{title}[/]")
    for violation in violations:
        said = f"[red]{violation.clause}[/] {violation.visit or ''} {violation.rule}: {escape(violation.says)}"
        console.print(said, highlight=False, soft_wrap=True)


def _columns(title: str, *headings: str, left: tuple[str, ...] = ("clause", "what it asks")) -> Table:
    table = Table(title=title, box=None)
    for heading in headings:
        table.add_column(heading, justify="left" if heading in left else "right")
    return table


def _table(verdict: Verdict) -> Table:
    table = _columns("Clauses judged", "clause", "what it asks", "rules", "judged", "violations", "⌂")
    for judged in verdict.judged:
        clause, rules = judged.clause, len(judged.clause.rules)
        facts = str(judged.facts) if judged.facts else "no facts"
        found = [f"[red]{count}[/]" if count else "" for count in (judged.violations, judged.house_violations)]
        table.add_row(clause.id, f"{clause.title}{' ⌂' if clause.house else ''}", str(rules), facts, *found)
    return table


def _show_score(verdict: Verdict, branch: Branch, *, as_json: bool) -> None:
    scored = scores(verdict)
    site = of_site(scored)
    if as_json:
        clauses = [asdict(each) | {"clause": each.clause.id, "per_cent": each.per_cent} for each in scored]
        typer.echo(json.dumps({"site": branch.site.id, "per_cent": site, "clauses": clauses}, ensure_ascii=False, indent=1))
        return
    title = f"{branch.site.id}: {'no facts' if site is None else f'{site} %'}"
    table = _columns(title, "clause", "what it asks", "judged", "kept", "events behind", left=("clause", "what it asks", "events behind"))
    for each in scored:
        kept = "no facts" if each.per_cent is None else f"{each.per_cent} %"
        table.add_row(each.clause.id, each.clause.title, str(each.judged), kept, " ".join(each.events))
    _console().print(table)
