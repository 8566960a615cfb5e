"""Values that several departments' events carry."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import AwareDatetime, Field

from shared.contracts.event import Fact
from shared.money import Money


class Warranty(StrEnum):
    """R4: what was said about an item's cover (质量担保)."""

    NO = "no"
    YES = "yes"
    UNCLEAR = "unclear"
    FIRST_MAINTENANCE = "first_maintenance"


class FaultState(StrEnum):
    """R4, R6: a fault is known, or a full inspection comes first."""

    DETERMINED = "determined"
    TO_BE_INSPECTED = "to_be_inspected"


class Payer(StrEnum):
    """Who owes a share of the customer's side, or an item as a whole (D5)."""

    CUSTOMER = "customer"
    INSURER = "insurer"
    ON_ACCOUNT = "on_account"
    WARRANTY = "warranty"
    GOODWILL = "goodwill"


class Channel(StrEnum):
    PHONE = "phone"
    WALK_IN = "walk_in"
    ONLINE = "online"
    IN_PERSON = "in_person"
    MESSAGE = "message"
    LETTER = "letter"


class DamageMark(Fact):
    """A mark on the vehicle outline (R2): `part` of the outline, `mark` one of scratch, dent, chip, crack."""

    part: str
    mark: str = Field(pattern="^(scratch|dent|chip|crack)$")


class Signature(Fact):
    """A signature over a content hash (never over names). `signer` is a staff id, `customer` or `tow_driver`."""

    signer: str
    at: AwareDatetime
    content_hash: str
    picture_sha256: str | None = None


class PartLine(Fact):
    """A part on an order: whole pieces, at the price frozen for it."""

    line: str
    part_no: str
    quantity: int = Field(gt=0)
    unit_price: Money
    amount: Money


class OrderItem(Fact):
    """One ordered operation with its labour and parts; `labour` = standard hours × the branch's rate, or an explained price.

    `payer` owes the whole item, whatever share the order's ways to pay give to whom (EDGE_CASES 7); null: by those shares.
    `insurer_up_to`: the insurer pays no more of it than that, and `gap_to` bears the rest of its share; null: its whole share.
    """

    item: str
    operation: str
    kind: str
    skill: str
    hours: Decimal = Field(ge=0)
    fault: FaultState
    warranty: Warranty
    labour: Money
    parts: tuple[PartLine, ...] = ()
    price_reason: str | None = None
    payer: Payer | None = None
    insurer_up_to: Money | None = None
    gap_to: Payer | None = None

    @property
    def amount(self) -> Money:
        return sum((part.amount for part in self.parts), start=self.labour)

    @property
    def free_for_customer(self) -> bool:
        return self.warranty in (Warranty.YES, Warranty.FIRST_MAINTENANCE)


class PaymentChoice(Fact):
    """R11: a way to pay that was told and chosen, and the share of the customer's side that it takes (shares sum to 1)."""

    method: str
    share: Decimal = Field(gt=0, le=1)


class Recommendation(Fact):
    """W10: an operation the team leader recommends; a safety one needs a signed answer (D6)."""

    recommendation: str
    operation: str
    safety: bool = False


class NextMaintenance(Fact):
    """D4, D8: whichever comes first."""

    due_on: date
    odometer_km: int = Field(gt=0)


class Handing(Fact):
    """One hand-over of things: who gave what to whom, when (W1, D1)."""

    things: tuple[str, ...]
    from_person: str
    to_person: str
    at: datetime
