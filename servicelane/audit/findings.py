"""What a rule is and what it finds: at one order's story it says, for each place where its clause is broken, what is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from servicelane.audit.story import Recorded, Story
from shared.branch import Branch


@dataclass(frozen=True)
class Violation:
    clause: str
    rule: str
    visit: str | None
    says: str
    events: tuple[str, ...] = ()
    house_rule: bool = False


Broken = tuple[str, *tuple[Recorded, ...]]
"""What is wrong, and the facts that show it."""
Check = Callable[[Story, Branch], Iterator[Broken]]


@dataclass(frozen=True)
class Rule:
    clause: str
    name: str
    check: Check
    house_rule: bool = False

    def judge(self, story: Story, branch: Branch) -> Iterator[Violation]:
        for says, *events in self.check(story, branch):
            yield Violation(self.clause, self.name, story.visit, says, tuple(event.id for event in events), self.house_rule)


@dataclass
class Rules:
    """The rules in the order of the procedure; `rules("R11")` above a function makes it one."""

    kept: list[Rule] = field(default_factory=list)

    def __call__(self, clause: str, *, house_rule: bool = False) -> Callable[[Check], Check]:
        def keep(check: Check) -> Check:
            self.kept.append(Rule(clause, check.__name__, check, house_rule))
            return check

        return keep
