"""The socket Collector, on the fake, the host and a scraped target."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from nightdesk.collect.accelerators.collector import AcceleratorCollector
from nightdesk.collect.collector import Collector
from nightdesk.collect.host.collector import HostCollector
from nightdesk.collect.intake.scrape import ScrapeTarget
from nightdesk.model.labels import Labels
from nightdesk.testing.collectors import ScriptedCollector
from nightdesk.testing.contracts.collector import CollectorContract
from nightdesk.testing.machines import strix_halo
from nightdesk.testing.servers.exporter import Exporter
from nightdesk.testing.servers.raw_server import RawServer, silent


class TestScriptedCollector(CollectorContract):
    @contextmanager
    def make(self) -> Iterator[Collector]:
        series = Labels.of("orders", job="scripted", instance="localhost")
        yield ScriptedCollector(script={series: 1.0})

    @contextmanager
    def hanging(self) -> Iterator[Collector]:
        collector = ScriptedCollector()
        collector.hangs = True
        yield collector


class TestHostCollector(CollectorContract):
    @contextmanager
    def make(self) -> Iterator[Collector]:
        yield HostCollector(1.0, instance="this")


class TestAcceleratorCollector(CollectorContract):
    @contextmanager
    def make(self) -> Iterator[Collector]:
        with TemporaryDirectory() as folder:
            strix_halo(Path(folder))
            yield AcceleratorCollector(1.0, folder, instance="this")


class TestScrapeTarget(CollectorContract):
    @contextmanager
    def make(self) -> Iterator[Collector]:
        with Exporter() as exporter:
            exporter.set("orders", 1.0)
            exporter.set('fills{side="buy"}', 2.0)
            yield ScrapeTarget(f"http://127.0.0.1:{exporter.port}/metrics", "bot")

    @contextmanager
    def hanging(self) -> Iterator[Collector]:
        with RawServer(silent) as server:
            yield ScrapeTarget(f"http://127.0.0.1:{server.port}/metrics", "bot")
