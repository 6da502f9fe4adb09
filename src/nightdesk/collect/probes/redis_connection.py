"""redis-py as a probe wants it: one connection, no retries of its own, errors in our words.

Loading the library takes 0.3 s: `redis.py` imports this module with its first question, off the event loop.
"""

import asyncio
import ssl
from typing import Any, Final

from redis.asyncio import Connection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, InvalidResponse, NoPermissionError, RedisError, ResponseError
from redis.exceptions import ConnectionError as Broken

from nightdesk.collect.probes.probe import ProbeFailure
from nightdesk.errors import CollectError

MOST_BYTES: Final = 1 << 20
"""Of one answer: INFO of a real server has some 10 kB. Who promises more is none, whatever it sends."""


class RedisConnection:
    """One connection to an address that was judged."""

    def __init__(
        self, address: str, port: int, *, user: str, password: str, tls: ssl.SSLContext | None, host: str
    ) -> None:
        """Prepare; `host` is the name that the certificate must bear."""
        # The probe has one deadline for all, so none here.
        self._connection = _Connection(
            host=address,
            port=port,
            username=user or None,
            password=password or None,
            client_name="nightdesk",
            driver_info=None,
            protocol=2,
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 0),
        )
        self._connection.tls, self._connection.tls_name = tls, host

    async def connect(self) -> None:
        """Connect and log in. Raises CollectError."""
        try:
            await self._connection.connect()  # type: ignore[no-untyped-call] # redis-py is annotated in part
        except RedisError as error:
            raise _said(error) from error
        except _UNREADABLE as error:
            raise _senseless("the login", error) from error

    async def ask(self, command: str) -> bytes:
        """Send a command and return its answer. Raises CollectError."""
        try:
            self._connection.begin_answer()
            await self._connection.send_command(command)
            answer = await self._connection.read_response()
        except RedisError as error:
            raise _said(error) from error
        except _UNREADABLE as error:
            raise _senseless(command, error) from error
        if not isinstance(answer, bytes):
            raise CollectError(f"{command} was answered with {answer!r:.80}", ProbeFailure.BAD_ANSWER)
        return answer

    def close(self) -> None:
        """Cut the connection at once."""
        self._connection.cut()


class _Connection(Connection):
    """Adds to the library's: TLS checked against the name, not the address; a bound on answers; an end at once."""

    tls: ssl.SSLContext | None = None
    tls_name = ""
    bounded: "_BoundedReader | None" = None

    def _connection_arguments(self) -> dict[str, Any]:
        arguments = dict(super()._connection_arguments())
        return arguments | {"ssl": self.tls, "server_hostname": self.tls_name} if self.tls else arguments

    async def _connect(self) -> None:
        await super()._connect()  # type: ignore[no-untyped-call] # redis-py is annotated in part
        assert self._reader is not None, "connected without a stream"
        self.bounded = _BoundedReader(self._reader)
        self._reader = self.bounded  # type: ignore[assignment] # all that the parser asks of a stream

    def begin_answer(self) -> None:
        if self.bounded is not None:
            self.bounded.left = MOST_BYTES

    def cut(self) -> None:
        writer: asyncio.StreamWriter | None = self._writer
        self._reader = self._writer = None
        if writer is not None:
            writer.transport.abort()


class _BoundedReader:
    """What the library's parser asks of a stream, up to so many bytes: it would gather whatever length it is told."""

    def __init__(self, stream: asyncio.StreamReader) -> None:
        self._stream, self.left = stream, MOST_BYTES

    async def read(self, most: int) -> bytes:
        return self._taken(await self._stream.read(most))

    async def readexactly(self, length: int) -> bytes:
        if length > self.left:
            raise ValueError(f"an answer of more than {MOST_BYTES} bytes")
        return self._taken(await self._stream.readexactly(length))

    async def readline(self) -> bytes:
        return self._taken(await self._stream.readline())

    def _taken(self, data: bytes) -> bytes:
        self.left -= len(data)
        if self.left < 0:
            raise ValueError(f"an answer of more than {MOST_BYTES} bytes")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


_UNREADABLE: Final = (ValueError, RecursionError)
"""What the parser makes of lengths that are none, of endless lines, and of lists within lists without end."""


def _senseless(question: str, error: ValueError | RecursionError) -> CollectError:
    return CollectError(f"{question} was answered with what is none: {error!s:.80}", ProbeFailure.BAD_ANSWER)


def _said(error: RedisError) -> CollectError:
    """Put an error of the library into the words of probes."""
    match error:
        case AuthenticationError() | NoPermissionError():
            reason = ProbeFailure.AUTHENTICATION
        case InvalidResponse():
            reason = ProbeFailure.BAD_ANSWER
        case Broken() if _of_tls(error):
            reason = ProbeFailure.TLS
        case ResponseError():
            refused = str(error).startswith(("NOAUTH", "WRONGPASS", "NOPERM"))
            reason = ProbeFailure.AUTHENTICATION if refused else ProbeFailure.QUERY
        case Broken() if str(error).startswith("Error setting"):
            reason = ProbeFailure.BAD_ANSWER  # somebody is there, and answers the login with what is no answer
        case Broken():
            reason = ProbeFailure.UNREACHABLE
        case _:
            reason = ProbeFailure.QUERY
    return CollectError(str(error), reason)


def _of_tls(error: BaseException) -> bool:
    """Tell whether the library's error was made of one of TLS, however many of its own it put around."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, ssl.SSLError):
        seen = seen.__cause__ or seen.__context__
    return seen is not None
