"""Follow-up's HTTP commands and queries beside those of `api.py`, a noun a file. Each file has its table of who may."""

from services.followup.routes import agents, campaigns, complaints, contacts, house, reminders, summaries

ROUTERS = (agents.router, campaigns.router, complaints.router, contacts.router, reminders.router, summaries.router, house.router)
