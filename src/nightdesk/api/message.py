"""One request and one answer of HTTP as values; handlers map the one to the other and never see a socket."""

import re
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import orjson

from nightdesk.api.encodings import chosen, pack
from nightdesk.clock import Deadline

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

JSON: Final = b"application/json"
TEXT: Final = b"text/plain; charset=utf-8"
FORM: Final = "application/x-www-form-urlencoded"
_FORM_IN_PARTS: Final = "multipart/form-data"
PACKED_FROM: Final = 16 * 1024
"""Smaller answers cost more to pack than to send over loopback."""
PIECE: Final = 256 * 1024
"""Bytes sent at once, of which a client that does not read holds one in memory."""
MOST_FIELDS: Final = 1_000
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Access:
    """Who asks, as the guard saw it."""

    known: bool = False
    """It carries the token or the cookie of a session, or the desk demands neither."""
    reads_need_token: bool = False
    is_https: bool = False
    """The browser reaches the desk by HTTPS, straight or through a proxy."""
    cookie: str = ""
    """Name of the session's cookie."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose body is whole and within its cap; header names in lower case, a repeated one keeps its first."""

    method: str
    path: str
    params: dict[str, str] = field(default_factory=dict)
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    client: str = ""
    access: Access = Access()

    @property
    def content_type(self) -> str:
        """The media type without parameters, lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def fields(self) -> dict[str, list[str]]:
        """Return the fields of a form body, then those of the query string, as Prometheus reads them.

        A body counts where a method has one by its meaning: that of a GET is passed over, as Go does.

        Raises:
            ValueError: more than a thousand fields, or one that cannot be read; or a form in parts, as `curl -F` sends.
        """
        found: dict[str, list[str]] = {}
        sources, kind = [self.query], self.content_type
        if kind == _FORM_IN_PARTS:
            raise ValueError(f"send {FORM}, not {kind}")
        if kind == FORM and self.method not in ("GET", "HEAD"):
            sources.insert(0, _utf8(self.body))
        for source in sources:
            for name, value in read_fields(source):
                found.setdefault(name, []).append(value)
        return found


def read_fields(text: str) -> Iterator[tuple[str, str]]:
    """Yield names and values of a query string or form, as `urllib.parse.parse_qsl` with blank values kept does.

    Most have nothing to decode, and are not handed to what would: half of the time of reading a small question.
    Where Go's reader passes over a pair in silence, so that what was asked is not what is answered, it is refused.

    Raises:
        ValueError: more than a thousand fields, a semicolon, a broken escape, or bytes that are no UTF-8.
    """
    pairs = text.split("&")
    if len(pairs) > MOST_FIELDS:
        raise ValueError("Max number of fields exceeded")
    if ";" in text:
        raise ValueError("invalid semicolon separator in query")
    for pair in pairs:
        if pair:
            name, _, value = pair.partition("=")
            is_plain = "%" not in pair and "+" not in pair
            yield (name, value) if is_plain else (_unquoted(name), _unquoted(value))


def _unquoted(text: str) -> str:
    if broken := _BROKEN_ESCAPE.search(text):
        raise ValueError(f'invalid URL escape "{text[broken.start() : broken.start() + 3]}"')
    return _utf8(unquote_to_bytes(text.replace("+", " ")))


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ValueError("invalid UTF-8") from error


@dataclass(frozen=True, slots=True)
class Parts:
    """A body that would be wide, made piece by piece while it is sent, away from the event loop."""

    written: Iterator[bytes]
    """Raises what ends the answer before it is whole."""
    deadline: Deadline
    """By then the client has taken all of it, or it is cut off."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: status, body, its type and further headers; or `parts` in place of a body that would be wide."""

    status: int = 200
    body: bytes = b""
    content_type: bytes = JSON
    headers: Headers = ()
    parts: Parts | None = None

    @classmethod
    def of_json(cls, value: object, status: int = 200, headers: Headers = ()) -> "Response":
        """Write a value as JSON; NaN and infinities become null."""
        return cls(status, orjson.dumps(value), JSON, headers)

    @classmethod
    def of_text(cls, text: str, status: int = 200, headers: Headers = ()) -> "Response":
        """Write plain text."""
        return cls(status, text.encode("utf-8", "replace"), TEXT, headers)

    def packed(self, request: Request) -> "Response":
        """Return it compressed where that is worth it and the client takes it; costs CPU, so call it off the loop."""
        if len(self.body) < PACKED_FROM:
            return self
        encoding = chosen(request.headers.get("accept-encoding", ""))
        if not encoding:
            return self
        headers = (*self.headers, (b"content-encoding", encoding.encode()), (b"vary", b"accept-encoding"))
        return Response(self.status, pack(self.body, encoding), self.content_type, headers)


async def respond(response: Response, send: Send) -> None:
    """Send a whole answer."""
    headers = [
        (b"content-type", response.content_type),
        (b"content-length", str(len(response.body)).encode()),
        *response.headers,
    ]
    if response.status == 204:
        headers = list(response.headers)
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    # Piece by piece, each once the server has handed most of the one before to the client.
    body, place = response.body, 0
    while len(body) - place > PIECE:
        await send({"type": "http.response.body", "body": body[place : place + PIECE], "more_body": True})
        place += PIECE
    await send({"type": "http.response.body", "body": body[place:]})
