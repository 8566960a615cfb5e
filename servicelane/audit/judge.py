"""The judgement: every order clause by clause, and whether everything reached everybody exactly once."""

from collections import Counter
from dataclasses import dataclass

from servicelane.audit import reach
from servicelane.audit.clauses import CLAUSES, RULES, Clause
from servicelane.audit.findings import Rule, Violation
from servicelane.audit.journals import Journals
from servicelane.audit.lost import LostCause, lost_causes
from servicelane.audit.settings import Branches
from servicelane.audit.story import Story, stories, whole
from shared.branch import Branch
from shared.contracts.reception import WorkOrderSigned

__all__ = ["RULES", "Judged", "Verdict", "judge"]


@dataclass(frozen=True)
class Judged:
    """A clause in the verdict: how many facts its rules were put to, and how often they were broken, the house's (⌂) apart."""

    clause: Clause
    facts: int
    violations: int
    house_violations: int


@dataclass(frozen=True)
class Verdict:
    """`orders` counts signed work orders, `judged` each clause from A1 to F10, in their order; `lost` is no violation."""

    orders: int
    visits: int
    entries: int
    judged: tuple[Judged, ...]
    violations: tuple[Violation, ...]
    lost: tuple[LostCause, ...] = ()

    @property
    def of_the_regime(self) -> list[Violation]:
        return [violation for violation in self.violations if not violation.house_rule]

    @property
    def of_the_house(self) -> list[Violation]:
        """⌂: of rules that the written regime does not have."""
        return [violation for violation in self.violations if violation.house_rule]

    @property
    def summary(self) -> str:
        return f"{self.orders} orders, {len(self.violations)} violations"


def judge(journals: Journals, branch: Branch) -> Verdict:
    """Judge all that the journals say, by the site's settings; the same facts give the same verdict."""
    told, site = stories(journals), whole(journals)
    found = [*reach.readable(journals), *reach.numbers(journals), *reach.positions(journals)]
    branches, facts = Branches(branch, site), Counter[str]()
    for story in told.values():
        found.extend(reach.effects(story, journals.lost))
        found.extend(_judged(story, branches, [rule for rule in RULES if not rule.of_site], facts))
    found.extend(_judged(site, branches, [rule for rule in RULES if rule.of_site], facts))
    lost, found = lost_causes(journals, found)
    return Verdict(
        orders=sum(1 for story in told.values() if story.all(WorkOrderSigned)),
        visits=len(told),
        entries=sum(len(entries) for entries in journals.entries.values()),
        judged=tuple(_of_clause(clause, facts, found) for clause in CLAUSES),
        violations=tuple(found),
        lost=lost,
    )


def _judged(story: Story, branches: Branches, rules: list[Rule], facts: Counter[str]) -> list[Violation]:
    found: list[Violation] = []
    for rule in rules:
        if judged := rule.facts(story):
            facts[rule.clause] += len(judged)
            found.extend(rule.judge(story, branches.at))
    return found


def _of_clause(clause: Clause, facts: Counter[str], found: list[Violation]) -> Judged:
    broken = [violation for violation in found if violation.clause == clause.id]
    house = sum(1 for violation in broken if violation.house_rule or clause.house)
    return Judged(clause, facts[clause.id], len(broken) - house, house)
