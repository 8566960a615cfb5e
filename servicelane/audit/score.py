"""How far a site keeps each clause: of all that was judged, how much stood, and the events behind what did not."""

from dataclasses import dataclass

from servicelane.audit.clauses import Clause
from servicelane.audit.judge import Verdict


@dataclass(frozen=True)
class Score:
    """`judged` counts each rule at each fact; `events` are the facts at which one was broken, in the order of the journals."""

    clause: Clause
    judged: int
    broken: int
    events: tuple[str, ...]

    @property
    def per_cent(self) -> float | None:
        """None where nothing happened that the clause is about."""
        return round(100 * (1 - self.broken / self.judged), 2) if self.judged else None


def scores(verdict: Verdict) -> tuple[Score, ...]:
    return tuple(_score(verdict, judged.clause, judged.facts) for judged in verdict.judged)


def _score(verdict: Verdict, clause: Clause, facts: int) -> Score:
    at = {(each.rule, each.events[0]) for each in verdict.violations if each.clause == clause.id and each.events}
    events = dict.fromkeys(each.events[0] for each in verdict.violations if each.clause == clause.id and each.events)
    return Score(clause, facts, len(at), tuple(events))


def of_site(scored: tuple[Score, ...]) -> float | None:
    """The mean of the clauses of which there are facts: a clause that is seldom asked counts as much as one that is asked all day."""
    known = [each.per_cent for each in scored if each.per_cent is not None]
    return round(sum(known) / len(known), 2) if known else None
