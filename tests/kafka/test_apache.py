"""The stack on a real Apache Kafka; `make test-kafka` runs tests/system on it too."""

from datetime import datetime
from functools import partial
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError

from deploy.local import apache
from deploy.local.stack import embedded_stack
from shared.branch import Branch
from shared.contracts.topics import events_topic
from tests.system.people import People
from tests.waiting_for import until

BRANCH = Path(__file__).parents[2] / "data" / "branch"

MORNING = datetime.fromisoformat("2026-03-09T07:00:00+08:00")

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


async def test_offsets_of_before_that_a_worker_commits_to_a_broker_which_lost_everything_hold_up_nothing(
    tmp_path: Path, sample_branch: Branch
) -> None:
    """What is published from then on has lower ones, for as long as the broker had lived before. (The embedded one takes any offset.)"""
    async with embedded_stack(tmp_path, BRANCH, clock="stepped", start=MORNING, broker="apache") as stack, People(stack.url) as people:
        stack.hold("workshop")
        stack.kill("workshop")
        until_free = partial(_commit, stack.kafka_url, f"servicelane.{sample_branch.site.id}.workshop", 1_000_000)
        await until(until_free, deadline=30, every=0.5, what="the end of the killed one's session")
        stack.release("workshop")
        await stack.until_ready()
        await people.arrival()
        assert await people.recorded() > 0


async def _commit(kafka_url: str, group: str, offset: int) -> bool:
    """False while the group has members."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_url, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        topic = [TopicPartition(events_topic("reception"), partition) for partition in range(2)]
        consumer.assign(topic)
        await consumer.commit(dict.fromkeys(topic, offset))
    except CommitFailedError:
        return False
    finally:
        await consumer.stop()
    return True


async def _newest(url: str) -> dict[str, dict[str, object]]:
    async with httpx.AsyncClient(base_url=url) as http:
        answer: dict[str, dict[str, object]] = (await http.get("/flow")).raise_for_status().json()
        return answer
