"""docker-compose.yml, as far as it can be checked without a container engine."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from shared.contracts.event import DEPARTMENTS
from shared.settings import PREFIX, Settings, variable

ROOT = Path(__file__).parents[2]


def interpolated(text: str) -> str:
    """As compose puts the environment in, where none of it is set but what has to be; no channels file is `/dev/null`, and no setting."""
    text = re.sub(r"\$\{[A-Z_]+:\+[^}]*\}", "", text)
    return re.sub(r"\$\{[A-Z_]+(?::-([^}]*)|:\?[^}]*)\}", lambda found: found[1] or "given", text)


COMPOSE: dict[str, Any] = yaml.safe_load(interpolated((ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_it_follows_the_compose_specification() -> None:
    assert PyCompose.from_json(json.dumps(COMPOSE)).service_names() == list(SERVICES)


def test_it_has_kafka_mongodb_every_department_and_one_entry() -> None:
    always = {name: service for name, service in SERVICES.items() if "profiles" not in service}
    assert set(always) == {"kafka", "mongo", "mongo-init", *DEPARTMENTS, "entry"}
    assert [name for name, service in always.items() if "ports" in service] == ["entry"]


def test_what_watches_is_only_there_when_asked_for_and_only_on_this_machine() -> None:
    watching = {name: service for name, service in SERVICES.items() if "profiles" in service}
    assert set(watching) == {"prometheus", "grafana", "jaeger"}
    assert all(service["profiles"] == ["observe"] for service in watching.values())
    assert all(port.startswith("127.0.0.1:") for service in watching.values() for port in service.get("ports", ()))


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_a_department_gets_settings_that_exist_and_all_that_are_required(department: str) -> None:
    known = {variable(name) for name in Settings.model_fields}
    named = {name for name in SERVICES[department]["environment"] if name.startswith(PREFIX)}
    given = {name if name in known else name.removesuffix("_FILE") for name in named}
    assert given <= known
    assert given >= {variable(name) for name, field in Settings.model_fields.items() if field.is_required()}
    assert SERVICES[department]["command"] == [f"services.{department}"]
    assert (ROOT / "services" / department / "__main__.py").exists()


def test_no_secret_stands_in_the_file() -> None:
    secret = {variable("mongo_url"), variable("group_key")}
    for service in SERVICES.values():
        environment = service.get("environment", {})
        assert not secret & environment.keys()
        files = [value for name, value in environment.items() if name.endswith("_FILE") and value]
        assert {value.removeprefix("/run/secrets/") for value in files} <= set(service.get("secrets", ()))
        assert set(service.get("secrets", ())) <= COMPOSE["secrets"].keys()


def test_the_script_makes_every_secret_once(tmp_path: Path) -> None:
    script = ROOT / "deploy" / "compose" / "make-secrets.sh"
    subprocess.run(("sh", script, tmp_path), check=True)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert {f"deploy/compose/secrets/{name}" for name in made} == {secret["file"] for secret in COMPOSE["secrets"].values()}
    assert made["mongo_password"] in made["mongo_url"]
    subprocess.run(("sh", script, tmp_path), check=True)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == made


def test_every_file_that_it_mounts_or_builds_from_is_there() -> None:
    mounts = [volume for service in SERVICES.values() for volume in service.get("volumes", ())]
    sources = {mount.split(":")[0] for mount in mounts}
    assert {source for source in sources if not source.startswith(("./", "/dev/null"))} == set(COMPOSE["volumes"])
    assert all((ROOT / source).exists() for source in sources if source.startswith("./"))
    dockerfile = ROOT / SERVICES["reception"]["build"]["dockerfile"]
    assert all((ROOT / copied).exists() for copied in _copied(dockerfile))


def test_one_service_builds_the_image_that_all_of_ours_run() -> None:
    """Compose builds several at once, and the second one to export the same name fails."""
    ours = {*DEPARTMENTS, "entry"}
    assert {SERVICES[name]["image"] for name in ours} == {"servicelane"}
    assert [name for name in ours if "build" in SERVICES[name]] == ["reception"]


def _copied(dockerfile: Path) -> Iterator[str]:
    kept_out = (ROOT / ".dockerignore").read_text().splitlines()
    for line in dockerfile.read_text().splitlines():
        if line.startswith("COPY "):
            for source in line.split()[1:-1]:
                assert f"!{source}" in kept_out, f"{source} is copied, and .dockerignore leaves it out"
                yield source


def test_each_is_checked_at_its_own_port_and_a_path_that_answers() -> None:
    for department in DEPARTMENTS:
        port = SERVICES[department]["environment"][f"{PREFIX}PORT"]
        assert f"http://127.0.0.1:{port}/health/ready" in " ".join(SERVICES[department]["healthcheck"]["test"])
        assert f"{department}=http://{department}:{port}" in SERVICES["entry"]["command"]
    assert "http://127.0.0.1:8080/health/live" in " ".join(SERVICES["entry"]["healthcheck"]["test"])
    assert all("healthcheck" in service for name, service in SERVICES.items() if name not in ("mongo-init", "jaeger"))


def test_whoever_is_waited_for_can_be_waited_for() -> None:
    for service in SERVICES.values():
        waits = service.get("depends_on", {})
        assert set(waits) <= set(SERVICES)
        for name, how in waits.items() if isinstance(waits, dict) else ():
            assert how["condition"] != "service_healthy" or "healthcheck" in SERVICES[name]
