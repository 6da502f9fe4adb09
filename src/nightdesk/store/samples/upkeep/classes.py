"""Series of a class lose their samples sooner: a day that is past the class is rewritten without them.

It is not as long as something is still to be made of the day, and no other rewriting takes anything of a class.
"""

from collections.abc import Iterator
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from nightdesk.errors import CorruptData
from nightdesk.model.instant import day_of
from nightdesk.model.labels import Labels
from nightdesk.model.series import Times
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.day_names import FIRST_DAY
from nightdesk.store.samples.days.folder import Days
from nightdesk.store.samples.upkeep.compaction import Keep, compact_day
from nightdesk.store.samples.upkeep.quota import MakeRoom
from nightdesk.store.samples.upkeep.retention import Retention, any_past


class Classes:
    """Makes the tasks; which days are done is seen in the days themselves, and so survives no restart in vain."""

    def __init__(self, retention: Retention, days: Days, damage: Damage) -> None:
        """Go by the classes of `retention`."""
        self._retention, self._days, self._damage = retention, days, damage
        self._looked: dict[int, tuple[int, int]] = {}
        """Turn and past classes of the days in which nothing was to be found: no need to look again."""
        self.days_removed = 0

    def use(self, retention: Retention) -> None:
        """Go by other classes from now on: all days are looked at again."""
        self._retention, self._looked = retention, {}

    def keep(self, now: int) -> Keep | None:
        """Return what stays in a file that is written now."""
        if not self._retention.classes:
            return None

        def stays(labels: Labels, times: Times) -> NDArray[np.bool_] | None:
            return self._retention.keep(labels, times, now)

        return stays

    def task(self, now: int, make_room: MakeRoom) -> Iterator[None] | None:
        """Return the rewriting of the first day that holds what a class keeps no longer; None without any."""
        if not self._retention.classes:
            return None
        shortest = min(each.keep_ms for each in self._retention.classes)
        for day in self._days.between(FIRST_DAY - 1, day_of(now - shortest) - 1):
            if self._is_worth_a_look(day, now):
                return self._task(day, now, make_room)
        return None

    def _is_worth_a_look(self, day: int, now: int) -> bool:
        past = sum(is_past for _, is_past in self._retention.due(day, now))
        is_new = self._looked.get(day) != (self._days.turn_of(day), past)
        return bool(past) and is_new and not self._days.derived.wants(day)

    def _task(self, day: int, now: int, make_room: MakeRoom) -> Iterator[None]:
        if self._holds_what_is_past(day, now):
            make_room(self._days.bytes_of(day))
            yield from compact_day(day, self._days, self._damage, self.keep(now))
            self.days_removed += not self._days.files_of(day)
        past = sum(is_past for _, is_past in self._retention.due(day, now))
        self._looked[day] = (self._days.turn_of(day), past)
        held = set(self._days.between(FIRST_DAY - 1, day_of(now)))
        self._looked = {known: told for known, told in self._looked.items() if known in held}
        yield

    def _holds_what_is_past(self, day: int, now: int) -> bool:
        due = self._retention.due(day, now)
        with self._days.reading(day) as files:
            for file in files:
                with suppress(CorruptData), self._days.watching(file):
                    if any_past(file, due):
                        return True
        return False
