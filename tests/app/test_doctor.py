"""`doctor` finds what is wrong with folder, disk, databases, port and channels."""

import socket
from pathlib import Path
from typing import Any

import pytest

from nightdesk.app.doctor.examine import EXAMINATIONS, examine
from nightdesk.app.doctor.finding import Finding, Patient
from nightdesk.app.settings.settings import Settings
from nightdesk.clock import SystemClock
from nightdesk.store.folder import DataFolder
from nightdesk.store.ledger.ledger import Ledger
from nightdesk.store.records.records import Records


def report(data: Path, **tables: Any) -> dict[str, list[tuple[Finding, str]]]:
    """Examine a folder and return what was found by part."""
    tables.setdefault("desk", {"port": 0})
    found: dict[str, list[tuple[Finding, str]]] = {}
    for diagnosis in examine(Patient(data, Settings.model_validate(tables))):
        found.setdefault(diagnosis.part, []).append((diagnosis.finding, diagnosis.text))
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Make a data folder that no desk holds."""
    DataFolder.open(tmp_path / "data").close()
    Records.open(tmp_path / "data" / "state.db").close()
    return tmp_path / "data"


def test_every_part_is_reported(data: Path) -> None:
    """A report leaves nothing out, and a sound folder has nothing critical."""
    found = report(data)
    assert list(found) == [part for part, _ in EXAMINATIONS]
    assert [text for entries in found.values() for finding, text in entries if finding is Finding.CRITICAL] == []


def test_a_folder_that_no_desk_used_is_critical(tmp_path: Path) -> None:
    """A folder named by mistake is said to be one, and nobody else's databases are examined."""
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "other.db").write_bytes(b"no database at all")
    found = report(tmp_path)
    assert [finding for finding, _ in found["data folder"]] == [Finding.CRITICAL]
    assert f"no desk has used {tmp_path}" in found["data folder"][0][1]
    assert found["databases"] == [(Finding.OK, "0 databases checked")]


def test_only_the_desks_own_databases_are_examined(data: Path) -> None:
    """What a person keeps beside them in the folder is not the desk's to judge."""
    (data / "notes").mkdir()
    (data / "notes" / "mine.db").write_bytes(b"no database at all")
    assert report(data)["databases"] == [(Finding.OK, "1 databases checked")]


def test_an_open_folder_is_a_warning(data: Path) -> None:
    """A folder that others can enter is named with its cure."""
    data.chmod(0o755)
    assert report(data)["data folder"] == [
        (Finding.WARNING, f"{data} can be entered by others (mode 0755); run: chmod 700 {data}")
    ]


def test_a_damaged_database_is_critical(data: Path) -> None:
    """Bytes written over a database are found, and the other examinations go on."""
    file = data / "state.db"
    content = bytearray(file.read_bytes())
    content[4096:8192] = b"\x5a" * 4096
    file.write_bytes(content)
    found = report(data)
    assert found["databases"][0][0] is Finding.CRITICAL
    assert "state.db" in found["databases"][0][1]
    assert found["channels"]


def test_the_ledger_is_examined_too(data: Path) -> None:
    """A damaged ledger is found as a damaged state is."""
    Ledger.open(data, SystemClock()).close()
    file = data / "ledger.db"
    content = bytearray(file.read_bytes())
    content[4096:8192] = b"\x5a" * 4096
    file.write_bytes(content)
    first = report(data)["databases"][0]
    assert (first[0], "ledger.db" in first[1]) == (Finding.CRITICAL, True)


def test_the_holder_is_named(data: Path) -> None:
    """A folder in use names the process that holds it, and the port is left alone."""
    folder = DataFolder.open(data)
    try:
        found = report(data)
    finally:
        folder.close()
    assert "held by the desk with process id" in found["lock"][0][1]
    assert "not tried" in found["port"][0][1]


def test_a_taken_port_is_critical(data: Path) -> None:
    """A port that another program holds is found before `up` stumbles over it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        finding, text = report(data, desk={"port": taken.getsockname()[1]})["port"][0]
    assert finding is Finding.CRITICAL
    assert "cannot be taken" in text


def mail(port: int) -> dict[str, Any]:
    """Describe a mail channel on this machine."""
    table = {"kind": "mail", "host": "127.0.0.1", "port": port, "tls": "none", "sender": "a@b.c", "to": ["d@e.f"]}
    return {"phone": table}


def test_channels_are_tried(data: Path) -> None:
    """A mail server that listens is reached, one that does not is critical; one on this machine wakes nobody away."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        reached = report(data, channels=mail(port))["channels"]
    unreached = report(data, channels=mail(port))["channels"]
    assert [finding for finding, _ in reached] == [Finding.OK, Finding.WARNING]
    assert [finding for finding, _ in unreached] == [Finding.CRITICAL, Finding.WARNING]
    assert unreached[-1][1] == "Critical alerts cannot reach you away from this machine."


def test_exposed_settings_are_critical(data: Path) -> None:
    """What `up` would refuse is a finding with its cure."""
    assert report(data, desk={"bind": "0.0.0.0", "port": 0})["safety"][0][0] is Finding.CRITICAL
