"""Finding and asking the desk that runs on a data folder, over HTTP with the standard library.

`http.client` starts in a tenth of the time that a full HTTP library takes, and one request needs no more
(docs/decisions/0061).
"""

import http.client
import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlencode, urlsplit

from nightdesk.errors import DeskUnreachable, NightdeskError, Overloaded, QueryCancelled, QueryError, QueryTimeout
from nightdesk.store.folder import DataFolder

_SECONDS: Final = 60.0
HEALTHY_SECONDS: Final = 5.0
"""How long a desk may take to say that it is well."""
SNAPSHOT_SECONDS: Final = 3_600.0
_LOOPBACK: Final = ("127.0.0.1", "::1")
_MOST_BYTES: Final = 256 * 2**20
_PROTOBUF: Final = "application/x-protobuf"
"""Remote write, which is always packed by snappy."""

_ERRORS: Final[Mapping[str, type[NightdeskError]]] = {
    "bad_data": QueryError,
    "execution": QueryError,
    "timeout": QueryTimeout,
    "canceled": QueryCancelled,
    "unavailable": Overloaded,
}
"""Prometheus' error types to errors of ours."""


class RunningDesk:
    """A desk that answered at the address its data folder names."""

    def __init__(self, url: str, token: str = "", data: Path | None = None) -> None:
        """Keep where it is, and which folder it holds where that is known; nothing is asked yet."""
        self.url, self._token, self._data = url.rstrip("/"), token, data

    @classmethod
    def on(cls, data: Path) -> Self | None:
        """Find the desk that holds a data folder; None where none does.

        Raises:
            DeskUnreachable: one holds the folder and does not answer.
        """
        url = DataFolder.read_address(data)
        if url is None:
            return None
        desk = cls.at(data, url)
        desk.healthy()
        return desk

    @classmethod
    def at(cls, data: Path, url: str) -> Self:
        """Take a desk's address as given, with the token of its data folder."""
        token = data / "token"
        return cls(url, token.read_text("ascii").strip() if token.is_file() else "", data)

    @classmethod
    def needed_on(cls, data: Path) -> Self:
        """Find the desk that holds a data folder. Raises DeskUnreachable where none does."""
        desk = cls.on(data)
        if desk is None:
            raise DeskUnreachable(f"no desk is running on {data}; start one with: nightdesk up --data {data}")
        return desk

    def healthy(self) -> None:
        """Make sure that it answers. Raises DeskUnreachable."""
        self.exchange("GET", "/-/healthy", seconds=HEALTHY_SECONDS)

    def is_ready(self) -> bool:
        """Tell whether it takes requests already."""
        try:
            return self.exchange("GET", "/-/ready", seconds=HEALTHY_SECONDS)[0] == 200
        except DeskUnreachable:
            return False

    def get(self, path: str, **parameters: object) -> Any:
        """GET a path and return its JSON; parameters that are None are left out.

        Raises:
            DeskUnreachable: nobody answers.
            QueryError, QueryTimeout, QueryCancelled, Overloaded: as the desk said.
        """
        given = {name: value for name, value in parameters.items() if value is not None}
        return self._answer("GET", f"{path}?{urlencode(given)}" if given else path)

    def query(self, path: str, **parameters: object) -> Any:
        """Ask Prometheus' API by form, which bounds no query's length, and return the whole answer."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return self._answer("POST", path, urlencode(given).encode(), "application/x-www-form-urlencoded")

    def post(self, path: str, **fields: str) -> Any:
        """POST a path with a JSON object and return the JSON answer."""
        return self._answer("POST", path, json.dumps(fields).encode(), "application/json")

    def send(self, path: str, body: bytes, kind: str = "application/json") -> Any:
        """POST a body that is written already and return the JSON answer, None where there is none."""
        return self._answer("POST", path, body, kind)

    def ask_for_snapshot(self) -> str:
        """Let the desk take a snapshot of its data folder, which may last minutes, and return its name."""
        path = "/api/v1/admin/tsdb/snapshot"
        answer = self._answer("POST", path, b"", "application/x-www-form-urlencoded", SNAPSHOT_SECONDS)
        return str(answer["data"]["name"])

    def login(self) -> str:
        """Return a new address that logs the page in, once, within ten minutes."""
        return f"{self.url}{self.post('/api/desk/login')['path']}"

    def _answer(
        self, method: str, path: str, body: bytes | None = None, kind: str = "", seconds: float = _SECONDS
    ) -> Any:
        status, text = self.exchange(method, path, body, kind, seconds)
        try:
            answer = json.loads(text) if text else None
        except ValueError:
            answer = {"error": text.decode("utf-8", "replace")[:300]}
        if status >= 400:
            raise _error(status, answer)
        return answer

    def exchange(
        self, method: str, path: str, body: bytes | None = None, kind: str = "", seconds: float = _SECONDS
    ) -> tuple[int, bytes]:
        """Make one request and return status and body. Raises DeskUnreachable."""
        headers = {"Accept": "application/json", "User-Agent": "nightdesk"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if kind:
            headers["Content-Type"] = kind
        if kind == _PROTOBUF:
            headers["Content-Encoding"] = "snappy"
        connection = self._connection(seconds)
        try:
            connection.request(method, urlsplit(self.url).path + path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(_MOST_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error
        finally:
            connection.close()

    def _unreachable(self, error: Exception) -> DeskUnreachable:
        """Tell a desk that holds its folder and is silent from one that is not there: a second one would not start."""
        holder = DataFolder.holder(self._data) if self._data is not None else None
        if holder is None:
            return DeskUnreachable(f"no desk answers at {self.url}: {error}; start one with: nightdesk up")
        return DeskUnreachable(
            f"the desk on {self._data} runs (process id {holder}) but does not answer at {self.url}: {error}; "
            "it may be stopped (kill -CONT) or held up"
        )

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, parts.port, timeout=seconds)
        trust = ssl.create_default_context()
        if host in _LOOPBACK:
            # The address comes from the private data folder whose lock the desk holds, and leads to this machine: no
            # certificate names 127.0.0.1, and none is needed to know who answers.
            trust.check_hostname = False
            trust.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=trust)


def _error(status: int, answer: Any) -> NightdeskError:
    told = answer if isinstance(answer, dict) else {}
    kind = _ERRORS.get(str(told.get("errorType")), Overloaded if status in (429, 503) else QueryError)
    return kind(str(told.get("error") or told.get("detail") or f"the desk answered {status}"))
