"""W8: the add-on authorisation (增项单): what the customer agrees to beside the signed order, over a hash of its own content."""

from collections.abc import Collection, Sequence
from datetime import datetime

from services.reception.quote import Change, later_promise
from shared.branch import Branch
from shared.contracts.event import Fact, Instant
from shared.contracts.reception import SupplementAuthorised, WorkOrderSigned
from shared.contracts.values import Channel, OrderItem, Signature
from shared.refusal import Refused
from shared.signing import content_hash


class SupplementContentDiffers(Refused):
    clause = "W8"
    title = {"en": "What was authorised is not the present add-on authorisation.", "zh-CN": "客户授权的内容与当前增项单不一致。"}
    remedy = {"en": "Show it again, and let it be authorised.", "zh-CN": "请重新出示增项单并请客户授权。"}


class SignedHow(Fact):
    """`content_hash` is that of the paper as it was shown; None where it was read out to the customer by the quote alone."""

    content_hash: str | None = None
    by_hand: bool = False
    picture_sha256: str | None = None


class Supplement(Fact):
    """The paper as it was authorised, and by whom; a draft of it where nobody has yet. `dialled` is the key of a text record."""

    paper: SupplementAuthorised
    authorised_by: str | None = None
    channel: Channel | None = None
    dialled: str | None = None
    authorised_at: Instant | None = None


def draft(
    order: WorkOrderSigned,
    present: Sequence[OrderItem],
    promised_at: datetime,
    quote: Change,
    agreed: Collection[str],
    branch: Branch,
    now: datetime,
) -> SupplementAuthorised:
    """Numbered after the order and the quote. `present` are the order's items before it."""
    taken = tuple(item for item in quote.items if item.item in agreed)
    dropped = tuple(item for item in quote.dropped if item in agreed)
    nothing = quote.total * 0
    total = sum((item.amount for item in taken), start=nothing)
    paper = SupplementAuthorised(
        visit=order.visit,
        number=f"{order.number}-{quote.change.replace('change-', 'A')}",
        order=order.number,
        change=quote.change,
        found=quote.found,
        items=taken,
        dropped=dropped,
        declined=tuple(line for line in quote.lines if line not in agreed),
        total=total,
        order_total=sum((item.amount for item in present if item.item not in dropped), start=total),
        promised_at=later_promise(promised_at, taken, quote.lookup, branch, now),
        insurer={item: share for item, share in quote.insurer.items() if item in agreed},
        content_hash="",
    )
    return paper.model_copy(update={"content_hash": content_hash(paper)})


def authorised(paper: SupplementAuthorised, how: SignedHow, signer: str, now: datetime) -> SupplementAuthorised:
    """Raises `SupplementContentDiffers` where another content was shown."""
    if how.content_hash not in (None, paper.content_hash):
        raise SupplementContentDiffers(visit=paper.visit, change=paper.change, content_hash=paper.content_hash)
    if not how.by_hand:
        return paper
    signed = Signature(signer=signer, at=now, content_hash=paper.content_hash, picture_sha256=how.picture_sha256)
    return paper.model_copy(update={"signature": signed})
