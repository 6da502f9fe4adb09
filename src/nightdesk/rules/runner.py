"""The one rules thread: judges every group when it is due, and tells the book."""

import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from nightdesk.clock import Clock
from nightdesk.errors import NightdeskError
from nightdesk.model.alert import Alert
from nightdesk.model.rule import RuleGroup
from nightdesk.query.together.batch import Asker
from nightdesk.rules.adoption import Adoption
from nightdesk.rules.compiled import CompiledGroup, compile_group
from nightdesk.rules.group import GroupJudge
from nightdesk.rules.health import GroupHealth
from nightdesk.rules.lag import Lag, LagLog
from nightdesk.rules.patience import Patience
from nightdesk.rules.schedule import WallWatch
from nightdesk.rules.standing import RuleStanding
from nightdesk.seams.alerts import AlertSink
from nightdesk.seams.samples import Intake

LONGEST_WAIT: Final = 1.0
"""Seconds. A thread's wait stands still while the machine sleeps; short ones notice at once that it woke."""
STOP_SECONDS: Final = 10.0
MOST_RELEASED: Final = 10_000

_log = logging.getLogger(__name__)


class RuleRunner:
    """Judges groups on one thread of its own; drive it by hand with `turn` where there is no thread (tests, nights)."""

    def __init__(
        self,
        groups: Sequence[RuleGroup],
        engine: Asker,
        sink: AlertSink,
        intake: Intake,
        clock: Clock,
        restored: Sequence[Alert] = (),
        *,
        fresh: Callable[[], bool] = lambda: True,
    ) -> None:
        """Compile the groups and take over `restored` alerts of before the restart.

        `fresh` tells whether every collector has answered since the start and since the last gap in time; until then,
        for a bounded time, nothing is judged. Raises QuerySyntaxError for a rule that was not checked before.
        """
        self._asker, self._sink, self._intake, self._clock = engine, sink, intake, clock
        self._judges: tuple[GroupJudge, ...] = ()
        self._wanted: tuple[CompiledGroup, ...] | None = tuple(compile_group(group) for group in groups)
        self._adoption = Adoption(restored)
        self._patience = Patience(clock, fresh, eager=not restored)
        self._wall = WallWatch(clock)
        self._lags = LagLog()
        self._released: deque[str] = deque(maxlen=MOST_RELEASED)
        self._stop, self._thread = threading.Event(), threading.Thread(target=self._run, name="rules", daemon=True)
        self.sink_error = ""
        """Why the book did not take the last reports; they are offered again with the next round."""
        self.faults = 0
        """Turns that ended by a fault of the desk itself."""

    @property
    def lag(self) -> Lag:
        """Seconds from due to done over the latest rounds."""
        return self._lags.lag

    @property
    def alive(self) -> bool:
        """True while the thread runs."""
        return self._thread.is_alive()

    def health(self) -> list[GroupHealth]:
        """Return how every group is doing; safe from any thread."""
        wanted = self._wanted
        if wanted is not None and not self._judges:
            return [GroupHealth(compiled.group, ()) for compiled in wanted]
        return [judge.health for judge in self._judges]

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a query that runs is cut short. Waits for it, at most 10 s."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def replace(self, groups: Sequence[RuleGroup]) -> None:
        """Judge other groups from the next turn on; unchanged ones go on, alerts whose rule is gone end.

        Raises QuerySyntaxError, and then the old groups stay.
        """
        self._wanted = tuple(compile_group(group) for group in groups)

    def release(self, fingerprint: str) -> None:
        """End an alert that is held because its data do not come back, with the next turn; from any thread."""
        self._released.append(fingerprint)

    def turn(self) -> float:
        """Judge every group that is due; return seconds until the next one is, at most 1."""
        self._install()
        self._follow_wall()
        self._release()
        if self._patience.holds():
            return self._patience.pause
        if self._patience.released():
            for judge in self._judges:
                judge.schedule.postpone()
        for judge in sorted(self._judges, key=lambda judge: judge.schedule.due):
            if judge.schedule.due <= self._clock.boot():
                self._round(judge)
        due = min((judge.schedule.due for judge in self._judges), default=math.inf)
        pause = max(0.0, min(LONGEST_WAIT, due - self._clock.boot()))
        self._patience.expect(pause)
        return pause

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                pause = self.turn()
            except Exception:  # noqa: BLE001 - the rules must outlive any fault of the desk
                self.faults += 1
                _log.exception("the rules go on after a fault of the desk")
                pause = LONGEST_WAIT
            self._stop.wait(pause)

    def _round(self, judge: GroupJudge) -> None:
        due = judge.schedule.due
        at = judge.schedule.take()
        reports = judge.round(at)
        if self._tell([*self._adoption.orphans(at), *reports], at):
            judge.accepted()
            self._adoption.accepted()
        self._lags.note(self._clock.boot() - due)

    def _tell(self, reports: Sequence[Alert], at: int) -> bool:
        try:
            self._sink.accept(reports, at)
        except NightdeskError as error:
            if str(error) != self.sink_error:
                _log.error("the book could not take %d reports: %s", len(reports), error)
            self.sink_error = str(error) or type(error).__name__
            return False
        self.sink_error = ""
        return True

    def _install(self) -> None:
        """Put the wanted groups to work; those that are the same go on undisturbed."""
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        standing = {judge.compiled.group: judge for judge in self._judges}
        judges = tuple(standing.get(each.group) or self._judge(each) for each in wanted)
        leaving = [judge for judge in self._judges if judge not in judges]
        self._adoption.replace([judge for judge in judges if judge not in self._judges], leaving, self._clock.now())
        self._judges = judges

    def _judge(self, compiled: CompiledGroup) -> GroupJudge:
        return GroupJudge(compiled, self._asker, self._intake, self._clock, self._stop.is_set)

    def _follow_wall(self) -> None:
        stepped = self._wall.stepped()
        if stepped:
            _log.warning("the wall clock was set by %+.1f s; the clocks of `for` go on", stepped / 1000)
            for standing in self._standings():
                standing.shift(stepped)

    def _release(self) -> None:
        while self._released:
            fingerprint = self._released.popleft()
            for standing in self._standings():
                standing.release(fingerprint, self._clock.now())

    def _standings(self) -> list[RuleStanding]:
        return [standing for judge in self._judges for standing in judge.standings]
