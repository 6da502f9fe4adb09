"""Sending through processes that can be killed: a server that drips a byte a second holds up nobody for ever.

Timeouts of a mail or HTTP library count from byte to byte, and a dead resolver listens to none at all; only ending the
process keeps a total deadline.
"""

import asyncio
import socket
from collections.abc import Mapping
from typing import Final

from nightdesk.clock import Clock
from nightdesk.deliver.outcome import Outcome
from nightdesk.deliver.render import Place
from nightdesk.deliver.senders.wire import Job, dump_job, load_outcome
from nightdesk.deliver.senders.worker import CORE, SERVICES, Worker, WorkerEnded
from nightdesk.deliver.settings.channels import ChannelSettings, DesktopSettings, ServiceSettings
from nightdesk.model.notice import Attempt, FailureReason, Notice

IDLE_SECONDS: Final = 60.0


class SenderProcess:
    """A `Sender` with one killable process for each channel. Belongs to one event loop."""

    def __init__(
        self,
        channels: Mapping[str, ChannelSettings],
        clock: Clock,
        *,
        public_url: str = "",
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        """Start nothing yet; `public_url` is where people reach the desk, for links in messages."""
        self._channels, self._clock, self._idle_seconds = dict(channels), clock, idle_seconds
        self._place = Place(socket.gethostname(), public_url)
        self._workers: dict[tuple[str, str], Worker] = {}
        """By channel, and by the kind of process that its settings ask for."""

    @property
    def channels(self) -> Mapping[str, ChannelSettings]:
        """The channels in use, by name."""
        return self._channels

    def is_desktop(self, channel: str) -> bool:
        """Say whether a channel shows its messages on this machine's desktop."""
        return isinstance(self._channels.get(channel), DesktopSettings)

    @property
    def pids(self) -> list[int]:
        """Ids of the processes that run now."""
        return [worker.pid for worker in self._workers.values() if worker.pid is not None]

    def replace(self, channels: Mapping[str, ChannelSettings], *, public_url: str = "") -> None:
        """Use other channels from the next message on; a process holds no settings, so none is ended."""
        self._channels = dict(channels)
        self._place = Place(self._place.host, public_url)

    async def send(self, notice: Notice, seconds: float) -> Attempt:
        """Try once within a total deadline, never outlasting it by 1 s; whatever goes wrong is an answer."""
        settings = self._channels.get(notice.channel)
        if settings is None:
            outcome = Outcome(FailureReason.CONFIG, f"no channel {notice.channel} in the settings")
        else:
            outcome = await self._carry(Job(settings, notice, self._place, seconds))
        return Attempt(self._clock.now(), outcome.failure, outcome.detail, outcome.retry_after)

    async def close(self) -> None:
        """End every process; a message in hand is waited for by whoever sends it."""
        await asyncio.gather(*(worker.close() for worker in self._workers.values()))
        self._workers.clear()

    async def _carry(self, job: Job) -> Outcome:
        module = SERVICES if isinstance(job.settings, ServiceSettings) else CORE
        worker = self._workers.setdefault((job.notice.channel, module), Worker(self._idle_seconds, module))
        try:
            async with asyncio.timeout(job.seconds):
                return load_outcome(await worker.carry(dump_job(job)))
        except TimeoutError:
            return Outcome(FailureReason.DEADLINE, f"not done within {job.seconds:g} s; the sender process was ended")
        except WorkerEnded as error:
            return Outcome(FailureReason.CRASHED, str(error))
        except (ValueError, KeyError, TypeError) as error:
            return Outcome(FailureReason.CRASHED, f"the sender process answered no outcome: {type(error).__name__}")
