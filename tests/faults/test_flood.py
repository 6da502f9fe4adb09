"""A flood of new series, by remote write and by scrape: bounded memory, old series untouched, counted, an alert."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from nightdesk.model.labels import Labels
from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.remote_write import WRITE_HEADERS, label_block, snappy, time_series

OLD = 1_000
A_BODY = 5_000
MOST_MEGABYTES = 600
ALERT_SECONDS = 60.0


def peak_megabytes(desk: DeskProcess) -> float:
    """Return the most memory that the desk has held."""
    (line,) = [each for each in Path(f"/proc/{desk.pid}/status").read_text().splitlines() if each.startswith("VmHWM")]
    return int(line.split()[1]) / 1_024


def alerts(desk: DeskProcess) -> set[tuple[str, str]]:
    """Return name and reason of each alert that fires."""
    firing = [each for each in desk.json("/api/v1/alerts")["data"]["alerts"] if each["state"] == "firing"]
    return {(each["labels"]["alertname"], each["labels"].get("reason", "")) for each in firing}


def write(desk: DeskProcess, blocks: list[bytes], value: float) -> int:
    """Write one sample of each series and return the status."""
    at = time.time_ns() // 1_000_000
    body = snappy(b"".join(time_series(block, [(at, value)]) for block in blocks))
    return desk.request("/api/v1/write", body, WRITE_HEADERS, seconds=60)[0]


def flood(desk: DeskProcess, offered: int) -> int:
    """Offer new series by remote write, and after each body samples of the old ones; return how often those went."""
    old = [label_block(Labels.of("old", i=str(number))) for number in range(OLD)]
    assert write(desk, old, 0.0) == 204
    rounds = 0
    for first in range(0, offered, A_BODY):
        new = [
            label_block(Labels.of("new", job="flood", instance="10.0.0.1:9100", id=f"{number:08d}"))
            for number in range(first, first + A_BODY)
        ]
        assert write(desk, new, 1.0) in (204, 400)
        rounds += 1
        assert write(desk, old, float(rounds)) == 204, "an old series was refused"
    return rounds


def assert_flood_is_borne(tmp_path: Path, offered: int, settings: str = "") -> float:
    """Flood a desk, and return its peak of memory."""
    with DeskProcess(tmp_path, "--no-auth", settings=settings) as desk:
        rounds = flood(desk, offered)
        wait_until(lambda: ("SeriesRefused", "series_limit") in alerts(desk), ALERT_SECONDS, "an alert")
        (count,) = desk.query("count(count_over_time(old[1h]))")
        assert float(count["value"][1]) == OLD
        (latest,) = desk.query("min(last_over_time(old[1h]))")
        assert float(latest["value"][1]) == rounds
        (counted,) = desk.query('nightdesk_series_refused_total{reason="series_limit"}')
        assert float(counted["value"][1]) > 0
        assert desk.query("up"), "the desk's own series were kept out"
        return peak_megabytes(desk)


def test_a_flood_by_remote_write_is_borne(tmp_path: Path) -> None:
    """Twenty times more new series than fit."""
    assert_flood_is_borne(tmp_path, 60_000, "[limits]\nseries = 3000\n")


@pytest.mark.campaign
@pytest.mark.timeout(1_200)
def test_a_million_new_series_by_remote_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The long form, under the limits that are set unless somebody says otherwise."""
    peak = assert_flood_is_borne(tmp_path, 1_000_000)
    with capsys.disabled():
        print(f"\n1,000,000 series offered by remote write: peak {peak:.0f} MB")  # noqa: T201 - a campaign's figure
    assert peak <= MOST_MEGABYTES


class Restless(BaseHTTPRequestHandler):
    """A target whose labels change with each scrape, beside a hundred that stay."""

    series = 9_000
    scrapes = 0

    def do_GET(self) -> None:
        """Answer in the text format."""
        turn, Restless.scrapes = Restless.scrapes, Restless.scrapes + 1
        lines = [f'steady{{i="{number}"}} {turn}' for number in range(100)]
        lines += [f'restless{{id="{turn}-{number}"}} 1' for number in range(self.series)]
        body = "\n".join([*lines, ""]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing."""


@contextmanager
def restless_target(series: int) -> Iterator[int]:
    """Serve such a target, and give its port."""
    Restless.series, Restless.scrapes = series, 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Restless)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def is_counted(desk: DeskProcess) -> bool:
    """Tell whether the desk counts refusals for the target's own limit."""
    lines = desk.request("/metrics")[1].decode().splitlines()
    counted = [line for line in lines if line.startswith('nightdesk_series_refused_total{reason="target_limit"}')]
    return any(float(line.split()[-1]) > 0 for line in counted)


def is_alarmed(desk: DeskProcess) -> bool:
    """Tell whether the alert fires."""
    return ("SeriesRefused", "target_limit") in alerts(desk)


def assert_scrapes_are_borne(
    tmp_path: Path, series: int, scrapes: int, limits: str, is_told: Callable[[DeskProcess], bool]
) -> float:
    """Let a restless target be scraped so often, and return the desk's peak of memory."""
    with restless_target(series) as port:
        settings = f'[[scrape]]\njob = "restless"\ntargets = ["127.0.0.1:{port}"]\ninterval = "500ms"\n{limits}'
        with DeskProcess(tmp_path, "--no-auth", settings=settings) as desk:
            wait_until(lambda: Restless.scrapes >= scrapes, 20.0 + 2.0 * scrapes, "scrapes")
            wait_until(lambda: is_told(desk), ALERT_SECONDS, "word of it")
            (steady,) = desk.query('count(count_over_time(steady{job="restless"}[10m]))')
            assert float(steady["value"][1]) == 100
            (scraped,) = desk.query('sum_over_time(up{job="restless"}[10m])')
            (fewest,) = desk.query('min(count_over_time(steady{job="restless"}[10m]))')
            assert float(fewest["value"][1]) >= float(scraped["value"][1]) - 1
            return peak_megabytes(desk)


def test_a_target_that_changes_its_labels_is_borne(tmp_path: Path) -> None:
    """Its new series are refused once it has begun enough; what it had goes on, and nobody else is touched."""
    assert_scrapes_are_borne(tmp_path, 300, 6, "[limits]\ntarget_series = 1000\n", is_counted)


@pytest.mark.campaign
@pytest.mark.timeout(1_200)
def test_a_million_new_series_by_scrape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The long form: 112 scrapes with 9,000 new series each."""
    peak = assert_scrapes_are_borne(tmp_path, 9_000, 112, "", is_alarmed)
    with capsys.disabled():
        print(f"\n1,000,000 series offered by scrape: peak {peak:.0f} MB")  # noqa: T201 - a campaign's figure
    assert peak <= MOST_MEGABYTES
