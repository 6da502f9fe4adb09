"""Reading settings and rules again while the desk runs: all of it or nothing."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nightdesk.alerts.book import Book
from nightdesk.alerts.routing import Router
from nightdesk.app.channels.configured import channels_of, router_of
from nightdesk.app.measuring.collectors import Collectors
from nightdesk.app.measuring.vitals import VitalsReader
from nightdesk.app.rule_groups import rule_groups_of, thresholds_of
from nightdesk.app.settings.settings import Settings
from nightdesk.app.standing.judge import StandingJudge
from nightdesk.clock import Clock
from nightdesk.collect.loop import CollectLoop
from nightdesk.deliver.channels.settings import ChannelSettings
from nightdesk.deliver.process import SenderProcess
from nightdesk.model.rule import RuleGroup
from nightdesk.rules.runner import RuleRunner
from nightdesk.workers import Workers

log = logging.getLogger(__name__)
UNTIL_RESTART: Final = ("desk", "limits", "retention", "tiers", "client")
"""Sections that hold from start to stop: the folder, the sockets and the pace of everything are made of them."""

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
    waiting = [
        f"{section}.{name}"
        for section in UNTIL_RESTART
        for name, value in getattr(new, section)
        if value != getattr(getattr(running, section), name)
    ]
    return new.model_copy(update={section: getattr(running, section) for section in UNTIL_RESTART}), waiting


def check(settings: Settings) -> Checked:
    """Read what the settings name. Raises SettingsError, RuleFileError, Unsafe."""
    return Checked(settings, rule_groups_of(settings), channels_of(settings), router_of(settings))


class LastReload:
    """How the latest reading of settings and rules went; the one at the start, in ms, went well."""

    def __init__(self, at: int) -> None:
        """Remember the start."""
        self.successful, self.success_at = True, at


@dataclass(frozen=True, slots=True)
class Reload:
    """Gives a running desk new rules, thresholds, targets, channels and routes."""

    reread: Reread
    running: Settings
    """What the desk started with; some of it holds until the next start."""
    runner: RuleRunner
    book: Book
    sender: SenderProcess
    collecting: CollectLoop
    collectors: Collectors
    vitals: VitalsReader
    judge: StandingJudge
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
        self.judge.channels.router = new.router
        log.info("settings and rules were read again")
        if waiting:
            log.warning("these changed settings hold from the next start on: %s", ", ".join(waiting))
        # Off the loop, since the book may wait for a disk; shielded, so that an asker who leaves does not stop halfway.
        await asyncio.shield(asyncio.wrap_future(self.chores.submit(lambda: self.book.reroute(new.router))))
        return waiting

    def _read(self) -> tuple[Checked, list[str]]:
        settings, waiting = as_running(self.reread(), self.running)
        return check(settings), waiting
