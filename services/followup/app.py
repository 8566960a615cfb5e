"""Follow-up (业务部), wired: what the runtime needs to know of it."""

from services.followup.absence import Agent
from services.followup.acts.summaries import begin_watching
from services.followup.agents import Roster
from services.followup.api import router
from services.followup.calls import CallDuty
from services.followup.campaign import Campaign, Invitation
from services.followup.complaint import Complaint
from services.followup.contact import Contact
from services.followup.entry import Entry
from services.followup.file import CustomerFile, FileDuty
from services.followup.house import House
from services.followup.notices import NOTICES
from services.followup.reactions import REACTIONS, TIMERS
from services.followup.register import Letter, RegisteredCall
from services.followup.reminder import Reminder
from services.followup.store import CENSUS, INDEXES, READ_MODELS
from services.followup.summary import Summary
from shared.department import Department

FOLLOWUP = Department(
    name="followup",
    title="业务部 Follow-up",
    aggregates=(
        FileDuty,
        CustomerFile,
        CallDuty,
        RegisteredCall,
        Letter,
        Reminder,
        Complaint,
        Entry,
        Contact,
        Roster,
        Agent,
        Campaign,
        Invitation,
        Summary,
        House,
    ),
    router=router,
    reactions=REACTIONS,
    timers=TIMERS,
    read_models=READ_MODELS,
    indexes=INDEXES,
    seed=begin_watching,
    notices=NOTICES,
    census=CENSUS,
)
