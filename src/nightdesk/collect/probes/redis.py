"""Redis and Valkey: the time of a PING, and from INFO what the cache did."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from nightdesk.clock import Clock
from nightdesk.collect.attendant import Attendant
from nightdesk.collect.points import NO_LABELS
from nightdesk.collect.probes.address import resolved
from nightdesk.collect.probes.lookups import Lookups
from nightdesk.collect.probes.probe import NETWORK, Probed, ProbeFailure
from nightdesk.errors import CollectError

if TYPE_CHECKING:
    from nightdesk.collect.probes.redis_connection import RedisConnection

FIGURES: Final[Mapping[str, str]] = {
    "keyspace_hits": "redis_keyspace_hits_total",
    "keyspace_misses": "redis_keyspace_misses_total",
    "evicted_keys": "redis_evicted_keys_total",
    "expired_keys": "redis_expired_keys_total",
    "total_commands_processed": "redis_commands_processed_total",
    "rejected_connections": "redis_rejected_connections_total",
    "connected_clients": "redis_connected_clients",
    "blocked_clients": "redis_blocked_clients",
    "used_memory": "redis_memory_used_bytes",
    "maxmemory": "redis_memory_max_bytes",
    "uptime_in_seconds": "redis_uptime_in_seconds",
}
"""Fields of INFO, by redis_exporter's names for them."""


class RedisProbe:
    """A `Probe` of one server over a connection that is kept. The figure is the round trip of one PING."""

    kind = "redis"
    failures = (*NETWORK, ProbeFailure.AUTHENTICATION, ProbeFailure.BAD_ANSWER, ProbeFailure.QUERY)

    def __init__(
        self,
        host: str,
        clock: Clock,
        *,
        port: int = 6379,
        user: str = "",
        password: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare; the library is loaded by `prepare`, the connection made with the first question."""
        self._host, self._port, self._clock, self._tls = host, port, clock, tls
        self._user, self._password = user, password
        self._attendant = Attendant(f"probe redis {host}")
        self._make: type[RedisConnection] | None = None
        self._connection: RedisConnection | None = None
        self.lookups = Lookups()
        """Lookups of the last five minutes, for saying why there is no ratio."""

    async def prepare(self) -> None:
        """Load the library, on a thread of its own; see `Probe.prepare`."""
        self._make = await self._attendant.ask(_library)

    async def ask(self) -> Probed:
        """Ask once; see `Probe.ask`. A kept connection that broke since is made anew, once."""
        if self._connection is not None:
            try:
                return await self._asked(self._connection, None)
            except CollectError as error:
                if error.reason is not ProbeFailure.UNREACHABLE:
                    raise
        started = self._clock.boot()
        connection = await self._connected()
        return await self._asked(connection, self._clock.boot() - started)

    def close(self) -> None:
        """Cut the connection and let the thread go."""
        self._cut()
        self._attendant.close()

    async def _connected(self) -> "RedisConnection":
        make = self._make or _library()
        addresses = await resolved(self._host, self._port, self._attendant)
        trouble: CollectError | None = None
        for address in addresses:
            connection = make(
                address, self._port, user=self._user, password=self._password, tls=self._tls, host=self._host
            )
            try:
                await connection.connect()
            except CollectError as error:
                connection.close()
                if error.reason is not ProbeFailure.UNREACHABLE:
                    raise  # somebody is there, and says no: the other addresses lead to no other
                trouble = error
            except asyncio.CancelledError:
                connection.close()
                raise
            else:
                self._connection = connection
                return connection
        assert trouble is not None
        raise trouble

    async def _asked(self, connection: "RedisConnection", connect_seconds: float | None) -> Probed:
        asked = self._clock.boot()
        try:
            await connection.ask("PING")
            answered = self._clock.boot()
            info = _fields(await connection.ask("INFO"))
        except BaseException:
            # Whatever is under way on it, this connection has an answer outstanding: the next one begins anew.
            self._cut()
            raise
        points = [(name, NO_LABELS, info[key]) for key, name in FIGURES.items() if key in info]
        if connect_seconds is not None:
            points.append(("probe_connect_duration_seconds", NO_LABELS, connect_seconds))
        if "keyspace_hits" in info and "keyspace_misses" in info:
            self.lookups.note(answered, info["keyspace_hits"] + info["keyspace_misses"])
        return Probed(answered - asked, tuple(points))

    def _cut(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _library() -> "type[RedisConnection]":
    from nightdesk.collect.probes.redis_connection import RedisConnection

    return RedisConnection


def _fields(info: bytes) -> Mapping[str, float]:
    """Return the figures of an answer to INFO: lines `name:value`, of which only whole numbers are wanted."""
    lines = (line.partition(b":") for line in info.split(b"\r\n"))
    return {name.decode("latin-1"): float(value) for name, _, value in lines if value.isdigit()}
