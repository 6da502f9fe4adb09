"""The use cases around channels: which there are, whether they reach a person, a test, and its confirmation."""

import asyncio
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar

from nightdesk.alerts.routing import Router
from nightdesk.app.channels.proofs import Proofs
from nightdesk.app.standing.standing import UNCONFIRMED, StandingWarning, WarningCode
from nightdesk.app.tokens import Brake, read_or_make_token
from nightdesk.clock import Clock
from nightdesk.deliver.courier import Courier
from nightdesk.deliver.reporter import ChannelHealth
from nightdesk.deliver.senders.process import SenderProcess
from nightdesk.deliver.settings.channels import ChannelSettings, DesktopSettings, leaves_machine
from nightdesk.errors import Exceeded, Refused
from nightdesk.model.alert import Severity
from nightdesk.model.confirmation import Confirmation
from nightdesk.model.notice import Attempt, DeliveryState, OutboxEntry
from nightdesk.seams.alerts import AlertRecords, OutboxFates
from nightdesk.store.folder import DataFolder
from nightdesk.store.records.spill import SpillingRecords
from nightdesk.workers import Executor

T = TypeVar("T")

KEY_FILE: Final = "channels.key"
"""In the data folder, mode 0600: what codes and settings are hashed with."""
MOST_DETAIL: Final = 160
_GUESSER: Final = "codes"
"""All who confirm share one brake: a code is short, and who may confirm holds the desk's token anyway."""


class ChannelState(Enum):
    """What is known of a channel."""

    LOCAL = "local"
    """It is told on this machine, and a person away from it hears nothing."""
    CONFIRMED = "confirmed"
    """A person has confirmed a test with the settings that it has now."""
    CHANGED = "changed"
    """It was confirmed with other settings."""
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class ChannelStanding:
    """One channel as it stands. Instants in milliseconds."""

    name: str
    kind: str
    off_machine: bool
    severities: tuple[Severity, ...]
    """Which general routes take there, highest first."""
    state: ChannelState
    confirmed_at: int | None
    """When it was confirmed with the settings that it has now."""
    tested: OutboxEntry | None
    """The message of its latest test, while the outbox keeps it."""


