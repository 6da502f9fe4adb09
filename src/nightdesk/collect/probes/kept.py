"""A connection that is kept from one question to the next, and made anew where it broke since."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Final, Generic, Protocol, TypeVar

from nightdesk.clock import Clock
from nightdesk.collect.points import NO_LABELS, Point
from nightdesk.collect.probes.probe import Probed, ProbeFailure
from nightdesk.errors import CollectError

CONNECT_SECONDS: Final = "probe_connect_duration_seconds"


class Closing(Protocol):
    """A connection, as far as keeping it goes."""

    def close(self) -> None:
        """Cut it, waiting for nobody."""
        ...


Connection = TypeVar("Connection", bound=Closing)


class KeptConnection(Generic[Connection]):
    """At most one connection, on which one question is asked at a time. `Connection` is the library's, wrapped."""

    def __init__(self, clock: Clock) -> None:
        """Keep nothing yet."""
        self._clock = clock
        self._kept: Connection | None = None

    async def ask(
        self, connected: Callable[[], Awaitable[Connection]], asked: Callable[[Connection], Awaitable[Probed]]
    ) -> Probed:
        """Ask on what is kept, or else on what `connected` makes; the time of connecting is a point of its own.

        Raises:
            CollectError: whatever connecting or asking raises; a kept connection that turns out to be broken is no
                failure of the target's, and is replaced once.
        """
        if self._kept is not None:
            try:
                return await self._on(self._kept, asked)
            except CollectError as error:
                if error.reason is not ProbeFailure.UNREACHABLE:
                    raise
        started = self._clock.boot()
        self._kept = await connected()
        point: Point = (CONNECT_SECONDS, NO_LABELS, self._clock.boot() - started)
        probed = await self._on(self._kept, asked)
        return replace(probed, points=(*probed.points, point))

    def cut(self) -> None:
        """Close what is kept."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    async def _on(self, connection: Connection, asked: Callable[[Connection], Awaitable[Probed]]) -> Probed:
        try:
            return await asked(connection)
        except BaseException as error:
            # A query that was refused has its answer. Whatever else ends a question leaves one outstanding on this
            # connection: the next question begins anew.
            if not (isinstance(error, CollectError) and error.reason is ProbeFailure.QUERY):
                self.cut()
            raise


async def first_that_answers(addresses: Iterable[str], connect: Callable[[str], Awaitable[Connection]]) -> Connection:
    """Return a connection to the first address where somebody is, in order; `connect` closes what it gives up.

    Raises:
        CollectError: nobody is at any of them; or somebody is and says no, for the others lead to no other.
    """
    trouble: CollectError | None = None
    for address in addresses:
        try:
            return await connect(address)
        except CollectError as error:
            if error.reason is not ProbeFailure.UNREACHABLE:
                raise
            trouble = error
    assert trouble is not None
    raise trouble
