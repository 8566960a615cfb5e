"""W8: the add-on authorisation (增项单): a paper of its own for every change of the signed order, over a hash of its content."""

from collections.abc import Iterator

from servicelane.audit.amounts import added
from servicelane.audit.findings import Broken, Rules
from servicelane.audit.story import Recorded, Story
from shared.branch import Branch
from shared.contracts import reception as r

rules = Rules()


@rules("W8", r.SupplementAuthorised)
def the_supplement_says_what_was_agreed(paper: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    fact = paper.fact
    if fact.content_hash != paper.content_hash:
        yield "the hash that the customer authorised is not that of the add-on authorisation"
    if fact.signature and fact.signature.content_hash != paper.content_hash:
        yield "the signature is not over what the add-on authorisation says"
    answers = [each for each in story.before(paper, r.ChangeAnswered) if each.fact.change == fact.change]
    quotes = [each for each in story.before(paper, r.ChangeQuoted) if each.fact.change == fact.change]
    if not answers or not quotes:
        yield "an add-on authorisation without its quote and the customer's answer"
        return
    agreed = answers[-1].fact.accepted
    if fact.items != tuple(item for item in quotes[-1].fact.items if item.item in agreed) or not set(fact.dropped) <= set(agreed):
        yield "the add-on authorisation has other lines than those that were accepted", answers[-1]
    if added((fact.total,)) != added((answers[-1].fact.total,)):
        yield f"the add-on authorisation says {fact.total}, the customer agreed to {answers[-1].fact.total}", answers[-1]


@rules("W8", r.OrderRevised, house_rule=True)
def every_change_of_the_order_has_its_supplement(revised: Recorded, story: Story, branch: Branch) -> Iterator[Broken]:
    if revised.fact.change not in {each.fact.change for each in story.before(revised, r.SupplementAuthorised)}:
        yield f"revision {revised.fact.revision} without its add-on authorisation"
