"""A real Apache Kafka of one node (KRaft), from Maven's jars, as a process: what `make test-kafka` runs the system tests on.

`make test-kafka` puts the jars in build/kafka/libs. Unlike the embedded broker it keeps what it has in its folder.
"""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from deploy.local.supervisor import ProgramFailed

JARS = Path(__file__).parents[2] / "build" / "kafka" / "libs"
CLUSTER = "c2VydmljZWxhbmUtMDAwMQ"
JVM = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{advertised}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
"""


def why_not() -> str | None:
    """What is missing to run it here, or None."""
    if not shutil.which("java"):
        return "java is missing"
    if not any(JARS.glob("kafka_2.13-*.jar")):
        return f"no jars in {JARS}: `make test-kafka` fetches them"
    return None


def version() -> str:
    """Of the jars that are here, as their names say."""
    [jar] = JARS.glob("kafka_2.13-*.jar")
    return jar.stem.partition("-")[2]


def broker_command(config: Path) -> list[str]:
    return [*_java(config), "kafka.Kafka", str(config)]


async def format_folder(config: Path, folder: Path, *, port: int, controller: int, advertised: int) -> None:
    """Write the configuration, and make the folder a node's where it is not one yet (`ProgramFailed` where that does not work)."""
    config.write_text(PROPERTIES.format(port=port, controller=controller, folder=folder, advertised=advertised), encoding="ascii")
    if (folder / "meta.properties").exists():
        return
    formatting = await asyncio.create_subprocess_exec(
        *_java(config),
        *("kafka.tools.StorageTool", "format", "--cluster-id", CLUSTER, "--config", str(config)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await formatting.communicate()
    if formatting.returncode:
        raise ProgramFailed(f"{folder} could not be formatted for Apache Kafka: {said.decode(errors='replace').strip()}")


def _java(config: Path) -> Sequence[str]:
    return ("java", *JVM, f"-Dkafka.logs.dir={config.parent}", "-cp", f"{JARS}/*")
