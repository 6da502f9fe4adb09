"""Channels of the settings become what delivery wants, every field of them, with secrets read from where they stand."""

from pathlib import Path
from typing import Any

import pytest

from nightdesk.app.channels import channels_of
from nightdesk.app.settings import Settings
from nightdesk.deliver.channels.settings import ConsoleSettings, MailSettings, MailTls, WebhookSettings
from nightdesk.errors import SettingsError


def settings_of(folder: Path, **channels: Any) -> Settings:
    """Validate channels as if they stood in a file of that folder."""
    return Settings.model_validate({"channels": channels}, context={"base": folder})


def test_the_console_is_always_there(tmp_path: Path) -> None:
    """No settings are needed for it."""
    assert channels_of(settings_of(tmp_path)) == {"console": ConsoleSettings()}


def test_every_field_of_a_mail_channel_arrives(tmp_path: Path) -> None:
    """No setting is read and then forgotten."""
    (tmp_path / "password").write_text("hunter2-hunter2\n")
    table = {
        "kind": "mail", "host": "mail.example.org", "port": 2525, "tls": "implicit", "user": "night",
        "password_file": "password", "sender": "a@b.c", "to": ["d@e.f"], "ca_file": "ca.pem", "allow_plain": True,
    }
    mail = channels_of(settings_of(tmp_path, phone=table))["phone"]
    assert isinstance(mail, MailSettings)
    assert (mail.host, mail.port, mail.tls, mail.user) == ("mail.example.org", 2525, MailTls.IMPLICIT, "night")
    assert mail.password is not None
    assert mail.password.reveal() == "hunter2-hunter2"
    assert (mail.sender, mail.to) == ("a@b.c", ("d@e.f",))
    assert (mail.ca_file, mail.allow_plain) == (str(tmp_path / "ca.pem"), True)


def test_every_field_of_a_webhook_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token becomes the Authorization header, and stands nowhere in the settings themselves."""
    monkeypatch.setenv("TEST_NIGHTDESK_TOKEN", "t0ken-t0ken")
    table = {
        "kind": "webhook", "url": "https://example.org/hook", "headers": {"X-Desk": "night"},
        "token_env": "TEST_NIGHTDESK_TOKEN", "ca_file": "ca.pem",
    }
    settings = settings_of(tmp_path, hook=table)
    hook = channels_of(settings)["hook"]
    assert isinstance(hook, WebhookSettings)
    assert hook.url.reveal() == "https://example.org/hook"
    headers = [(name, value.reveal()) for name, value in hook.headers]
    assert headers == [("X-Desk", "night"), ("Authorization", "Bearer t0ken-t0ken")]
    assert hook.ca_file == str(tmp_path / "ca.pem")
    assert "t0ken" not in repr(settings) + repr(hook)


def test_an_empty_secret_is_refused(tmp_path: Path) -> None:
    """An empty password file is a mistake that would show itself only at night."""
    (tmp_path / "password").write_text("\n")
    table = {"kind": "mail", "host": "h", "user": "u", "password_file": "password", "sender": "a@b.c", "to": ["d@e.f"]}
    with pytest.raises(SettingsError, match="is empty"):
        channels_of(settings_of(tmp_path, phone=table))
