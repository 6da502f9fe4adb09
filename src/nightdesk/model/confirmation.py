"""A channel's test carries a code; a person who gives it back confirms that messages arrive."""

from dataclasses import dataclass
from typing import Final

from nightdesk.model.instant import DAY

CODE_LASTS: Final = DAY
"""Milliseconds for which the code of a test is good."""


@dataclass(frozen=True, slots=True)
class ChannelTest:
    """One test of one channel, as it was sent. Instants in milliseconds."""

    channel: str
    fingerprint: str
    """Of the channel's settings at that time; nothing about them can be read from it."""
    key: str
    """Key of its message in the outbox."""
    code_hash: str
    sent_at: int

    def is_open(self, now: int) -> bool:
        """Return whether its code may still be given back; a wall clock that was set back must not make it last."""
        return abs(now - self.sent_at) <= CODE_LASTS


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person said at `at` ms that a test of the channel, with the settings of this fingerprint, had arrived."""

    channel: str
    fingerprint: str
    at: int
