"""How each channel has fared since the desk started: for screens, metrics and the doctor."""

from collections import Counter
from dataclasses import dataclass, field

from nightdesk.model.notice import Attempt, FailureReason


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """What became of the messages of one channel. Instants in milliseconds."""

    channel: str
    sent: int
    failures: tuple[tuple[FailureReason, int], ...]
    """Failed attempts by reason."""
    undeliverable: int
    """Messages given up."""
    busy: bool
    """A message is on its way at this moment."""
    last: Attempt | None
    last_sent_at: int | None


@dataclass(slots=True)
class ChannelTally:
    """Counts for one channel; belongs to the courier."""

    sent: int = 0
    failures: Counter[FailureReason] = field(default_factory=Counter)
    undeliverable: int = 0
    last: Attempt | None = None
    last_sent_at: int | None = None

    def count(self, attempt: Attempt, *, gave_up: bool) -> bool:
        """Take in one attempt; say whether the channel fares otherwise than before (well, at the start)."""
        before, self.last = (self.last.failure if self.last is not None else None), attempt
        if attempt.failure is None:
            self.sent += 1
            self.last_sent_at = attempt.at
        else:
            self.failures[attempt.failure] += 1
            self.undeliverable += gave_up
        return attempt.failure is not before

    def health(self, channel: str, *, busy: bool) -> ChannelHealth:
        """Return the counts as a value."""
        failures = tuple(sorted(self.failures.items(), key=lambda item: item[0].value))
        return ChannelHealth(channel, self.sent, failures, self.undeliverable, busy, self.last, self.last_sent_at)
