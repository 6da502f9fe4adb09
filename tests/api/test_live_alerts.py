"""Live alerts over HTTP: what was not told of them, and ending one whose data do not come back."""

from dataclasses import replace
from typing import Any

import pytest

from nightdesk.model.alert import AlertState, Evidence
from nightdesk.model.mute import Muted, MuteReason
from nightdesk.testing.builders import an_alert

GONE = replace(an_alert("BotSilent", AlertState.FIRING, 5, severity="critical"), evidence=Evidence.ABSENT)


def release(rig: Any, body: bytes) -> Any:
    """Ask for the release of an alert, with the token."""
    headers = {"authorization": f"Bearer {rig.token}", "content-type": "application/json"}
    return rig.ask("POST", "/api/desk/alerts/release", headers=headers, content=body)


def test_an_alert_that_nobody_was_told_of_says_why(rig: Any) -> None:
    """`held` has reason and what holds it; `kept_from` the channels that load does not reach; null and [] else."""
    held, load, told = (an_alert(name, AlertState.FIRING, 5) for name in ("Held", "CpuBusy", "Told"))
    rig.live = [held, load, told]
    rig.held = {held.labels: Muted(MuteReason.NO_ROUTE, "no route takes it")}
    rig.kept_from = {load.labels: ("phone",)}
    alerts = rig.ask("GET", "/api/desk/alerts").json()["alerts"]
    assert [(each["name"], each["held"], each["kept_from"]) for each in alerts] == [
        ("Held", {"reason": "no_route", "by": "no route takes it"}, []),
        ("CpuBusy", None, ["phone"]),
        ("Told", None, []),
    ]


def test_what_is_held_for_want_of_data_may_be_ended(rig: Any) -> None:
    """The rules are told the fingerprint, and the answer is the alert."""
    rig.live = [GONE]
    answer = release(rig, b'{"fingerprint": "%s"}' % GONE.fingerprint.encode())
    assert (answer.status_code, answer.json()["name"]) == (200, "BotSilent")
    assert rig.calls == [f"release {GONE.fingerprint}"]


@pytest.mark.parametrize("evidence", [Evidence.TRUE, Evidence.FALSE])
def test_what_is_judged_on_data_is_no_persons_to_end(rig: Any, evidence: Evidence) -> None:
    """An alert whose condition is seen is refused with a sentence, and nothing is done."""
    rig.live = [replace(GONE, evidence=evidence)]
    answer = release(rig, b'{"fingerprint": "%s"}' % GONE.fingerprint.encode())
    assert answer.status_code == 400
    assert "is not held" in answer.json()["error"]
    assert rig.calls == []


@pytest.mark.parametrize("body", [b"", b"{}", b'{"fingerprint": ""}', b'{"fingerprint": 5}', b'{"fingerprint": "abc"}'])
def test_a_release_of_nothing_is_refused(rig: Any, body: bytes) -> None:
    """No body, no fingerprint, or one that no live alert has: 400, and nothing is done."""
    rig.live = [GONE]
    assert release(rig, body).status_code == 400
    assert rig.calls == []
