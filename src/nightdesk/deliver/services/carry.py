"""Carrying one notice to a service through apprise. Loading apprise takes most of a second and 45 MB: see `child`."""

from typing import Final

import apprise

from nightdesk.deliver.outcome import TAKEN, Outcome, redacted
from nightdesk.deliver.render import Place, body, headline
from nightdesk.deliver.services.guard import GUARD, Forbidden
from nightdesk.deliver.services.reasons import outcome_of
from nightdesk.deliver.services.witness import Witness
from nightdesk.deliver.settings.channels import ServiceSettings, SmsSettings
from nightdesk.deliver.short import sms
from nightdesk.model.alert import Severity
from nightdesk.model.notice import FailureReason, Notice, NoticeReason

_TYPES: Final = {
    Severity.CRITICAL: apprise.NotifyType.FAILURE,
    Severity.WARNING: apprise.NotifyType.WARNING,
    Severity.INFO: apprise.NotifyType.INFO,
}
_USUAL_READ_SECONDS: Final = apprise.URLBase.socket_read_timeout


UNKNOWN: Final = "apprise knows no service by this URL; see docs/channels.md"


def problem_of(settings: ServiceSettings) -> str:
    """Return why apprise cannot use a URL, in a sentence without it, or the empty string; nothing is sent."""
    try:
        return "" if _service(settings.url.reveal()) is not None else UNKNOWN
    except apprise.exception.AppriseException as error:
        return redacted(f"apprise cannot use this URL: {error}", settings.secrets())


def deliver(settings: ServiceSettings, notice: Notice, place: Place, seconds: float) -> Outcome:
    """Tell the service; taken if apprise says that every recipient's request was.

    `seconds` bounds each wait for an answer, unless the URL says `rto`; the total is bounded by this process' owner.
    """
    with Witness() as witness:
        try:
            service = _service(settings.url.reveal())
            if service is None:
                return Outcome(FailureReason.CONFIG, UNKNOWN)
            if service.socket_read_timeout == _USUAL_READ_SECONDS:
                # Apprise waits for 4 s. A slower gateway has the message all the same, and would get it again.
                service.socket_read_timeout = seconds
            taken = _tell(service, settings, notice, place)
        except apprise.exception.AppriseException as error:
            return Outcome(FailureReason.CONFIG, f"apprise cannot use this URL: {error}")
        except Forbidden as error:
            return Outcome(FailureReason.CONFIG, str(error))
    return TAKEN if taken else outcome_of(witness, GUARD.refused())


def _service(url: str) -> apprise.NotifyBase | None:
    """Build the service's plug-in; redirects could lead anywhere and are not followed."""
    asset = apprise.AppriseAsset(app_id="Nightdesk", app_desc="Nightdesk", http_redirects=False)
    return apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)


def _tell(service: apprise.NotifyBase, settings: ServiceSettings, notice: Notice, place: Place) -> bool:
    speaker = apprise.Apprise()
    speaker.add(service)
    short = isinstance(settings, SmsSettings)
    title, text = ("", sms(notice, place)) if short else (headline(notice, place), body(notice, place))
    kind = apprise.NotifyType.SUCCESS if notice.reason is NoticeReason.RESOLVED else _TYPES[notice.severity]
    return bool(speaker.notify(body=text, title=title, notify_type=kind, body_format=apprise.NotifyFormat.TEXT))
