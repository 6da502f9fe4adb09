"""A real HTTP exporter on loopback whose gauges a test sets, for scrapes."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class Exporter:
    """Serves `name{labels} value` lines at `/metrics`; `set` changes one."""

    def __init__(self) -> None:
        """Take a free port of loopback."""
        self._lines: dict[str, float] = {}
        self._lock = threading.Lock()
        exporter = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                """Answer with the present values."""
                body = exporter.text().encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def set(self, series: str, value: float) -> None:
        """Set one series, written as in the exposition format."""
        with self._lock:
            self._lines[series] = value

    def drop(self, series: str) -> None:
        """Serve one series no more."""
        with self._lock:
            del self._lines[series]

    def text(self) -> str:
        """Return the exposition."""
        with self._lock:
            return "".join(f"{series} {value}\n" for series, value in self._lines.items())

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, name="exporter", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
