"""Beside the rebuild: the same with quixstreams, each event kept in its state store; prints its version and events a second.

`python -m bench.bare_quixstreams KAFKA_URL TOPIC NUMBER`
"""

from __future__ import annotations

import secrets
import sys
import tempfile
import time
from importlib.metadata import version
from typing import Any

from quixstreams import Application

from shared.contracts.envelope import Envelope


def main(kafka: str, topic: str, number: str) -> None:
    times: list[float] = []

    def keep(plain: Any, state: Any) -> None:
        event = Envelope.model_validate(plain)
        state.set(event.subject, event.data["vehicle"])
        times.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as folder:
        app = Application(
            broker_address=kafka,
            consumer_group=f"bench-{secrets.token_hex(4)}",
            auto_offset_reset="earliest",
            state_dir=folder,
            use_changelog_topics=False,
            auto_create_topics=False,
            loglevel="ERROR",
        )
        source = app.topic(topic, value_deserializer="json", key_deserializer="bytes")
        source.broker_config.extra_config.update({"retention.ms": "-1", "retention.bytes": "-1"})  # the embedded broker does not tell
        app.dataframe(source).update(keep, stateful=True)
        app.run(count=int(number), timeout=60)
    print(version("quixstreams"), len(times) / (times[-1] - times[0]))  # noqa: T201  its answer to the bench


if __name__ == "__main__":
    main(*sys.argv[1:])
