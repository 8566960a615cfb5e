"""R7: which files of reception are, or were once, read as one: two of one car, or two of one person (EDGE_CASES 3)."""

from collections import Counter

from servicelane.audit.story import Recorded, Story
from shared.contracts import reception as r


def read_as_one(site: Story, file: str, at: Recorded) -> set[str]:
    """The files that were read as one with this one when the other thing was recorded."""
    merged = [each.fact for each in site.before(at, r.FilesMerged)]
    parted = Counter(each.fact.file for each in site.before(at, r.FilesParted))
    standing = {fact.file: fact.into for fact in merged}  # the newest of each
    times = Counter(fact.file for fact in merged)
    return _joined(file, [(one, other) for one, other in standing.items() if times[one] > parted[one]])


def ever_one(site: Story, file: str) -> set[str]:
    """Also those that were parted since."""
    return _joined(file, [(each.fact.file, each.fact.into) for each in site.all(r.FilesMerged)])


def _joined(file: str, pairs: list[tuple[str, str]]) -> set[str]:
    found, before = {file}, 0
    while len(found) > before:
        before = len(found)
        found |= {each for pair in pairs if found & set(pair) for each in pair}
    return found
