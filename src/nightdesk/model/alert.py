"""An alert *is* its labels: two reports with the same labels are about the same alert."""

import hashlib
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from nightdesk.model.labels import Labels

ALERT_NAME: Final = "alertname"
SEVERITY: Final = "severity"
FAILED_TEXT: Final = "<error expanding template: "
"""What a text begins with, as Prometheus writes it, whose template could not be filled in."""
PAGE: Final = "page"
"""The word for `critical` in many rule files of others."""
MESSAGE_RULE: Final = "message"
"""In place of a rule's key: a message that a program sends as it is; there is no measured value in it."""


class Severity(Enum):
    """How much it matters, in rising order; the label `severity` carries the word."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info to 2 for critical, for comparison."""
        return list(Severity).index(self)

    @classmethod
    def of(cls, labels: Labels) -> "Severity":
        """Read the label `severity`: `page` is critical; a missing or unknown word is a warning, never silence.

        A template that failed might have said anything: it is critical, never quieter than it was meant.
        """
        written = labels.get(SEVERITY)
        if written.startswith(FAILED_TEXT):
            return cls.CRITICAL
        return cls.of_word(written) or cls.WARNING

    @classmethod
    def of_word(cls, written: str) -> "Severity | None":
        """Return the severity that a word names, whatever its case; None for a word that is none."""
        word = written.lower()
        return cls.CRITICAL if word == PAGE else next((each for each in cls if each.value == word), None)


class AlertState(Enum):
    """Where an alert stands."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    DROPPED = "dropped"
    """It was pending and its condition went away before `for` was over; nobody was told."""

    @property
    def is_live(self) -> bool:
        """True while it is pending or firing."""
        return self in (AlertState.PENDING, AlertState.FIRING)


class Evidence(Enum):
    """What the last judgement of an alert rested on."""

    TRUE = "true"
    FALSE = "false"
    ABSENT = "absent"
    """No data: the alert is held as it was."""
    ERROR = "error"
    """The query failed: the alert is held as it was."""
    RULE_GONE = "rule_gone"
    """Its rule is no longer in the files: the alert ended with it."""
    RELEASED = "released"
    """A person ended it, though its data had not come back."""
    EXPIRED = "expired"
    """The program that raised it has fallen silent: it was not renewed in time."""

    @property
    def is_missing(self) -> bool:
        """True where there is none: the alert is held as it was, and a person may end it."""
        return self in (Evidence.ABSENT, Evidence.ERROR)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as last judged. Instants in milliseconds; `fired_at` and `ended_at` are None until they happen."""

    labels: Labels
    annotations: tuple[tuple[str, str], ...]
    state: AlertState
    value: float
    active_at: int
    """When the condition was first seen true without a break."""
    fired_at: int | None = None
    ended_at: int | None = None
    judged_at: int = 0
    """When it was last judged, whatever the evidence."""
    true_at: int = 0
    """When the condition was last seen true."""
    evidence: Evidence = Evidence.TRUE
    rule: str = ""
    """Key of the rule it came from: group file, group name, rule name, fixed labels; no two rules share one."""
    quiet_at: int | None = None
    """When the condition was first seen not true since `true_at`; `keep_firing_for` counts from here."""
    told: tuple[str, ...] = ()
    """Channels that have a notice that it fires; they are told when it ends. Kept by the book."""
    changes: int = 0
    """Number of the latest transition of it. Kept by the book."""

    @property
    def name(self) -> str:
        """The label `alertname`."""
        return self.labels.get(ALERT_NAME)

    @property
    def severity(self) -> Severity:
        """The label `severity` as a word of ours."""
        return Severity.of(self.labels)

    @property
    def fingerprint(self) -> str:
        """Identity of the alert: 16 hexadecimal digits of a hash over its labels; stable over restarts and releases."""
        digest = hashlib.sha256()
        for name, value in self.labels:
            digest.update(name.encode("utf-8", "surrogateescape") + b"\xff")
            digest.update(value.encode("utf-8", "surrogateescape") + b"\xff")
        return digest.hexdigest()[:16]

    def annotation(self, name: str) -> str:
        """Return an annotation's text, or the empty string."""
        return dict(self.annotations).get(name, "")


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of an alert's state, as kept in the history; no two changes of a desk share a `number`."""

    alert: Alert
    previous: AlertState | None
    at: int
    number: int = field(default=1)

    @property
    def id(self) -> str:
        """Identity of this change: fingerprint, instant it became active, number."""
        return f"{self.alert.fingerprint}-{self.alert.active_at}-{self.number}"
