"""The desk's socket in its data folder: who can open it, what is served through it, and how it comes and goes."""

import http.client
import json
import logging
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightdesk.api.local import LOCAL_TABLE, PATHS
from nightdesk.api.table import ROUTES
from nightdesk.app.process.local_socket import LONGEST_PATH, listen_locally, withdraw
from nightdesk.app.settings.client import ClientSettings
from nightdesk.app.settings.settings import DeskSettings, Settings
from nightdesk.testing.desk import DeskProcess

PUSH = "/api/desk/bots/push"


class LocalConnection(http.client.HTTPConnection):
    """HTTP over a path."""

    def __init__(self, path: Path) -> None:
        """Not connected yet."""
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self) -> None:
        """Connect to the path."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(10)
        self.sock.connect(str(self._path))


def ask(path: Path, method: str, target: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    """Ask once through a socket."""
    connection = LocalConnection(path)
    try:
        connection.request(method, target, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def a_push(**changed: Any) -> bytes:
    """Write the smallest push."""
    plain = {"version": 1, "bot": "maker", "run": "r", "age": 1, "sequence": 1, "counters": [["a_total", {}, 1, 1]]}
    return json.dumps({**plain, **changed}).encode()


def settings_of(data: Path, *, is_on: bool = True) -> Settings:
    """Build the settings of a desk on a folder."""
    return Settings(desk=DeskSettings(data=str(data)), client=ClientSettings(socket=is_on))  # type: ignore[arg-type] # read from text


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """One desk for all who only ask it."""
    with DeskProcess(tmp_path_factory.mktemp("desk"), "--no-collect") as started:
        yield started


def test_what_is_reachable_is_exactly_this(desk: DeskProcess) -> None:
    """Three routes, without a token; every other path and method of the desk is refused there, with a token too."""
    path = desk.data / "desk.sock"
    assert {route.path for route in LOCAL_TABLE.routes} == PATHS == {PUSH, "/-/healthy", "/-/ready"}
    assert ask(path, "POST", PUSH, a_push(run="reachable"))[0] == 200
    assert ask(path, "GET", "/-/healthy")[0] == ask(path, "GET", "/-/ready")[0] == 200
    token = {"authorization": f"Bearer {desk.token()}"}
    for route in ROUTES:
        for method in sorted(route.methods):
            if route.path not in PATHS:
                status, _ = ask(path, method, route.path.replace("{name}", "x"), b"{}", **token)
                assert status == 404, (method, route.path)
    assert ask(path, "GET", PUSH)[0] == 405
    assert ask(path, "GET", "/../token")[0] == 404


def test_host_and_origin_say_nothing_there(desk: DeskProcess) -> None:
    """No browser can open a file; whoever can is the owner."""
    strange = {"host": "evil.example", "origin": "http://evil.example", "sec-fetch-site": "cross-site"}
    assert ask(desk.data / "desk.sock", "POST", PUSH, a_push(run="strange"), **strange)[0] == 200


def test_bounds_hold_there_too(desk: DeskProcess) -> None:
    """A body over its cap is 413, what is no push 400, an overtaken push 409; the desk goes on."""
    path = desk.data / "desk.sock"
    assert ask(path, "POST", PUSH, b"no push")[0] == 400
    assert ask(path, "POST", PUSH, b"[" * 1_000)[0] == 400
    assert ask(path, "POST", PUSH, a_push(bot=""))[0] == 400
    assert ask(path, "POST", PUSH, a_push(padding="x" * 2**21))[0] == 413
    assert ask(path, "POST", PUSH, a_push(bot="bounded", sequence=5))[0] == 200
    assert ask(path, "POST", PUSH, a_push(bot="bounded", sequence=5))[0] == 409
    assert desk.query('a_total{bot="bounded"}')[0]["value"][1] == "1"


def test_over_tcp_a_push_needs_the_token(desk: DeskProcess) -> None:
    """There anybody on this machine could connect."""
    assert desk.request(PUSH, a_push(run="tcp"))[0] == 401
    assert desk.request(PUSH, a_push(run="tcp"), {"Authorization": f"Bearer {'x' * 43}"})[0] == 401
    assert desk.request(PUSH, a_push(run="tcp"), {"Authorization": f"Bearer {desk.token()}"})[0] == 200


def test_only_the_owner_can_open_it(start_desk: Any) -> None:
    """Mode 0600 in a folder of 0700; gone once the desk has stopped."""
    desk: DeskProcess = start_desk("--no-collect")
    path = desk.data / "desk.sock"
    assert stat.S_ISSOCK(path.stat().st_mode)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(desk.data.stat().st_mode) == 0o700
    assert desk.stop() == 0
    assert not path.exists()


def test_a_socket_of_a_killed_desk_is_replaced(start_desk: Any) -> None:
    """The file is left over; the next start makes its own."""
    desk: DeskProcess = start_desk("--no-collect")
    desk.kill()
    assert (desk.data / "desk.sock").exists()
    desk.start()
    assert ask(desk.data / "desk.sock", "GET", "/-/ready")[0] == 200


def test_settings_take_it_away(tmp_path: Path) -> None:
    """`[client] socket = false`."""
    assert listen_locally(settings_of(tmp_path, is_on=False)) == []
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_is_too_long_is_said_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The desk works without, and its log says what would be right."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    with caplog.at_level(logging.WARNING):
        assert listen_locally(settings_of(folder)) == []
    assert str(LONGEST_PATH) in caplog.text
    assert "shorter path" in caplog.text


def test_what_is_no_socket_is_in_the_way(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A folder of that name is not removed: the desk works without the socket, and says why."""
    (tmp_path / "desk.sock").mkdir()
    with caplog.at_level(logging.WARNING):
        assert listen_locally(settings_of(tmp_path)) == []
    assert "cannot be made" in caplog.text
    assert (tmp_path / "desk.sock").is_dir()


def test_the_mode_is_right_from_the_first_moment(tmp_path: Path) -> None:
    """Whatever the process' own habits are."""
    before = os.umask(0)
    try:
        [listener] = listen_locally(settings_of(tmp_path))
        assert stat.S_IMODE((tmp_path / "desk.sock").stat().st_mode) == 0o600
        assert os.umask(0) == 0
    finally:
        os.umask(before)
    withdraw(listener)
    listener.close()
    assert not (tmp_path / "desk.sock").exists()
