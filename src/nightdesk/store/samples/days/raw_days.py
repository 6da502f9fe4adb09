"""The days of samples as those see them who make something of them: which there are, and whether one will change."""

from collections.abc import Callable, Sequence

from nightdesk.model.instant import DAY, MIN_INSTANT, day_of
from nightdesk.model.labels import Labels, Matcher
from nightdesk.store.samples.day_names import FIRST_DAY, LAST_DAY, day_bounds, whole_name
from nightdesk.store.samples.days.folder import Days
from nightdesk.store.samples.deletion.tombstones import Tombstones
from nightdesk.store.samples.head.head import Head
from nightdesk.store.samples.matching import match

_WHOLE = 0
"""The number of a day's whole file among its files."""


class RawDays:
    """Looks at day files and head; any thread may ask."""

    def __init__(self, days: Days, head: Head, tombstones: Tombstones) -> None:
        """Look at these."""
        self.days, self._head, self._tombstones = days, head, tombstones

    def numbers(self) -> list[int]:
        """Return the days that have a file, rising."""
        return self.days.between(FIRST_DAY - 1, LAST_DAY + 1)

    def first(self) -> int | None:
        """Return the first instant of the oldest day that may hold samples, in a file or in memory; None without."""
        days = self.reach()
        return None if days is None else days[0] * DAY

    def reach(self) -> tuple[int, int] | None:
        """Return the first and the last day that may hold samples, in a file or in memory; None without any."""
        held = [generation for generation in self._head.generations() if generation.samples]
        edges = [day_of(edge) for generation in held for edge in (generation.oldest, generation.newest)]
        days = [*self.numbers(), *edges]
        return (min(days), max(days)) if days else None

    def newest(self) -> int | None:
        """Return the newest instant that was in memory since the start, sealed by now or not; None without any."""
        # The head first: what is dropped between the two looks is found by the second.
        newest = max(generation.newest for generation in self._head.generations())
        newest = max(newest, self._head.dropped_newest)
        return None if newest == MIN_INSTANT else newest

    def may_hold(self, day: int) -> bool:
        """Tell whether a day has a file, or may have samples in memory."""
        start, end = day_bounds(day)
        return bool(self.days.files_of(day)) or any(held.may_hold(start, end) for held in self._head.generations())

    def source(self, day: int) -> str:
        """Return what tells the present files of a day from those before: names, sizes and times of change."""
        told = []
        for file in self.days.files_of(day):
            try:
                status = file.stat()
            except OSError:
                continue  # removed this moment
            told.append(f"{file.name}:{status.st_size}:{status.st_mtime_ns}")
        return ",".join(told)

    def whole_source(self, day: int) -> str | None:
        """Return what tells a day's whole file from others in its place, None without one."""
        told = [each for each in self.source(day).split(",") if each.startswith(f"{whole_name(day)}:")]
        return told[0] if told else None

    def series_of_whole(
        self, day: int, matchers: Sequence[Matcher] = (), check: Callable[[], None] = lambda: None
    ) -> set[Labels]:
        """Return the series of a day's whole file that match, less those that a deletion hides; none without one.

        `check` may put an end to the matching.

        Raises:
            CorruptData: it is damaged; it is set aside, and the same question has an answer.
        """
        found: set[Labels] = set()
        with self.days.reading(day) as files:
            for file in files:
                if file.path.name == whole_name(day):
                    with self.days.watching(file):
                        ids = match(file, matchers, check) if matchers else file.all_series()
                        found.update(file.labels(ids).values())
        return found

    def settled(self, day: int) -> str | None:
        """Return the `source` of a day that is one whole file; None while more of it waits, or nothing is there."""
        files = self.days.files_of(day)
        if len(files) != 1 or files[0].name != whole_name(day) or self._tombstones.masking(day, _WHOLE):
            return None
        start, end = day_bounds(day)
        if any(generation.may_hold(start, end) for generation in self._head.generations()):
            return None
        return self.source(day) or None
