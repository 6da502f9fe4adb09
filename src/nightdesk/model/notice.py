"""A notice is one message to one channel; a delivery is what became of it."""

import hashlib
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from nightdesk.model.alert import Alert, Severity
from nightdesk.model.instant import MINUTE

LONGEST_WAIT: Final = 15 * MINUTE
"""No message waits longer for its next attempt, in ms; one that is due later was put off before the wall clock was set
back, and is due now."""


class NoticeReason(Enum):
    """Why a message is sent; reaches text, log, metric and screen."""

    FIRED = "fired"
    RESOLVED = "resolved"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Notice:
    """One message for one channel, about alerts that changed together."""

    key: str
    """Idempotency key; the same for every attempt, handed on as Message-ID and dedup key."""
    channel: str
    """Name of the channel in the settings."""
    reason: NoticeReason
    alerts: tuple[Alert, ...]
    created_at: int
    instead_of: str = ""
    """The channel that failed, where this message is told here in its place."""
    code: str = ""
    """What a person gives back to confirm that a test message arrived; struck out once its fate is settled."""

    @staticmethod
    def key_for(channel: str, reason: NoticeReason, transitions: tuple[str, ...]) -> str:
        """Derive the key from what the message is about, so that it survives a crash between decision and send."""
        text = "\x00".join((channel, reason.value, *sorted(transitions)))
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]

    def told_on(self, channel: str) -> "Notice":
        """Return this message as it is told on another channel because its own failed; always under the same key."""
        key = self.key_for(channel, self.reason, (self.key,))
        return replace(self, key=key, channel=channel, instead_of=self.channel)

    @property
    def severity(self) -> Severity:
        """The highest severity among the alerts; a test without alerts is info."""
        return max((alert.severity for alert in self.alerts), key=lambda severity: severity.rank, default=Severity.INFO)


class DeliveryState(Enum):
    """Where a notice stands in the outbox."""

    QUEUED = "queued"
    LEASED = "leased"
    SENT = "sent"
    UNDELIVERABLE = "undeliverable"
    """Given up after the last attempt, or refused for good; listed until a person has seen it."""


class FailureReason(Enum):
    """Why an attempt failed; the sender classifies, nobody guesses later."""

    UNREACHABLE = "unreachable"
    """No name, no route, refused connection."""
    DEADLINE = "deadline"
    """The total deadline of the attempt was over; the sender was ended."""
    AUTH = "auth"
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"
    """The other side said no for good (5xx of SMTP, 4xx of HTTP)."""
    SERVER = "server"
    """The other side failed and may recover (4xx of SMTP, 5xx of HTTP)."""
    TLS = "tls"
    CRASHED = "crashed"
    """The sender process ended without an answer."""
    CONFIG = "config"
    """No such channel, or its settings cannot work."""

    @property
    def is_final(self) -> bool:
        """True where many more attempts cannot help without a person's change."""
        return self in (FailureReason.REFUSED, FailureReason.CONFIG)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one attempt: `failure` is None when the other side took the message."""

    at: int
    failure: FailureReason | None = None
    detail: str = ""
    retry_after: int = 0
    """Milliseconds for which the other side asked to be left alone; 0 where it did not."""

    def fate(self, next_at: int | None) -> DeliveryState:
        """Return where it leaves its message: sent, queued until `next_at`, or given up where that is None."""
        if self.failure is None:
            return DeliveryState.SENT
        return DeliveryState.UNDELIVERABLE if next_at is None else DeliveryState.QUEUED


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A notice in the outbox with its fate so far. Instants in milliseconds."""

    id: int
    notice: Notice
    state: DeliveryState
    attempts: int = 0
    next_at: int = 0
    """Not before this instant; a lease moves it to the lease's end."""
    last: Attempt | None = None
