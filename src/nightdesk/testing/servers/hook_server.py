"""A real HTTP server on loopback that keeps what is posted to it, and answers by path."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path says; `status` None for nothing at all until the server is closed."""

    status: int | None = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Post:
    """One request that was read to its end."""

    path: str
    headers: Mapping[str, str]
    body: Any


class HookServer:
    """Takes POSTs from now until it is closed; a path without an answer of its own says 200."""

    def __init__(self, answers: Mapping[str, Answer] | None = None) -> None:
        """Choose a port."""
        self.answers = dict(answers or {})
        self._posts: list[Post] = []
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    @property
    def posts(self) -> list[Post]:
        """What was posted so far, oldest first."""
        return list(self._posts)

    def url(self, path: str = "/") -> str:
        """Return the address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hooks._posts.append(Post(self.path, dict(self.headers), json.loads(body)))
                answer = hooks.answers.get(self.path, Answer())
                if answer.status is None:
                    hooks._closing.wait()
                    return
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server calls it so
                """Keep the test's output clean."""

        return Handler

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
