"""The delivery department, wired."""

from services.delivery.api import router
from services.delivery.case import Case
from services.delivery.claim import Claim
from services.delivery.notices import NOTICES
from services.delivery.reactions import REACTIONS, TIMERS
from services.delivery.store import CENSUS, INDEXES, READ_MODELS
from services.delivery.till import Till
from shared.department import Department

DELIVERY = Department(
    name="delivery",
    title="交车 Delivery",
    aggregates=(Case, Claim, Till),
    router=router,
    reactions=REACTIONS,
    timers=TIMERS,
    read_models=READ_MODELS,
    indexes=INDEXES,
    notices=NOTICES,
    census=CENSUS,
)
