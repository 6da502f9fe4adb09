"""The one thread that talks to the desk: each second what changed, every ten seconds everything, never two at a time.

Whatever happens to the desk, the bot's own threads never wait for this one, and it holds no more than one push. A push
that the desk refuses is halved until it is known what is refused: the rest arrives, whatever it was sent with.
"""

from __future__ import annotations

import threading
from time import monotonic

from nightdesk.client.identity import Identity
from nightdesk.client.losses import Loss
from nightdesk.client.mailbox import Mailbox
from nightdesk.client.push import Push, Row
from nightdesk.client.registry import Registry

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing costs a bot seven milliseconds of its start
    from typing import Any

    from nightdesk.client.sender import Transport

INTERVAL = 1.0
KEEP_ALIVE = 10.0
"""After this long everything is told anew, changed or not: a desk that was restarted knows it all within that time."""
PUSH_SECONDS = 5.0
PAUSES = (1.0, 1.0, 2.0, 3.0, 5.0)
"""Seconds to the next attempt after as many failures in a row; the last for all after it."""
ASKED_AGAIN = 0.1
GIVEN_UP = frozenset({400, 413, 422})
"""Statuses of a push that will never be taken as it is."""
MOST_COMPLAINT = 120
_FOR_A_PERSON = frozenset({400, 401, 403, 404, 405, 413, 415, 421, 422})
"""Statuses that no second attempt changes."""
_REFUSALS = ((Loss.REFUSED, "refused"), (Loss.SERIES_LIMIT, "series_refused"), (Loss.BAD_VALUE, "metrics_refused"))
"""What an answer counts of a push that was taken, and the loss it is."""


