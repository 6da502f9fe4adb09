"""All kinds of channel: the settings each takes, and how it delivers. Imported by the sender process alone."""

from nightdesk.deliver.channels import console, desktop, mail, webhook
from nightdesk.deliver.outcome import Outcome
from nightdesk.deliver.render import Place
from nightdesk.deliver.settings.channels import (
    AppriseSettings,
    ChannelSettings,
    ConsoleSettings,
    DesktopSettings,
    MailSettings,
    SmsSettings,
    WebhookSettings,
)
from nightdesk.model.notice import FailureReason, Notice


def deliver(settings: ChannelSettings, notice: Notice, place: Place, seconds: float) -> Outcome:
    """Carry one notice out by the kind of its channel, and classify what became of it; raises only on our own bugs."""
    problem = settings.problem()
    if problem:
        return Outcome(FailureReason.CONFIG, problem)
    match settings:
        case ConsoleSettings():
            return console.deliver(settings, notice, place, seconds)
        case DesktopSettings():
            return desktop.deliver(settings, notice, place, seconds)
        case WebhookSettings():
            return webhook.deliver(settings, notice, place, seconds)
        case MailSettings():
            return mail.deliver(settings, notice, place, seconds)
        case SmsSettings() | AppriseSettings():
            # Apprise is heavy: only the process that was started for it loads it.
            from nightdesk.deliver.services import carry

            return carry.deliver(settings, notice, place, seconds)
