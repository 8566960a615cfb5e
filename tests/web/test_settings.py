"""What a service is told by its environment."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from shared.settings import Settings, documented, documented_as_markdown, variable

NEEDED = {"MONGO_URL": "mongodb://x", "KAFKA_URL": "x:9092", "BRANCH": "data/branch", "JWKS": "jwks.json", "GROUP_KEY": "secret"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, _, _ in documented():
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    for name, value in NEEDED.items():
        monkeypatch.setenv(f"SERVICELANE_{name}", value)


def test_defaults_are_those_of_the_table() -> None:
    settings = Settings()
    table = {variable: default for variable, default, _ in documented()}
    for name in Settings.model_fields:
        default = table[f"SERVICELANE_{name.upper()}"]
        if default not in ("required", "unset"):
            assert str(getattr(settings, name)) == default


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_needed_and_missing_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(f"SERVICELANE_{name}")
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_a_secret_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.delenv("SERVICELANE_GROUP_KEY")
    monkeypatch.setenv("SERVICELANE_GROUP_KEY_FILE", str(tmp_path / "key"))
    assert Settings().group_key.get_secret_value() == "from the file"


def test_a_file_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SERVICELANE_GROUP_KEY")
    monkeypatch.setenv("SERVICELANE_GROUP_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(ValueError, match=r"SERVICELANE_GROUP_KEY_FILE: .*No such file"):
        Settings()


def test_the_clock_file_is_a_path_and_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICELANE_CLOCK_FILE", "somewhere/clock")
    assert Settings().clock_file == Path("somewhere/clock")


@pytest.mark.parametrize(("name", "value"), [("PARTITIONS", "0"), ("PORT", "70000"), ("LOG_LEVEL", "loud"), ("REPLICATION", "many")])
def test_a_value_out_of_bounds_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"SERVICELANE_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_secrets_are_not_printed() -> None:
    assert "secret" not in repr(Settings())
    assert "mongodb://" not in repr(Settings())


def test_a_secret_comes_from_the_environment_or_a_file_and_from_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not from a `.env` that happens to lie there, and none has a default."""
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("SERVICELANE_GROUP_KEY=from-dotenv\nSERVICELANE_MONGO_URL=mongodb://dotenv\n")
    secrets = [name for name, field in Settings.model_fields.items() if field.annotation is SecretStr]
    assert secrets == ["mongo_url", "group_key"]
    for name in secrets:
        assert Settings.model_fields[name].is_required()
        monkeypatch.delenv(variable(name))
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert {error["loc"][0] for error in refused.value.errors()} == set(secrets)


def test_every_setting_is_in_the_table_with_its_meaning() -> None:
    assert len(documented()) == len(Settings.model_fields)
    assert all(says for _, _, says in documented())
    assert documented_as_markdown().count("\n") == len(Settings.model_fields) + 2
