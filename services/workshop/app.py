"""The workshop, wired: what it keeps, what it answers, what it reacts to."""

from services.workshop.api import router
from services.workshop.attendance import Roster
from services.workshop.job import Job
from services.workshop.notices import NOTICES
from services.workshop.reactions import REACTIONS, TIMERS
from services.workshop.stock import ReorderCheck, Stock
from services.workshop.store import CENSUS, INDEXES, open_workshop
from shared.department import Department

WORKSHOP = Department(
    name="workshop",
    title="车间 Workshop",
    aggregates=(Job, Stock, ReorderCheck, Roster),
    router=router,
    reactions=REACTIONS,
    timers=TIMERS,
    read_models=("orders",),
    indexes=INDEXES,
    notices=NOTICES,
    census=CENSUS,
    seed=open_workshop,
)
