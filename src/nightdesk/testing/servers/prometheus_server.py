"""A real Prometheus of a test's own on loopback: started, asked, ended."""

import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nightdesk.testing.desk import free_port
from nightdesk.testing.servers.services import require_program

_READY_SECONDS = 20.0
_STOP_SECONDS = 20.0


class PrometheusServer:
    """Runs Prometheus with a configuration; a context manager."""

    def __init__(self, folder: Path, configuration: str, *flags: str) -> None:
        """Write the configuration; skip the test where Prometheus is not installed."""
        self._program = require_program("prometheus")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "prometheus.log"
        self._file = folder / "prometheus.yml"
        self._file.write_text(configuration, encoding="utf-8")
        self._command = [
            self._program,
            f"--config.file={self._file}",
            f"--storage.tsdb.path={folder / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            *flags,
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, path: str, **parameters: str) -> Any:
        """GET a path and return its parsed JSON, errors too."""
        return ask_json(self.url + path, parameters)

    def text(self, path: str) -> str:
        """GET a path and return its text."""
        with urllib.request.urlopen(self.url + path, timeout=20) as answer:  # noqa: S310 - loopback
            told: str = answer.read().decode()
            return told

    def __enter__(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        until = time.monotonic() + _READY_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                self.text("/-/ready")
            except OSError:
                time.sleep(0.05)
            else:
                return self
        self._process.kill()
        raise AssertionError(f"Prometheus did not become ready:\n{self.log.read_text(errors='replace')}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()


def ask_json(url: str, parameters: dict[str, str]) -> Any:
    """GET an address with parameters and return its parsed JSON, whatever the status."""
    address = f"{url}?{urllib.parse.urlencode(parameters)}" if parameters else url
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 - loopback
            return json.loads(answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return json.loads(refusal.read())