class Flusher:
    """Sends what registry and mailboxes hold. `flush` is the one call that waits, as long as its caller says."""

    def __init__(
        self, identity: Identity, registry: Registry, ledger: Mailbox, events: Mailbox, transport: Transport
    ) -> None:
        """Not running yet."""
        self._identity, self._registry = identity, registry
        self._ledger, self._events, self._transport = ledger, events, transport
        self._sequence = 0
        self._failures = 0
        self._sent_at: float | None = None
        self._wake = threading.Event()
        self._round = threading.Condition(threading.RLock())
        self._asked = self._answered = 0
        self._ok = False
        self._stopping = False
        self._leaving = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, or start it again where it died. A daemon: it never holds up the bot's exit."""
        if self._thread is None or not (self._thread.is_alive() or self._stopping):
            self._thread = threading.Thread(target=self._run, name="nightdesk-client", daemon=True)
            self._thread.start()

    @property
    def is_running(self) -> bool:
        """True while the thread lives."""
        return self._thread is not None and self._thread.is_alive()

    def hurry(self) -> None:
        """Send now, changed or not, without waiting for it."""
        self._wake.set()

    def flush(self, seconds: float) -> bool:
        """Wait until the desk has everything given before this call; False when it did not within `seconds`."""
        until = monotonic() + seconds
        with self._round:
            self._asked += 1
            mine = self._asked
            self._wake.set()
            while monotonic() < until and self.is_running:
                if self._answered >= mine:
                    if self._ok:
                        return True
                    self._asked += 1
                    mine = self._asked
                    self._wake.set()
                self._round.wait(min(0.2, max(0.0, until - monotonic())))
        return False

    def stop(self, seconds: float) -> bool:
        """Send what is left, tell the desk that this process ends, and end the thread; count what did not arrive."""
        self._leaving = True
        done = self.flush(seconds) if self.is_running else False
        self._stopping = True
        self._wake.set()
        if not done and (unsent := self._registry.unacknowledged() + len(self._ledger) + len(self._events)):
            self._registry.losses.note(Loss.UNSENT, "the client was closed and no desk answered", unsent)
        self._tell()
        return done

    # ----------------------------------------------------------- on the thread

    def _run(self) -> None:
        while True:
            asked = self._wake.wait(self._pause())
            self._wake.clear()
            if self._stopping:
                getattr(self._transport, "close", bool)()
                break
            with self._round:
                answering = self._asked
            ok = self._attempt(pressed=asked)
            with self._round:
                self._answered, self._ok = answering, ok
                self._round.notify_all()
            if asked and not ok:
                # Whoever waits in `flush` asks again at once; a desk that refuses is not to be asked in a tight loop.
                threading.Event().wait(ASKED_AGAIN)

    def _pause(self) -> float:
        return INTERVAL if not self._failures else PAUSES[min(self._failures, len(PAUSES)) - 1]

    def _attempt(self, *, pressed: bool) -> bool:
        try:
            self._tell()
            return self._send_all(pressed=pressed)
        except (OSError, ValueError):
            self._failures += 1
        except Exception as error:  # noqa: BLE001 - without this thread nothing would be told at all; it is counted
            self._failures += 1
            self._registry.losses.note(Loss.FAULT, error)
        return False

    def _send_all(self, *, pressed: bool) -> bool:
        """Send pushes until the mailboxes are empty; True where the desk has it all."""
        now = monotonic()
        whole = self._sent_at is None or self._failures > 0 or now - self._sent_at >= KEEP_ALIVE or self._leaving
        while True:
            told = self._told(whole=whole)
            if told.is_empty and not (whole or pressed):
                return True
            # The goodbye frees the seat at the desk: it is in the last push of all.
            rest = len(self._ledger) - told.of("entries") + len(self._events) - told.of("events")
            *first, last = told.cut()
            if not (all(self._send(push) for push in first) and self._send(last, leaving=self._leaving and not rest)):
                self._failures += 1
                return False
            self._sent_at, self._failures, whole, pressed = monotonic(), 0, False, False

    def _told(self, *, whole: bool) -> Push:
        rows = self._registry.push(whole=whole).rows
        rows += [Row("entries", entry) for entry in self._ledger.oldest()]
        rows += [Row("events", event) for event in self._events.oldest()]
        return Push(rows)

    def _send(self, push: Push, *, leaving: bool = False) -> bool:
        """Send a push; True where the desk has it, or what of it the desk takes."""
        status, answer = self._post(push, leaving=leaving)
        if status in (200, 204):
            self._registry.acknowledge(push)
            self._take_away(push)
            self._heed(answer)
            return True
        if status in GIVEN_UP and not push.is_empty:
            return self._sift(push, answer, leaving=leaving)
        self._complain(status, answer)
        return False

    def _sift(self, push: Push, answer: bytes, *, leaving: bool) -> bool:
        """Find what of a refused push is refused: all else arrives.

        What is refused alone, where a push of nothing at all is taken, will never be taken: it is given up and counted.
        """
        if len(push.rows) > 1:
            first, second = push.halves()
            return self._send(first) and self._send(second, leaving=leaving)
        if not self._send(Push([])):
            return False
        [row] = push.rows
        self._registry.losses.note(Loss.REFUSED, answer[:MOST_COMPLAINT].decode("utf-8", "replace"))
        self._registry.give_up(row)
        self._take_away(push)
        return True

    def _post(self, push: Push, *, leaving: bool) -> tuple[int, bytes]:
        self._sequence += 1
        return self._transport(push.write({**self._head(), "leaving": leaving}), PUSH_SECONDS)

    def _take_away(self, push: Push) -> None:
        self._ledger.take_away(push.of("entries"))
        self._events.take_away(push.of("events"))

    def _head(self) -> dict[str, Any]:
        from nightdesk.client.bounds import BOUNDS

        identity = self._identity
        return {
            "version": 1,
            "bot": identity.bot,
            "run": identity.run,
            "place": identity.place,
            "forked": identity.forked,
            "age": monotonic() - identity.born,
            "sequence": self._sequence,
            "stopping": identity.stopping,
            "labels": identity.labels,
            "bounds": BOUNDS,
            "dropped": self._registry.losses.counts(),
        }

    def _heed(self, answer: bytes) -> None:
        import json

        told: dict[str, Any] = json.loads(answer) if answer else {}
        if isinstance(place := told.get("place"), int):
            self._identity.place = place
        for loss, field in _REFUSALS:
            if count := told.get(field):
                self._registry.losses.note(loss, told.get("complaint", ""), int(count))

    def _complain(self, status: int, answer: bytes) -> None:
        """Log the first answer of a desk that refuses to listen at all, since only a person can help then."""
        if self._failures == 0 and status in _FOR_A_PERSON:
            import logging

            logging.getLogger("nightdesk.client").warning("the desk answers %d: %s", status, answer[:200])

    def _tell(self) -> None:
        """Log the first loss of each kind."""
        untold = self._registry.losses.untold()
        if untold:
            import logging

            log = logging.getLogger("nightdesk.client")
            for loss, what in untold:
                log.warning("something did not reach the desk (%s): %s", loss.value, what)
