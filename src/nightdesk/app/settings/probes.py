"""What is probed, as written under `[[probes]]`; secrets stand in files or the environment, never here."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from nightdesk.app.settings.kinds import (
    Duration,
    EnvironmentName,
    FilePath,
    LabelText,
    Section,
    WebUrl,
    at_least,
)
from nightdesk.model.instant import DAY, SECOND

_SECRET_HEADERS: Final = ("authorization", "cookie", "proxy-authorization")


class ProbeSettings(Section):
    """What every probe has."""

    name: LabelText = Field(
        description="The label `probe` of its series; alerts and the page call it by this.", examples=["broker"]
    )
    interval: Annotated[Duration, at_least(SECOND // 10)] = Field(
        default=15 * SECOND, description="How often the target is asked.", examples=["15s"]
    )
    timeout: Duration = Field(
        # A short interval shortens a timeout that nobody wrote, as with scrapes.
        default_factory=lambda table: min(table.get("interval", 15 * SECOND), 5 * SECOND),
        description="Total time for one answer, 5s unless the interval is shorter; at most the interval.",
        examples=["5s"],
    )

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if not 0 < self.timeout <= self.interval:
            raise ValueError("timeout must be above zero and at most the interval")
        return self


class HttpProbeSettings(ProbeSettings):
    """An HTTP target: one request, judged by status, keyword and JSON value."""

    kind: Literal["http"] = Field(description="Asks an HTTP target.", examples=["http"])
    url: WebUrl = Field(
        description="The URL; no user or password in it.", examples=["https://api.broker.example/v1/time"]
    )
    method: Literal["GET", "HEAD", "POST"] = Field(default="GET", description="The request's method.", examples=["GET"])
    headers: dict[str, str] = Field(
        default_factory=dict,
        description="Headers to send along; no secrets here.",
        examples=[{"Accept": "application/json"}],
    )
    body: str = Field(default="", description="Body of a POST.", examples=['{"method": "ping"}'])
    token_file: FilePath | None = Field(
        default=None,
        description="A file (mode 0600) with the token for the header `Authorization: Bearer`.",
        examples=["secrets/broker-token"],
    )
    token_env: EnvironmentName | None = Field(
        default=None,
        description="An environment variable with the token for the header `Authorization: Bearer`.",
        examples=["NIGHTDESK_BROKER_TOKEN"],
    )
    expect_status: int | list[int] | None = Field(
        default=None, description="The status that is right, or a list of them; unless given any 2xx.", examples=[200]
    )
    keyword: str = Field(default="", description="Text that the answer must contain.", examples=["open"])
    json_path: str = Field(
        default="",
        description="A place in the answer's JSON, steps with dots between; a number steps into an array.",
        examples=["data.orders.0.state"],
    )
    json_value: str | int | float | bool | None = Field(
        default=None,
        description="What must stand at `json_path`; unless given anything but null.",
        examples=["ready"],
    )
    redirects: int = Field(
        default=5, ge=0, le=10, description="Redirects followed at most; 0 takes one for the answer.", examples=[5]
    )
    ca_file: FilePath | None = Field(
        default=None,
        description="Certificates to trust instead of the system's, in PEM.",
        examples=["tls/broker-ca.pem"],
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.token_file and self.token_env:
            raise ValueError("write token_file or token_env, not both")
        secret = next((name for name in self.headers if name.lower() in _SECRET_HEADERS), None)
        if secret:
            raise ValueError(f"the header {secret} is a secret: write token_file or token_env instead")
        if self.json_value is not None and not self.json_path:
            raise ValueError("json_value needs json_path: where it is to stand")
        if self.body and self.method != "POST":
            raise ValueError('a body needs method = "POST"')
        if self.method == "HEAD" and (self.keyword or self.json_path):
            raise ValueError('an answer to HEAD has no body: keyword and json_path need method = "GET" or "POST"')
        return self


class PostgresqlProbeSettings(ProbeSettings):
    """A PostgreSQL database: a real query in a read-only session."""

    kind: Literal["postgresql"] = Field(description="Asks a PostgreSQL database.", examples=["postgresql"])
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Name or address, or the folder of its Unix socket.",
        examples=["127.0.0.1"],
    )
    port: int = Field(default=5432, ge=1, le=65535, description="Its port.", examples=[5432])
    database: str = Field(default="postgres", min_length=1, description="The database.", examples=["trades"])
    user: str = Field(default="", description="User to log in as; unless given the desk's own.", examples=["nightdesk"])
    password_file: FilePath | None = Field(
        default=None, description="A file (mode 0600) that holds the password.", examples=["secrets/database-password"]
    )
    password_env: EnvironmentName | None = Field(
        default=None, description="An environment variable with the password.", examples=["NIGHTDESK_DATABASE_PASSWORD"]
    )
    dsn_file: FilePath | None = Field(
        default=None,
        description="A file (mode 0600) with a whole connection string; it replaces the settings above.",
        examples=["secrets/database-dsn"],
    )
    tls: Literal["disable", "prefer", "require", "verify-ca", "verify-full"] = Field(
        default="prefer", description="How the connection is encrypted, in libpq's words.", examples=["verify-full"]
    )
    ca_file: FilePath | None = Field(
        default=None,
        description="Certificates to trust instead of the system's, in PEM.",
        examples=["tls/database-ca.pem"],
    )
    query: str = Field(
        default="SELECT 1",
        min_length=1,
        description="The query whose time is measured; it must only read.",
        examples=["SELECT count(*) FROM orders WHERE state = 'open'"],
    )

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if self.password_file and self.password_env:
            raise ValueError("write password_file or password_env, not both")
        if self.dsn_file and self.model_fields_set & {"host", "port", "database", "user", "password_file"}:
            raise ValueError("dsn_file holds all of host, port, database, user and password: write it or them")
        return self


class SqliteProbeSettings(ProbeSettings):
    """A SQLite file: a real query, read-only."""

    kind: Literal["sqlite"] = Field(description="Asks a SQLite file.", examples=["sqlite"])
    file: FilePath = Field(description="The database file.", examples=["/srv/bot/tradesv3.sqlite"])
    query: str = Field(
        default="SELECT count(*) FROM sqlite_schema",
        min_length=1,
        description="The query whose time is measured; it can only read.",
        examples=["SELECT count(*) FROM trades WHERE is_open"],
    )
    check_interval: Duration = Field(
        default=DAY, description="How often `PRAGMA quick_check` runs; `0s` for never.", examples=["1d"]
    )


class RedisProbeSettings(ProbeSettings):
    """A Redis or Valkey server: PING, and what INFO says."""

    kind: Literal["redis"] = Field(description="Asks a Redis or Valkey server.", examples=["redis"])
    host: str = Field(default="127.0.0.1", min_length=1, description="Name or address.", examples=["127.0.0.1"])
    port: int = Field(default=6379, ge=1, le=65535, description="Its port.", examples=[6379])
    user: str = Field(default="", description="User to log in as; unless given `default`.", examples=["nightdesk"])
    password_file: FilePath | None = Field(
        default=None, description="A file (mode 0600) that holds the password.", examples=["secrets/cache-password"]
    )
    password_env: EnvironmentName | None = Field(
        default=None, description="An environment variable with the password.", examples=["NIGHTDESK_CACHE_PASSWORD"]
    )
    tls: bool = Field(default=False, description="Whether the connection is encrypted.", examples=[True])
    ca_file: FilePath | None = Field(
        default=None,
        description="Certificates to trust instead of the system's, in PEM.",
        examples=["tls/cache-ca.pem"],
    )

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if self.password_file and self.password_env:
            raise ValueError("write password_file or password_env, not both")
        if self.user and not (self.password_file or self.password_env):
            raise ValueError(f'user "{self.user}" needs a password: write password_file or password_env')
        return self


AnyProbeSettings = Annotated[
    HttpProbeSettings | PostgresqlProbeSettings | SqliteProbeSettings | RedisProbeSettings,
    Field(discriminator="kind"),
]
"""One `[[probes]]` table; `kind` says which."""

PROBE_KINDS: Final[dict[str, type[ProbeSettings]]] = {
    "http": HttpProbeSettings,
    "postgresql": PostgresqlProbeSettings,
    "sqlite": SqliteProbeSettings,
    "redis": RedisProbeSettings,
}
