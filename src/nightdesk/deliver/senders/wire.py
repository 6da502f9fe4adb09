"""The lines between the desk and a sender process: JSON, one message down, one outcome up.

Both ends are the same release, so the form needs no version. Secrets travel here and nowhere else: neither in the
arguments nor in the environment of a process, which others may read.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nightdesk.deliver.outcome import Outcome
from nightdesk.deliver.render import Place
from nightdesk.deliver.settings.channels import (
    AppriseSettings,
    ChannelSettings,
    ConsoleSettings,
    DesktopSettings,
    MailSettings,
    MailTls,
    Secret,
    SmsSettings,
    WebhookSettings,
)
from nightdesk.model.notice import FailureReason, Notice
from nightdesk.store.records.form import notice_form, notice_from

Form = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """One message to carry out; `seconds` is the total deadline, kept by whoever started the process."""

    settings: ChannelSettings
    notice: Notice
    place: Place
    seconds: float


def dump_job(job: Job) -> bytes:
    """Write a job as one line; the time zone is not sent, the process has the desk's own."""
    return _line(
        {
            "kind": job.settings.kind,
            "settings": settings_form(job.settings),
            "notice": notice_form(job.notice),
            "host": job.place.host,
            "public_url": job.place.public_url,
            "seconds": job.seconds,
        }
    )


def load_job(line: bytes) -> Job:
    """Read a job back."""
    form = json.loads(line)
    settings = _SETTINGS[form["kind"]](form["settings"])
    return Job(settings, notice_from(form["notice"]), Place(form["host"], form["public_url"]), form["seconds"])


def dump_outcome(outcome: Outcome) -> bytes:
    """Write an outcome as one line."""
    failure = outcome.failure.value if outcome.failure else None
    return _line({"failure": failure, "detail": outcome.detail, "retry_after": outcome.retry_after})


def load_outcome(line: bytes) -> Outcome:
    """Read an outcome back. Raises ValueError, KeyError or TypeError on a line that is none."""
    form = json.loads(line)
    failure = FailureReason(form["failure"]) if form["failure"] is not None else None
    return Outcome(failure, str(form["detail"]), int(form["retry_after"]))


def _line(form: Mapping[str, Any]) -> bytes:
    return json.dumps(form, separators=(",", ":")).encode("ascii") + b"\n"


def settings_form(settings: ChannelSettings) -> Form:
    """Return everything that settings say, secrets included."""
    match settings:
        case ConsoleSettings() | DesktopSettings():
            return {}
        case SmsSettings() | AppriseSettings():
            return {"url": settings.url.reveal()}
        case WebhookSettings():
            headers = [(name, value.reveal()) for name, value in settings.headers]
            return {"url": settings.url.reveal(), "headers": headers, "ca_file": settings.ca_file}
        case MailSettings():
            return {
                "host": settings.host,
                "sender": settings.sender,
                "to": list(settings.to),
                "port": settings.port,
                "tls": settings.tls.value,
                "user": settings.user,
                "password": settings.password.reveal() if settings.password else None,
                "ca_file": settings.ca_file,
                "allow_plain": settings.allow_plain,
            }


def _webhook(form: Form) -> WebhookSettings:
    headers = tuple((name, Secret(value)) for name, value in form["headers"])
    return WebhookSettings(Secret(form["url"]), headers, form["ca_file"])


def _mail(form: Form) -> MailSettings:
    password = Secret(form["password"]) if form["password"] is not None else None
    told_apart = {"to": tuple(form["to"]), "tls": MailTls(form["tls"]), "password": password}
    return MailSettings(**{**form, **told_apart})


_SETTINGS: Final[Mapping[str, Callable[[Form], ChannelSettings]]] = {
    ConsoleSettings.kind: lambda _: ConsoleSettings(),
    DesktopSettings.kind: lambda _: DesktopSettings(),
    SmsSettings.kind: lambda form: SmsSettings(Secret(form["url"])),
    AppriseSettings.kind: lambda form: AppriseSettings(Secret(form["url"])),
    WebhookSettings.kind: _webhook,
    MailSettings.kind: _mail,
}
