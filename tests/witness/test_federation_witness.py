"""A real Prometheus scrapes `/federate`: whatever names were written, its target stays up and nothing is forged."""

from collections.abc import Iterator

import pytest

from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.servers.prometheus_server import PrometheusServer

pytestmark = pytest.mark.peer

WRITTEN = r"""plain{who="odd"} 1
{"http.reqs",who="odd"} 2
{"with space",who="odd"} 3
{"line 1\nup{job=\"forged\"} 0\nx",who="odd"} 4
{"la.bels",who="odd","a b"="x","c\nd"="y",e=" \\\"\n"} 5
"""


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """Return a desk that took names of all kinds."""
    with DeskProcess(tmp_path_factory.mktemp("federate"), "--no-collect", "--no-auth") as running:
        status, told = running.request("/api/v1/import/prometheus", WRITTEN.encode(), {"Content-Type": "text/plain"})
        assert status == 204, told
        yield running


def test_no_written_name_breaks_or_forges_a_scrape(desk: DeskProcess, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Five series arrive under names that it can read, values as written, and no other `up` than its own."""
    configuration = f"""global: {{scrape_interval: 1s}}
scrape_configs:
- job_name: desk
  metrics_path: /federate
  honor_labels: true
  params: {{'match[]': ['{{who="odd"}}']}}
  static_configs: [{{targets: ["127.0.0.1:{desk.port}"]}}]
"""
    with PrometheusServer(tmp_path_factory.mktemp("scrape"), configuration) as prometheus:

        def asked(query: str) -> dict[str, str]:
            answer = prometheus.ask("/api/v1/query", query=query)["data"]["result"]
            return {each["metric"]["__name__"]: each["value"][1] for each in answer}

        wait_until(lambda: len(asked("scrape_samples_scraped")) == 1, 30, "a scrape")
        assert asked("up") == {"up": "1"}
        assert asked('up{job="forged"}') == {}
        assert asked('{who="odd"}') == {
            "plain": "1",
            "http_reqs": "2",
            "with_space": "3",
            "line_1_up_job__forged___0_x": "4",
            "la_bels": "5",
        }
        assert list(asked('la_bels{a_b="x",c_d="y"}')) == ["la_bels"]
