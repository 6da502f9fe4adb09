"""Finding the desk of a folder: one that is silent is not one that is not there."""

import os
import socket
from pathlib import Path

import pytest

from nightdesk.app import reach
from nightdesk.app.reach import RunningDesk
from nightdesk.errors import DeskUnreachable
from nightdesk.store.folder import DataFolder


def test_a_desk_that_is_held_up_is_told_from_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds its folder and takes connections, but answers none: nobody is to start another."""
    monkeypatch.setattr(reach, "HEALTHY_SECONDS", 0.2)
    folder = DataFolder.open(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        folder.write_address(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(DeskUnreachable) as refused:
            RunningDesk.on(tmp_path)
    folder.close()
    assert f"runs (process id {os.getpid()}) but does not answer" in str(refused.value)
    assert "start one" not in str(refused.value)
    assert RunningDesk.on(tmp_path) is None


def test_an_address_where_nobody_is(tmp_path: Path) -> None:
    """Where no process holds the folder a desk may be started."""
    with pytest.raises(DeskUnreachable, match=r"no desk answers at .* start one"):
        RunningDesk.at(tmp_path, "http://127.0.0.1:1").healthy()
