"""What `--json` prints is one JSON document, whatever the numbers and the text in it."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from nightdesk.cli.history import read_history
from nightdesk.cli.paint.paint import print_json
from nightdesk.model.alert import Alert, AlertState, Transition
from nightdesk.model.labels import Labels
from nightdesk.model.notice import Notice, NoticeReason
from nightdesk.store.folder import DataFolder
from nightdesk.store.records.records import Records


def strictly(text: str) -> Any:
    """Parse JSON as a strict reader does: no NaN, no Infinity, nothing that UTF-8 cannot carry."""
    return json.loads(text.encode("utf-8"), parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_story_with_no_number_is_json(value: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Read from the folder as from the desk: a value that is no number is null, text that is no UTF-8 is replaced."""
    alert = Alert(
        Labels.of("up", alertname="Odd", path="/\udcff"), (("summary", "\ud800"),), AlertState.FIRING, value, 1
    )
    notice = Notice("key", "console", NoticeReason.FIRED, (alert,), 1)
    folder = DataFolder.open(tmp_path)
    with Records.open(folder.state_db) as records:
        records.alerts.record([Transition(alert, None, 1)], [notice])
    folder.close()
    print_json(read_history(tmp_path, 0, 10))
    told = strictly(capsys.readouterr().out)
    assert told["transitions"][0]["alert"]["value"] is None
    assert told["transitions"][0]["alert"]["labels"]["path"] == "/?"
    assert told["deliveries"][0]["alerts"] == ["Odd"]


def test_any_text_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Labels that a query made of bytes reach a program escaped."""
    print_json({"label": "Zürich \udcff"})
    assert strictly(capsys.readouterr().out) == {"label": "Zürich \udcff"}
