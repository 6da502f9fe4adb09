"""HTTP: one request over a new connection each time, so that name, connection and TLS are tried too."""

import ssl
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import SplitResult, urljoin

from nightdesk.clock import Clock
from nightdesk.collect.attendant import Attendant
from nightdesk.collect.certificates import trusted
from nightdesk.collect.intake.http_answer import HttpAnswer
from nightdesk.collect.intake.http_request import port_of, request_of, url_parts
from nightdesk.collect.intake.unpack import unpack
from nightdesk.collect.points import NO_LABELS, Point
from nightdesk.collect.probes.http_exchange import PHASES, Exchange, Exchanger
from nightdesk.collect.probes.http_expectation import HttpExpectation, Judged
from nightdesk.collect.probes.probe import NETWORK, Probed, ProbeFailure
from nightdesk.errors import BadPayload, CollectError, PayloadTooLarge, Unsafe

MOST_BODY: Final = 1024 * 1024
"""Bytes an answer may have as sent, and once unpacked: a health page is small."""
MOST_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SECRET: Final = frozenset({"authorization", "cookie", "proxy-authorization"})


class HttpProbe:
    """A `Probe` of one URL. The figure is the whole time from the name to the last byte, redirects included."""

    kind = "http"
    failures = (
        *NETWORK,
        ProbeFailure.REDIRECT,
        ProbeFailure.STATUS,
        ProbeFailure.KEYWORD,
        ProbeFailure.JSON,
        ProbeFailure.BAD_ANSWER,
        ProbeFailure.TOO_LARGE,
    )

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        method: str = "GET",
        headers: Mapping[str, str] = MappingProxyType({}),
        body: str = "",
        expectation: HttpExpectation | None = None,
        redirects: int = MOST_REDIRECTS,
        ca_file: str = "",
    ) -> None:
        """Prepare the request; `redirects` are followed at most, 0 takes a redirect for the answer.

        Raises:
            Unsafe: the URL is not one that may be asked, or a header breaks out of its line.
            OSError: the `ca_file` cannot be used.
        """
        self._start, self._clock, self._method = url_parts(url), clock, method
        self._headers = {"User-Agent": "nightdesk", "Accept": "*/*", "Connection": "close", **headers}
        self._body, self._redirects, self._tls = body.encode(), redirects, trusted(ca_file)
        self._expectation = expectation or HttpExpectation()
        self._attendant = Attendant(f"probe {self._start.hostname}")
        self._exchanger = Exchanger(clock, self._attendant, MOST_BODY)
        request_of(self._start, self._headers, method=method, body=self._body)

    async def prepare(self) -> None:
        """Nothing is to be loaded."""

    async def ask(self) -> Probed:
        """Ask once; see `Probe.ask`."""
        started = self._clock.boot()
        spent: Counter[str] = Counter()
        parts, hops = self._start, 0
        while True:
            done = await self._exchange(parts, hops)
            spent.update(done.phases)
            if self._redirects == 0 or done.answer.status not in _REDIRECTS:
                break
            hops += 1
            parts = self._next(parts, done.answer, hops)
        seconds = self._clock.boot() - started
        judged = self._judged(done.answer)
        return Probed(seconds, self._points(done, spent, hops, judged), judged.failure, judged.detail)

    def close(self) -> None:
        """Let the resolving thread go; connections do not outlive their request."""
        self._attendant.close()

    async def _exchange(self, parts: SplitResult, hops: int) -> Exchange:
        # As browsers do: a redirect is asked for by GET, and secrets are for the host that was named alone.
        method = self._method if hops == 0 or self._method == "HEAD" else "GET"
        headers = self._headers if _origin(parts) == _origin(self._start) else _without_secrets(self._headers)
        request = request_of(parts, headers, method=method, body=self._body if hops == 0 else b"")
        tls: ssl.SSLContext | None = self._tls if parts.scheme == "https" else None
        return await self._exchanger.exchange(parts, request, tls, bodiless=method == "HEAD")

    def _next(self, parts: SplitResult, answer: HttpAnswer, hops: int) -> SplitResult:
        if hops > self._redirects:
            raise CollectError(f"more than {self._redirects} redirects", ProbeFailure.REDIRECT)
        location = answer.headers.get("location", "")
        try:
            following = url_parts(urljoin(parts.geturl(), location))
        except (Unsafe, ValueError) as error:
            raise CollectError(f"a redirect leads to {location[:200]!r}", ProbeFailure.REDIRECT) from error
        if parts.scheme == "https" and following.scheme == "http":
            raise CollectError(f"a redirect leads from https to {location[:200]!r}", ProbeFailure.REDIRECT)
        return following

    def _judged(self, answer: HttpAnswer) -> Judged:
        try:
            body = unpack(answer.body, answer.headers.get("content-encoding", ""), MOST_BODY)
        except BadPayload as error:
            return Judged(ProbeFailure.BAD_ANSWER, str(error))
        except PayloadTooLarge as error:
            return Judged(ProbeFailure.TOO_LARGE, str(error))
        return self._expectation.judge(answer, body)

    def _points(self, done: Exchange, spent: Mapping[str, float], hops: int, judged: Judged) -> tuple[Point, ...]:
        points: list[Point] = [
            ("probe_http_status_code", NO_LABELS, float(done.answer.status)),
            ("probe_http_content_length", NO_LABELS, float(len(done.answer.body))),
            ("probe_http_redirects", NO_LABELS, float(hops)),
            *(("probe_http_duration_seconds", (("phase", phase),), spent[phase]) for phase in PHASES if phase in spent),
        ]
        if done.expires_at is not None:
            points.append(("probe_ssl_earliest_cert_expiry", NO_LABELS, done.expires_at))
        if judged.number is not None:
            points.append(("probe_http_json_value", NO_LABELS, judged.number))
        return tuple(points)


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, port_of(parts)


def _without_secrets(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _SECRET}
