"""A real Prometheus sends to our reader: every sample it scraped arrives, and its stale markers with their bits."""

import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nightdesk.collect.intake.remote_write import RemoteWriteDecoder
from nightdesk.testing.lake import Lake
from nightdesk.testing.servers.exporter import Exporter
from nightdesk.testing.servers.services import require_program

pytestmark = pytest.mark.peer

PATIENCE_SECONDS = 40.0


class Receiver:
    """Takes remote write requests into a lake, through the decoder under test."""

    def __init__(self) -> None:
        self.lake, self.decoder = Lake(), RemoteWriteDecoder()
        self.bodies: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.bodies.put(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def until(self, condition: Callable[[], bool]) -> None:
        """Take what comes until a condition holds; fail after the patience is over."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            try:
                body = self.bodies.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                pytest.fail("Prometheus did not send what was waited for")
            job = self.decoder(body)
            self.lake.append(job(self.lake))
            assert not job.refused


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a receiver."""
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def test_prometheus_is_understood(receiver: Receiver, tmp_path: Path) -> None:
    """Values, zeros included, follow the exporter each second; a series that goes ends with the stale marker."""
    program = require_program("prometheus")
    with Exporter() as exporter:
        exporter.set('orders{side="buy"}', 1.5)
        exporter.set('orders{side="sell"}', 0.0)
        config = tmp_path / "prometheus.yml"
        config.write_text(
            "global: {scrape_interval: 1s}\n"
            f"scrape_configs: [{{job_name: bot, static_configs: [{{targets: ['127.0.0.1:{exporter.port}']}}]}}]\n"
            f"remote_write: [{{url: 'http://127.0.0.1:{receiver.server.server_port}/', "
            "queue_config: {batch_send_deadline: 500ms}}]\n"
        )
        process = subprocess.Popen(
            [
                program,
                f"--config.file={config}",
                f"--storage.tsdb.path={tmp_path / 'tsdb'}",
                "--web.listen-address=127.0.0.1:0",
            ],
            stderr=subprocess.DEVNULL,
        )
        try:
            receiver.until(lambda: len(receiver.lake.told("orders")) >= 6)
            exporter.set('orders{side="buy"}', 2.5)
            receiver.until(lambda: 2.5 in receiver.lake.values("orders"))
            exporter.drop('orders{side="buy"}')
            receiver.until(lambda: "stale" in receiver.lake.values("orders"))
        finally:
            process.terminate()
            process.wait(20)
    told = receiver.lake.told("orders")
    buys = [value for labels, _, value in told if labels.get("side") == "buy"]
    assert {labels.get("job") for labels, _, _ in told} == {"bot"}
    assert {value for labels, _, value in told if labels.get("side") == "sell"} == {0.0}
    assert buys[0] == 1.5
    assert buys[-2:] == [2.5, "stale"]
    assert 1.0 in receiver.lake.values("up")
