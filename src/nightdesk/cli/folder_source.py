"""Answers from a data folder that no desk holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nightdesk.app.offline import open_engine
from nightdesk.cli.answers import QueryAnswer, Row
from nightdesk.model.instant import parse_duration
from nightdesk.query.answer import Answer
from nightdesk.query.asking import Asking
from nightdesk.query.engine import Engine
from nightdesk.query.selecting.resolution import resolution_of


@contextmanager
def open_folder_source(data: Path) -> Iterator["FromFolder"]:
    """Hold the folder and answer from it while this context lasts.

    Raises:
        StoreError: there is no such folder, or it cannot be read.
    """
    with open_engine(data) as engine:
        yield FromFolder(engine)


class FromFolder:
    """Asks an engine in this process; what it raises reaches the person as it is."""

    def __init__(self, engine: Engine) -> None:
        """Answer from this engine."""
        self._engine = engine

    def instant(self, expr: str, at: int, resolution: str = "auto") -> QueryAnswer:
        """Answer at one instant."""
        return _plain(self._engine.instant(expr, at, asking=_asking(resolution)), at)

    def range(self, expr: str, start: int, end: int, step: int, resolution: str = "auto") -> QueryAnswer:
        """Answer at every step from start to end."""
        return _plain(self._engine.range(expr, start, end, step, asking=_asking(resolution)), end)


def _asking(resolution: str) -> Asking:
    return Asking(resolution=None if resolution == "auto" else resolution_of(parse_duration(resolution)))


def _plain(answer: Answer, at: int) -> QueryAnswer:
    """Turn matrices into rows of what is present."""
    notes = (*answer.warnings, *answer.infos)
    if answer.kind == "string":
        return QueryAnswer("string", text=answer.text, at=at, notes=notes)
    if answer.series:
        rows = [Row(each.labels.as_dict(), each.times.tolist(), each.values.tolist()) for each in answer.series]
        return QueryAnswer("matrix", rows, notes=notes)
    rows = [
        Row(labels.as_dict(), answer.steps[present].tolist(), values[present].tolist())
        for labels, values, present in zip(answer.labels, answer.values, answer.present, strict=True)
    ]
    return QueryAnswer(answer.kind, rows, notes=notes)
