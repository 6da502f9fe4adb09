"""The language of nights: a whole desk on a manual clock, told by the hour.

    night = Night(groups, routes=[Route.of("mail")], start="22:00")
    night.at("22:04").series('cpu_usage{instance="box"}', "99x200", every="15s")
    night.at("22:07").restart(seconds=20)
    night.play(until="22:30")
    night.expect_delivery("mail", "CpuBusy", between=("22:09", "22:10"))

What is real: the engine, the rules, the book, the courier. What is fake: the clock, the samples, the records (those
that a desk falls back to on a full disk), the sender.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from nightdesk.alerts.book import Book
from nightdesk.alerts.lost import still_lost
from nightdesk.alerts.routing import Route, Router
from nightdesk.deliver.courier import Courier
from nightdesk.errors import DataFolderFull, QueryTimeout
from nightdesk.model.alert import Alert, AlertState, Transition
from nightdesk.model.instant import SECOND, format_instant, parse_duration
from nightdesk.model.notice import Attempt, Notice, NoticeReason
from nightdesk.model.rule import RuleGroup
from nightdesk.query.answer import Answer
from nightdesk.query.engine import Engine
from nightdesk.query.language.tree import Node
from nightdesk.rules.ruletest.notation import parse_labels, parse_values
from nightdesk.rules.runner import RuleRunner
from nightdesk.seams.samples import Budget, PanelReader
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.intake import InlineIntake
from nightdesk.testing.records import MemoryRecords
from nightdesk.testing.samples import MemorySamples
from nightdesk.testing.senders import TAKES, Manner, RecordingSender

EVENING: Final = datetime(2026, 11, 20, tzinfo=UTC)
"""The day whose evening a night begins on, a Friday."""
Between = tuple[str, str]


class Night:
    """A desk for one night. Say what happens, `play` it, then say what is expected."""

    def __init__(
        self,
        groups: Sequence[RuleGroup],
        *,
        routes: Sequence[Route] = (),
        channels: Sequence[str] = ("console", "mail", "phone"),
        start: str = "22:00",
    ) -> None:
        """Set up a desk that judges `groups`; every channel takes what it is given until told otherwise."""
        self._groups, self._router = tuple(groups), Router(routes)
        self._start = start
        self._clock = ManualClock(now=self.instant(start))
        self._samples = MemorySamples()
        self._engine = _Engine(Engine(self._samples, self._clock, short_circuits=True))
        self._records = _Records()
        self._sender = _Sender(RecordingSender.of(self._clock, dict.fromkeys(channels, TAKES)))
        self._events: list[tuple[int, Callable[[], None]]] = []
        self._up = True
        self._book, self._runner = self._desk()

    def instant(self, time: str) -> int:
        """Return the instant in ms of a time of day, `22:04` or `03:10:30`; one long before `start` is tomorrow's."""
        hours, minutes, seconds = (int(part) for part in f"{time}:00".split(":")[:3])
        moment = EVENING + timedelta(hours=hours, minutes=minutes, seconds=seconds)
        if moment < EVENING + timedelta(hours=int(self._start[:2]) - 6):
            moment += timedelta(days=1)
        return round(moment.timestamp() * SECOND)

    def at(self, time: str) -> "Moment":
        """Begin to say what happens at a time of day."""
        return Moment(self, self.instant(time))

    def play(self, until: str) -> None:
        """Let the night pass, second by second; a wall clock that is set on the way makes it no longer or shorter."""
        asyncio.run(self._play(self.instant(until)))

    # ------------------------------------------------------------ what is expected

    def expect_delivery(
        self, channel: str, alert: str, between: Between, reason: NoticeReason = NoticeReason.FIRED
    ) -> Notice:
        """Return the one message about an alert that a channel got in that time; fail if there is none, or several."""
        first, last = map(self.instant, between)
        found = [
            notice
            for at, notice in self._sender.taken
            if first <= at <= last
            and (notice.channel, notice.reason) == (channel, reason)
            and any(each.name == alert for each in notice.alerts)
        ]
        assert len(found) == 1, f"{len(found)} messages {reason.value} about {alert} on {channel}; sent: {self.story()}"
        return found[0]

    def expect_silence(self, channel: str, between: Between) -> None:
        """Fail if a channel got anything in that time."""
        first, last = map(self.instant, between)
        found = [notice for at, notice in self._sender.taken if notice.channel == channel and first <= at <= last]
        assert not found, f"{channel} was to be silent; sent: {self.story()}"

    def expect_change(self, alert: str, state: AlertState, between: Between) -> Transition:
        """Return the one change of an alert to a state in that time; fail if there is none, or several."""
        first, last = map(self.instant, between)
        changes = [
            change
            for change in self._records.transitions
            if change.alert.name == alert and change.alert.state is state and first <= change.at <= last
        ]
        assert len(changes) == 1, f"{len(changes)} changes of {alert} to {state.value}; {self.story()}"
        return changes[0]

    def live(self) -> tuple[Alert, ...]:
        """Return the alerts that are pending or firing at the end."""
        return self._book.live()

    def story(self) -> str:
        """Tell the night: every change and every message, for the failure of a test."""
        changes = [(each.at, f"{each.alert.name} {each.alert.state.value}") for each in self._records.transitions]
        sent = [(at, f"{notice.channel} told {notice.reason.value}") for at, notice in self._sender.taken]
        return "; ".join(f"{format_instant(at)[11:19]} {what}" for at, what in sorted([*changes, *sent]))

    # ------------------------------------------------------------ the desk

    def _desk(self) -> tuple[Book, RuleRunner]:
        book = Book(self._records, self._router)
        for notice in still_lost(self._records.entries(1_000)):
            book.given_up(notice)
        restored = self._records.live()
        intake = InlineIntake(self._samples)
        return book, RuleRunner(self._groups, self._engine, book, intake, self._clock, restored)

    def _given_up(self, notice: Notice, at: int) -> None:
        self._book.given_up(notice, at)  # that of now: a restart makes another

    def _release(self, name: str) -> None:
        for alert in self.live():
            if alert.name == name:
                self._runner.release(alert.fingerprint)

    def _start_desk(self) -> None:
        self._book, self._runner = self._desk()
        self._up = True

    async def _play(self, until: int) -> None:
        self._events.sort(key=lambda event: event[0])
        courier = Courier(
            self._records,
            self._sender,
            self._clock,
            executor=_AtOnce(),
            on_given_up=self._given_up,
        )
        delivering = asyncio.create_task(courier.run())
        end = self._clock.boot() + (until - self._clock.now()) / SECOND
        while self._clock.boot() <= end:
            while self._events and self._events[0][0] <= self._clock.now():
                self._events.pop(0)[1]()
            if self._up:
                self._runner.turn()
            await self._clock.advance(1.0)
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant of a night, to say what happens at it; every method returns it, so that more can be said."""

    night: Night
    at: int

    def series(self, labels: str, values: str, every: str = "15s") -> "Moment":
        """Let a series have values from here on, in the notation of rule tests (`10x4 99x20 _x3 stale`)."""
        step = parse_duration(every)
        steps = enumerate(parse_values(values))
        samples = ((self.at + place * step, value) for place, value in steps if value is not None)
        self.night._samples.put(parse_labels(labels), *samples)
        return self

    def restart(self, seconds: float) -> "Moment":
        """End the desk; start it again from its records after so many seconds."""
        self.night._events.append((self.at + round(seconds * SECOND), self.night._start_desk))
        return self._then(lambda: setattr(self.night, "_up", False))

    def suspend(self, seconds: float) -> "Moment":
        """Let the machine sleep: boot and wall time go on, nobody runs."""
        return self._then(lambda: self.night._clock.jump(seconds))

    def set_wall_clock(self, seconds: float) -> "Moment":
        """Move wall time alone, as NTP or a person does."""
        return self._then(lambda: self.night._clock.step_wall(round(seconds * SECOND)))

    def queries_fail(self, *, failing: bool = True) -> "Moment":
        """Let every query time out from here on, or answer again."""
        return self._then(lambda: setattr(self.night._engine, "failing", failing))

    def disk_full(self, *, full: bool = True) -> "Moment":
        """Let the records refuse every change from here on, or take them again."""
        return self._then(lambda: setattr(self.night._records, "full", full))

    def channel(self, name: str, manner: Manner) -> "Moment":
        """Let a channel behave otherwise from here on."""
        return self._then(lambda: self.night._sender.channels.manners.update({name: manner}))

    def release(self, alert: str) -> "Moment":
        """Let a person end every live alert of a name that is held."""
        return self._then(lambda: self.night._release(alert))

    def rules(self, groups: Sequence[RuleGroup]) -> "Moment":
        """Reload: judge other groups from here on."""
        return self._then(lambda: self.night._runner.replace(groups))

    def _then(self, event: Callable[[], Any]) -> "Moment":
        self.night._events.append((self.at, event))
        return self


class _Engine:
    """An engine that can be made to fail."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self.failing = engine, False

    def instant(self, expr: str | Node, at: int, budget: Budget | None = None) -> Answer:
        """Answer, or time out."""
        if self.failing:
            raise QueryTimeout("the query took too long")
        return self._engine.instant(expr, at, budget)

    def through(self, wrap: Callable[[PanelReader], PanelReader]) -> "_Engine":
        """Return the same over another reader, failing where this one does."""
        made = _Engine(self._engine.through(wrap))
        made.failing = self.failing
        return made


class _Records(MemoryRecords):
    """Records whose disk can be full."""

    full = False

    def record(self, transitions: Sequence[Transition], notices: Sequence[Notice]) -> None:
        """Keep changes and messages, or refuse as a full disk does."""
        if self.full:
            raise DataFolderFull("no space left in the data folder")
        super().record(transitions, notices)


class _Sender:
    """A sender that notes what its channels took, and when."""

    def __init__(self, channels: RecordingSender) -> None:
        self.channels = channels
        self.taken: list[tuple[int, Notice]] = []

    async def send(self, notice: Notice, seconds: float) -> Attempt:
        """Try once."""
        attempt = await self.channels.send(notice, seconds)
        if attempt.failure is None:
            self.taken.append((attempt.at, notice))
        return attempt


class _AtOnce(Executor):
    """Runs work in the caller's thread, so that a night has one order of events."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Run now."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - an executor hands every error to whoever waits
            future.set_exception(error)
        return future
