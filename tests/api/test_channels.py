"""Channels over HTTP: listed, tested, confirmed."""

from typing import Any

import pytest

from nightdesk.model.notice import Attempt


def tell(rig: Any, path: str, body: bytes) -> Any:
    """POST JSON with the token."""
    headers = {"authorization": f"Bearer {rig.token}", "content-type": "application/json"}
    return rig.ask("POST", f"/api/desk/channels/{path}", headers=headers, content=body)


def test_channels_are_listed(rig: Any) -> None:
    """Each with its kind, whether it leaves the machine, and what is known of it."""
    console, phone = rig.ask("GET", "/api/desk/channels").json()["channels"]
    assert (console["name"], console["state"], console["off_machine"]) == ("console", "local", False)
    assert phone == {
        "name": "phone",
        "kind": "webhook",
        "off_machine": True,
        "severities": ["critical", "warning", "info"],
        "state": "unconfirmed",
        "confirmed_at": None,
        "last_test": None,
    }


def test_a_test_is_sent_and_confirmed(rig: Any) -> None:
    """The answer never holds the code, which only the message brings; its fate and the confirmation are listed."""
    answer = tell(rig, "test", b'{"channel": "phone"}')
    assert (answer.status_code, answer.json()["last_test"]["state"]) == (200, "queued")
    (entry,) = rig.records.lease(rig.clock.now(), 1, 1_000)
    assert entry.notice.code not in answer.text
    rig.records.mark(entry.id, Attempt(rig.clock.now()), None)
    confirmed = tell(rig, "confirm", b'{"code": "%s"}' % entry.notice.code.encode())
    assert confirmed.json() == {"channel": "phone", "confirmed_at": rig.clock.now()}
    listed = rig.ask("GET", "/api/desk/channels")
    phone = listed.json()["channels"][1]
    assert (phone["state"], phone["last_test"]["state"]) == ("confirmed", "sent")
    assert entry.notice.code not in listed.text
    history = rig.ask("GET", "/api/desk/alerts/history")
    assert entry.notice.code not in history.text


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("test", b'{"channel": "fax"}', "there is no channel 'fax'"),
        ("test", b"{}", "name of a channel"),
        ("confirm", b'{"code": "AAAA-AAAA"}', "unknown, used, or older"),
        ("confirm", b'{"code": 7}', "code that a test message brought"),
    ],
)
def test_what_is_wrong_is_said(rig: Any, path: str, body: bytes, said: str) -> None:
    """400 with a sentence that says what would be right."""
    answer = tell(rig, path, body)
    assert (answer.status_code, said in answer.json()["error"]) == (400, True)


def test_guessing_codes_is_braked(rig: Any) -> None:
    """Too many wrong ones are answered with 429."""
    statuses = [tell(rig, "confirm", b'{"code": "AAAA-AAAA"}').status_code for _ in range(12)]
    assert statuses == [400] * 10 + [429] * 2
