"""D10: each warranty item yields a claim towards the manufacturer: its old part, its papers, what was decided and paid, and its age."""

from collections.abc import Sequence
from typing import ClassVar

from shared.aggregate import Aggregate
from shared.contracts.delivery import ClaimDecided, ClaimLessened, ClaimOpened, ClaimPaid, ClaimSent, ClaimWithdrawn, OldPartKept
from shared.contracts.event import Event
from shared.money import Money
from shared.refusal import Refused


class OldPartNotKept(Refused):
    clause = "D10"
    title = {"en": "The old part of this claim has no label and place.", "zh-CN": "该索赔的旧件尚未登记标签和存放位置。"}
    remedy = {"en": "Label the old part and record where it lies.", "zh-CN": "请为旧件贴标签并登记存放位置。"}


class ClaimNotSent(Refused):
    clause = "D10"
    title = {"en": "The claim was not sent.", "zh-CN": "索赔单尚未提交厂家。"}
    remedy = {"en": "Send the claim with its papers first.", "zh-CN": "请先连同资料提交索赔单。"}


class ClaimNotApproved(Refused):
    clause = "D10"
    title = {"en": "The claim was not approved.", "zh-CN": "索赔尚未获批准。"}
    remedy = {"en": "Record the manufacturer's decision first.", "zh-CN": "请先登记厂家的审批结果。"}


class ClaimMoved(Refused):
    clause = "D10"
    title = {"en": "The claim is past this step.", "zh-CN": "该索赔已办理过此步骤。"}
    remedy = {"en": "Look at its present state.", "zh-CN": "请查看索赔的当前状态。"}


class MoreThanClaimed(Refused):
    clause = "D10"
    title = {"en": "That is more than was claimed or approved.", "zh-CN": "金额超过索赔或批准的金额。"}
    remedy = {"en": "Check the amount.", "zh-CN": "请核对金额。"}


def claim_id(visit: str, item: str) -> str:
    return f"{visit}.{item}"


class Claim(Aggregate):
    """One item's claim. Its state is what was recorded last: `opened`, `sent`, `decided`, `paid`, or `withdrawn`."""

    COLLECTION: ClassVar[str] = "claims"

    vehicle: str = ""
    amount: Money | None = None
    reference: str | None = None
    settlement: str = ""
    has_part: bool = True
    old_part: OldPartKept | None = None
    sent: ClaimSent | None = None
    decided: ClaimDecided | None = None
    paid: ClaimPaid | None = None
    withdrawn: bool = False

    @property
    def visit(self) -> str:
        return self.id.rpartition(".")[0]

    @property
    def item(self) -> str:
        return self.id.rpartition(".")[2]

    @property
    def subject(self) -> str:
        return self.visit

    def open(self, vehicle: str, settlement: str, amount: Money, reference: str | None, *, has_part: bool) -> list[Event]:
        """Opened once; again only after it was withdrawn with the settlement that it came from."""
        if self.exists and not self.withdrawn:
            return []
        return [
            ClaimOpened(
                visit=self.visit,
                claim=self.id,
                item=self.item,
                vehicle=vehicle,
                amount=amount,
                reference=reference,
                has_part=has_part,
                settlement=settlement,
            )
        ]

    def lessen(self, amount: Money, slip: str, *, has_part: bool) -> list[Event]:
        """EDGE_CASES 11: for a part that came back nothing is claimed. What was sent only the manufacturer lessens, by its decision."""
        if self.withdrawn or self.sent or self.amount is None or amount >= self.amount:
            return []
        return [ClaimLessened(visit=self.visit, claim=self.id, item=self.item, amount=amount, slip=slip, has_part=has_part)]

    def keep_old_part(self, label: str, place: str, by: str) -> list[Event]:
        """The old part lies labelled until the manufacturer has decided; it may be moved."""
        self._must_be_open()
        return [OldPartKept(visit=self.visit, claim=self.id, label=label, place=place, by=by)]

    def send(self, papers: Sequence[str], by: str) -> list[Event]:
        self._must_be_open()
        if self.sent:
            raise ClaimMoved(claim=self.id)
        if self.has_part and not self.old_part:
            raise OldPartNotKept(missing=("old_part",), claim=self.id)
        return [ClaimSent(visit=self.visit, claim=self.id, papers=tuple(papers), by=by)]

    def decide(self, amount: Money, reference: str, by: str, *, approved: bool) -> list[Event]:
        """The manufacturer's answer; a rejected claim is worth nothing."""
        self._must_be_open()
        if not self.sent:
            raise ClaimNotSent(missing=("sent",), claim=self.id)
        if self.decided:
            raise ClaimMoved(claim=self.id)
        worth = amount if approved else amount * 0
        if self.amount and worth > self.amount:
            raise MoreThanClaimed(claim=self.id, claimed=str(self.amount), approved=str(worth))
        return [ClaimDecided(visit=self.visit, claim=self.id, approved=approved, amount=worth, reference=reference, by=by)]

    def pay(self, amount: Money, by: str) -> list[Event]:
        self._must_be_open()
        if not self.decided or not self.decided.approved:
            raise ClaimNotApproved(missing=("approved",), claim=self.id)
        if self.paid:
            raise ClaimMoved(claim=self.id)
        if amount > self.decided.amount:
            raise MoreThanClaimed(claim=self.id, approved=str(self.decided.amount), paid=str(amount))
        return [ClaimPaid(visit=self.visit, claim=self.id, amount=amount, by=by)]

    def withdraw(self, settlement: str, counter: str) -> list[Event]:
        """The settlement that it came from was countered."""
        if self.withdrawn or self.settlement != settlement:
            return []
        return [ClaimWithdrawn(visit=self.visit, claim=self.id, counter=counter)]

    @property
    def is_under_way(self) -> bool:
        """Neither rejected, paid nor withdrawn: it ages."""
        return not (self.withdrawn or self.paid or (self.decided and not self.decided.approved))

    def _must_be_open(self) -> None:
        if self.withdrawn:
            raise ClaimMoved(claim=self.id)

    def apply(self, event: Event) -> None:
        match event:
            case ClaimOpened():
                self.vehicle, self.amount, self.reference = event.vehicle, event.amount, event.reference
                self.settlement, self.has_part = event.settlement or "", event.has_part
                self.withdrawn, self.sent, self.decided, self.paid = False, None, None, None
            case ClaimLessened():
                self.amount, self.has_part = event.amount, event.has_part
            case OldPartKept():
                self.old_part = event
            case ClaimSent():
                self.sent = event
            case ClaimDecided():
                self.decided = event
            case ClaimPaid():
                self.paid = event
            case ClaimWithdrawn():
                self.withdrawn = True
