"""Who deletes: the desk that runs on a data folder, or this process on a folder that nobody holds."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import urlencode

from nightdesk.app.reach import RunningDesk
from nightdesk.cli.moments import instant_of
from nightdesk.errors import Refused
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT, SECOND, format_instant
from nightdesk.model.labels import Labels

_PATH = "/api/v1/admin/tsdb/delete_series"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Interval:
    """Instants in ms; None for an open end."""

    start: int | None
    end: int | None

    @classmethod
    def of(cls, start: str, end: str) -> Self:
        """Read what a person wrote, empty for an open end. Raises BadInstant, and Refused where the end comes first."""
        now = time.time_ns() // 1_000_000
        made = cls(instant_of(start, now) if start else None, instant_of(end, now) if end else None)
        if made.start is not None and made.end is not None and made.end < made.start:
            raise Refused("the end lies before the start")
        return made

    def fields(self) -> dict[str, float]:
        """Return the parameters of Prometheus' API."""
        given = {"start": self.start, "end": self.end}
        return {name: value / SECOND for name, value in given.items() if value is not None}

    @property
    def bounds(self) -> tuple[int, int]:
        """Both ends, the open ones as far as can be."""
        return (
            MIN_INSTANT // 4 if self.start is None else self.start,
            MAX_INSTANT // 4 if self.end is None else self.end,
        )

    def __str__(self) -> str:
        if self.start is None and self.end is None:
            return "all samples"
        since = "" if self.start is None else f" from {format_instant(self.start)}"
        until = "" if self.end is None else f" up to {format_instant(self.end)}"
        return f"the samples{since}{until}"


class Deleter(Protocol):
    """Shows and deletes."""

    def series(self, selectors: Sequence[str], interval: Interval) -> list[str]:
        """Return the series that match, as text, sorted."""
        ...

    def delete(self, selectors: Sequence[str], interval: Interval) -> None:
        """Delete their samples."""
        ...


@contextmanager
def deleter_of(data: Path) -> Iterator[Deleter]:
    """Give the running desk of a folder, or the folder itself while this context lasts.

    Raises:
        DeskUnreachable: a desk holds the folder and does not answer.
        StoreError: there is no such folder, or it cannot be used.
    """
    desk = RunningDesk.on(data)
    if desk is not None:
        yield _ByDesk(desk)
        return
    from nightdesk.app.keeping.offline import open_deletable

    with open_deletable(data) as folder:
        yield _InFolder(folder)


class _ByDesk:
    def __init__(self, desk: RunningDesk) -> None:
        self._desk = desk

    def series(self, selectors: Sequence[str], interval: Interval) -> list[str]:
        fields = [("match[]", each) for each in selectors] + list(interval.fields().items())
        answer = self._desk.send("/api/v1/series", urlencode(fields).encode(), _FORM)
        return sorted(str(Labels.from_mapping(each)) for each in answer["data"])

    def delete(self, selectors: Sequence[str], interval: Interval) -> None:
        fields = [("match[]", each) for each in selectors] + list(interval.fields().items())
        self._desk.send(_PATH, urlencode(fields).encode(), _FORM)


class _InFolder:
    def __init__(self, folder: "Deletable") -> None:
        self._folder = folder

    def series(self, selectors: Sequence[str], interval: Interval) -> list[str]:
        return self._folder.series(selectors, *interval.bounds)

    def delete(self, selectors: Sequence[str], interval: Interval) -> None:
        self._folder.delete(selectors, *interval.bounds)


class Deletable(Protocol):
    """A folder that nobody else holds."""

    def series(self, selectors: Sequence[str], start: int, end: int) -> list[str]:
        """Return the series that match, as text, sorted."""
        ...

    def delete(self, selectors: Sequence[str], start: int, end: int) -> None:
        """Delete their samples."""
        ...
