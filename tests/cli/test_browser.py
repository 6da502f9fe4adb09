"""Opening the page keeps its login from the other users of the machine."""

import stat
import webbrowser
from pathlib import Path

import pytest

from nightdesk.cli.announce import Announcer
from nightdesk.cli.browser import PAGE_FILE, open_page


def test_the_browser_is_given_a_private_file_and_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What everybody can read, the browser's command line, names a file of mode 0600; the code is in there."""
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    open_page(tmp_path, "http://127.0.0.1:1/#login=first")
    open_page(tmp_path, "http://127.0.0.1:1/#login=second")
    file = tmp_path / PAGE_FILE
    assert opened == [file.as_uri()] * 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert 'url=http://127.0.0.1:1/#login=second"' in file.read_text()
    assert "first" not in file.read_text()


def test_a_starting_desk_opens_its_page_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`up --open` prints the address with the code, and opens the file that leads to it."""
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    announce = Announcer(tmp_path, opens_page=True)
    announce("ready http://127.0.0.1:1")
    announce("open  http://127.0.0.1:1/#login=x")
    assert opened == [(tmp_path / PAGE_FILE).as_uri()]
    assert capsys.readouterr().out.splitlines()[1] == "open  http://127.0.0.1:1/#login=x"
