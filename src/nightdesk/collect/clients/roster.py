"""Who pushes: every bot with its processes, where each sits, and the signs of life each gave.

Totals of two processes must never be written under one label set, or they would look like a counter that jumps. The
first process of a bot has no label, each further one that lives at the same time `process="2"` and so on; who restarts
takes its old seat again.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from nightdesk.collect.clients.push import Beat, Push
from nightdesk.errors import Overloaded
from nightdesk.model.instant import DAY, HOUR, SECOND
from nightdesk.model.series import Refs

MOST_BOTS: Final = 256
MOST_PROCESSES: Final = 64
LEASE: Final = 30 * SECOND
"""A process not heard for so long gives its seat to the next newcomer; clients speak every ten seconds at least."""
ROOM_FOR_A_ZERO: Final = 1
"""Milliseconds between the last sample of a seat and the first of the next who sits there, at least."""
FORGOTTEN: Final = DAY
"""A process that was not heard for so long is not missed any more."""
FAREWELL: Final = HOUR
"""What is not missed any more is told as such for so long, so that rules see it, and then no more."""
SAME_BEAT: Final = 2 * SECOND
"""Instants of one beat that differ by less are one: its age is told anew with each push, a little late."""


@dataclass(frozen=True, slots=True)
class SeenBeat:
    """A sign of life on the desk's clock: `at` and `interval` in ms."""

    name: str
    at: int
    interval: int
    count: float = 0.0
    stage: str = ""
    cursor: str = ""
    ended_at: int | None = None
    """When the bot said that the work it stood for was done."""


@dataclass(slots=True)
class Seat:
    """One process of one bot."""

    bot: str
    place: int
    run: str
    """Empty where it is only known from before the desk's start."""
    heard_at: int
    free_from: int = 0
    """The first instant (ms) after the samples of whoever sat here before."""
    sequence: int = -1
    leaving: bool = False
    stopping: str | None = None
    beats: dict[str, SeenBeat] = field(default_factory=dict)
    dropped: tuple[tuple[str, float], ...] = ()
    refs: dict[Any, Refs] = field(default_factory=dict)
    """References of series met before; belongs to the ingest thread."""
    era: int = 0
    """The writer's era in which they were resolved."""

    @property
    def process(self) -> str:
        """The label `process`: empty for the first."""
        return "" if self.place == 1 else str(self.place)

    def expects(self, beat: SeenBeat, now: int) -> bool:
        """Tell whether anybody is to miss the beat at `now` (ms)."""
        return self.stopping is None and beat.ended_at is None and now - self.heard_at < FORGOTTEN


class Roster:
    """All seats. The ingest thread seats, the event loop reads: a lock stands between."""

    def __init__(self, before: Iterable[Seat] = ()) -> None:
        """Go on with what was known before the desk's start."""
        self._lock = threading.Lock()
        self._bots: dict[str, dict[int, Seat]] = {}
        for seat in before:
            self._bots.setdefault(seat.bot, {})[seat.place] = seat

    def admit(self, push: Push, now: int) -> Seat | None:
        """Seat whoever pushes and note what it says of itself; None where a later push of it was heard already.

        Raises:
            Overloaded: too many bots, or processes of one.
        """
        with self._lock:
            seat = self._seat_of(push, now)
            if push.sequence <= seat.sequence:
                return None
            seat.heard_at, seat.sequence, seat.leaving = now, push.sequence, push.leaving
            seat.stopping, seat.dropped = push.stopping, push.dropped
            for name in push.ended:
                if name in seat.beats:
                    seat.beats[name] = replace(seat.beats[name], ended_at=now)
            for beat in push.beats:
                seat.beats[beat.name] = _seen(seat.beats.get(beat.name), beat, now)
            return seat

    def seats(self, now: int) -> list[Seat]:
        """Return copies of all seats by bot and place; who was not heard for a day is soon forgotten."""
        with self._lock:
            for bot, places in list(self._bots.items()):
                kept = {place: seat for place, seat in places.items() if now - seat.heard_at < FORGOTTEN + FAREWELL}
                for seat in kept.values():
                    seat.beats = {name: beat for name, beat in seat.beats.items() if not _is_over(beat, now)}
                self._bots[bot] = kept
            self._bots = {bot: places for bot, places in self._bots.items() if places}
            return [
                replace(places[place], beats=dict(places[place].beats), refs={})
                for _, places in sorted(self._bots.items())
                for place in sorted(places)
            ]

    def _seat_of(self, push: Push, now: int) -> Seat:
        places = self._bots.get(push.bot, {})
        for seat in places.values():
            if seat.run == push.run:
                return seat
        if push.bot not in self._bots and len(self._bots) >= MOST_BOTS:
            raise Overloaded(f"{MOST_BOTS} bots are known already: a name a bot, and not a name a run")
        place = _place_for(push, places, now)
        before = places.get(place)
        seat = Seat(push.bot, place, push.run, now)
        if before is not None:
            seat.free_from = before.heard_at + 1
            seat.beats, seat.refs = _inherited(before, now - round(push.age * SECOND)), before.refs
        self._bots.setdefault(push.bot, {})[place] = seat
        return seat


def _place_for(push: Push, places: dict[int, Seat], now: int) -> int:
    """Return the seat of a newcomer: the one it had, the one of its predecessor, or the first that is free."""
    born = now - round(push.age * SECOND)
    free = [place for place in range(1, MOST_PROCESSES + 1) if _is_free(places.get(place), now)]
    if push.place in free:
        return push.place
    first = places.get(1)
    if not push.forked and first is not None and born > first.heard_at:
        return 1
    if not free:
        raise Overloaded(f"{MOST_PROCESSES} processes of {push.bot} push already")
    return free[0]


def _is_free(seat: Seat | None, now: int) -> bool:
    """Tell whether a newcomer may sit there: nobody does, and a 0 fits between the last sample and its first."""
    if seat is None or not seat.run:
        return True
    return now - seat.heard_at > (ROOM_FOR_A_ZERO if seat.leaving else LEASE)


def _is_over(beat: SeenBeat, now: int) -> bool:
    return beat.ended_at is not None and now - beat.ended_at > FAREWELL


def _inherited(before: Seat, born: int) -> dict[str, SeenBeat]:
    """Return the beats a newcomer owes: those of its predecessor, from its own birth on if that stopped on purpose.

    After a crash the clocks go on, so that a bot which dies again and again before its first beat is missed.
    """
    if before.stopping is None:
        return dict(before.beats)
    return {name: replace(beat, at=max(beat.at, born)) for name, beat in before.beats.items()}


def _seen(before: SeenBeat | None, beat: Beat, now: int) -> SeenBeat:
    at = now - round(beat.age * SECOND)
    if before is not None and before.count == beat.count and abs(before.at - at) < SAME_BEAT:
        at = before.at
    return SeenBeat(beat.name, at, round(beat.interval * SECOND), beat.count, beat.stage, beat.cursor)
