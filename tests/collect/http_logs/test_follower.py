"""Following a log over rotation, truncation and lines that come in parts."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.collect.http_logs import follower, growing
from nightdesk.collect.http_logs.follower import LINGER_SECONDS, LogFollower
from nightdesk.collect.http_logs.growing import MOST_LINE
from nightdesk.testing.clock import ManualClock


def followed(path: Path, text: bytes = b"", clock: ManualClock | None = None) -> LogFollower:
    """Return a follower that has had its first look at a file with that content."""
    path.write_bytes(text)
    made = LogFollower(path, (clock or ManualClock()).monotonic)
    assert list(made.lines()) == []
    return made


def add(path: Path, text: bytes) -> None:
    """Write more, as a server does."""
    with path.open("ab") as file:
        file.write(text)


def test_what_was_before_is_not_now(tmp_path: Path) -> None:
    """It begins at the end of the file, and gives what is added."""
    log = followed(tmp_path / "log", b"old\n")
    add(tmp_path / "log", b"new\r\nhal")
    assert list(log.lines()) == [b"new"]
    add(tmp_path / "log", b"f\n\n")
    assert list(log.lines()) == [b"half", b""]
    log.close()


def test_rotation_by_renaming(tmp_path: Path) -> None:
    """What is still written to the old file is read, then the new one from its beginning, also while none is there."""
    path = tmp_path / "log"
    log = followed(path)
    path.rename(tmp_path / "log.1")
    add(tmp_path / "log.1", b"late\n")
    assert list(log.lines()) == [b"late"]
    add(tmp_path / "log.1", b"later\n")
    path.write_bytes(b"first\n")
    assert list(log.lines()) == [b"later", b"first"]
    assert list(log.lines()) == []
    log.close()


def test_a_server_that_has_not_reopened_its_log_yet(tmp_path: Path) -> None:
    """For a minute after a rotation, or several, what comes in the old files counts too; then they are let go."""
    path, clock = tmp_path / "log", ManualClock()
    log = followed(path, clock=clock)
    for number in (1, 2):
        path.rename(tmp_path / f"log.{number}")
        path.write_bytes(b"first\n")
        assert list(log.lines()) == [b"first"]
    asyncio.run(clock.advance(LINGER_SECONDS - 1))
    for name in ("log.1", "log.2", "log"):
        add(tmp_path / name, name.encode() + b"\n")
    assert list(log.lines()) == [b"log.1", b"log.2", b"log"]
    asyncio.run(clock.advance(2))
    add(tmp_path / "log.1", b"last\n")
    assert list(log.lines()) == [b"last"]
    add(tmp_path / "log.1", b"somebody else's\n")
    add(path, b"own\n")
    assert list(log.lines()) == [b"own"]
    log.close()


def test_rotation_by_copying(tmp_path: Path) -> None:
    """A file that got shorter is read from its beginning; half a line of before is forgotten."""
    path = tmp_path / "log"
    log = followed(path)
    add(path, b"one\ntwo\nhalf")
    assert list(log.lines()) == [b"one", b"two"]
    path.write_bytes(b"new\n")
    assert list(log.lines()) == [b"new"]
    log.close()


def test_a_file_that_comes_later(tmp_path: Path) -> None:
    """Missing at first is an error to be told; once it is there all of it is new."""
    log = LogFollower(tmp_path / "log", ManualClock().monotonic)
    with pytest.raises(FileNotFoundError):
        list(log.lines())
    add(tmp_path / "log", b"first\n")
    assert list(log.lines()) == [b"first"]
    log.close()


def test_a_line_without_an_end_is_bounded(tmp_path: Path) -> None:
    """Of a line that is too long its beginning is given, once; the next one is whole."""
    path = tmp_path / "log"
    log = followed(path)
    add(path, b"x" * (3 * MOST_LINE))
    assert [len(line) for line in log.lines()] == [MOST_LINE]
    add(path, b"x" * MOST_LINE + b"\nnext\n")
    assert list(log.lines()) == [b"next"]
    log.close()


def test_a_look_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than the cap is read at once; how far behind it is stands in `behind`, and it catches up."""
    monkeypatch.setattr(follower, "MOST_BYTES", 1000)
    monkeypatch.setattr(growing, "CHUNK", 300)
    path = tmp_path / "log"
    log = followed(path)
    add(path, b"123456789\n" * 250)
    assert len(list(log.lines())) == 100
    assert log.behind == 1500
    assert len(list(log.lines())) + len(list(log.lines())) == 150
    assert log.behind == 0
    log.close()


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b" ").replace(b"\r", b" "))), st.data())
def test_every_line_comes_once_however_it_is_cut(lines: list[bytes], data: st.DataObject) -> None:
    """Lines written in arbitrary pieces, with looks between them, come whole, once and in order."""
    whole = b"".join(line + b"\n" for line in lines)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log")
        log, found = followed(path), list[bytes]()
        while whole:
            size = data.draw(st.integers(1, len(whole)))
            add(path, whole[:size])
            whole = whole[size:]
            found += log.lines()
        log.close()
    assert found == lines
