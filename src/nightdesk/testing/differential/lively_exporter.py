"""An exporter whose series do what series do: count, reset, vanish, come back, fall silent.

What it says depends on the scrape's number alone, so a run can be repeated; when scrapes come is the scraper's matter.
"""

import math
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self

RESET_EVERY: Final = 11
"""Scrapes after which a counter begins anew."""
BEGINS_ANEW_AT: Final = 100
"""Steps above zero: near zero 2.42 and 3 extrapolate otherwise, which has a test of its own."""
SILENT_EVERY: Final = 9
"""Of so many scrapes one fails."""
BOUNDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
TYPES: Final = """\
# HELP requests_total Requests answered.
# TYPE requests_total counter
# HELP temperature Degrees.
# TYPE temperature gauge
# HELP latency_seconds Time to answer.
# TYPE latency_seconds histogram
"""


class LivelyExporter:
    """Two targets on one port, `/a` and `/b`: the same families, other values; a context manager."""

    def __init__(self) -> None:
        """Take a free port of loopback."""
        self._scrapes = {"/a": 0, "/b": 0}
        self._lock = threading.Lock()
        exporter = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                """Answer one scrape, or fail it."""
                number = exporter.next(self.path)
                body = text_of(number, self.path).encode()
                self.send_response(503 if self.path == "/b" and number % SILENT_EVERY == SILENT_EVERY - 1 else 200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def next(self, path: str) -> int:
        """Return the number of this scrape of a target."""
        with self._lock:
            number = self._scrapes.get(path, 0)
            self._scrapes[path] = number + 1
            return number

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, name="lively exporter", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def text_of(number: int, path: str) -> str:
    """Return what a target says in its scrape of this number."""
    shift = 0.0 if path == "/a" else 0.37
    return TYPES + "".join(f"{name} {value!r}\n" for name, value in _series(number, shift))


def _series(number: int, shift: float) -> Iterator[tuple[str, float]]:
    for at, (path, code) in enumerate((path, code) for path in ("/", "/login") for code in ("200", "404", "500")):
        counted = BEGINS_ANEW_AT + number % RESET_EVERY if code == "404" else number
        yield f'requests_total{{path="{path}",code="{code}"}}', counted * (3.5 + at) + shift
    for at, room in enumerate(("attic", "cellar", "hall", "porch")):
        if room == "porch" and number % 7 in (3, 4):
            continue
        yield f'temperature{{room="{room}",floor="{at // 2}"}}', 20 + 5 * math.sin(number / 3 + at) + shift
        yield f'comfortable{{room="{room}"}}', 19.0 + at
    yield from _histogram(number, shift)
    yield 'odd{kind="nan"}', math.nan
    yield 'odd{kind="plus"}', math.inf
    yield 'odd{kind="minus"}', -math.inf
    yield 'odd{kind="zero"}', 0.0
    yield 'odd{kind="negative"}', -2.5 - number % 3
    yield 'odd{kind="large"}', 1e18 + number
    yield "plain", float(number % 5)
    # Begins where its target comes back after a scrape that failed, four fifths of a step above zero.
    yield "late_total", (number % SILENT_EVERY) * 10 + 8
    if number % 6 < 3:
        yield 'sometimes{which="one"}', float(number)
    yield 'text{line="a\\nb",q="say \\"x\\""}', 1.0


def _histogram(number: int, shift: float) -> Iterator[tuple[str, float]]:
    for at, path in enumerate(("/", "/login")):
        weight = 1.0 + at
        total = 0.0
        for place, bound in enumerate(BOUNDS):
            total += number * (place + 1) * weight
            yield f'latency_seconds_bucket{{path="{path}",le="{bound}"}}', total
        total += number
        yield f'latency_seconds_bucket{{path="{path}",le="+Inf"}}', total
        yield f'latency_seconds_sum{{path="{path}"}}', total * 0.31 + shift
        yield f'latency_seconds_count{{path="{path}"}}', total
