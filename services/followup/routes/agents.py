"""F1 over HTTP: the follow-up agents, who is away, who stands in."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from services.followup import store
from services.followup.absence import Agent
from services.followup.acts import agents
from services.followup.agents import Roster
from shared.web import Body, Call, Roles, table

MAY: Roles = {
    "see_agents": ("followup_agent", "business_supervisor", "group_analyst"),
    "name_agents": ("business_supervisor",),
    "send_away": ("business_supervisor",),
    "call_back": ("business_supervisor",),
}

router = APIRouter()
allowed = table(MAY)

Id = Annotated[str, Field(min_length=1, max_length=80)]


@router.get("/agents")
async def see_agents(call: Call = allowed("see_agents")) -> list[store.AgentShown]:
    """F1: the agents with their visits in care, and who acts for them today."""
    return await store.agents_of(call.store, call.now)


class NameAgents(Body):
    agents: tuple[Id, ...] = Field(min_length=1, max_length=50, examples=[["agent-1", "agent-2"]])


@router.post("/agents")
async def name_agents(body: NameAgents, call: Call = allowed("name_agents")) -> Roster:
    """F1: the business supervisor names them; visits that are in somebody's care stay there."""
    return await call.do(lambda unit: agents.name_agents(unit, body.agents), Roster)


class SendAway(Body):
    """From – to, both days included."""

    stand_in: Id = Field(examples=["agent-2"])
    since: date = Field(examples=["2026-03-16"])
    until: date = Field(examples=["2026-03-20"])


@router.post("/agents/{agent}/absences", status_code=201)
async def send_away(agent: str, body: SendAway, call: Call = allowed("send_away")) -> Agent:
    """F1: the open calls go over to the stand-in for these days and return after them; deadlines stay."""
    return await call.do(lambda unit: agents.send_away(unit, agent, body.stand_in, body.since, body.until), Agent)


@router.post("/agents/{agent}/absences/{absence}/ending")
async def call_back(agent: str, absence: str, call: Call = allowed("call_back")) -> Agent:
    """F1: back earlier than was said, from today on."""
    return await call.do(lambda unit: agents.come_back(unit, agent, absence), Agent)
