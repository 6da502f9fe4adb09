"""The routes by which programs raise and resolve alerts, and send messages."""

import json
from typing import Any

import pytest

from nightdesk.app.channels.messages import MOST_A_MINUTE


def post(rig: Any, path: str, body: object) -> Any:
    """POST JSON with the token."""
    headers = {"authorization": f"Bearer {rig.token}", "content-type": "application/json"}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return rig.ask("POST", f"/api/desk/{path}", headers=headers, content=content)


def test_the_life_of_an_alert(rig: Any) -> None:
    """Raised, raised again, worse, resolved: each answer says how it stands."""
    breach = {"metric": "drawdown", "value": -0.12, "threshold": -0.1, "direction": "below", "labels": {"bot": "a"}}
    first = post(rig, "alerts/raise", breach).json()
    assert (first["is_new"], first["is_worse"], first["alert"]["severity"]) == (True, False, "warning")
    assert first["message"] == "drawdown is -0.12, below -0.1"
    assert first["alert"]["labels"] == {"alertname": "drawdown", "bot": "a", "severity": "warning"}
    assert post(rig, "alerts/raise", breach).json()["is_new"] is False
    worse = post(rig, "alerts/raise", {**breach, "value": -0.3}).json()
    assert (worse["is_worse"], worse["alert"]["severity"]) == (True, "critical")
    subject = {"metric": "drawdown", "labels": {"bot": "a"}}
    assert post(rig, "alerts/resolve", subject).json() == {"was_live": True}
    assert post(rig, "alerts/resolve", subject).json() == {"was_live": False}


@pytest.mark.parametrize(("value", "severity"), [(None, "warning"), ("inf", "critical"), ("-inf", "info")])
def test_values_that_json_lacks(rig: Any, value: object, severity: str) -> None:
    """What is no number is null, what is infinite is text."""
    told = post(rig, "alerts/raise", {"metric": "x", "value": value, "threshold": 1}).json()
    assert told["alert"]["severity"] == severity


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("alerts/raise", b"{"),
        ("alerts/raise", {"metric": "x", "value": 1}),
        ("alerts/raise", {"metric": "a b", "value": 1, "threshold": 0}),
        ("alerts/raise", {"metric": "x", "value": 1, "threshold": 0, "direction": "sideways"}),
        ("alerts/raise", {"metric": "x", "value": 1, "threshold": 0, "labels": {"severity": "critical"}}),
        ("alerts/raise", {"metric": "x", "value": 1, "threshold": 0, "labels": {"n": 5}}),
        ("alerts/raise", {"metric": "x", "value": 1, "threshold": 0, "expires_after_ms": 1}),
        ("alerts/resolve", {"labels": {}}),
        ("alerts/resolve", {"metric": ""}),
        ("channels/send", {"channel": "console", "message": ""}),
        ("channels/send", {"channel": "nobody", "message": "x"}),
        ("channels/send", {"channel": "console", "message": "x", "severity": "loud"}),
        ("channels/send", {"channel": "console", "message": "x" * 3_000}),
    ],
)
def test_what_cannot_be_is_refused(rig: Any, path: str, body: object) -> None:
    """A report that is at fault changes nothing and says what is wrong."""
    answer = post(rig, path, body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_messages_are_bounded(rig: Any) -> None:
    """Ten a minute through one channel; each is in the outbox, with a key of its own."""
    keys = {post(rig, "channels/send", {"channel": "console", "message": "hello"}).json()["key"] for _ in range(10)}
    assert len(keys) == MOST_A_MINUTE
    assert len(rig.records.entries(100)) == MOST_A_MINUTE
    assert post(rig, "channels/send", {"channel": "console", "message": "hello"}).status_code == 503


@pytest.mark.parametrize("hours", ["0", "-1", "x", "nan", "inf", "9000"])
def test_hours_of_the_system_are_checked(rig: Any, hours: str) -> None:
    """A window is longer than nothing and at most a year."""
    assert rig.ask("GET", f"/api/desk/system?hours={hours}").status_code == 400
    assert rig.ask("GET", "/api/desk/system?hours=1.5").json()["window_seconds"] == 5400
