"""The work order of a visit: parts (R8), estimate (R9), promise (R10), the signed order (R11, R12), and its handover (W1).

Nothing of it may be drafted before the vehicle is checked in (R2). Every move looks at the visit too.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from services.reception.barred import OrderCancelledAlready
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
    estimated,
    parts_of_items,
    parts_of_operations,
)
from services.reception.handover import HANDED_OVER, AlreadyHandedOver, HandoverIncomplete, WaitingPlaceUnknown
from services.reception.promise import NothingPromised, ShopLoad, earliest_completion, judged
from services.reception.ruling import WarrantyQuestions
from services.reception.stock import Stock, Wanted, looked_up
from services.reception.terms import (
    Choices,
    ConcernsNotRecorded,
    CustomerMustSign,
    OrderAlreadySigned,
    OrderContentDiffers,
    OrderNotDrafted,
    WorkOrderNotSigned,
    check_told,
)
from services.reception.visit import Visit
from shared.aggregate import Aggregate
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.reception import (
    CarHandedBack,
    CarHandedOver,
    CompletionPromised,
    EstimateAccepted,
    EstimateGiven,
    PartsLookedUp,
    WorkOrderDrafted,
    WorkOrderPrinted,
    WorkOrderSigned,
)
from shared.contracts.values import Channel, OrderItem, Signature
from shared.money import Money
from shared.refusal import Malformed
from shared.signing import content_hash


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
    sent_back: str | None = None

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
        self,
        visit: Visit,
        number: int,
        channel: Channel,
        items: Sequence[str] | None,
        agreed_hash: str,
        branch: Branch,
        now: datetime,
        *,
        dialled: str | None = None,
    ) -> list[Event]:
        """R9: the customer's consent to all or some items; their prices freeze. `dialled` is the key of a text record."""
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
        return [EstimateAccepted(visit=self.id, number=number, channel=channel, items=agreed, dialled=dialled, content_hash=agreed_hash)]

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

    def draft_order(
        self, visit: Visit, questions: WarrantyQuestions, advisor: str, number: str, choices: Choices, branch: Branch, now: datetime
    ) -> list[Event]:
        """R11: everything that belongs before the signature, each refused with its clause. `number` is kept by later drafts."""
        self._ready(visit, questions, branch, now)
        check_told(self.id, choices, self._accepted_items())
        draft = WorkOrderDrafted(
            visit=self.id, number=self.draft.number if self.draft else number, advisor=advisor, content_hash="", **dict(choices)
        )
        return [draft.model_copy(update={"content_hash": content_hash(self._order(visit, draft))})]

    def sign_order(
        self,
        visit: Visit,
        questions: WarrantyQuestions,
        signed_hash: str,
        signer: str,
        picture_sha256: str | None,
        branch: Branch,
        now: datetime,
    ) -> list[Event]:
        """R11: a MUST before any work. What was ready when drafted has to be ready still: validity and promise may have run out."""
        self._ready(visit, questions, branch, now)
        if self.draft is None:
            raise OrderNotDrafted(missing=("draft",), visit=self.id)
        if signer != "customer":
            raise CustomerMustSign(missing=("signature:customer",), visit=self.id)
        order = self._order(visit, self.draft)
        if signed_hash != content_hash(order):
            raise OrderContentDiffers(visit=self.id, content_hash=content_hash(order))
        signature = Signature(signer=signer, at=now, content_hash=signed_hash, picture_sha256=picture_sha256)
        return [order.model_copy(update={"content_hash": signed_hash, "signature": signature})]

    def print_copies(self, visit: Visit, copies: Sequence[str], *, customer_copies_given: bool) -> list[Event]:
        """R11: the customer's copies, of the order and of the sheet (R2), are given once both are printed; before, none could be."""
        self._signed()
        there = "customer" in (*self.printed, *copies) and "customer" in visit.sheet_printed
        return [WorkOrderPrinted(visit=self.id, copies=tuple(copies), customer_copies_given=customer_copies_given and there)]

    # W1

    def hand_over(
        self, visit: Visit, advisor: str, place: str, things: Sequence[str], notes: str | None, *, cancelled: bool
    ) -> list[Event]:
        """W1: `notes` is the key of a text record. R13 is known by then: W6 to W8 have to reach the customer.

        A `cancelled` order's job has ended untouched: the car goes to the exit, not to the workshop.
        """
        visit.check_open()
        self._signed()
        if cancelled:
            raise OrderCancelledAlready(visit=self.id)
        if self.handed_over is not None:
            raise AlreadyHandedOver(visit=self.id)
        if visit.waiting_place is None:
            raise WaitingPlaceUnknown(missing=("waiting_place",), visit=self.id)
        if missing := [thing for thing in HANDED_OVER if thing not in things]:
            raise HandoverIncomplete(missing=missing, visit=self.id)
        return [CarHandedOver(visit=self.id, advisor=advisor, place=place, things=tuple(things), notes=notes)]

    def take_back(self, reason: str) -> list[Event]:
        """W1: sent back by the workshop supervisor; corrected, the car is handed over anew."""
        if self.handed_over is None:
            return []
        return [CarHandedBack(visit=self.id, advisor=self.handed_over.advisor, reason=reason)]

    # what has to be true first

    def _open(self, visit: Visit) -> None:
        """R2 before anything of the order; a signed order is not touched any more."""
        visit.check_open()
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

    def _ready(self, visit: Visit, questions: WarrantyQuestions, branch: Branch, now: datetime) -> None:
        self._open(visit)
        if not visit.words:
            raise ConcernsNotRecorded(missing=("purpose", "words"), visit=self.id)
        items = self._accepted_items()
        if untold := [item.item for item in items if not _still_diagnosed(item, visit)]:
            raise ItemNotDiagnosed(missing=untold, visit=self.id)
        questions.check_asked(items)
        if now.astimezone(branch.site.zone).date() > (until := self._latest().valid_until):
            raise EstimateExpired(visit=self.id, number=len(self.estimates), valid_until=until.isoformat())
        self._parts_known(items)
        if self.promise is None or self.promise.promised_at <= now:
            raise NothingPromised(missing=("promise",), visit=self.id)

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
                self.printed = tuple(dict.fromkeys((*self.printed, *event.copies)))
                self.customer_copies_given = self.customer_copies_given or event.customer_copies_given
            case CarHandedOver():
                self.handed_over, self.sent_back = event, None
            case CarHandedBack():
                self.handed_over, self.sent_back = None, event.reason


def _still_diagnosed(item: OrderItem, visit: Visit) -> bool:
    """A diagnosis that changed after the estimate needs a new estimate."""
    diagnosis = visit.diagnosis_of(item.item)
    return (
        diagnosis is not None
        and diagnosis.customer_told
        and (diagnosis.operation, diagnosis.fault, diagnosis.warranty) == (item.operation, item.fault, item.warranty)
    )
