"""How each channel fares: counted for screens, metrics and the doctor, and logged where it is news."""

import logging
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from nightdesk.model.instant import SECOND
from nightdesk.model.notice import Attempt, FailureReason, Notice

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """What became of the messages of one channel since the desk started. Instants in milliseconds."""

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


class Reporter:
    """Takes in every attempt of the courier it belongs to."""

    def __init__(self) -> None:
        """Begin with channels of which nothing is known."""
        self._tallies: dict[str, _Tally] = {}

    def report(self, notice: Notice, attempt: Attempt, next_at: int | None) -> None:
        """Count an attempt; `next_at` is when it is tried again, None for never.

        What is logged is news about the channel: a thousand messages to a dead one say it once.
        """
        gave_up = attempt.failure is not None and next_at is None
        is_news = self._tallies.setdefault(notice.channel, _Tally()).count(attempt, gave_up=gave_up)
        level = logging.ERROR if gave_up else logging.WARNING if is_news else logging.DEBUG
        if attempt.failure is None:
            _log.log(level, "channel %s delivers again", notice.channel)
        else:
            fate = "given up" if next_at is None else f"trying again in {(next_at - attempt.at) / SECOND:g} s"
            why = f"{attempt.failure.value}: {attempt.detail}"
            _log.log(level, "message %s to %s failed, %s: %s", notice.key, notice.channel, fate, why)

    def health(self, busy: Collection[str]) -> list[ChannelHealth]:
        """Return how each channel that had a message fared, by name; `busy` names those that have one in hand."""
        return [self._tallies[name].health(name, busy=name in busy) for name in sorted(self._tallies)]


@dataclass(slots=True)
class _Tally:
    """The counts of one channel."""

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
