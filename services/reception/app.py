"""Reception, wired: its domain, its API, and what starts by itself."""

from services.reception.api import router
from services.reception.appointment import SlotDay
from services.reception.order import WorkOrder
from services.reception.reactions import REACTIONS
from services.reception.store import INDEXES, READ_MODELS
from services.reception.vehicle import Vehicle
from services.reception.visit import Visit
from shared.department import Department

RECEPTION = Department(
    name="reception",
    title="前台 Reception",
    aggregates=(SlotDay, Visit, WorkOrder, Vehicle),
    router=router,
    reactions=REACTIONS,
    read_models=READ_MODELS,
    indexes=INDEXES,
)
