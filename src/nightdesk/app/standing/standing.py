"""How the desk stands: one word for all, its lags, its counts, and the warnings that stay until somebody acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from nightdesk.app.standing.holdings import Holdings
from nightdesk.model.alert import Alert, AlertState, Severity


class State(Enum):
    """The whole desk in one word."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    """Nothing has been judged yet, or judging has stopped: nobody may take this for ok."""


class WarningCode(Enum):
    """What is wrong with the desk itself, or with how it is set up; reaches page, CLI and metrics."""

    NO_OFF_MACHINE_CHANNEL = "no_off_machine_channel"
    SEVERITY_UNROUTED = "severity_unrouted"
    CHANNEL_FAILS = "channel_fails"
    INGEST_LATE = "ingest_late"
    RULES_LATE = "rules_late"
    RULES_FAIL = "rules_fail"
    BOOK_NOT_WRITTEN = "book_not_written"
    RECORDS_IN_MEMORY = "records_in_memory"
    COLLECTOR_DOWN = "collector_down"
    TASK_CRASHED = "task_crashed"
    CLOCK_IN_DOUBT = "clock_in_doubt"
    SAMPLES_DAMAGED = "samples_damaged"


@dataclass(frozen=True, slots=True)
class StandingWarning:
    """A warning with its sentence."""

    code: WarningCode
    text: str


UNCONFIRMED: Final = StandingWarning(
    WarningCode.NO_OFF_MACHINE_CHANNEL, "Critical alerts cannot reach you away from this machine."
)


@dataclass(frozen=True, slots=True)
class Lags:
    """How far behind things run, in seconds; of the event loop and of the rules the 99th percentile."""

    loop_p99: float
    rules_p99: float
    ingest: float


@dataclass(frozen=True, slots=True)
class Counts:
    """Live alerts by what they are."""

    critical: int = 0
    warning: int = 0
    info: int = 0
    pending: int = 0

    @classmethod
    def of(cls, alerts: Sequence[Alert]) -> "Counts":
        """Count what fires by severity, and what is pending."""
        firing = [alert.severity for alert in alerts if alert.state is AlertState.FIRING]
        return cls(
            critical=firing.count(Severity.CRITICAL),
            warning=firing.count(Severity.WARNING),
            info=firing.count(Severity.INFO),
            pending=sum(alert.state is AlertState.PENDING for alert in alerts),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer of `nightdesk status`. Instants in ms."""

    version: str
    build: str
    state: State
    started_at: int
    now: int
    data: str
    interval_ms: int
    uptime_seconds: float
    lag: Lags
    series: int
    samples_total: int
    held: Holdings
    counts: Counts
    warnings: tuple[StandingWarning, ...]


def state_of(counts: Counts, *, judging: bool) -> State:
    """Return the desk's state: the worst that fires; unknown while nothing is judged, for then nothing could fire."""
    if counts.critical:
        return State.CRITICAL
    if not judging:
        return State.UNKNOWN
    return State.WARNING if counts.warning else State.OK
