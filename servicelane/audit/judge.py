"""The judgement: every order clause by clause, and whether everything reached everybody exactly once."""

from dataclasses import dataclass

from servicelane.audit import reach, rules_delivery, rules_followup, rules_reception, rules_workshop
from servicelane.audit.findings import Rule, Violation
from servicelane.audit.journals import Journals
from servicelane.audit.story import stories
from shared.branch import Branch
from shared.contracts.reception import WorkOrderSigned

RULES: tuple[Rule, ...] = (
    *rules_reception.rules.kept,
    *rules_workshop.rules.kept,
    *rules_delivery.rules.kept,
    *rules_followup.rules.kept,
)


@dataclass(frozen=True)
class Verdict:
    """`orders` counts signed work orders, `judged` how often each clause's rules were applied."""

    orders: int
    visits: int
    entries: int
    judged: dict[str, int]
    violations: tuple[Violation, ...]

    @property
    def summary(self) -> str:
        return f"{self.orders} orders, {len(self.violations)} violations"


def judge(journals: Journals, branch: Branch) -> Verdict:
    """Judge all that the journals say, by the site's settings; the same facts give the same verdict."""
    told = stories(journals)
    found = [*reach.numbers(journals), *reach.positions(journals)]
    for story in told.values():
        found.extend(reach.effects(story))
        for rule in RULES:
            found.extend(rule.judge(story, branch))
    judged: dict[str, int] = {}
    for rule in RULES:
        judged[rule.clause] = judged.get(rule.clause, 0) + len(told)
    return Verdict(
        orders=sum(1 for story in told.values() if story.all(WorkOrderSigned)),
        visits=len(told),
        entries=sum(len(entries) for entries in journals.entries.values()),
        judged=judged,
        violations=tuple(found),
    )
