"""What changes after the order is signed: the promised time (W7), its items (W8, R6), or its end after the diagnosis.

The signed order stays as it is. A change is quoted, then answered by the customer line by line; what is accepted makes a revision
of the order, which takes effect when who holds the car has taken it. One revision at a time is under way.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

from services.reception.barred import (
    AcceptedWorkRemains,
    AlreadyOnTheOrder,
    ChangeAlreadyAnswered,
    ItemCannotBeDropped,
    NothingChanges,
    OrderCancelledAlready,
    QuoteContentDiffers,
    QuoteExpired,
    QuoteOpen,
    RevisionOnItsWay,
    WaitsForInsurer,
)
from services.reception.consultation import check_first_maintenance
from services.reception.promise import after_open_time, before_open_time
from services.reception.quote import Change, Covered, InsurerSaid, Wanted, later_promise, quoted
from services.reception.ruling import WarrantyQuestions
from services.reception.stock import Stock
from services.reception.supplement import SignedHow, authorised, draft
from services.reception.visit import Visit
from shared.aggregate import Aggregate
from shared.branch import Branch
from shared.calendar import local_day
from shared.contracts.event import Event, Fact, Instant
from shared.contracts.reception import (
    ChangeAnswered,
    ChangeQuoted,
    InsurerConsentRecorded,
    InsurerGapGranted,
    OrderCancelled,
    OrderRevised,
    ProgressTold,
    RevisionAnswered,
    SupplementAuthorised,
    WorkOrderSigned,
)
from shared.contracts.values import Channel, OrderItem
from shared.refusal import Malformed, NotFound


class Revision(Fact):
    """`holder` is pending, taken or refused: what who holds the car has answered."""

    revision: int
    change: str
    holder: str = "pending"


class Changes(Aggregate):
    """Of a signed order; the visit's id. `items` and `promised_at` are None as long as they are those of the signature."""

    COLLECTION: ClassVar[str] = "changes"

    changes: tuple[Change, ...] = ()
    revisions: tuple[Revision, ...] = ()
    items: tuple[OrderItem, ...] | None = None
    promised_at: Instant | None = None
    told: tuple[str, ...] = ()
    cancelled: bool = False

    @property
    def revision(self) -> int:
        return self.revisions[-1].revision if self.revisions else 1

    def items_of(self, order: WorkOrderSigned) -> tuple[OrderItem, ...]:
        return order.items if self.items is None else self.items

    def promise_of(self, order: WorkOrderSigned) -> datetime:
        return self.promised_at or order.promised_at

    def change(self, change: str) -> Change:
        if (found := next((each for each in self.changes if each.change == change), None)) is None:
            raise NotFound(missing=(change,))
        return found

    # W7

    def tell_progress(
        self,
        order: WorkOrderSigned,
        visit: Visit,
        report: str,
        answer: str,
        channel: Channel,
        later: timedelta,
        parts_on: date | None,
        advisor: str,
        branch: Branch,
        now: datetime,
    ) -> list[Event]:
        """W7: what the customer said to it. Accepted, the promise moves by `later` (less than zero: earlier) in opening hours, and never
        to a time that is past.
        """
        visit.check_open()
        promised_at = self.promise_of(order)
        if answer == "accepts":
            promised_at = _moved(promised_at, later, parts_on, branch, now)
        told = ProgressTold(
            visit=self.id, report=report, answer=answer, channel=channel, promised_at=promised_at.astimezone(UTC), advisor=advisor
        )
        return [told]

    # W8: priced, put to the customer, answered

    def quote(
        self,
        order: WorkOrderSigned,
        visit: Visit,
        found: str | None,
        wanted: Sequence[Wanted],
        dropped: Sequence[str],
        begun: Collection[str],
        stock: Mapping[str, Stock],
        branch: Branch,
        now: datetime,
        covered: Covered = Covered(),
    ) -> list[Event]:
        """W8, R9: at today's prices. What was declined may be quoted again; the new quote points to the refused one."""
        self.must_go_on(visit)
        for each in wanted:
            check_first_maintenance(self.id, each.warranty, covered.first_maintenance, covered.reason)
        if not wanted and not dropped:
            raise NothingChanges(missing=("found", "operations", "dropped"), visit=self.id)
        today = local_day(now, branch.site.zone)
        before = self._refused_wish(wanted, today) if found is None else self._before(found, begun, today)
        present = [item.item for item in self.items_of(order)]
        if [each for each in dropped if each not in present or each in begun] or not {*present, *map(_id, wanted)} - set(dropped):
            raise ItemCannotBeDropped(missing=tuple(dropped), visit=self.id, begun=sorted(begun))
        change = f"change-{self.number_after(self.changes)}"
        promised_at = self.promise_of(order)
        answers_to = before.change if before else None
        parties = (answers_to, promised_at, order.pays, stock, branch, now, covered.reason)
        return [quoted(self.id, change, found, wanted, dropped, *parties)]

    def answer(
        self,
        order: WorkOrderSigned,
        visit: Visit,
        change: str,
        accepted: Sequence[str] | None,
        answered_by: str,
        channel: Channel,
        dialled: str | None,
        agreed_hash: str,
        signed: SignedHow,
        questions: WarrantyQuestions,
        advisor: str,
        branch: Branch,
        now: datetime,
        *,
        begun: Collection[str],
    ) -> list[Event]:
        """W8: yes or no, line by line (`accepted` None: to all); what is accepted makes the next revision. Prices freeze here.

        What has been `begun` since it was quoted is not dropped any more: it is to be inspected and charged like all work.
        Where the insurer pays a share and has not consented to it, the revision waits until it has (EDGE_CASES 7).
        """
        self.must_go_on(visit)
        quote = self.open_quote(change, agreed_hash, branch, now)
        agreed = quote.lines if accepted is None else tuple(accepted)
        if set(agreed) - set(quote.lines) or len(set(agreed)) < len(agreed):
            raise Malformed(missing=("accepted",), offered=list(quote.lines))
        _check_not_begun(self.id, quote, agreed, begun)
        taken = [item for item in quote.items if item.item in agreed]
        questions.check_asked(taken)
        declined = tuple(line for line in quote.lines if line not in agreed)
        answered = ChangeAnswered(
            visit=self.id,
            change=change,
            found=quote.found,
            accepted=agreed,
            declined=declined,
            operations_declined=tuple(item.operation for item in quote.items if item.item in declined),
            answered_by=answered_by,
            channel=channel,
            dialled=dialled,
            total=sum((item.amount for item in taken), start=quote.total * 0),
            content_hash=agreed_hash,
            advisor=advisor,
            answered_at=now,
        )
        if not agreed:
            return [answered]
        paper = authorised(self.draft_supplement(order, change, agreed, branch, now), signed, answered_by, now)
        waits = quote.insurer_gap(agreed)
        return [answered, paper, *([] if waits else [self.revised(order, quote, agreed, branch, now, begun=begun)])]

    def draft_supplement(
        self, order: WorkOrderSigned, change: str, agreed: Collection[str], branch: Branch, now: datetime
    ) -> SupplementAuthorised:
        """W8: what the customer authorises by accepting these lines of the quote."""
        return draft(order, self.items_of(order), self.promise_of(order), self.change(change), agreed, branch, now)

    def revised(
        self, order: WorkOrderSigned, quote: Change, agreed: Collection[str], branch: Branch, now: datetime, *, begun: Collection[str]
    ) -> OrderRevised:
        """W8: the next revision, with what everybody who pays has agreed to; the last of them may have taken days over it."""
        _check_not_begun(self.id, quote, agreed, begun)
        if self.revisions and self.revisions[-1].holder == "pending":
            raise RevisionOnItsWay(visit=self.id, revision=self.revision)
        taken = [item for item in quote.items if item.item in agreed]
        kept = [item for item in self.items_of(order) if item.item not in quote.dropped or item.item not in agreed]
        items = (*kept, *taken)
        zero = quote.total * 0
        labour = sum((item.labour for item in items), start=zero)
        parts = sum((part.amount for item in items for part in item.parts), start=zero)
        return OrderRevised(
            visit=self.id,
            revision=self.number_after(self.revision),
            change=quote.change,
            items=items,
            labour=labour,
            parts=parts,
            total=labour + parts,
            promised_at=later_promise(self.promise_of(order), taken, quote.lookup, branch, now),
            wash=order.wash,
            pays=order.pays,
        )

    def note_answer_of_holder(self, revision: int, *, taken: bool, voids_pass: bool = False) -> list[Event]:
        """W8: by who holds the car: taken, or refused since the car has left."""
        if not [each for each in self.revisions if each.revision == revision and each.holder == "pending"]:
            return []
        return [RevisionAnswered(visit=self.id, revision=revision, taken=taken, voids_pass=voids_pass)]

    # ended by the customer

    def cancel(
        self,
        order: WorkOrderSigned,
        visit: Visit,
        found: Sequence[str],
        advisor: str,
        reason: str | None = None,
        *,
        begun: Collection[str],
    ) -> list[Event]:
        """After the diagnosis: what was found (`found`: operations not quoted yet) is declined. What was consented to and has been begun
        is for the workshop to end; what was accepted meanwhile and has not, is dropped first, unless the order has nothing else.
        """
        self.must_go_on(visit)
        present, signed = [item.item for item in self.items_of(order)], {item.item for item in order.items}
        droppable = [item for item in present if item not in signed and item not in begun]
        if droppable and len(droppable) < len(present):
            raise AcceptedWorkRemains(missing=droppable, visit=self.id)
        open_quotes = [item.operation for each in self.changes if not each.answered or each.waits_for_insurer for item in each.items]
        declined = [item.operation for each in self.changes for item in each.items if item.item in each.declined]
        operations = tuple(dict.fromkeys((*declined, *open_quotes, *found)))
        revision, kind = self.revision, "after_diagnosis"
        return [OrderCancelled(visit=self.id, revision=revision, kind=kind, declined=operations, advisor=advisor, reason=reason)]

    # what has to be true first

    def must_go_on(self, visit: Visit) -> None:
        visit.check_open()
        if self.cancelled:
            raise OrderCancelledAlready(visit=self.id)

    def _before(self, found: str, begun: Collection[str], today: date) -> Change | None:
        """The last quote of the same that was declined, ran out unanswered, or came to nothing since work that it drops was begun; None
        where there is none.
        """
        quotes = [each for each in self.changes if each.found == found]
        if not quotes:
            return None
        if not quotes[-1].answered:
            if today > quotes[-1].valid_until:
                return quotes[-1]
            raise QuoteOpen(visit=self.id, change=quotes[-1].change)
        if quotes[-1].waits_for_insurer:
            if _begun_of(quotes[-1], quotes[-1].accepted, begun):
                return quotes[-1]
            raise WaitsForInsurer(missing=("insurer_consent",), visit=self.id, change=quotes[-1].change)
        if quotes[-1].accepted:
            raise AlreadyOnTheOrder(visit=self.id, change=quotes[-1].change)
        return quotes[-1]

    def _refused_wish(self, wanted: Sequence[Wanted], today: date) -> Change | None:
        """The last quote of the same work, found or wished for, where it was declined or ran out unanswered (EDGE_CASES 4)."""
        operations = {each.operation for each in wanted}
        same = [(each, {item.item for item in each.items if item.operation in operations}) for each in self.changes]
        quote, items = next(((each, items) for each, items in reversed(same) if items), (None, set()))
        if quote is None or quote.superseded:
            return None
        return quote if items & {*quote.declined} or (not quote.answered and today > quote.valid_until) else None

    def open_quote(self, change: str, agreed_hash: str, branch: Branch, now: datetime) -> Change:
        """Raises what stands in the way of an answer to it."""
        quote = self.change(change)
        if quote.answered or quote.superseded:
            raise ChangeAlreadyAnswered(visit=self.id, change=change)
        if local_day(now, branch.site.zone) > quote.valid_until:
            raise QuoteExpired(visit=self.id, change=change, valid_until=quote.valid_until.isoformat())
        if agreed_hash != quote.content_hash:
            raise QuoteContentDiffers(visit=self.id, change=change, content_hash=quote.content_hash)
        return quote

    def _answered_by_holder(self, revision: int, *, taken: bool) -> None:
        holder = {"holder": "taken" if taken else "refused"}
        self.revisions = tuple(each.model_copy(update=holder) if each.revision == revision else each for each in self.revisions)
        if not taken and self.items is not None:
            refused = self.change(next(each.change for each in self.revisions if each.revision == revision)).accepted
            self.items = tuple(item for item in self.items if item.item not in refused)

    def _take_quote(self, quote: Change) -> None:
        """It takes the place of one before that waits for the insurer, or ran out; with another payer of the gap, what was approved holds
        for it. A wish does not, where it is for what was declined beside something that waits.
        """
        if any(item.gap_to for item in quote.items):
            before = self.change(quote.answers_to or "")
            self._update(before.change, superseded=True)
            quote = quote.model_copy(update={"insurer_said": before.insurer_said})
        elif quote.answers_to and (not (before := self.change(quote.answers_to)).answered or (quote.found and before.waits_for_insurer)):
            self._update(before.change, superseded=True)
        self.changes = (*self.changes, quote)

    def _update(self, change: str, **told: object) -> None:
        self.changes = tuple(each.model_copy(update=told) if each.change == change else each for each in self.changes)

    def apply(self, event: Event) -> None:
        match event:
            case ChangeQuoted():
                self._take_quote(Change.model_validate(event.model_dump()))
            case SupplementAuthorised():
                self._update(event.change, supplement=event)
            case InsurerConsentRecorded():
                self._update(event.change, insurer_said=InsurerSaid.model_validate(event.model_dump(include=set(InsurerSaid.model_fields))))
            case InsurerGapGranted():
                pass
            case ChangeAnswered():
                said = {"accepted", "declined", "channel", "answered_by", "answered_at", "dialled"}
                self._update(event.change, answered=True, **event.model_dump(include=said))
            case OrderRevised():
                self.revisions = (*self.revisions, Revision(revision=event.revision, change=event.change))
                self.items, self.promised_at = event.items, event.promised_at
            case RevisionAnswered():
                self._answered_by_holder(event.revision, taken=event.taken)
            case ProgressTold():
                self.told, self.promised_at = (*self.told, event.report), event.promised_at
            case OrderCancelled():
                self.cancelled = True


def _begun_of(quote: Change, agreed: Collection[str], begun: Collection[str]) -> list[str]:
    return [item for item in quote.dropped if item in agreed and item in begun]


def _check_not_begun(visit: str, quote: Change, agreed: Collection[str], begun: Collection[str]) -> None:
    if dropped := _begun_of(quote, agreed, begun):
        raise ItemCannotBeDropped(missing=dropped, visit=visit, begun=sorted(begun))


def _id(wanted: Wanted) -> str:
    return wanted.item


def _moved(promised_at: datetime, later: timedelta, parts_on: date | None, branch: Branch, now: datetime) -> datetime:
    if later < timedelta(0):
        soonest = after_open_time(now, timedelta(0), branch)
        return min(promised_at, max(before_open_time(promised_at, -later, branch), soonest))
    if parts_on is not None:
        promised_at = max(promised_at, datetime.combine(parts_on, branch.site.shop.opens, branch.site.zone))
    return after_open_time(promised_at, later, branch)
