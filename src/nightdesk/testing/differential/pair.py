"""A Prometheus that scrapes a lively exporter and forwards to a desk by remote write; both are asked the same."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.differential.lively_exporter import LivelyExporter
from nightdesk.testing.servers.prometheus_server import PrometheusServer, ask_json

INTERVAL_MS: Final = 250
LOOKBACK: Final = "1350ms"
"""Short, so that what looks back further than series last falls silent."""
GRID: Final = 50
"""Ms."""
BESIDE: Final = 5
"""Ms by which the windows of subqueries within others are off the grid."""
PATIENCE_SECONDS: Final = 60.0
SETTINGS: Final = "[rules]\nshipped = false\n"
SENT: Final = (
    "up",
    "plain",
    "requests_total",
    "temperature",
    "latency_seconds_bucket",
    "text",
    "scrape_samples_scraped",
)
"""Families by which it is judged whether all has arrived: one queue sends them in order."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Both servers, and the instants between which both hold the same samples; ms."""

    desk: DeskProcess
    prometheus: PrometheusServer
    first: int
    last: int

    def ask(self, path: str, theirs: str = "", **parameters: str) -> tuple[Any, Any]:
        """Ask both, Prometheus another query where one is given; its answer is the second."""
        other = {**parameters, "query": theirs} if theirs else parameters
        return ask_json(self.desk.url + path, parameters), self.prometheus.ask(path, **other)

    def sampled(self) -> list[int]:
        """Return the instants of all samples of `up`, ms."""
        told = ask_json(self.desk.url + "/api/v1/query", {"query": "up[1h]", "time": f"{self.last / 1000:.3f}"})
        return sorted({round(at * 1000) for row in told["data"]["result"] for at, _ in row["values"]})

    def between(self, shares: Sequence[float]) -> list[int]:
        """Return instants at these shares of the span, so that no window and no step of a subquery ends on a sample.

        Windows of 3 are open on the left, those of 2.42 closed. All ranges, offsets and steps are multiples of `GRID`,
        so it is the rest that decides, and one that no sample has; on a busy machine scrapes take many.
        """
        span = self.last - self.first
        return [(self.first + round(share * span)) // GRID * GRID + self.rest for share in shares]

    @property
    def rest(self) -> int:
        """Ms beyond a multiple of `GRID` that the fewest samples have; not 0, which the steps of subqueries have."""
        rests = Counter(at % GRID for at in self.sampled())
        return min((each for each in range(1, GRID) if each != BESIDE), key=lambda each: rests[each])

    @property
    def shift(self) -> int:
        """Ms by which a look back from a step of a subquery ends on that rest."""
        return GRID - self.rest


@contextmanager
def running_pair(folder: Path, scrapes: int) -> Iterator[Pair]:
    """Run both until so many scrapes have been forwarded; the first instant is that of the first scrape.

    One target is taken away on the way, so that its series end with stale markers.
    """
    with ExitStack() as stack:
        exporter = stack.enter_context(LivelyExporter())
        desk = stack.enter_context(
            DeskProcess(folder, "--no-collect", "--no-auth", "--retention", "100y", settings=SETTINGS)
        )
        targets = folder / "gone.yml"
        targets.write_text(f'[{{targets: ["127.0.0.1:{exporter.port}"]}}]')
        prometheus = stack.enter_context(
            PrometheusServer(
                folder, _configuration(exporter.port, desk.url, targets), f"--query.lookback-delta={LOOKBACK}"
            )
        )
        wait_until(lambda: _count(prometheus.url, 'count_over_time(up{job="gone"}[1h])') >= scrapes // 3,
                   PATIENCE_SECONDS, "the first scrapes")  # fmt: skip
        targets.write_text("[]")
        wait_until(lambda: _count(prometheus.url, 'count_over_time(up{job="a"}[1h])') >= scrapes,
                   PATIENCE_SECONDS + scrapes, "the scrapes")  # fmt: skip
        last = round(1000 * _value(prometheus.url, 'timestamp(up{job="a"})')) - INTERVAL_MS
        held = " + ".join(f"sum(count_over_time({name}[1h] @ {last / 1000:.3f}))" for name in SENT)
        wait_until(lambda: _value(desk.url, held) == _value(prometheus.url, held) > 0,
                   PATIENCE_SECONDS, "the same samples on both sides")  # fmt: skip
        first = round(
            1000 * _value(prometheus.url, f'min(min_over_time(timestamp(up{{job="a"}})[1h:{INTERVAL_MS}ms]))')
        )
        yield Pair(desk, prometheus, first, last)


def _configuration(port: int, url: str, targets: Path) -> str:
    def job(name: str, path: str, of: str) -> str:
        return f"- {{job_name: {name}, metrics_path: {path}, {of}}}\n"

    static = f'static_configs: [{{targets: ["127.0.0.1:{port}"]}}]'
    return (
        f"global: {{scrape_interval: {INTERVAL_MS}ms, scrape_timeout: {INTERVAL_MS}ms, evaluation_interval: 1m}}\n"
        "scrape_configs:\n"
        + job("a", "/a", static)
        + job("b", "/b", static)
        + job("gone", "/gone", f'file_sd_configs: [{{files: ["{targets}"], refresh_interval: 1s}}]')
        + f'remote_write: [{{url: "{url}/api/v1/write", queue_config: {{batch_send_deadline: 200ms}}, '
        "metadata_config: {send_interval: 1s}}]\n"
    )


def _value(url: str, query: str) -> float:
    """Return the one value of a query, 0 where it has none."""
    result = ask_json(f"{url}/api/v1/query", {"query": query})["data"]["result"]
    return float(result[0]["value"][1]) if result else 0.0


def _count(url: str, query: str) -> float:
    return _value(url, query)
