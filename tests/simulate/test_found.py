"""What the simulation found wrong in the product, each as small as it could be made."""

import random
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from shared.presence import Presence
from tests.simulate.database import Client, Server
from tests.simulate.weather import Weather


async def test_a_session_that_could_not_be_put_down_is_put_down_when_it_is_used_again() -> None:
    """It was taken for put down: its process died, and nobody could end the transaction that held a visit for a minute."""
    weather = Weather(random.Random(1))
    processes: Any = Client(Server("db", weather))["bj01_workshop"]["processes"]
    presence = Presence(processes, lambda _sessions: processes.find_one())
    weather.databases_away.add("db")
    with pytest.raises(AutoReconnect):
        await presence.uses("s-1")
    weather.databases_away.clear()
    await presence.uses("s-1")
    assert [row["sessions"] for row in await processes.find().to_list()] == [["s-1"]]
