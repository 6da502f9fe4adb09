"""What a service said while apprise spoke to it: apprise itself answers yes or no, of which no reason can be made."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import requests

_LIBRARIES: Final = ("apprise", "urllib3", "requests")
_MOST_SAID: Final = 300
_MOST_KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came of it: a status, or the error in its place."""

    host: str
    status: int = 0
    phrase: str = ""
    said: str = ""
    """The beginning of the body; it may repeat secrets."""
    retry_after: str = ""
    error: Exception | None = None

    @property
    def is_good(self) -> bool:
        """True for any 2xx."""
        return 200 <= self.status < 300


class Witness(logging.Handler):
    """Sees every HTTP exchange and hears every log line of apprise while it is entered; nothing of that goes elsewhere.

    Apprise's plug-ins make their own sessions inside their calls, so the one place where all of them can be seen is
    the method by which every session of `requests` sends. At DEBUG apprise logs tokens: no line leaves this object.
    """

    def __init__(self) -> None:
        """See and hear nothing yet."""
        super().__init__(logging.DEBUG)
        self.exchanges: list[Exchange] = []
        self.warnings: list[str] = []
        self.murmurs: list[str] = []
        """What was logged below a warning; for looking at, never for showing."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        kept = self.warnings if record.levelno >= logging.WARNING else self.murmurs
        if len(kept) < _MOST_KEPT and record.name.startswith("apprise"):
            kept.append(record.getMessage())

    def _watched(self, send: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
        def watched(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
            host = urlsplit(request.url or "").hostname or ""
            try:
                response = send(session, request, **options)
            except Exception as error:
                self._keep(Exchange(str(host), error=error))
                raise
            self._keep(_seen(str(host), response))
            return response

        return watched

    def _keep(self, exchange: Exchange) -> None:
        if len(self.exchanges) < _MOST_KEPT:
            self.exchanges.append(exchange)

    def __enter__(self) -> Self:
        self._logs = [(log, log.level, log.propagate) for log in map(logging.getLogger, _LIBRARIES)]
        for log, _, _ in self._logs:
            log.addHandler(self)
            log.setLevel(logging.DEBUG)
            log.propagate = False
        self._send = requests.Session.send
        requests.Session.send = self._watched(self._send)  # type: ignore[method-assign] # the one place, see above
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        requests.Session.send = self._send  # type: ignore[method-assign] # as it was
        for log, level, propagate in self._logs:
            log.removeHandler(self)
            log.setLevel(level)
            log.propagate = propagate


def _seen(host: str, response: requests.Response) -> Exchange:
    said = "" if response.ok else response.content[:_MOST_SAID].decode("utf-8", "replace")
    return Exchange(
        host, response.status_code, str(response.reason or ""), said, response.headers.get("Retry-After", "")
    )
