"""Redis and Valkey: the time of a PING, and from INFO what the cache did."""

import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from nightdesk.clock import Clock
from nightdesk.collect.attendant import Attendant
from nightdesk.collect.points import NO_LABELS
from nightdesk.collect.probes.address import resolved
from nightdesk.collect.probes.kept import KeptConnection, first_that_answers
from nightdesk.collect.probes.lookups import Lookups
from nightdesk.collect.probes.probe import NETWORK, Probed, ProbeFailure

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
        self._kept: KeptConnection[RedisConnection] = KeptConnection(clock)
        self.lookups = Lookups()
        """Lookups of the last five minutes, for saying why there is no ratio."""

    async def prepare(self) -> None:
        """Load the library, on a thread of its own; see `Probe.prepare`."""
        self._make = await self._attendant.ask(_library)

    async def ask(self) -> Probed:
        """Ask once; see `Probe.ask`."""
        return await self._kept.ask(self._connected, self._asked)

    def close(self) -> None:
        """Cut the connection and let the thread go."""
        self._kept.cut()
        self._attendant.close()

    async def _connected(self) -> "RedisConnection":
        return await first_that_answers(await resolved(self._host, self._port, self._attendant), self._connect)

    async def _connect(self, address: str) -> "RedisConnection":
        make = self._make or _library()
        connection = make(address, self._port, user=self._user, password=self._password, tls=self._tls, host=self._host)
        try:
            await connection.connect()
        except BaseException:
            connection.close()
            raise
        return connection

    async def _asked(self, connection: "RedisConnection") -> Probed:
        asked = self._clock.boot()
        await connection.ask("PING")
        answered = self._clock.boot()
        info = _fields(await connection.ask("INFO"))
        if "keyspace_hits" in info and "keyspace_misses" in info:
            self.lookups.note(answered, info["keyspace_hits"] + info["keyspace_misses"])
        return Probed(
            answered - asked, tuple((name, NO_LABELS, info[key]) for key, name in FIGURES.items() if key in info)
        )


def _library() -> "type[RedisConnection]":
    from nightdesk.collect.probes.redis_connection import RedisConnection

    return RedisConnection


def _fields(info: bytes) -> Mapping[str, float]:
    """Return the figures of an answer to INFO: lines `name:value`, of which only whole numbers are wanted."""
    lines = (line.partition(b":") for line in info.split(b"\r\n"))
    return {name.decode("latin-1"): float(value) for name, _, value in lines if value.isdigit()}
