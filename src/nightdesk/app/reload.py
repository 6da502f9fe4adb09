"""Reading settings and rules again while the desk runs: all of it or nothing."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nightdesk.alerts.book import Book
from nightdesk.alerts.routing import Router
from nightdesk.app.channels.configured import channels_of, router_of
from nightdesk.app.channels.desk import ChannelDesk
from nightdesk.app.measuring.collectors import Collectors
from nightdesk.app.measuring.vitals import VitalsReader
from nightdesk.app.rule_groups import rule_groups_of, thresholds_of
from nightdesk.app.settings.kinds import Section
from nightdesk.app.settings.settings import Settings
from nightdesk.clock import Clock
from nightdesk.collect.loop import CollectLoop
from nightdesk.deliver.senders.process import SenderProcess
from nightdesk.deliver.settings.channels import ChannelSettings
from nightdesk.model.rule import RuleGroup
from nightdesk.rules.runner import RuleRunner
from nightdesk.workers import Workers

log = logging.getLogger(__name__)
UNTIL_RESTART: Final = ("desk", "limits", "client")
"""Sections that hold from start to stop: the folder, the sockets and the pace of everything are made of them."""
AT_ONCE: Final = frozenset({"desk.retention"})
"""What of these is taken nevertheless: how long samples stay is asked anew at each look at what is to go."""

Reread = Callable[[], Settings]
"""Reads the settings as at the start. Raises SettingsError, Unsafe."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Settings with everything that they name, read and found good."""

    settings: Settings
    groups: list[RuleGroup]
    channels: dict[str, ChannelSettings]
    router: Router


def as_running(new: Settings, running: Settings) -> tuple[Settings, list[str]]:
    """Return settings with what holds until the next start put back as it runs, and the names of what waits for it.

    Nothing may see the new values before: rules at another interval than the collectors' would find no samples.
    """
    waiting: list[str] = []
    used: dict[str, Section] = {}
    for section in UNTIL_RESTART:
        mine, theirs = dict(getattr(running, section)), dict(getattr(new, section))
        taken = {name: theirs[name] for name in mine if f"{section}.{name}" in AT_ONCE}
        waiting += [f"{section}.{name}" for name in mine if name not in taken and mine[name] != theirs[name]]
        used[section] = getattr(running, section).model_copy(update=taken)
    return new.model_copy(update=used), waiting


def check(settings: Settings) -> Checked:
    """Read what the settings name. Raises SettingsError, RuleFileError, Unsafe."""
    return Checked(settings, rule_groups_of(settings), channels_of(settings), router_of(settings))


class LastReload:
    """How the latest reading of settings and rules went, and what holds; the one at the start, in ms, went well."""

    def __init__(self, at: int, settings: Settings) -> None:
        """Remember the start."""
        self.successful, self.success_at = True, at
        self.settings = settings
        """What the desk goes by now."""


@dataclass(frozen=True, slots=True)
class Reload:
    """Gives a running desk new rules, thresholds, targets, channels, routes and times to keep samples for."""

    reread: Reread
    running: Settings
    """What the desk started with; some of it holds until the next start."""
    runner: RuleRunner
    book: Book
    sender: SenderProcess
    collecting: CollectLoop
    collectors: Collectors
    vitals: VitalsReader
    channels: ChannelDesk
    retain: Callable[[Settings], None]
    """Makes samples and tiers stay as long as settings say; waits for a step of housekeeping."""
    chores: Workers
    clock: Clock
    last: LastReload

    async def __call__(self) -> list[str]:
        """Read everything, then use everything; return which changed settings hold from the next start on.

        Raises SettingsError, RuleFileError, Unsafe; then the old ones stay.
        """
        try:
            waiting = await self._read_and_use()
        except Exception as error:
            self.last.successful = False
            log.error("settings and rules were not taken, the old ones stay: %s", error)  # noqa: TRY400 - for a person
            raise
        self.last.successful, self.last.success_at = True, self.clock.now()
        return waiting

    async def _read_and_use(self) -> list[str]:
        new, waiting = await asyncio.wrap_future(self.chores.submit(self._read))
        collectors = self.collectors.of(new.settings)
        self.runner.replace(new.groups)
        self.sender.replace(new.channels, public_url=new.settings.desk.public_url)
        self.collecting.replace(collectors)
        self.vitals.use(thresholds_of(new.settings))
        self.channels.router = new.router
        self.last.settings = new.settings
        log.info("settings and rules were read again")
        if waiting:
            log.warning("these changed settings hold from the next start on: %s", ", ".join(waiting))
        # Off the loop, since both may wait for a disk; shielded, so that an asker who leaves does not stop halfway.
        await asyncio.shield(asyncio.wrap_future(self.chores.submit(lambda: self._use_slowly(new))))
        return waiting

    def _use_slowly(self, new: Checked) -> None:
        self.retain(new.settings)
        self.book.reroute(new.router)

    def _read(self) -> tuple[Checked, list[str]]:
        settings, waiting = as_running(self.reread(), self.running)
        return check(settings), waiting
