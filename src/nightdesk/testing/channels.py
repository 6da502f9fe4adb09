"""The use cases of channels over memory, with channels that need no settings file."""

from collections.abc import Mapping
from typing import Final

from nightdesk.alerts.routing import Route, Router
from nightdesk.app.channels.desk import ChannelDesk
from nightdesk.app.channels.proofs import Proofs
from nightdesk.clock import Clock
from nightdesk.deliver.settings.channels import ChannelSettings, ConsoleSettings, Secret, WebhookSettings
from nightdesk.store.records.confirmations import StoredConfirmations
from nightdesk.store.records.memory import MemoryRecords
from nightdesk.store.records.schema import STATE
from nightdesk.store.sqlite import Database
from nightdesk.workers import Executor

CHANNELS: Final[Mapping[str, ChannelSettings]] = {
    "console": ConsoleSettings(),
    "phone": WebhookSettings(Secret("http://127.0.0.1:9/hook")),
}
ROUTER: Final = Router([Route.of("console", "phone")], local=("console",))


def confirmations_in_memory() -> StoredConfirmations:
    """Return confirmations that end with the test."""
    return StoredConfirmations(Database.in_memory(STATE))


def a_channel_desk(
    records: MemoryRecords, clock: Clock, executor: Executor, channels: Mapping[str, ChannelSettings] = CHANNELS
) -> ChannelDesk:
    """Build the use cases; nothing carries the messages, which stay in `records`."""
    return ChannelDesk(
        channels=lambda: channels,
        router=ROUTER,
        proofs=Proofs(confirmations_in_memory(), "k" * 43, lambda: channels),
        records=records,
        fates=records,
        wake=lambda: None,
        clock=clock,
        executor=executor,
    )
