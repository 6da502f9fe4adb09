"""The same text is scraped by a real Prometheus and imported into a desk: both hold the same samples or refuse it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.differential.compare import series_of
from nightdesk.testing.servers.prometheus_server import PrometheusServer

pytestmark = pytest.mark.peer

TEXT = "text/plain; version=0.0.4"
OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8"
BODIES: dict[str, tuple[str, str]] = {
    "plain": (TEXT, '# TYPE a counter\n# HELP a Help with \\\\ and \\n.\na 1\na{b="c"} 2.5e-3\n'),
    "spaces": (TEXT, 'a{ b = "c" , d="e", }   3\n\n  \nb\t4\n'),
    "escapes": (TEXT, 'a{b="x\\"y\\\\z\\nw",c="\u00fc\u4e2d\U0001f600"} 1\n'),
    "values": (
        TEXT,
        'v{k="1"} NaN\nv{k="2"} +Inf\nv{k="3"} -Inf\nv{k="4"} 1e-320\nv{k="5"} -0\nv{k="6"} .5\nv{k="7"} 5.\n',
    ),
    "timestamps": (TEXT, "t 1 {now}\nu 2 {past}\n"),
    "open": (OPEN, '# TYPE n counter\nn_total{a="b"} 3 {seconds} # {t="u"} 1 {seconds}\nn_created{a="b"} 1\n# EOF\n'),
    "no value": (TEXT, "good 1\nbad\n"),
    "no number": (TEXT, "good 1\nbad one\n"),
    "an open quote": (TEXT, 'good 1\nbad{a="b} 1\n'),
    "no equals": (TEXT, 'good 1\nbad{a"b"} 1\n'),
    "a broken timestamp": (TEXT, "good 1\nbad 1 x\n"),
    "a third word": (TEXT, "good 1\nbad 1 2 3\n"),
    "a bad name": (TEXT, "good 1\n1bad 1\n"),
    "underscores": (TEXT, "good 1\nbad 1_000\n"),
    "no end": (OPEN, "good 1\n"),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """Return an empty desk."""
    options = ("--no-collect", "--no-auth", "--retention", "100y")
    with DeskProcess(tmp_path_factory.mktemp("import"), *options) as running:
        yield running


@pytest.fixture(scope="module")
def now(desk: DeskProcess) -> int:
    """Return the second in which all of this happens."""
    return int(float(desk.query("time()")[1])) - 1


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory, now: int) -> Iterator[PrometheusServer]:
    """Return a Prometheus that has scraped every body, each as a job of its own."""
    bodies = {f"/{number}": each for number, each in enumerate(BODIES.values())}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, text = bodies[self.path]
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(_filled(text, now))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        target = f'static_configs: [{{targets: ["127.0.0.1:{server.server_port}"]}}]'
        jobs = "".join(f'- {{job_name: "{path[1:]}", metrics_path: {path}, {target}}}\n' for path in bodies)
        configuration = f"global: {{scrape_interval: 1s}}\nscrape_configs:\n{jobs}"
        with PrometheusServer(tmp_path_factory.mktemp("scrape"), configuration) as running:
            wait_until(
                lambda: len(_result(running, "count_over_time(up[1h])")) == len(bodies), 30, "a scrape of each body"
            )
            yield running
        server.shutdown()


def _filled(text: str, now: int) -> bytes:
    """Put the instants in: now and a minute ago in ms, now in seconds."""
    filled = text.replace("{now}", str(now * 1000)).replace("{past}", str((now - 60) * 1000))
    return filled.replace("{seconds}", f"{now}.25").encode()


def _result(server: Any, query: str) -> list[Any]:
    answer = server.ask("/api/v1/query", query=query)
    assert answer["status"] == "success", answer
    result: list[Any] = answer["data"]["result"]
    return result


@pytest.mark.parametrize("name", BODIES)
def test_an_import_holds_what_a_scrape_holds(
    desk: DeskProcess, prometheus: PrometheusServer, now: int, name: str
) -> None:
    """Label sets, values and given instants are the same; what the one cannot read the other refuses, row by row."""
    job = str(list(BODIES).index(name))
    kind, text = BODIES[name]
    status, told = desk.request("/api/v1/import/prometheus", _filled(text, now), {"Content-Type": kind})
    is_up = _result(prometheus, f'up{{job="{job}"}}')[0]["value"][1] == "1"
    assert (status == 204) is is_up, told
    if not is_up:
        assert b"line" in told
        return
    names = "|".join(sorted({_name(line) for line in text.splitlines() if line.strip() and not line.startswith("#")}))
    theirs = series_of(_result(prometheus, f'{{job="{job}",__name__=~"{names}"}}[1h]'))
    ours = series_of(desk.query(f'{{__name__=~"{names}"}}[1h]'))
    stripped = {
        tuple(pair for pair in labels if pair[0] not in ("job", "instance")): samples
        for labels, samples in theirs.items()
        # Prometheus stores the instant a counter began as a series of its own; a desk leaves it out.
        if not dict(labels)["__name__"].endswith("_created")
    }
    given = "{now}" in text or "{seconds}" in text
    for labels, samples in stripped.items():
        mine = ours[labels]
        assert {repr(value) for _, value in samples} <= {repr(value) for _, value in mine}, labels
        assert not given or {at for at, _ in samples} == {at for at, _ in mine}, labels


def _name(line: str) -> str:
    return line.split("{")[0].split()[0]
