"""The history of a real Prometheus is taken along as docs/from-prometheus.md says, word for word."""

import re
import subprocess
from pathlib import Path

import pytest

from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.servers.prometheus_server import PrometheusServer
from nightdesk.testing.servers.services import require_program

pytestmark = pytest.mark.peer

PAGE = Path(__file__).parents[2] / "docs" / "from-prometheus.md"
DEFAULT_URL = "http://127.0.0.1:9977"
COMMAND = re.compile(r"(?s)```sh\n(promtool tsdb dump .+?)```")
SCRAPES = "count_over_time(up[1h]) >= 3"


def test_history_is_taken_along(tmp_path: Path) -> None:
    """Each sample of the dump is there, and none more, however often it is handed over."""
    require_program("promtool")
    require_program("curl")
    with DeskProcess(tmp_path, "--no-collect") as desk:
        target = desk.url.removeprefix("http://")
        jobs = f'[{{job_name: seen, static_configs: [{{targets: ["{target}"]}}]}}]'
        with PrometheusServer(tmp_path, f"global: {{scrape_interval: 1s}}\nscrape_configs: {jobs}\n") as server:
            wait_until(lambda: server.ask("/api/v1/query", query=SCRAPES)["data"]["result"], 30, "three scrapes")
        dump = ["promtool", "tsdb", "dump", str(tmp_path / "tsdb")]
        dumped = subprocess.run(dump, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
        samples = sum(" NaN " not in line for line in dumped)
        assert samples > 100
        found = COMMAND.search(PAGE.read_text(encoding="utf-8"))
        assert found is not None
        command = found[1].replace("/path/to/prometheus/data", str(tmp_path / "tsdb"))
        command = command.replace("/path/to/the/data/folder", str(desk.data)).replace(DEFAULT_URL, desk.url)
        for _ in range(2):
            subprocess.run(["bash", "-euo", "pipefail", "-c", command], timeout=60, check=True)
        (total,) = desk.query('sum(count_over_time({job="seen"}[1h]))')
        assert float(total["value"][1]) == samples