class ChannelDesk:
    """Lists, tests and confirms channels. Its coroutines belong to one event loop; the disk is left to `executor`."""

    def __init__(
        self,
        *,
        channels: Callable[[], Mapping[str, ChannelSettings]],
        router: Router,
        proofs: Proofs,
        records: AlertRecords,
        fates: OutboxFates,
        wake: Callable[[], None],
        clock: Clock,
        executor: Executor,
    ) -> None:
        """Ask `channels` for the settings in use; `wake` tells the courier of a message."""
        self.router = router
        """The routes in use; a reload replaces them."""
        self._channels, self._proofs = channels, proofs
        self._records, self._fates, self._wake = records, fates, wake
        self._clock, self._executor = clock, executor
        self._brake = Brake(clock)

    async def standings(self) -> list[ChannelStanding]:
        """Return every channel as it stands, in the order of the settings, the console first."""
        return await self._aside(lambda: [self._standing(name) for name in self._channels()])

    async def test(self, channel: str) -> ChannelStanding:
        """Send a test with a new code through the channel's own way, and return at once.

        What becomes of it shows in `standings`: it is tried once, and its failure has its reason.

        Raises:
            Refused: there is no such channel, or a test of it is on its way.
            StoreError: it could not be written down; nothing was sent.
        """
        return await self._aside(lambda: self._begin(channel))

    async def confirm(self, code: str) -> Confirmation:
        """Take the code that a test brought: its channel reaches a person.

        Raises:
            Refused: no test that still waits has this code, or its message failed: whoever knows the code read it here.
            Exceeded: too many wrong codes came within a minute.
            StoreError: it could not be written down.
        """
        wait = self._brake.seconds_left(_GUESSER)
        if wait:
            raise Exceeded(f"too many wrong codes: try again in {wait:.0f} s")
        confirmed = await self._aside(lambda: self._confirm(code))
        if confirmed is None:
            self._brake.note_wrong(_GUESSER)
            raise Refused("no test that is open has this code: it is unknown, used, or older than a day; test again")
        if not self._proofs.is_current(confirmed):
            raise Refused(f"the settings of {confirmed.channel} have changed since this test: test it again")
        return confirmed

    def warnings(self, health: Sequence[ChannelHealth]) -> Iterator[StandingWarning]:
        """Say who cannot be told: away from this machine, of a severity, by a channel whose latest message failed."""
        away = self.router.away(Severity.CRITICAL)
        if not any(self._proofs.confirmed_at(channel) is not None for channel in away):
            yield UNCONFIRMED
        for severity in self.router.uncovered():
            text = f"No route takes every {severity.value} alert: some reach nobody."
            yield StandingWarning(WarningCode.SEVERITY_UNROUTED, text)
        for each in health:
            if each.last is not None and each.last.failure is not None:
                yield StandingWarning(WarningCode.CHANNEL_FAILS, self._failing(each.channel, each.last))

    def _failing(self, channel: str, last: Attempt) -> str:
        assert last.failure is not None
        if isinstance(self._channels().get(channel), DesktopSettings):
            why = textwrap.shorten(last.detail or last.failure.value, MOST_DETAIL, placeholder=" ...")
            return f"Desktop notifications cannot be shown: {why}; they are told on the console."
        return f"The last message to {channel} failed: {last.failure.value}."

    def _begin(self, channel: str) -> ChannelStanding:
        if channel not in self._channels():
            known = ", ".join(self._channels())
            raise Refused(f"there is no channel {channel!r} in the settings: write one of {known}")
        if _is_on_its_way(self._tested(channel)):
            raise Refused(f"a test of {channel} is on its way: wait for what becomes of it")
        self._records.record([], [self._proofs.begin(channel, self._clock.now())])
        self._wake()
        return self._standing(channel)

    def _confirm(self, code: str) -> Confirmation | None:
        test = self._proofs.test_of(code)
        entry = self._fates.find(test.key) if test is not None else None
        if test is not None and entry is not None and entry.state is DeliveryState.UNDELIVERABLE:
            raise Refused(f"the test of {test.channel} failed, so its code shows nothing: test it again")
        return self._proofs.confirm(code, self._clock.now())

    def _standing(self, name: str) -> ChannelStanding:
        settings, router = self._channels()[name], self.router
        confirmed_at = self._proofs.confirmed_at(name)
        away = leaves_machine(settings)
        if not away:
            state = ChannelState.LOCAL
        elif confirmed_at is not None:
            state = ChannelState.CONFIRMED
        else:
            state = ChannelState.CHANGED if self._proofs.was_confirmed(name) else ChannelState.UNCONFIRMED
        severities = tuple(severity for severity in reversed(Severity) if router.uses(name, severity))
        return ChannelStanding(name, settings.kind, away, severities, state, confirmed_at, self._tested(name))

    def _tested(self, channel: str) -> OutboxEntry | None:
        test = self._proofs.last_test(channel)
        return self._fates.find(test.key) if test is not None else None

    async def _aside(self, work: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._executor.submit(work))


def _is_on_its_way(entry: OutboxEntry | None) -> bool:
    return entry is not None and entry.state in (DeliveryState.QUEUED, DeliveryState.LEASED)


def open_channels(
    folder: DataFolder,
    records: SpillingRecords,
    sender: SenderProcess,
    courier: Courier,
    router: Router,
    clock: Clock,
    executor: Executor,
) -> ChannelDesk:
    """Put the channels of a desk together. Raises StoreError, Unsafe: the folder or its key cannot be used."""
    proofs = Proofs(records.confirmations, read_or_make_token(folder.path / KEY_FILE), lambda: sender.channels)
    return ChannelDesk(
        channels=lambda: sender.channels,
        router=router,
        proofs=proofs,
        records=records,
        fates=records,
        wake=courier.wake,
        clock=clock,
        executor=executor,
    )
