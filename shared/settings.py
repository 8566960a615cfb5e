"""What a service is told by its environment: variables named `SERVICELANE_…`; the table is `documented()`.

Each may also come from a file: `SERVICELANE_GROUP_KEY_FILE` names a file that holds the group key, as secrets are mounted.
"""

import os
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shared.rates import PER_ADDRESS, PER_PERSON

PREFIX = "SERVICELANE_"


class Settings(BaseSettings):
    """Secrets are `SecretStr`: they are not printed by accident."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    mongo_url: SecretStr = Field(description="MongoDB, a replica set: `mongodb://…`. The database is `SITE_DEPARTMENT`.")
    kafka_url: str = Field(description="Kafka's bootstrap servers: `host:port`, several separated by commas.")
    branch: Path = Field(description="Folder of the branch: site.toml, staff.csv, operations.csv, parts.csv.")
    jwks: str = Field(description="Public keys of the issuer of tokens (JWKS): a file or a URL.")
    issuer: str = Field(default="urn:servicelane:embedded-issuer", description="Who must have issued a token (`iss`).")
    audience: str = Field(default="servicelane", description="Whom a token must be for (`aud`).")
    group_key: SecretStr = Field(description="The group's secret: vehicle ids are the HMAC of the VIN under it, the same on every site.")
    host: str = Field(default="127.0.0.1", description="Address on which the HTTP API listens.")
    port: int = Field(default=8000, ge=0, lt=65536, description="Its port.")
    partitions: int = Field(default=4, ge=1, le=1024, description="Partitions of the department's topic; kept from a site's first start.")
    fetch_wait_ms: int = Field(
        default=500,
        ge=1,
        le=10_000,
        description="How long the broker may wait with an empty answer to a fetch; Kafka answers at once where there is something.",
    )
    replication: int = Field(default=1, ge=1, description="Replication factor of topics that are created.")
    clock_file: Path | None = Field(default=None, description="File of the stepped business clock; unset: real time.")
    channels_file: Path | None = Field(
        default=None, description="Channels outside (WeCom, SMS, e-mail …) of roles and people, by apprise; unset: the inbox only."
    )
    rate_person: int = Field(default=PER_PERSON, ge=0, description="Calls that a person may make in a minute, of one process; 0: no limit.")
    rate_address: int = Field(default=PER_ADDRESS, ge=0, description="The same for an address, signed in or not.")
    trusted_proxies: str = Field(
        default="127.0.0.1", description="Whose `X-Forwarded-For` and `-Proto` are believed: addresses or networks with commas; `*`: all."
    )
    log_level: str = Field(default="INFO", pattern="(?i)^(debug|info|warning|error)$", description="debug, info, warning or error.")
    failpoint: str | None = Field(default=None, description="Tests only: the named point at which the process kills itself.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  as pydantic-settings calls it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  as pydantic-settings calls it
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _FromFiles(settings_cls)


class _FromFiles(PydanticBaseSettingsSource):
    """`SERVICELANE_X_FILE` in place of `SERVICELANE_X`."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002  as pydantic-settings calls it
        path = os.environ.get(f"{variable(field_name)}_FILE")
        try:
            return path and Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except OSError as error:
            raise ValueError(f"{variable(field_name)}_FILE: {path}: {error.strerror}") from error

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value}


def variable(field_name: str) -> str:
    return f"{PREFIX}{field_name.upper()}"


def documented() -> list[tuple[str, str, str]]:
    """The table of the settings: variable, default (`required` where there is none), meaning."""
    return [
        (
            variable(name),
            "required" if field.is_required() else "unset" if field.default is None else str(field.default),
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def documented_as_markdown() -> str:
    """That table for README and docs."""
    rows = [
        f"| `{name}` | {default if default in ('required', 'unset') else f'`{default}`'} | {says} |" for name, default, says in documented()
    ]
    return "\n".join(("| variable | default | meaning |", "|---|---|---|", *rows)) + "\n"
