"""The front door: every request passes here, in this order: host, route, method, site, credential, body, handler."""

import asyncio
import logging
from dataclasses import replace
from typing import Final

from nightdesk.api.held import HeldAnswers
from nightdesk.api.leaving import Leaving
from nightdesk.api.message import PIECE, Message, Receive, Request, Response, Scope, Send, respond
from nightdesk.api.refusals import answer_error
from nightdesk.api.routes import SAFE_METHODS, Handler, Match, Route, Streamer, Table
from nightdesk.api.security import SECURITY_HEADERS, Guard, refusal
from nightdesk.api.wide import WideAnswers
from nightdesk.app.desk import Desk
from nightdesk.errors import NightdeskError, PayloadTooLarge

BODY_SECONDS: Final = 30.0
"""A body that has not arrived whole by then is given up: a client that drips holds no memory for long."""

PASSED_OVER_BYTES: Final = 64 * 1024
PASSED_OVER_SECONDS: Final = 5.0
"""A refused body within these is read away first: who still sends when the connection closes never sees the answer."""

log = logging.getLogger(__name__)


class ClientGone(Exception):
    """The client closed the connection before its answer; never leaves this module."""


class Front:
    """An ASGI application around the desk."""

    def __init__(self, desk: Desk, guard: Guard, table: Table, most_body: int) -> None:
        """Take the guard and the table of routes; no body may have more than `most_body` bytes."""
        self._desk, self._guard, self._table, self._most_body = desk, guard, table, most_body
        self._wide, self._held = WideAnswers(desk), HeldAnswers(desk)

    @property
    def wide_answers(self) -> int:
        """How many answers in parts are on their way."""
        return self._wide.under_way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; other kinds of connection are refused."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        send = self._marked(send)
        try:
            await self._answer(scope, receive, send)
        except ClientGone:
            self._desk.answers[499] += 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = self._table.match(scope["method"], scope["path"])
        request, hosts = self._request_of(scope, match)
        refused = self._guard.refuse_host(hosts) or _refuse_unknown(match)
        if refused is None and match.route is not None:
            refused = self._guard.refuse(request, match.route)
        if refused is not None or match.route is None:
            answer = refused or refusal(404, "no such path")
            whole = not _has_body(request) or await _passed_over(receive)
            await respond(answer if whole else _closing(answer), send)
            return
        try:
            if _has_body(request):
                request = replace(request, body=await self._body(match.route, receive))
        except PayloadTooLarge as error:
            await respond(_closing(answer_error(error)), send)
            return
        except TimeoutError:
            await respond(_closing(refusal(408, "the body did not arrive in time")), send)
            return
        if match.route.handler is not None:
            await self._send(await self._handled(request, match.route.handler, receive), request, receive, send)
        elif match.route.streamer is not None:
            await self._stream(request, match.route.streamer, receive, send)

    def _request_of(self, scope: Scope, match: Match) -> tuple[Request, list[str]]:
        """Return the request, its body still to come, and every Host that it names."""
        headers: dict[str, str] = {}
        hosts: list[str] = []
        for name_bytes, value_bytes in scope["headers"]:
            name, value = name_bytes.decode("latin-1"), value_bytes.decode("latin-1")
            headers.setdefault(name, value)
            if name == "host":
                hosts.append(value)
        client, query = scope.get("client"), scope["query_string"].decode("latin-1")
        address = client[0] if client else ""
        access = self._guard.access_of(headers)
        return Request(scope["method"], scope["path"], match.params, query, headers, b"", address, access), hosts

    async def _send(self, response: Response, request: Request, receive: Receive, send: Send) -> None:
        if response.parts is None and len(response.body) <= PIECE:
            await respond(response, send)
            return
        try:
            if response.parts is None:
                await self._held.send(response, send)
            else:
                await self._wide.send(response.parts, response, request, receive, send)
        except NightdeskError as error:
            await respond(answer_error(error), send)

    async def _stream(self, request: Request, streamer: Streamer, receive: Receive, send: Send) -> None:
        try:
            await streamer(request, self._desk, receive, send)
        except NightdeskError as error:
            await respond(answer_error(error), send)

    async def _handled(self, request: Request, handler: Handler, receive: Receive) -> Response:
        """Run a handler, and end it when the client leaves; whatever it raises becomes an answer."""
        leaving = Leaving(receive)
        try:
            with leaving:
                return await handler(request, self._desk)
        except NightdeskError as error:
            return answer_error(error)
        except Exception:
            log.exception("a fault of ours while answering %s %s", request.method, request.path)
            return refusal(500, "a fault of the desk; its log says more")
        except asyncio.CancelledError:
            if leaving.has_left:
                raise ClientGone from None
            # Nobody but the server cancels a request, a second after it was told to stop.
            return _closing(refusal(503, "the desk is stopping"))

    async def _body(self, route: Route, receive: Receive) -> bytes:
        """Return the whole body. Raises PayloadTooLarge as soon as it is over its cap, whatever its header claims."""
        most = min(route.most_body, self._most_body)
        parts, size = [], 0
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                part = message.get("body", b"")
                size += len(part)
                if size > most:
                    told = f"the body is over its cap of {most} bytes"
                    settings = ": the setting limits.body_bytes; send it in parts"
                    raise PayloadTooLarge(f"{told}{settings if most == self._most_body else ''}")
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)

    def _marked(self, send: Send) -> Send:
        """Put the security headers on whatever is answered, and count it."""

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._desk.answers[message["status"]] += 1
                message["headers"] = [*message.get("headers", ()), *SECURITY_HEADERS]
            await send(message)

        return marked


def _has_body(request: Request) -> bool:
    """What asks has hardly ever one, and none without either of these headers (RFC 9112, 6.3)."""
    headers = request.headers
    return request.method not in SAFE_METHODS or "content-length" in headers or "transfer-encoding" in headers


async def _passed_over(receive: Receive) -> bool:
    """Read a small body away that nobody wants; False where more of it is to come. Raises ClientGone."""
    size = 0
    try:
        async with asyncio.timeout(PASSED_OVER_SECONDS):
            while size <= PASSED_OVER_BYTES:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                size += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return True
    except TimeoutError:
        return False
    return False


def _refuse_unknown(match: Match) -> Response | None:
    if match.route is not None:
        return None
    if not match.allowed:
        return refusal(404, "no such path; docs/http-api.md lists them")
    allowed = ", ".join(sorted(match.allowed)).encode()
    return refusal(405, "this path does not take that method", ((b"allow", allowed),))


def _closing(response: Response) -> Response:
    """Close the connection after the answer, since the rest of the body is not read."""
    return Response(
        response.status, response.body, response.content_type, (*response.headers, (b"connection", b"close"))
    )
