"""Channels and routes of the settings, as the delivery and the book of alerts want them; secrets are read here."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nightdesk.alerts.routing import CONSOLE, Route, Router
from nightdesk.app.settings.channels import (
    AppriseChannel,
    Channel,
    ConsoleChannel,
    DesktopChannel,
    MailChannel,
    SmsChannel,
    WebhookChannel,
)
from nightdesk.app.settings.settings import Settings
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
from nightdesk.errors import SettingsError
from nightdesk.model.alert import Severity

AUTHORIZATION: Final = "Authorization"


def channels_of(settings: Settings) -> dict[str, ChannelSettings]:
    """Return every channel with its secrets; the console is always there.

    Raises:
        SettingsError: a secret cannot be read, or is empty.
    """
    named = {name: _channel(name, channel) for name, channel in settings.channels.items()}
    return {CONSOLE: ConsoleSettings(), **named}


def _channel(name: str, channel: Channel) -> ChannelSettings:
    match channel:
        case ConsoleChannel():
            return ConsoleSettings()
        case WebhookChannel():
            return _webhook(name, channel)
        case MailChannel():
            return _mail(name, channel)
        case DesktopChannel():
            return DesktopSettings()
        case SmsChannel():
            return _refusing(name, SmsSettings(_url(name, channel)))
        case AppriseChannel():
            return _refusing(name, AppriseSettings(_url(name, channel)))


def _url(name: str, channel: SmsChannel | AppriseChannel) -> Secret:
    url = _secret(name, channel.url_file, channel.url_env)
    if url is None:
        raise SettingsError(f"channel {name}: write url_file or url_env")
    return url


def _refusing(name: str, settings: SmsSettings | AppriseSettings | WebhookSettings) -> ChannelSettings:
    """Refuse a URL that cannot work at once: waiting for the first alert to say so would be too late."""
    problem = settings.problem()
    if problem:
        raise SettingsError(f"channel {name}: {problem}")
    return settings


def _webhook(name: str, channel: WebhookChannel) -> ChannelSettings:
    url = Secret(channel.url) if channel.url else _secret(name, channel.url_file, channel.url_env)
    if url is None:
        raise SettingsError(f"channel {name}: write url, url_file or url_env")
    headers = [(header, Secret(value)) for header, value in channel.headers.items()]
    token = _secret(name, channel.token_file, channel.token_env)
    if token is not None:
        headers.append((AUTHORIZATION, Secret(f"Bearer {token.reveal()}")))
    return _refusing(name, WebhookSettings(url, tuple(headers), ca_file=_text(channel.ca_file)))


def _mail(name: str, channel: MailChannel) -> MailSettings:
    return MailSettings(
        host=channel.host,
        sender=channel.sender,
        to=tuple(channel.to),
        port=channel.port,
        tls=MailTls(channel.tls),
        user=channel.user,
        password=_secret(name, channel.password_file, channel.password_env),
        ca_file=_text(channel.ca_file),
        allow_plain=channel.allow_plain,
    )


def _text(path: Path | None) -> str:
    return str(path) if path is not None else ""


def _secret(name: str, file: Path | None, variable: str | None) -> Secret | None:
    """Read a secret from where the settings say; None where they say nothing."""
    if file is None and variable is None:
        return None
    try:
        text = file.read_text("utf-8").strip() if file is not None else os.environ.get(variable or "", "")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"channel {name}: the secret cannot be read: {error}", file=str(file)) from error
    if not text:
        raise SettingsError(f"channel {name}: the secret in {file or variable} is empty")
    return Secret(text)


def router_of(settings: Settings) -> Router:
    """Return the routes of the settings; without any, the console takes all."""
    routes = [
        Route.of(*route.channels, severities=[Severity(word) for word in route.severity], match=route.match)
        for route in settings.routes
    ]
    return Router(routes, local=local_channels(settings.channels))


def local_channels(channels: Mapping[str, Channel]) -> frozenset[str]:
    """Return the names of channels whose messages stay on this machine."""
    here = (ConsoleChannel, DesktopChannel)
    return frozenset({CONSOLE, *(name for name, channel in channels.items() if isinstance(channel, here))})
