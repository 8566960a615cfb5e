"""The stack on a real Apache Kafka; `make test-kafka` runs tests/system on it too."""

from pathlib import Path

import httpx
import pytest

from deploy.local import apache
from deploy.local.stack import embedded_stack

BRANCH = Path(__file__).parents[2] / "data" / "branch"

pytestmark = [pytest.mark.kafka, pytest.mark.kafka_ci, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _can_run_here() -> None:
    if missing := apache.why_not():
        pytest.skip(missing)


async def test_the_stack_comes_up_and_outlives_a_broker_that_lost_everything(tmp_path: Path) -> None:
    async with embedded_stack(tmp_path, BRANCH, broker="apache") as stack:
        assert (await _newest(stack.url))["workshop"]["published"] != {}
        await stack.empty_broker()
        await stack.until_ready()
        assert [death.name for death in stack.deaths] == ["broker"]
        assert (await _newest(stack.url)).keys() == {"reception", "workshop", "delivery", "followup"}


async def _newest(url: str) -> dict[str, dict[str, object]]:
    async with httpx.AsyncClient(base_url=url) as http:
        answer: dict[str, dict[str, object]] = (await http.get("/flow")).raise_for_status().json()
        return answer
