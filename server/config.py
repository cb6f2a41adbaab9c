"""Settings: everything that differs between two installations, read from KANDI_* variables."""

import os
from functools import lru_cache
from pathlib import Path

from pydantic import Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsConfigDict

from gis.query import MOST_PAGE_BYTES
from server import cluster
from server.accounts.principals import Role
from server.config_database import require_sealed
from server.config_maps import MapSettings
from server.config_people import PeopleSettings
from server.config_redis import RedisSettings, require_sealed_redis

_ROLE = f"({'|'.join(Role)})"

ROOT = Path(__file__).resolve().parent.parent


class Settings(PeopleSettings, MapSettings, RedisSettings):
    """One installation. Each field is the variable ``KANDI_`` + its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="KANDI_", frozen=True)

    database_url: str = Field(
        default_factory=lambda: cluster.database_url(ROOT),
        description="SQLAlchemy URL of PostgreSQL; default: the private cluster that make starts",
    )
    schema_name: str = Field(
        default="kandi",
        alias="KANDI_SCHEMA",
        pattern=r"^[a-z_][a-z0-9_]{0,62}$",
        description="schema that holds every table of the jurisdiction; never public",
    )
    pool_size: int = Field(default=4, ge=1, description="connections of one worker process")
    pool_timeout_s: float = Field(
        default=2.0, gt=0, description="how long a request waits for a connection before 503"
    )
    # With what Python does after it, nothing holds a worker over two seconds.
    statement_timeout_ms: int = Field(
        default=1700,
        ge=1,
        description="longest statement of a request, or all of one view; longer answers 503",
    )
    public_decimals: int = Field(
        default=6, ge=3, le=7, description="decimals of public degrees; 6 are about 0.1 m"
    )
    client_dir: Path = Field(
        default=ROOT / "client", description="where the built apps of /m/ and /console/ stand"
    )
    data_dir: Path = Field(
        default_factory=lambda: Path(os.environ.get("KANDI_VAR") or ROOT / "var") / "data",
        description="where the files of imports are kept; shared by web servers and workers",
    )
    upload_mb: int = Field(
        default=1024, ge=1, le=2048, description="largest file that an upload may have, in MB"
    )
    stage_days: int = Field(
        default=30, ge=1, description="days after which the preview of an import is dropped"
    )
    session_idle_minutes: int = Field(
        default=60, ge=1, le=1440, description="rest after which staff must log in again, minutes"
    )
    session_hours: int = Field(
        default=12, ge=1, le=168, description="age at which any session of staff ends, in hours"
    )
    confirm_minutes: int = Field(
        default=10,
        ge=1,
        le=1440,
        description="minutes after which staff give their password again to administer",
    )
    first_password_days: int = Field(
        default=7,
        ge=1,
        le=90,
        description="days in which a password that somebody else gave must be used",
    )
    totp_roles: str | None = Field(
        default=None,
        pattern=rf"^({_ROLE}(,{_ROLE})*)?$",
        description="roles that must use one-time codes; unset: admin,leader in production",
    )
    trusted_proxies: int = Field(
        default=0, ge=0, le=5, description="reverse proxies in front, whose X-Forwarded-For counts"
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/?#]+$",
        description="address that clients see, for tile addresses; default: that of the request",
    )
    page_limit: int = Field(default=1000, ge=1, description="most features of one page")
    page_kb: int = Field(
        default=MOST_PAGE_BYTES // 1000,
        ge=1,
        description="text after which a page ends, in kB; 4000 are some 180,000 corners",
    )
    cache_mb: int = Field(
        default=64, ge=0, description="memory of one worker process for packed answers, in MB"
    )
    snapshot: bool = Field(
        default=False,
        description="keep all public sites in each worker; some 2 kB of memory a site and worker",
    )
    metrics_host: str = Field(default="127.0.0.1", description="address of /metrics")
    metrics_port: int = Field(
        default=0, ge=0, le=65535, description="port of /metrics for Prometheus; 0: none"
    )
    log_requests: bool = Field(
        default=False, description="a log line for every request, not only slow and failed ones"
    )
    log_json: bool = Field(default=False, description="one JSON object a log line")

    @model_validator(mode="after")
    def _sealed_ways_to_other_hosts(self) -> "Settings":
        if self.production:
            require_sealed(self.database_url)
            require_sealed_redis(self.redis_url)
        return self

    @property
    def page_bytes(self) -> int:
        """``page_kb`` in bytes."""
        return self.page_kb * 1000

    @property
    def roles_with_codes(self) -> tuple[Role, ...]:
        """The roles whose holders must use one-time codes."""
        if self.totp_roles is None:
            return (Role.ADMIN, Role.LEADER) if self.production else ()
        return tuple(Role(name) for name in self.totp_roles.split(",") if name)


def refusal(error: ValidationError) -> str:
    """Which settings make no sense and why, without their values."""
    return "；".join(map(_refused, error.errors(include_input=False, include_url=False)))


def _refused(one: ErrorDetails) -> str:
    variable = "".join(f"KANDI_{str(name).upper()}：" for name in one["loc"][:1])
    return variable + one["msg"].removeprefix("Value error, ")


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
