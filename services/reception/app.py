"""Reception, wired: its domain, its API, and what starts by itself."""

from services.reception.acts import days
from services.reception.api import router
from services.reception.appointment import Appointment
from services.reception.changes import Changes
from services.reception.erasure import Erasure
from services.reception.estimate import ListPrice
from services.reception.merger import Merger
from services.reception.notices import NOTICES
from services.reception.opening import OpeningChecklist
from services.reception.order import WorkOrder
from services.reception.past import PastVisits
from services.reception.reactions import REACTIONS, TIMERS
from services.reception.ruling import WarrantyQuestions
from services.reception.slots import SlotDay
from services.reception.store import CENSUS, INDEXES, READ_MODELS
from services.reception.task import AdvisorTask
from services.reception.vehicle import Vehicle
from services.reception.visit import Visit
from services.reception.wish import Wish
from shared.department import Department

RECEPTION = Department(
    name="reception",
    title="前台 Reception",
    aggregates=(
        SlotDay,
        Appointment,
        OpeningChecklist,
        Visit,
        WorkOrder,
        Changes,
        WarrantyQuestions,
        AdvisorTask,
        Vehicle,
        Wish,
        PastVisits,
        ListPrice,
        Erasure,
        Merger,
    ),
    router=router,
    reactions=REACTIONS,
    timers=TIMERS,
    read_models=READ_MODELS,
    indexes=INDEXES,
    seed=days.begin,
    notices=NOTICES,
    census=CENSUS,
)
