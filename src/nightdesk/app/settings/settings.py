"""The settings of a desk: one frozen value, read once from TOML; every field says what it is for.

Durations are written as text and held in milliseconds. `app.settings.file` reads and lints the file.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from nightdesk.app.settings.accelerators import AcceleratorSettings
from nightdesk.app.settings.accounts import AccountName, AccountSettings, TradeSourceSettings
from nightdesk.app.settings.channels import Channel
from nightdesk.app.settings.client import ClientSettings
from nightdesk.app.settings.connections import ConnectionSettings
from nightdesk.app.settings.http_logs import HttpLogSettings
from nightdesk.app.settings.kinds import (
    BindAddress,
    ChannelName,
    Duration,
    FilePath,
    HostName,
    LabelName,
    PublicUrl,
    ScrapeAddress,
    Section,
    at_least,
)
from nightdesk.app.settings.probes import AnyProbeSettings
from nightdesk.app.settings.retention import RetentionSettings
from nightdesk.app.settings.tiers import TierSettings
from nightdesk.model.instant import DAY, HOUR, SECOND
from nightdesk.model.vital import VitalName
from nightdesk.rules.thresholds import LOW_IS_BAD


def default_data() -> Path:
    """Return the data folder of a desk for which nobody named one."""
    return Path("~/.local/share/nightdesk").expanduser()


class DeskSettings(Section):
    """The desk itself."""

    data: FilePath = Field(
        default_factory=default_data,
        description="The data folder. The command line's `--data` has precedence.",
        examples=["~/.local/share/nightdesk"],
    )
    bind: BindAddress = Field(
        default="127.0.0.1",
        description="The address to listen on; anything but loopback needs TLS or `behind_proxy`, and the token.",
        examples=["127.0.0.1"],
    )
    port: int = Field(default=9977, ge=0, le=65535, description="The port; 0 takes a free one.", examples=[9977])
    public_url: PublicUrl = Field(
        default="",
        description="The address people reach the page by; messages link to it. Empty: messages carry no link.",
        examples=["https://desk.example.org"],
    )
    interval: Annotated[Duration, at_least(SECOND // 10)] = Field(
        default=SECOND, description="How often the host is measured and the vitals are judged.", examples=["1s"]
    )
    retention: Annotated[Duration, at_least(HOUR)] = Field(
        default=30 * DAY, description="How long samples are kept; whole days are dropped.", examples=["30d"]
    )
    auth: bool = Field(
        default=True,
        description="Whether writes need the token or a login; false is refused on anything but loopback.",
        examples=[True],
    )
    behind_proxy: bool = Field(
        default=False,
        description="Says that a proxy before the desk speaks TLS: allows a bind beyond loopback without own TLS.",
        examples=[False],
    )
    tls_cert: FilePath | None = Field(
        default=None, description="Certificate chain in PEM, for HTTPS.", examples=["tls/desk.pem"]
    )
    tls_key: FilePath | None = Field(
        default=None, description="Its private key in PEM (mode 0600).", examples=["tls/desk.key"]
    )
    hosts: list[HostName] = Field(
        default_factory=list,
        description="Further host names that the desk answers to; localhost and the public URL's are known.",
        examples=[["desk.example.org"]],
    )
    collect: bool = Field(
        default=True,
        description="Whether this machine and the desk itself are measured; scrape targets are read anyway.",
        examples=[True],
    )

    @model_validator(mode="after")
    def _key_and_certificate(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            missing = "tls_key" if self.tls_cert else "tls_cert"
            raise ValueError(f"HTTPS needs both tls_cert and tls_key: {missing} is missing")
        return self


class LimitSettings(Section):
    """Bounds that keep one client from starving the desk."""

    query_timeout: Annotated[Duration, at_least(SECOND // 10)] = Field(
        default=8 * SECOND, description="Longest time of a query.", examples=["8s"]
    )
    query_samples: int = Field(
        default=50_000_000, ge=1, description="Most samples that a query may read.", examples=[50_000_000]
    )
    query_series: int = Field(
        default=200_000, ge=1, description="Most series that a query may read or answer.", examples=[200_000]
    )
    query_steps: int = Field(
        default=11_000, ge=1, description="Most steps of a range query, as in Prometheus.", examples=[11_000]
    )
    query_memory_bytes: int = Field(
        default=128_000_000,
        ge=1_000,
        description="Most bytes that one query may hold at once: samples, vectors that wait, the one in the making.",
        examples=[128_000_000],
    )
    query_concurrency: int = Field(default=2, ge=1, le=64, description="Queries at the same time.", examples=[2])
    series: int = Field(
        default=200_000,
        ge=1_000,
        description="Most live series; new ones beyond it are refused, known ones go on. All their label texts, each"
        " once, may take 320 bytes a place (at least 16 MiB). The last 1,000 places (a tenth, if that is less) are not"
        " for what others push.",
        examples=[200_000],
    )
    target_series: int = Field(
        default=10_000,
        ge=100,
        description="Most series that one target or collector may begin within an hour; those that it has go on.",
        examples=[10_000],
    )
    body_bytes: int = Field(
        default=16 * 2**20, ge=1_024, description="Largest body of a request, as sent.", examples=[16 * 2**20]
    )
    decompressed_bytes: int = Field(
        default=64 * 2**20, ge=1_024, description="Largest body of a request, unpacked.", examples=[64 * 2**20]
    )


class ThresholdSettings(Section):
    """The levels of one vital, under `[thresholds.NAME]`; they compile to alert rules."""

    warning: float | None = Field(default=None, description="Level of a warning, in the vital's unit.", examples=[85])
    critical: float | None = Field(default=None, description="Level of a critical alert.", examples=[95])
    for_: Duration = Field(
        default=0, alias="for", description="How long the level must be passed before the alert fires.", examples=["5m"]
    )
    direction: Literal["above", "below"] = Field(
        default="above",
        description="Which side of the level is bad; `below` for `cache_hit_ratio`.",
        examples=["above"],
    )

    @model_validator(mode="after")
    def _levels_in_order(self) -> Self:
        if self.warning is None and self.critical is None:
            raise ValueError("a threshold needs warning, critical or both")
        if self.warning is not None and self.critical is not None:
            worse = self.critical - self.warning if self.direction == "above" else self.warning - self.critical
            if worse < 0:
                raise ValueError(f'with direction = "{self.direction}" critical must lie {self.direction} warning')
        return self


def _bad_where_low_is_bad(tables: object) -> object:
    """Give the table of a vital that is bad when it is low its direction, where none is written."""
    if not isinstance(tables, dict):
        return tables
    return {
        name: {"direction": "below", **table} if name in LOW_IS_BAD and isinstance(table, dict) else table
        for name, table in tables.items()
    }


class ScrapeSettings(Section):
    """Targets that speak Prometheus' text format, under `[[scrape]]`."""

    job: str = Field(min_length=1, description="The label `job` of every series.", examples=["bot"])
    targets: list[ScrapeAddress] = Field(
        min_length=1, description="Addresses as host:port, or full URLs.", examples=[["127.0.0.1:8000"]]
    )
    interval: Annotated[Duration, at_least(SECOND // 10)] = Field(
        default=15 * SECOND, description="How often they are read.", examples=["15s"]
    )
    timeout: Duration = Field(
        # A short interval shortens a timeout that nobody wrote, as in Prometheus.
        default_factory=lambda table: min(table.get("interval", 15 * SECOND), 10 * SECOND),
        description="Total time for one answer, 10s unless the interval is shorter; at most the interval.",
        examples=["10s"],
    )
    labels: dict[LabelName, str] = Field(
        default_factory=dict, description="Labels added to every series.", examples=[{"bot": "maker"}]
    )
    metrics_path: str = Field(
        default="/metrics", pattern="^/", description="Path for targets given as host:port.", examples=["/metrics"]
    )
    sample_limit: int = Field(
        default=10_000,
        ge=1,
        le=1_000_000,
        description="Most samples of one answer; past it nothing of it is taken.",
        examples=[10_000],
    )

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if not 0 < self.timeout <= self.interval:
            raise ValueError("timeout must be above zero and at most the interval")
        return self


class RuleSettings(Section):
    """Where rules come from."""

    files: list[FilePath] = Field(
        default_factory=list,
        description="Rule files in Prometheus' form or ours; patterns with * are allowed.",
        examples=[["rules/*.yml"]],
    )
    shipped: bool = Field(default=True, description="Whether the rules that come with Nightdesk run.", examples=[True])


class RouteSettings(Section):
    """One `[[routes]]` table: every route that matches an alert adds its channels."""

    severity: list[Literal["critical", "warning", "info"]] = Field(
        default_factory=list,
        description="Severities that it takes; empty takes all.",
        examples=[["critical", "warning"]],
    )
    match: dict[LabelName, str] = Field(
        default_factory=dict,
        description="Labels that an alert must carry with exactly these values.",
        examples=[{"alertname": "CpuBusy"}],
    )
    channels: list[str] = Field(
        min_length=1,
        description="Names of channels; `console` is always there.",
        examples=[["console", "phone"]],
    )


class Settings(Section):
    """Everything that a settings file can say; all of it has a default."""

    desk: DeskSettings = Field(default_factory=DeskSettings, description="The desk itself.")
    limits: LimitSettings = Field(default_factory=LimitSettings, description="Bounds for clients.")
    retention: RetentionSettings = Field(
        default_factory=RetentionSettings, description="What is kept, beside the time of `desk.retention`."
    )
    thresholds: Annotated[dict[VitalName, ThresholdSettings], BeforeValidator(_bad_where_low_is_bad)] = Field(
        default_factory=dict, description="Levels of the vitals, one table a vital."
    )
    scrape: list[ScrapeSettings] = Field(default_factory=list, description="Targets to read metrics from.")
    accounts: dict[AccountName, AccountSettings] = Field(
        default_factory=dict, description="What is known of accounts, one table an account."
    )
    trades: list[TradeSourceSettings] = Field(default_factory=list, description="Databases of trades to follow.")
    probes: list[AnyProbeSettings] = Field(default_factory=list, description="Targets to ask, one table a target.")
    connections: ConnectionSettings = Field(
        default_factory=ConnectionSettings, description="Which connections are counted."
    )
    http_logs: list[HttpLogSettings] = Field(default_factory=list, description="Access logs to follow.")
    accelerators: AcceleratorSettings = Field(
        default_factory=AcceleratorSettings, description="NPUs and GPUs of this machine."
    )
    client: ClientSettings = Field(default_factory=ClientSettings, description="The line to bots on this machine.")
    rules: RuleSettings = Field(default_factory=RuleSettings, description="Where rules come from.")
    tiers: TierSettings = Field(default_factory=TierSettings, description="What stays of samples in buckets.")
    channels: dict[ChannelName, Channel] = Field(
        default_factory=dict, description="Where messages can go, one table a channel."
    )
    routes: list[RouteSettings] = Field(
        default_factory=list, description="Which alert goes to which channel; without any, all go to the console."
    )
