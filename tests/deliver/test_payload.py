"""The webhook's body is what Alertmanager would send."""

import json
import re
from dataclasses import replace

from nightdesk.deliver.channels.payload import payload
from nightdesk.deliver.render import Place
from nightdesk.model.alert import AlertState
from nightdesk.model.labels import Labels
from nightdesk.model.notice import Notice, NoticeReason
from nightdesk.testing.builders import an_alert
from nightdesk.testing.contracts.alert_records import a_notice

HERE = Place("desk1", "https://desk.example.org")


def test_a_breach_has_every_field_of_version_4() -> None:
    """All the fields that receivers of Alertmanager's webhooks read, with their types."""
    alert = an_alert("CpuBusy", instance="web1")
    made = payload(a_notice(alert), HERE)
    assert made["version"] == "4"
    assert (made["status"], made["receiver"], made["truncatedAlerts"]) == ("firing", "phone", 0)
    assert made["groupLabels"] == {"alertname": "CpuBusy"}
    assert made["groupKey"] == '{}:{alertname="CpuBusy"}'
    assert made["commonLabels"] == alert.labels.as_dict()
    assert made["externalURL"] == "https://desk.example.org"
    (told,) = made["alerts"]
    assert told["status"] == "firing"
    assert told["startsAt"] == "2023-11-14T22:13:20.000Z"
    assert told["endsAt"] == "0001-01-01T00:00:00Z"
    assert re.fullmatch("[0-9a-f]{16}", told["fingerprint"])


def test_an_end_keeps_the_fingerprint_and_the_start() -> None:
    """Receivers match a resolution to its breach by these."""
    firing = an_alert("A")
    over = replace(firing, state=AlertState.RESOLVED, ended_at=firing.active_at + 1_000)
    before = payload(a_notice(firing), HERE)["alerts"][0]
    after = payload(a_notice(over, reason=NoticeReason.RESOLVED), HERE)
    assert after["status"] == after["alerts"][0]["status"] == "resolved"
    assert after["alerts"][0]["endsAt"] == "2023-11-14T22:13:21.000Z"
    assert [after["alerts"][0][name] for name in ("fingerprint", "startsAt")] == [
        before[name] for name in ("fingerprint", "startsAt")
    ]


def test_alerts_that_differ_share_what_they_share() -> None:
    """Common labels are those that all have with the same value."""
    made = payload(a_notice(an_alert("A", shard="1"), an_alert("B", shard="1", cpu="0")), HERE)
    assert made["commonLabels"] == {"severity": "warning", "shard": "1"}
    assert (made["groupLabels"], made["groupKey"]) == ({}, "{}:{}")


def test_a_test_leaves_nothing_open() -> None:
    """A test arrives as one alert that is over."""
    made = payload(Notice("0123456789abcdef0", "phone", NoticeReason.TEST, (), 1_700_000_000_000), HERE)
    assert made["status"] == "resolved"
    assert made["alerts"][0]["labels"]["alertname"] == "NightdeskTest"


def test_what_is_no_text_does_not_break_the_receiver() -> None:
    """Lone surrogates, which many JSON readers refuse, are replaced; all else arrives as it is."""
    alert = replace(an_alert(), labels=Labels([("alertname", "A\udc80é\x00")]))
    read = json.loads(json.dumps(payload(a_notice(alert), HERE)))
    assert read["alerts"][0]["labels"]["alertname"] == "A?é\x00"
