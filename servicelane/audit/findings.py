"""What a rule is and what it finds: at one recorded fact it says, for each place where its clause is broken, what is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from servicelane.audit.story import Recorded, Story
from shared.branch import Branch
from shared.contracts.event import Event


@dataclass(frozen=True)
class Violation:
    clause: str
    rule: str
    visit: str | None
    says: str
    events: tuple[str, ...] = ()
    house_rule: bool = False


Broken: TypeAlias = str | tuple[str, *tuple[Recorded, ...]]
"""What is wrong, and further facts that show it."""
Check: TypeAlias = Callable[[Recorded, Story, Branch], Iterator[Broken]]


@dataclass(frozen=True)
class Rule:
    """`judges` are the kinds of facts that it is put to; a `of_site` rule sees the whole site's story, others their visit's."""

    clause: str
    name: str
    check: Check
    judges: tuple[type[Event], ...]
    house_rule: bool = False
    of_site: bool = False

    def facts(self, story: Story) -> list[Recorded]:
        return story.all(*self.judges)

    def judge(self, story: Story, branch_at: Callable[[datetime], Branch]) -> Iterator[Violation]:
        """By the settings of the moment of each fact."""
        for judged in self.facts(story):
            visit = story.visit or getattr(judged.fact, "visit", None) or None
            for broken in self.check(judged, story, branch_at(judged.at)):
                says, *more = (broken,) if isinstance(broken, str) else broken
                yield Violation(self.clause, self.name, visit, says, (judged.id, *(other.id for other in more)), self.house_rule)


@dataclass
class Rules:
    """The rules in the order of the procedure; `rules("R11", WorkStarted)` above a function puts it to each such fact."""

    kept: list[Rule] = field(default_factory=list)

    def __call__(self, clause: str, *judges: type[Event], house_rule: bool = False, of_site: bool = False) -> Callable[[Check], Check]:
        def keep(check: Check) -> Check:
            self.kept.append(Rule(clause, check.__name__, check, judges, house_rule, of_site))
            return check

        return keep
