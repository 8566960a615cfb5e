"""The workshop, wired: what it keeps, what it answers, what it reacts to."""

from services.workshop.api import router
from services.workshop.job import Job
from services.workshop.notices import NOTICES
from services.workshop.parts import Stock
from services.workshop.reactions import REACTIONS
from services.workshop.store import INDEXES, open_shelves
from shared.department import Department

WORKSHOP = Department(
    name="workshop",
    title="车间 Workshop",
    aggregates=(Job, Stock),
    router=router,
    reactions=REACTIONS,
    read_models=("orders",),
    indexes=INDEXES,
    notices=NOTICES,
    seed=open_shelves,
)
