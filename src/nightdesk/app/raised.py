"""Takes the alerts that programs raise into the same book as the rules' alerts, and ends those that nobody renews."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from nightdesk.alerts.raised import (
    FLAPS_WITHIN,
    Breach,
    Episode,
    begun,
    check_subject,
    ended,
    quietened,
    renewed,
    restored,
    subject_of,
)
from nightdesk.clock import Clock
from nightdesk.errors import NightdeskError, Overloaded
from nightdesk.model.alert import Alert, Evidence
from nightdesk.model.instant import SECOND
from nightdesk.model.labels import Labels
from nightdesk.seams.alerts import AlertSink
from nightdesk.workers import Executor

T = TypeVar("T")

MOST_RAISED: Final = 1_000
"""Alerts of programs that may live at a time; another is refused, those that live are renewed."""
MOST_WAITING: Final = 1_000
"""Reports that may wait for the book."""
ANSWER_SECONDS: Final = 10.0
TURN_SECONDS: Final = 1.0
REPORT_SECONDS: Final = 5.0
"""How often the book hears of all of them again: a mute that ended or a message given up is told then."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Raised:
    """What became of a report: the alert, and whether it began with this report or grew worse by it."""

    alert: Alert
    is_new: bool
    is_worse: bool = False


class RaisedAlerts:
    """The live alerts of programs. Its coroutines belong to one event loop; the book is told on one thread.

    What a report changes is durable, with the messages it calls for, when the answer is given.
    """

    def __init__(self, sink: AlertSink, clock: Clock, executor: Executor, before: Iterable[Alert] = ()) -> None:
        """Go on with the alerts of `before` the restart; `executor` runs one call after the other."""
        self._sink, self._clock, self._executor = sink, clock, executor
        self._episodes: dict[Labels, Episode] = restored(list(before), clock.monotonic())
        self._left: OrderedDict[Labels, float] = OrderedDict()
        """When each alert ended lately, to know one that is back."""
        self._owed: list[Alert] = []
        """Ends that the book has not taken yet."""
        self._waiting = 0
        self._reported_at = clock.monotonic()

    async def take(self, breach: Breach) -> Raised:
        """Raise an alert, or renew it.

        Raises:
            Overloaded: too many live or wait, or the book did not answer in time; report again.
            StoreError: it could not be written down; it lives, and the book is offered it again.
        """
        return await self._aside(lambda: self._take(breach))

    async def resolve(self, metric: str, labels: Labels) -> bool:
        """End an alert; False where none such lives. One that flaps ends after five quiet minutes.

        Raises as `take`, and BadLabels.
        """
        check_subject(metric, labels)
        return await self._aside(lambda: self._resolve(subject_of(metric, labels)))

    async def run(self) -> None:
        """End what expires, each second, until cancelled."""
        while True:
            await self._clock.sleep(TURN_SECONDS)
            try:
                await self._aside(self.turn)
            except NightdeskError as error:
                _log.error("raised alerts could not be told to the book, trying again: %s", error)

    def turn(self) -> None:
        """End what has expired or been quiet long enough, and from time to time report all."""
        tick = self._clock.monotonic()
        over = {subject: why for subject, episode in self._episodes.items() if (why := episode.end_due(tick))}
        for subject, why in over.items():
            self._end(subject, why)
        if over or self._owed or tick - self._reported_at >= REPORT_SECONDS:
            self._report([alert for episode in self._episodes.values() for alert in episode.alerts])
            self._reported_at = tick

    def _take(self, breach: Breach) -> Raised:
        at, tick = self._clock.now(), self._clock.monotonic()
        subject = subject_of(breach.metric, breach.labels)
        known = self._episodes.get(subject)
        if known is None and len(self._episodes) >= MOST_RAISED:
            raise Overloaded(f"{MOST_RAISED} alerts of programs live already: resolve some, or raise fewer label sets")
        if known is None:
            episode = begun(breach, at, tick, flaps=self._was_here(subject, tick))
        else:
            episode = renewed(known, breach, at, tick)
        self._episodes[subject] = episode
        is_worse = known is not None and len(episode.alerts) > len(known.alerts)
        if known is None or is_worse:
            self._report(episode.alerts)
        return Raised(episode.worst, known is None, is_worse)

    def _resolve(self, subject: Labels) -> bool:
        episode = self._episodes.get(subject)
        if episode is None:
            return False
        if episode.flaps:
            self._episodes[subject] = quietened(episode, self._clock.now(), self._clock.monotonic())
        else:
            self._end(subject, Evidence.FALSE)
            self._report(())
        return True

    def _was_here(self, subject: Labels, tick: float) -> bool:
        left = self._left.get(subject)
        return left is not None and (tick - left) * SECOND < FLAPS_WITHIN

    def _end(self, subject: Labels, why: Evidence) -> None:
        self._owed += ended(self._episodes.pop(subject), self._clock.now(), why)
        self._left[subject] = self._clock.monotonic()
        self._left.move_to_end(subject)
        while len(self._left) > MOST_RAISED:
            self._left.popitem(last=False)

    def _report(self, alerts: Sequence[Alert]) -> None:
        """Tell the book; ends come first, so that an alert that is back begins anew."""
        reports = [*self._owed, *alerts]
        if reports:
            self._sink.accept(reports, self._clock.now())
        self._owed.clear()

    async def _aside(self, call: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Overloaded(f"{MOST_WAITING} reports wait for the book of alerts: report again later")
        self._waiting += 1
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await asyncio.shield(asyncio.wrap_future(self._executor.submit(call)))
        except TimeoutError:
            raise Overloaded("the book of alerts did not answer in time: report again") from None
        finally:
            self._waiting -= 1
