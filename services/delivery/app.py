"""The delivery department, wired."""

from services.delivery.api import router
from services.delivery.case import Case
from services.delivery.claim import Claim
from services.delivery.reactions import REACTIONS, TIMERS
from services.delivery.store import INDEXES, READ_MODELS
from shared.department import Department

DELIVERY = Department(
    name="delivery",
    title="交车 Delivery",
    aggregates=(Case, Claim),
    router=router,
    reactions=REACTIONS,
    timers=TIMERS,
    read_models=READ_MODELS,
    indexes=INDEXES,
)
