"""Where answers come from: the desk that runs on a data folder, or else the folder itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from nightdesk.app.reach import RunningDesk
from nightdesk.cli.answers import QueryAnswer, from_prometheus
from nightdesk.model.instant import SECOND, format_duration


class Source(Protocol):
    """Answers queries; instants and steps in milliseconds."""

    def instant(self, expr: str, at: int, resolution: str = "auto") -> QueryAnswer:
        """Answer at one instant, from buckets of at most `resolution`: `0s`, `5m`, `1h` or `auto`."""
        ...

    def range(self, expr: str, start: int, end: int, step: int, resolution: str = "auto") -> QueryAnswer:
        """Answer at every step from start to end."""
        ...


@contextmanager
def source_of(data: Path) -> Iterator[Source]:
    """Give the running desk of a folder, or the folder itself while this context lasts.

    Raises:
        DeskUnreachable: a desk holds the folder and does not answer.
        StoreError: there is no such folder, or it cannot be read.
    """
    desk = RunningDesk.on(data)
    if desk is not None:
        yield FromDesk(desk)
        return
    # Opening a folder takes numpy, SQLite and the query engine; a running desk spares it (docs/decisions/0061).
    from nightdesk.cli.folder_source import open_folder_source

    with open_folder_source(data) as folder:
        yield folder


class FromDesk:
    """Asks over HTTP."""

    def __init__(self, desk: RunningDesk) -> None:
        self._desk = desk

    def instant(self, expr: str, at: int, resolution: str = "auto") -> QueryAnswer:
        """Answer at one instant."""
        told = self._desk.query("/api/v1/query", query=expr, time=at / SECOND, max_source_resolution=resolution)
        return from_prometheus(told)

    def range(self, expr: str, start: int, end: int, step: int, resolution: str = "auto") -> QueryAnswer:
        """Answer at every step from start to end."""
        told = self._desk.query(
            "/api/v1/query_range",
            query=expr,
            start=start / SECOND,
            end=end / SECOND,
            step=format_duration(step),
            max_source_resolution=resolution,
        )
        return from_prometheus(told)
