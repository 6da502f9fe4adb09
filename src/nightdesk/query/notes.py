"""Annotations: infos and warnings that come back beside a good answer, in Prometheus' words and with a position."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, Self

from nightdesk.errors import NightdeskError
from nightdesk.query.language.position import Span, place


class Finding(Protocol):
    """Something found again and again, told of once at the end."""

    def joined(self, other: Self) -> Self:
        """Return what both found."""
        ...

    def text(self) -> str:
        """Tell it."""
        ...


class Notes:
    """The annotations of one query, each text once, in order of first sight."""

    def __init__(self, text: str) -> None:
        """Take the query's text, which positions refer to."""
        self._text = text
        self._lacking: dict[str, None] = {}
        self._warnings: dict[str, None] = {}
        self._infos: dict[str, None] = {}
        self._findings: dict[tuple[Span, str], Finding] = {}

    @property
    def warnings(self) -> list[str]:
        """What the data lack, then what is probably wrong: of many an answer shows the first."""
        return [*self._lacking, *self._warnings]

    @property
    def infos(self) -> list[str]:
        """What may be worth knowing."""
        told = [self._info(found.text(), span) for (span, _), found in self._findings.items()]
        return list(dict.fromkeys([*self._infos, *told]))

    def lack(self, told: Iterable[str]) -> None:
        """Add warnings about the data that were read, whatever piece of the query read them."""
        self._lacking.update(dict.fromkeys(told))

    def warn(self, message: str, span: Span) -> None:
        """Add a warning about a piece of the query."""
        self._warnings[f"PromQL warning: {message} ({place(self._text, span.start)})"] = None

    def inform(self, message: str, span: Span) -> None:
        """Add an info about a piece of the query."""
        self._infos[self._info(message, span)] = None

    def find(self, name: str, finding: Finding, span: Span) -> None:
        """Add to what was found under a name in a piece of the query; it becomes one info."""
        known = self._findings.get((span, name))
        self._findings[span, name] = finding if known is None else known.joined(finding)

    def _info(self, message: str, span: Span) -> str:
        return f"PromQL info: {message} ({place(self._text, span.start)})"

    @contextmanager
    def or_nothing(self) -> Iterator[None]:
        """Forget what is said in here if it ends with an error: it will be tried again, and said again."""
        before = dict(self._warnings), dict(self._infos), dict(self._findings)
        try:
            yield
        except NightdeskError:
            self._warnings, self._infos, self._findings = before
            raise
