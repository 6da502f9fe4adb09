"""The letter as mail programs see it: threads, ids, and headers that nothing can be smuggled into."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default

from hypothesis import given
from hypothesis import strategies as st

from nightdesk.deliver.channels.letter import compose, thread_of
from nightdesk.deliver.render import Place
from nightdesk.deliver.settings.channels import MailSettings
from nightdesk.model.alert import AlertState
from nightdesk.model.labels import Labels
from nightdesk.model.notice import Notice, NoticeReason
from nightdesk.testing.builders import an_alert
from nightdesk.testing.contracts.alert_records import a_notice

SETTINGS = MailSettings("mail.example.org", "desk@example.org", ("a@example.org", "b@example.org"))
HERE = Place("desk1")


def test_every_attempt_builds_the_same_letter() -> None:
    """Message-ID, date and text depend on the notice alone, so that a second copy is known as one."""
    notice = a_notice(an_alert())
    first, second = (compose(SETTINGS, notice, HERE) for _ in range(2))
    assert first.as_bytes() == second.as_bytes()
    assert first["Message-ID"] == f"<{notice.key}@example.org>"
    assert first["X-Nightdesk-Key"] == notice.key
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["To"] == "a@example.org, b@example.org"
    assert first["Date"].datetime.timestamp() * 1000 == notice.created_at


def test_a_resolution_shares_the_thread_of_its_breach() -> None:
    """Both refer to the same ancestor; another episode of the same alert does not."""
    firing = an_alert()
    over = replace(firing, state=AlertState.RESOLVED, ended_at=firing.active_at + 1)
    breach = compose(SETTINGS, a_notice(firing), HERE)
    end = compose(SETTINGS, a_notice(over, reason=NoticeReason.RESOLVED), HERE)
    assert breach["References"] == end["References"] == f"<{thread_of(firing)}@example.org>"
    assert breach["Message-ID"] != end["Message-ID"]
    again = compose(SETTINGS, a_notice(replace(firing, active_at=firing.active_at + 5)), HERE)
    assert again["References"] != breach["References"]


def test_a_critical_breach_is_marked_important() -> None:
    """Only the breach itself, not its end and not a warning."""
    grave = replace(an_alert(), labels=an_alert().labels.with_(severity="critical"))
    assert compose(SETTINGS, a_notice(grave), HERE)["Importance"] == "high"
    assert compose(SETTINGS, a_notice(grave, reason=NoticeReason.RESOLVED), HERE)["Importance"] is None
    assert compose(SETTINGS, a_notice(an_alert()), HERE)["Importance"] is None
    assert compose(SETTINGS, Notice("k", "phone", NoticeReason.TEST, (), 0), HERE)["References"] is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_can_be_smuggled_into_the_headers(name: str, text: str) -> None:
    """Whatever a label says, the letter that is sent has our headers, no others, and is read back whole."""
    alert = replace(
        an_alert(),
        labels=Labels([("alertname", f"{name}\r\nBcc: x@example.org"), ("instance", text)]),
        annotations=(("summary", f"{text}\n.\n"),),
    )
    letter = message_from_bytes(compose(SETTINGS, a_notice(alert), HERE).as_bytes(), policy=default)
    assert set(letter.keys()) == {
        "From", "To", "Date", "Subject", "Message-ID", "References", "Auto-Submitted", "X-Nightdesk-Key",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert letter["To"] == "a@example.org, b@example.org"
    assert "Nightdesk on desk1" in letter.get_content()
