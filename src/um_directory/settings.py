"""Settings: environment (`UM_…`), then `config/um.toml` or the file that `UM_CONFIG` names, then defaults."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from um_directory.errors import MalformedName, SettingsError
from um_directory.model.dn import normalise
from um_directory.model.readings import Readings

_LONGEST_SOCKET_PATH = 100  # sun_path holds 108 bytes with its NUL (unix(7))


class Settings(BaseSettings):
    """All settings of all processes. Unknown keys in the file are errors, so that typing mistakes show."""

    model_config = SettingsConfigDict(
        env_prefix="UM_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    state_dir: Path = Field(Path("var/um"), description="Where data, secrets, sockets and logs live.")
    suffix: str = Field("dc=um,dc=example", description="The DN at the top of the tree.")
    ldap_port: int = Field(3890, ge=1, le=65535, description="Loopback port of the embedded slapd.")
    ldap_url: str = Field("", description="LDAP URL to connect to; empty for the embedded slapd's socket.")
    slapd: Path = Field(Path("/usr/sbin/slapd"), description="The slapd binary.")
    slapd_modules: Path = Field(Path("/usr/lib/ldap"), description="Where slapd's modules are.")
    slapd_schema: Path = Field(Path("/etc/ldap/schema"), description="Where slapd's own schema files are.")
    database_size_gib: int = Field(64, ge=1, description="Upper bound of the (sparse) database file, GiB.")
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="Log lines for people or machines; auto: console on a terminal, else JSON."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")
    applications_dir: Path = Field(
        Path("config/applications"), description="One TOML file for each downstream application."
    )
    guard_deadline_seconds: float = Field(
        2.0, gt=0, le=30, description="The guard ends a connection whose request is not whole by then."
    )

    readings: Readings = Field(
        Readings(), description="The readings of the domain that a site may choose otherwise, one key a rule."
    )

    @field_validator("suffix")
    @classmethod
    def _well_formed_suffix(cls, value: str) -> str:
        try:
            normalise(value)
        except MalformedName as error:
            raise ValueError(str(error)) from error
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before file before defaults."""
        file = Path(os.environ.get("UM_CONFIG", "config/um.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)

    @cached_property
    def run_dir(self) -> Path:
        """Sockets and pid files."""
        return self.state_dir.absolute() / "run"

    @cached_property
    def secrets_dir(self) -> Path:
        """Generated passwords, one file each."""
        return self.state_dir.absolute() / "secrets"

    @cached_property
    def ldapi_url(self) -> str:
        """The embedded slapd's Unix socket as an LDAP URL."""
        return "ldapi://" + quote(str(self.run_dir / "ldapi"), safe="")

    @cached_property
    def url(self) -> str:
        """Where clients of ours connect."""
        return self.ldap_url or self.ldapi_url

    @cached_property
    def write_socket(self) -> Path:
        """Where slapd asks the guard about writes."""
        return self.run_dir / "guard.sock"

    @cached_property
    def commit_socket(self) -> Path:
        """Where slapd tells the guard of commits."""
        return self.run_dir / "commits.sock"

    @cached_property
    def control_socket(self) -> Path:
        """Where the guard answers questions about itself."""
        return self.run_dir / "guard.ctl"

    @cached_property
    def audit_dir(self) -> Path:
        """The guard's own record of who did what, one file a day."""
        return self.state_dir.absolute() / "audit"


def load_settings(**overrides: object) -> Settings:
    """Read the settings.

    :raises SettingsError: naming every setting that is wrong, and why.
    """
    file = os.environ.get("UM_CONFIG")
    if file and not Path(file).is_file():
        raise SettingsError(f"UM_CONFIG names {file}, which is not a file")
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()
        )
        raise SettingsError(f"settings: {problems}") from error
    except ValueError as error:  # the TOML file itself
        raise SettingsError(f"{file or 'config/um.toml'}: {error}") from error
    if len(str(settings.commit_socket)) > _LONGEST_SOCKET_PATH:
        raise SettingsError(
            f"state_dir: {settings.state_dir} is too long a path for Unix sockets; choose a shorter one"
        )
    return settings
