"""Messages that a program sends through one channel by name, past the routes: into the same outbox as all others."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from typing import Final

from nightdesk.clock import Clock
from nightdesk.errors import Overloaded, Refused
from nightdesk.model.alert import ALERT_NAME, MESSAGE_RULE, SEVERITY, Alert, AlertState, Severity
from nightdesk.model.labels import Labels
from nightdesk.model.notice import Notice, NoticeReason
from nightdesk.seams.alerts import AlertRecords
from nightdesk.workers import Executor

MOST_A_MINUTE: Final = 10
"""Messages that a channel takes from programs within a minute; whoever needs more wants an alert, told once."""
LONGEST: Final = 2_000
MESSAGE: Final = "Message"


class Messenger:
    """Puts messages into the outbox; the courier sends them at least once, and retries. Belongs to one event loop."""

    def __init__(
        self,
        records: AlertRecords,
        wake: Callable[[], None],
        clock: Clock,
        executor: Executor,
        channels: Callable[[], Collection[str]],
    ) -> None:
        """Ask `channels` for the names in use; `wake` tells the courier."""
        self._records, self._wake, self._clock, self._executor = records, wake, clock, executor
        self._channels = channels
        self._sent: dict[str, deque[float]] = {}
        self._number = 0

    async def send(self, channel: str, message: str, severity: Severity) -> str:
        """Queue a message and return its key once it is durable.

        Raises:
            Refused: no channel has this name, or the message is empty or too long.
            Overloaded: this channel had ten from programs within the minute.
            StoreError: it could not be written down.
        """
        if channel not in self._channels():
            known = ", ".join(sorted(self._channels()))
            raise Refused(f"there is no channel {channel!r} in the settings: write one of {known}")
        if not message.strip() or len(message) > LONGEST:
            raise Refused(f"a message has 1 to {LONGEST} characters")
        self._brake(channel)
        notice = self._notice(channel, message, severity)
        await asyncio.wrap_future(self._executor.submit(lambda: self._records.record([], [notice])))
        self._wake()
        return notice.key

    def _brake(self, channel: str) -> None:
        now, sent = self._clock.boot(), self._sent.setdefault(channel, deque(maxlen=MOST_A_MINUTE))
        if len(sent) == MOST_A_MINUTE and now - sent[0] < 60.0:
            raise Overloaded(f"{channel} had {MOST_A_MINUTE} messages within a minute: raise an alert, it is told once")
        sent.append(now)

    def _notice(self, channel: str, message: str, severity: Severity) -> Notice:
        now = self._clock.now()
        self._number += 1
        alert = Alert(
            labels=Labels([(ALERT_NAME, MESSAGE), (SEVERITY, severity.value)]),
            annotations=(("summary", message),),
            state=AlertState.FIRING,
            value=float(severity.rank),
            active_at=now,
            fired_at=now,
            judged_at=now,
            true_at=now,
            rule=MESSAGE_RULE,
        )
        key = Notice.key_for(channel, NoticeReason.FIRED, ("message", str(now), str(self._number)))
        return Notice(key, channel, NoticeReason.FIRED, (alert,), now)
