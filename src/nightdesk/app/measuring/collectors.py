"""Which collectors a desk runs: the host, its own figures, and the targets of the settings."""

from collections.abc import Mapping, Sequence
from typing import Final

from nightdesk.app.figures.gather import OwnCollector, Source
from nightdesk.app.measuring.accelerators import Accelerators
from nightdesk.app.measuring.filesystems import reason_without_disks
from nightdesk.app.measuring.probes import Probes
from nightdesk.app.settings.settings import ScrapeSettings, Settings
from nightdesk.app.trading.following import Following
from nightdesk.clock import Clock
from nightdesk.collect.collector import Collector
from nightdesk.collect.host.collector import HostCollector
from nightdesk.collect.host.reader import FamilyFailure
from nightdesk.collect.intake.scrape import ScrapeTarget, target_url
from nightdesk.model.instant import SECOND
from nightdesk.workers import Workers

OWN_SECONDS: Final = 5.0
"""How often the desk's own figures are stored, or at the desk's interval where that is longer."""


class Collectors:
    """Makes collectors, and keeps those whose settings did not change over a reload."""

    def __init__(
        self,
        clock: Clock,
        sources: Sequence[Source],
        chores: Workers,
        accelerators: Accelerators | None = None,
        following: Following | None = None,
    ) -> None:
        """Give the desk's own collector its sources; they may be added to later."""
        self._clock, self._sources, self._chores = clock, sources, chores
        self._accelerators = accelerators or Accelerators(clock)
        self._probes = Probes(clock)
        self._following = following
        self._kept: dict[str, Collector] = {}

    def host_failures(self) -> Mapping[tuple[str, FamilyFailure], int]:
        """Return how often each family of host metrics could not be read; empty where the host is not measured."""
        host = next((each for each in self._kept.values() if isinstance(each, HostCollector)), None)
        return host.failures if host is not None else {}

    def reason(self, vital: str) -> str | None:
        """Return why a vital has no value, as a sentence; None where nobody here knows of a reason."""
        if vital == "disk_usage":
            return reason_without_disks()
        return self._accelerators.reason(vital) or self._probes.reason(vital)

    def note(self, vital: str) -> str | None:
        """Return what the value of a vital does not tell, as a sentence; None where that is nothing."""
        return self._probes.note(vital)

    def of(self, settings: Settings) -> list[Collector]:
        """Return the collectors of these settings; equal settings give the same object again."""
        interval = settings.desk.interval / SECOND
        wanted: dict[str, Collector] = {}
        if settings.desk.collect:
            host = self._kept.get(f"host {interval}") or HostCollector(interval, clock=self._clock)
            instance = host.target.get("instance")
            own = self._kept.get(f"own {interval}") or OwnCollector(
                self._sources, max(interval, OWN_SECONDS), instance, self._chores
            )
            wanted = {f"host {interval}": host, f"own {interval}": own}
        wanted.update(self._accelerators.of(settings))
        wanted.update(self._probes.of(settings))
        wanted.update(self._following.of(settings) if self._following else {})
        for scrape in settings.scrape:
            for target in scrape.targets:
                key = f"scrape {target} {scrape.model_dump_json(exclude={'targets'})}"
                wanted[key] = self._kept.get(key) or _scrape(scrape, target)
        self._kept = wanted
        return list(wanted.values())


def _scrape(scrape: ScrapeSettings, target: str) -> Collector:
    return ScrapeTarget(
        target_url(target, scrape.metrics_path),
        scrape.job,
        interval=scrape.interval / SECOND,
        timeout=scrape.timeout / SECOND,
        labels=scrape.labels,
        sample_limit=scrape.sample_limit,
    )
