"""Follow-up's HTTP commands and queries beside those of `api.py`, a noun a file. Each file has its table of who may."""

from services.followup.routes import agents, complaints, contacts, reminders

ROUTERS = (agents.router, complaints.router, contacts.router, reminders.router)
