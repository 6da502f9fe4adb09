"""Reading settings and rules again while the desk runs: all of it or nothing."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nightdesk.alerts.book import Book
from nightdesk.alerts.routing import Router
from nightdesk.app.channels import channels_of, router_of
from nightdesk.app.collectors import Collectors
from nightdesk.app.rule_groups import rule_groups_of, thresholds_of
from nightdesk.app.settings.settings import Settings
from nightdesk.app.standing_judge import StandingJudge
from nightdesk.app.vitals import VitalsReader
from nightdesk.collect.loop import CollectLoop
from nightdesk.deliver.channels.settings import ChannelSettings
from nightdesk.deliver.process import SenderProcess
from nightdesk.model.rule import RuleGroup
from nightdesk.rules.runner import RuleRunner
from nightdesk.workers import Workers

log = logging.getLogger(__name__)
NEEDS_RESTART: Final = ("data", "bind", "port", "auth", "behind_proxy", "tls_cert", "tls_key", "hosts", "interval")


Reread = Callable[[], Settings]
"""Reads the settings as at the start. Raises SettingsError, Unsafe."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Settings with everything that they name, read and found good."""

    settings: Settings
    groups: list[RuleGroup]
    channels: dict[str, ChannelSettings]
    router: Router


def check(settings: Settings) -> Checked:
    """Read what the settings name. Raises SettingsError, RuleFileError, Unsafe."""
    return Checked(settings, rule_groups_of(settings), channels_of(settings), router_of(settings))


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

    async def __call__(self) -> None:
        """Read everything, then use everything. Raises SettingsError, RuleFileError, Unsafe; then the old ones stay."""
        new = await asyncio.wrap_future(self.chores.submit(lambda: check(self.reread())))
        collectors = self.collectors.of(new.settings)
        self.runner.replace(new.groups)
        self.book.reroute(new.router)
        self.sender.replace(new.channels, public_url=new.settings.desk.public_url)
        self.collecting.replace(collectors)
        self.vitals.use(thresholds_of(new.settings))
        self.judge.router = new.router
        self._tell_what_waits(new.settings)

    def _tell_what_waits(self, new: Settings) -> None:
        """Log the settings that changed and need a restart."""
        waiting = [name for name in NEEDS_RESTART if getattr(new.desk, name) != getattr(self.running.desk, name)]
        if new.limits != self.running.limits:
            waiting.append("limits")
        log.info("settings and rules were read again")
        if waiting:
            log.warning("these changed settings hold from the next start on: %s", ", ".join(waiting))
