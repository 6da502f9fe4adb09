"""A real desk in a process of its own: started, asked, killed, started again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_READY_SECONDS = 20.0
_STOP_SECONDS = 10.0


def free_port() -> int:
    """Return a port of loopback that nobody holds just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class DeskProcess:
    """`nightdesk up` on a folder and a port; a context manager that ends it."""

    def __init__(self, folder: Path, *options: str, settings: str = "", port: int = 0) -> None:
        """Keep the command line; `settings` is written to `settings.toml` beside the data."""
        self.folder, self.port = folder, port or free_port()
        self.data = folder / "data"
        self.log = folder / "desk.log"
        self.url = f"http://127.0.0.1:{self.port}"
        self.ready_seconds = 0.0
        self._options = list(options)
        if settings:
            path = folder / "settings.toml"
            path.write_text(settings, encoding="utf-8")
            self._options += ["--config", str(path)]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the running desk."""
        assert self._process is not None, "the desk was not started"
        return self._process.pid

    def start(self, seconds: float = _READY_SECONDS) -> Self:
        """Start the desk and wait until it says it is ready. Raises AssertionError with its log when it does not."""
        command = [sys.executable, "-m", "nightdesk", "up", "--data", str(self.data), "--port", str(self.port)]
        begun = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *self._options], stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        while time.monotonic() - begun < seconds:
            if self._process.poll() is not None:
                raise AssertionError(f"the desk ended with {self._process.returncode}:\n{self.text()}")
            if self.status_of("/-/ready") == 200:
                self.ready_seconds = time.monotonic() - begun
                return self
            time.sleep(0.02)
        self.kill()
        raise AssertionError(f"the desk was not ready after {seconds} s:\n{self.text()}")

    def kill(self) -> None:
        """End the desk as the kernel does when memory is out: no goodbye."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(_STOP_SECONDS)

    def stop(self) -> int:
        """Ask the desk to stop and return its exit code; kill it when it does not within its time."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        return self._process.returncode

    def text(self) -> str:
        """Return what the desk has printed so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def token(self) -> str:
        """Return the token that the desk made at its first start."""
        return (self.data / "token").read_text().strip()

    def request(
        self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None, *, seconds: float = 30.0
    ) -> tuple[int, bytes]:
        """Ask over HTTP and return status and body; POST when there is a body. Raises OSError when nobody answers."""
        request = urllib.request.Request(self.url + path, data=body, headers=headers or {})  # noqa: S310 - loopback
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310 - loopback
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read()

    def status_of(self, path: str) -> int:
        """Return the status of a GET, or 0 while nobody answers."""
        try:
            return self.request(path, seconds=5.0)[0]
        except OSError:
            return 0

    def json(self, path: str, **parameters: str) -> Any:
        """GET a path and return its parsed JSON."""
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        return json.loads(self.request(path + query)[1])

    def query(self, expr: str, **parameters: str) -> list[Any]:
        """Ask an instant query and return its result list."""
        result: list[Any] = self.json("/api/v1/query", query=expr, **parameters)["data"]["result"]
        return result

    def command(self, *words: str, seconds: float = 30.0) -> "subprocess.CompletedProcess[str]":
        """Run another `nightdesk` command on the same data folder."""
        environment = {**os.environ, "NO_COLOR": "1"}
        return subprocess.run(
            [sys.executable, "-m", "nightdesk", *words, "--data", str(self.data)],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            env=environment,
        )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def wait_until(condition: Any, seconds: float, what: str, every: float = 0.05) -> Any:
    """Ask `condition()` until it is truthy and return that; AssertionError naming `what` when time is over."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = condition()
        if answer:
            return answer
        time.sleep(every)
    raise AssertionError(f"not within {seconds} s: {what}")
