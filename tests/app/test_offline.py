"""A folder that a command opens: it holds it as a command, and others take their turn."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from nightdesk.app.offline import open_engine, open_records
from nightdesk.app.trading.offline import open_ledger
from nightdesk.store.folder import DataFolder
from nightdesk.store.folder_lock import is_held

Opened = Callable[[Path], AbstractContextManager[object]]


@pytest.mark.parametrize("opened", [open_engine, open_records, open_ledger])
def test_a_second_question_and_a_desk_take_their_turn(tmp_path: Path, opened: Opened) -> None:
    """While a command reads no desk is found there, and who comes then gets the folder afterwards."""
    DataFolder.open(tmp_path).close()
    answered: list[str] = []

    def ask() -> None:
        with opened(tmp_path):
            answered.append("command")

    def start() -> None:
        DataFolder.open(tmp_path).close()
        answered.append("desk")

    others = [threading.Thread(target=ask), threading.Thread(target=start)]
    with opened(tmp_path):
        for each in others:
            each.start()
        assert is_held(tmp_path)
        assert DataFolder.holder(tmp_path) is None
        assert answered == []
    for each in others:
        each.join(30)
    assert sorted(answered) == ["command", "desk"]
