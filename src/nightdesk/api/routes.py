"""What a route is, and how a path finds its route; the one table of them stands in `api.table`."""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from pydantic import BaseModel

from nightdesk.api.message import Receive, Request, Response, Send
from nightdesk.app.desk import Desk

SMALL_BODY: Final = 64 * 1024
FORM_BODY: Final = 1024 * 1024
SAFE_METHODS: Final = frozenset({"GET", "HEAD"})


class Kind(Enum):
    """What a route does, which decides what it demands."""

    PUBLIC = "public"
    """Tells nothing of the desk's data: health, the page's own files."""
    LOGIN = "login"
    """Exchanges a one-time code for a session: no token, but JSON and the checks of a page."""
    READ = "read"
    """Answers from the desk's data; needs a credential unless the desk is bound to loopback."""
    ACTION = "action"
    """Changes state on behalf of a person: credential and JSON."""
    PROTOCOL = "protocol"
    """Changes state on behalf of a program, in its protocol's own content type: credential."""


Handler = Callable[[Request, Desk], Awaitable[Response]]
"""Answers a whole request with a whole response."""
Streamer = Callable[[Request, Desk, Receive, Send], Awaitable[None]]
"""Writes its response itself, for as long as the client stays."""


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table; exactly one of `handler` and `streamer` is set."""

    path: str
    methods: frozenset[str]
    kind: Kind
    handler: Handler | None = None
    streamer: Streamer | None = None
    takes: type[BaseModel] | None = None
    """Shape of the JSON body, for the description of the API."""
    gives: type[BaseModel] | None = None
    """Shape of the JSON answer, likewise."""
    most_body: int = SMALL_BODY
    """Bytes; a cap above the settings' `limits.body_bytes` is lowered to it."""

    def __post_init__(self) -> None:
        """Refuse a row that two would answer, or none, and a state change by GET."""
        if (self.handler is None) == (self.streamer is None):
            raise ValueError(f"{self.path}: a route has one handler or one streamer")
        if self.kind in (Kind.LOGIN, Kind.ACTION, Kind.PROTOCOL) and self.methods & SAFE_METHODS:
            raise ValueError(f"{self.path}: no GET changes state")


@dataclass(frozen=True, slots=True)
class Match:
    """What the table says about a method and a path: no route (and which methods would have one), or a route."""

    route: Route | None
    params: dict[str, str]
    allowed: frozenset[str] = frozenset()


class Table:
    """Finds the route of a path: a dictionary for plain paths, patterns in order for those with `{names}`."""

    def __init__(self, routes: Iterable[Route]) -> None:
        """Refuse two rows for one method and path."""
        self.routes = tuple(routes)
        self._plain: dict[str, list[Route]] = {}
        self._patterns: list[tuple[re.Pattern[str], Route]] = []
        self._matches: dict[tuple[str, str], Match] = {}
        """What each method and plain path come to, worked out once."""
        for route in self.routes:
            if "{" in route.path:
                self._patterns.append((_pattern(route.path), route))
            else:
                self._plain.setdefault(route.path, []).append(route)
                for method in route.methods | ({"HEAD"} if "GET" in route.methods else set()):
                    self._matches[method, route.path] = Match(route, {})
        rows = [(route.path, method) for route in self.routes for method in route.methods]
        if len(rows) != len(set(rows)):
            raise ValueError("two routes for one method and path")

    def match(self, method: str, path: str) -> Match:
        """Return the route for a method and a path; HEAD is answered where GET is."""
        known = self._matches.get((method, path))
        if known is not None:
            return known
        asked = "GET" if method == "HEAD" else method
        found: list[tuple[Route, dict[str, str]]] = [
            (route, {}) for route in self._plain.get(path, [])
        ] or self._by_pattern(path)
        for route, params in found:
            if asked in route.methods:
                return Match(route, params)
        return Match(None, {}, frozenset(each for route, _ in found for each in route.methods))

    def _by_pattern(self, path: str) -> list[tuple[Route, dict[str, str]]]:
        return [(route, hit.groupdict()) for pattern, route in self._patterns if (hit := pattern.fullmatch(path))]


def _pattern(path: str) -> re.Pattern[str]:
    """Turn `/label/{name}/values` into a pattern; a name stands for one part of the path, never for a slash."""
    parts = re.split(r"\{([a-z_]+)\}", path)
    return re.compile("".join(f"(?P<{part}>[^/]+)" if at % 2 else re.escape(part) for at, part in enumerate(parts)))
