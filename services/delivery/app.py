"""The delivery department, wired."""

from services.delivery.api import router
from services.delivery.case import Case
from services.delivery.reactions import REACTIONS
from services.delivery.store import INDEXES, READ_MODELS
from shared.department import Department

DELIVERY = Department(
    name="delivery",
    title="交车 Delivery",
    aggregates=(Case,),
    router=router,
    reactions=REACTIONS,
    read_models=READ_MODELS,
    indexes=INDEXES,
)
