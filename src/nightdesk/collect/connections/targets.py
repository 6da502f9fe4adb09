"""A watched target: which connections have it at one end."""

from ipaddress import ip_address
from typing import Final

from nightdesk.clock import Clock
from nightdesk.collect.attendant import Attendant
from nightdesk.collect.collector import CollectFailure
from nightdesk.collect.connections.established import Established, packed
from nightdesk.collect.intake.addresses import addresses_of
from nightdesk.errors import CollectError

LOOK_SECONDS: Final = 60.0
"""How often a name is resolved anew."""
ANYWHERE: Final = "*"
"""As host: the port at whatever address."""


class WatchedTarget:
    """`host:port`, as the settings write it; `*:port` for a port at any address."""

    def __init__(self, target: str, resolver: Attendant, clock: Clock) -> None:
        """Watch this target; its name is resolved with the first look."""
        host, _, port = target.rpartition(":")
        self.name = target
        self._host, self._port = host.strip("[]"), int(port)
        self._resolver, self._clock = resolver, clock
        self._addresses: frozenset[bytes] = frozenset()
        self._looked_at = -1e9
        self.trouble = ""
        """Why nothing can be said of it, as a sentence; empty where all is well."""

    async def look(self) -> None:
        """Resolve the name where it is time to; the addresses of before stay where that fails."""
        if self._host == ANYWHERE or self._clock.boot() - self._looked_at < LOOK_SECONDS:
            return
        try:
            found = await addresses_of(self._host, self._port, self._resolver)
        except CollectError as error:
            busy = error.reason is CollectFailure.BUSY
            self.trouble = "" if self._addresses else f"{self.name} cannot be resolved{'' if busy else f': {error}'}"
            return
        self._looked_at, self.trouble = self._clock.boot(), ""
        self._addresses = frozenset(packed(ip_address(each)) for each in found)

    def is_end_of(self, each: Established) -> bool:
        """Return whether the target is at either end of a connection."""
        return any(
            port == self._port and (self._host == ANYWHERE or address in self._addresses)
            for address, port in (each.local, each.remote)
        )
