"""A notice as a letter: headers that thread, deduplicate and cannot be injected into."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from nightdesk.deliver.render import Place, body, headline, plain
from nightdesk.deliver.settings.channels import MailSettings
from nightdesk.model.alert import Alert, Severity
from nightdesk.model.instant import SECOND
from nightdesk.model.notice import Notice, NoticeReason

_MOST_THREADS: Final = 10


def compose(settings: MailSettings, notice: Notice, place: Place) -> EmailMessage:
    """Build the letter; every attempt at the same notice builds the same one, Message-ID included.

    The date is the instant of the decision, not of the attempt: a late letter says when it was true.
    """
    letter = EmailMessage(policy=SMTP)
    letter["From"] = settings.sender
    letter["To"] = ", ".join(settings.to)
    letter["Date"] = datetime.fromtimestamp(notice.created_at / SECOND, UTC)
    letter["Subject"] = headline(notice, place)
    domain = settings.sender.rpartition("@")[2]
    letter["Message-ID"] = f"<{plain(notice.key)}@{domain}>"
    threads = [f"<{thread_of(alert)}@{domain}>" for alert in notice.alerts[:_MOST_THREADS]]
    if threads:
        letter["References"] = " ".join(threads)
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Nightdesk-Key"] = plain(notice.key)
    if notice.severity is Severity.CRITICAL and notice.reason is NoticeReason.FIRED:
        letter["Importance"] = "high"
    letter.set_content(body(notice, place))
    return letter


def thread_of(alert: Alert) -> str:
    """Name the thread of one episode of an alert: an id that no letter bears, and all its letters refer to.

    Mail programs gather letters by a common ancestor even where they never saw it, so that a resolution stands below
    its breach without anybody having to remember what was sent.
    """
    return f"{alert.fingerprint}.{alert.active_at}"
