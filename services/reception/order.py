"""The work order of a visit: parts (R8), estimate (R9), promise (R10), the signed order (R11, R12), and its handover (W1).

Nothing of it may be drafted before the vehicle is checked in (R2). Every move looks at the visit too.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar

from services.reception.check_in import SheetNotSigned
from services.reception.estimate import (
    AskedLine,
    Estimate,
    EstimateAlreadyAccepted,
    EstimateContentDiffers,
    EstimateExpired,
    EstimateNotAccepted,
    EstimateReplaced,
    ItemNotDiagnosed,
    NoEstimate,
    PartsNotLookedUp,
    Stock,
    Wanted,
    estimated,
    looked_up,
    parts_of_items,
    parts_of_operations,
)
from services.reception.promise import NothingPromised, ShopLoad, earliest_completion, judged
from services.reception.visit import Visit, VisitOver
from shared.aggregate import Aggregate
from shared.branch import Branch
from shared.contracts.event import Event, Fact
from shared.contracts.reception import (
    CarHandedOver,
    CompletionPromised,
    EstimateAccepted,
    EstimateGiven,
    PartsLookedUp,
    WorkOrderDrafted,
    WorkOrderPrinted,
    WorkOrderSigned,
)
from shared.contracts.values import Channel, OrderItem, PaymentChoice, Signature
from shared.money import Money
from shared.refusal import Malformed, Refused
from shared.signing import content_hash

HANDED_OVER = ("key", "work_order", "check_in_sheet")


class ConcernsNotRecorded(Refused):
    clause = "R3"
    title = {"en": "The customer's concerns are not recorded.", "zh-CN": "尚未记录客户诉求。"}
    remedy = {"en": "Ask for the purpose and record the customer's own words.", "zh-CN": "请询问来意并记录客户原话。"}


class CustomerNotTold(Refused):
    clause = "R11"
    title = {"en": "The customer was not told everything that belongs to the order.", "zh-CN": "应向客户说明的内容尚未说明。"}
    remedy = {"en": "Tell the customer what is missing, then record it.", "zh-CN": "请说明所缺内容并记录。"}


class NewWorkRuleNotTold(Refused):
    clause = "R12"
    title = {"en": "The customer was not told how newly found work is handled.", "zh-CN": "尚未告知客户新增项目须经其同意。"}
    remedy = {
        "en": "Tell that new work is done only after they are reached, agree and authorise it.",
        "zh-CN": "请告知：新增项目须联系到客户、经其同意并授权后方可施工。",
    }


class PaymentNotChosen(Refused):
    clause = "R11"
    title = {"en": "The chosen ways to pay do not cover the customer's side.", "zh-CN": "所选付款方式未覆盖客户应付部分。"}
    remedy = {"en": "The shares of the chosen ways sum to 1.", "zh-CN": "各付款方式的份额之和应为 1。"}


class OrderNotDrafted(Refused):
    clause = "R11"
    title = {"en": "There is no work order to sign.", "zh-CN": "没有可签字的任务委托书。"}
    remedy = {"en": "Draft the order and show it to the customer.", "zh-CN": "请先填写任务委托书并出示给客户。"}


class OrderContentDiffers(Refused):
    clause = "R11"
    title = {"en": "What was signed is not the present order.", "zh-CN": "所签内容与当前任务委托书不一致。"}
    remedy = {"en": "Show the present order and let it be signed.", "zh-CN": "请出示当前任务委托书并重新签字。"}


class CustomerMustSign(Refused):
    clause = "R11"
    title = {"en": "Only the customer can sign the order.", "zh-CN": "任务委托书只能由客户签字。"}
    remedy = {"en": "Park the car unsigned until the customer signs.", "zh-CN": "客户签字前车辆只可停放。"}


class OrderAlreadySigned(Refused):
    clause = "R11"
    title = {"en": "The work order is signed.", "zh-CN": "任务委托书已签字。"}
    remedy = {
        "en": "A signed order is not changed; new work needs its own consent.",
        "zh-CN": "已签字的委托书不可更改；新增项目须另行同意。",
    }


class WorkOrderNotSigned(Refused):
    clause = "R11"
    title = {"en": "The work order is not signed.", "zh-CN": "任务委托书尚未签字。"}
    remedy = {"en": "Let the customer sign the order first.", "zh-CN": "请先让客户在任务委托书上签字。"}


class HandoverIncomplete(Refused):
    clause = "W1"
    title = {"en": "Something that goes with the car is missing.", "zh-CN": "交接物品不全。"}
    remedy = {"en": "Hand over key, work order and check-in sheet with the car.", "zh-CN": "请将钥匙、任务委托书和接车登记表随车移交。"}


class AlreadyHandedOver(Refused):
    clause = "W1"
    title = {"en": "The car was handed over already.", "zh-CN": "车辆已移交。"}
    remedy = {"en": "The workshop supervisor accepts it or sends it back.", "zh-CN": "由车间主管接收或退回。"}


class Choices(Fact):
    """R11, R12: what the customer was told and what they chose."""

    pays: tuple[PaymentChoice, ...]
    payment_ways_told: bool
    old_parts: str
    wash: bool
    delivery_procedure_explained: bool
    order_explained: bool
    new_work_rule_told: bool


class WorkOrder(Aggregate):
    COLLECTION: ClassVar[str] = "work_orders"

    lookup: tuple[PartsLookedUp.Line, ...] | None = None
    estimates: tuple[Estimate, ...] = ()
    accepted: EstimateAccepted | None = None
    promise: CompletionPromised | None = None
    draft: WorkOrderDrafted | None = None
    signed: WorkOrderSigned | None = None
    printed: tuple[str, ...] = ()
    customer_copies_given: bool = False
    handed_over: CarHandedOver | None = None

    # R8

    def wanted_parts(self, visit: Visit, branch: Branch) -> Wanted:
        """Those of the latest estimate, or of the diagnosed items where there is none yet."""
        if self.estimates:
            return parts_of_items(self.estimates[-1].items)
        return parts_of_operations([diagnosis.operation for diagnosis in visit.diagnoses], branch)

    def look_parts_up(self, visit: Visit, stock: Mapping[str, Stock], branch: Branch, now: datetime) -> list[Event]:
        self._open(visit)
        today = now.astimezone(branch.site.zone).date()
        return [looked_up(self.id, self.wanted_parts(visit, branch), stock, today)]

    # R9

    def give_estimate(
        self, visit: Visit, asked: Sequence[AskedLine], proposed: Sequence[str], branch: Branch, now: datetime
    ) -> list[Event]:
        self._open(visit)
        return [estimated(self.id, len(self.estimates) + 1, visit.diagnoses, asked, proposed, branch, now)]

    def accept_estimate(
        self, visit: Visit, number: int, channel: Channel, items: Sequence[str] | None, agreed_hash: str, branch: Branch, now: datetime
    ) -> list[Event]:
        """R9: the customer's consent to all or some items; their prices freeze."""
        self._open(visit)
        latest = self._latest(number)
        if self.accepted is not None:
            raise EstimateAlreadyAccepted(visit=self.id, number=number)
        if now.astimezone(branch.site.zone).date() > latest.valid_until:
            raise EstimateExpired(visit=self.id, number=number, valid_until=latest.valid_until.isoformat())
        if agreed_hash != latest.content_hash:
            raise EstimateContentDiffers(visit=self.id, number=number, content_hash=latest.content_hash)
        offered = [item.item for item in latest.items]
        agreed = tuple(offered if items is None else items)
        if not agreed or set(agreed) - set(offered) or len(set(agreed)) < len(agreed):
            raise Malformed(missing=("items",), offered=offered)
        return [EstimateAccepted(visit=self.id, number=number, channel=channel, items=agreed, content_hash=agreed_hash)]

    # R10

    def earliest(self, visit: Visit, load: ShopLoad, branch: Branch, now: datetime) -> datetime:
        """Of the latest estimate, with what is known of its parts."""
        self._open(visit)
        items = self._latest().items
        self._parts_known(items)
        expected = [line.expected_on for line in self.lookup or () if line.expected_on is not None]
        return earliest_completion(items, load, max(expected, default=None), branch, now)

    def promise_completion(self, visit: Visit, wanted: datetime | None, load: ShopLoad, branch: Branch, now: datetime) -> list[Event]:
        """R10: `wanted` None promises the earliest possible time."""
        earliest = self.earliest(visit, load, branch, now)
        promised_at = wanted or earliest
        judged(promised_at, earliest, branch, now)
        return [CompletionPromised(visit=self.id, promised_at=promised_at.astimezone(UTC), earliest=earliest)]

    # R11, R12

    def draft_order(self, visit: Visit, advisor: str, number: str, choices: Choices, branch: Branch, now: datetime) -> list[Event]:
        """R11: everything that belongs before the signature, each refused with its clause. `number` is kept by later drafts."""
        self._ready(visit, branch, now)
        self._told(choices)
        draft = WorkOrderDrafted(
            visit=self.id, number=self.draft.number if self.draft else number, advisor=advisor, content_hash="", **dict(choices)
        )
        return [draft.model_copy(update={"content_hash": content_hash(self._order(visit, draft))})]

    def sign_order(
        self, visit: Visit, signed_hash: str, signer: str, picture_sha256: str | None, branch: Branch, now: datetime
    ) -> list[Event]:
        """R11: a MUST before any work. What was ready when drafted has to be ready still: validity and promise may have run out."""
        self._ready(visit, branch, now)
        if self.draft is None:
            raise OrderNotDrafted(missing=("draft",), visit=self.id)
        if signer != "customer":
            raise CustomerMustSign(missing=("signature:customer",), visit=self.id)
        order = self._order(visit, self.draft)
        if signed_hash != content_hash(order):
            raise OrderContentDiffers(visit=self.id, content_hash=content_hash(order))
        signature = Signature(signer=signer, at=now, content_hash=signed_hash, picture_sha256=picture_sha256)
        return [order.model_copy(update={"content_hash": signed_hash, "signature": signature})]

    def print_copies(self, copies: Sequence[str], *, customer_copies_given: bool) -> list[Event]:
        self._signed()
        return [WorkOrderPrinted(visit=self.id, copies=tuple(copies), customer_copies_given=customer_copies_given)]

    # W1

    def hand_over(self, advisor: str, place: str, things: Sequence[str], notes: str | None) -> list[Event]:
        """W1: `notes` is the key of a text record."""
        self._signed()
        if self.handed_over is not None:
            raise AlreadyHandedOver(visit=self.id)
        if missing := [thing for thing in HANDED_OVER if thing not in things]:
            raise HandoverIncomplete(missing=missing, visit=self.id)
        return [CarHandedOver(visit=self.id, advisor=advisor, place=place, things=tuple(things), notes=notes)]

    # what has to be true first

    def _open(self, visit: Visit) -> None:
        """R2 before anything of the order; a signed order is not touched any more."""
        if visit.closed:
            raise VisitOver(visit=self.id)
        if visit.checked_in_at is None:
            raise SheetNotSigned(missing=visit.sheet_missing or ("check_in_sheet",), visit=self.id)
        if self.signed is not None:
            raise OrderAlreadySigned(visit=self.id, number=self.signed.number)

    def _signed(self) -> None:
        if self.signed is None:
            raise WorkOrderNotSigned(missing=("signature",), visit=self.id)

    def _latest(self, number: int | None = None) -> Estimate:
        if not self.estimates or (number is not None and not 1 <= number <= len(self.estimates)):
            raise NoEstimate(missing=("estimate",), visit=self.id)
        if number is not None and number != len(self.estimates):
            raise EstimateReplaced(visit=self.id, number=number, latest=len(self.estimates))
        return self.estimates[-1]

    def _accepted_items(self) -> tuple[OrderItem, ...]:
        if self.accepted is None:
            raise EstimateNotAccepted(missing=("acceptance",), visit=self.id)
        return tuple(item for item in self._latest().items if item.item in self.accepted.items)

    def _parts_known(self, items: Sequence[OrderItem]) -> None:
        known = {line.part_no: line.quantity for line in self.lookup or ()}
        wanted = parts_of_items(items)
        missing = sorted(part_no for part_no, quantity in wanted.items() if known.get(part_no, 0) < quantity)
        if self.lookup is None or missing:
            raise PartsNotLookedUp(missing=missing or ("parts",), visit=self.id)

    def _ready(self, visit: Visit, branch: Branch, now: datetime) -> None:
        self._open(visit)
        if not visit.words:
            raise ConcernsNotRecorded(missing=("purpose", "words"), visit=self.id)
        items = self._accepted_items()
        if untold := [item.item for item in items if not _still_diagnosed(item, visit)]:
            raise ItemNotDiagnosed(missing=untold, visit=self.id)
        if now.astimezone(branch.site.zone).date() > (until := self._latest().valid_until):
            raise EstimateExpired(visit=self.id, number=len(self.estimates), valid_until=until.isoformat())
        self._parts_known(items)
        if self.promise is None or self.promise.promised_at <= now:
            raise NothingPromised(missing=("promise",), visit=self.id)

    def _told(self, choices: Choices) -> None:
        told = ("payment_ways_told", "delivery_procedure_explained", "order_explained")
        if missing := [point for point in told if not getattr(choices, point)]:
            raise CustomerNotTold(missing=missing, visit=self.id)
        if not choices.new_work_rule_told:
            raise NewWorkRuleNotTold(missing=("new_work_rule_told",), visit=self.id)
        owing = any(not item.free_for_customer and item.amount for item in self._accepted_items())
        shares = sum((choice.share for choice in choices.pays), Decimal(0))
        if shares != 1 and (owing or choices.pays):
            raise PaymentNotChosen(missing=("pays",), visit=self.id, shares=str(shares))

    def _order(self, visit: Visit, draft: WorkOrderDrafted) -> WorkOrderSigned:
        """The order as it will be signed; hash and signature are placeholders."""
        items = self._accepted_items()
        zero = Money.zero(self._latest().total.currency)
        labour = sum((item.labour for item in items), start=zero)
        parts = sum((part.amount for item in items for part in item.parts), start=zero)
        assert self.promise is not None
        return WorkOrderSigned.model_validate(
            draft.model_dump()
            | {
                "revision": 1,
                "customer": visit.customer,
                "vehicle": visit.vehicle,
                "items": items,
                "labour": labour,
                "parts": parts,
                "total": labour + parts,
                "promised_at": self.promise.promised_at,
                "content_hash": "",
                "signature": Signature(signer="", at=self.promise.promised_at, content_hash=""),
            }
        )

    def apply(self, event: Event) -> None:
        match event:
            case PartsLookedUp():
                self.lookup = event.lines
            case EstimateGiven():
                self.estimates = (*self.estimates, Estimate(**dict(event), content_hash=content_hash(event)))
                self.accepted = self.promise = self.draft = None
            case EstimateAccepted():
                self.accepted, self.draft = event, None
            case CompletionPromised():
                self.promise, self.draft = event, None
            case WorkOrderDrafted():
                self.draft = event
            case WorkOrderSigned():
                self.signed = event
            case WorkOrderPrinted():
                self.printed, self.customer_copies_given = event.copies, event.customer_copies_given
            case CarHandedOver():
                self.handed_over = event


def _still_diagnosed(item: OrderItem, visit: Visit) -> bool:
    """A diagnosis that changed after the estimate needs a new estimate."""
    diagnosis = visit.diagnosis_of(item.item)
    return (
        diagnosis is not None
        and diagnosis.customer_told
        and (diagnosis.operation, diagnosis.fault, diagnosis.warranty) == (item.operation, item.fault, item.warranty)
    )
