"""Settings that would expose the desk are refused."""

from pathlib import Path
from typing import Any

import pytest

from nightdesk.app.settings.safety import refuse_unsafe
from nightdesk.app.settings.settings import Settings
from nightdesk.errors import SettingsError, Unsafe

TLS = {"tls_cert": "cert.pem", "tls_key": "key.pem"}


def settings_of(folder: Path, **tables: Any) -> Settings:
    """Validate tables as if they stood in a file of that folder, beside a private TLS key."""
    (folder / "key.pem").write_text("key")
    (folder / "key.pem").chmod(0o600)
    return Settings.model_validate(tables, context={"base": folder})


@pytest.mark.parametrize(
    ("desk", "refused"),
    [
        ({}, None),
        ({"auth": False}, None),
        ({"bind": "::1", "auth": False}, None),
        ({"bind": "127.0.0.2", "auth": False}, None),
        ({"bind": "0.0.0.0"}, "would send the token in the clear"),
        ({"bind": "::"}, "would send the token in the clear"),
        ({"bind": "10.0.0.1", "behind_proxy": True}, None),
        ({"bind": "10.0.0.1", **TLS}, None),
        ({"bind": "10.0.0.1", **TLS, "auth": False}, "would let everybody in the network write"),
        ({"bind": "0.0.0.0", "behind_proxy": True, "auth": False}, "would let everybody in the network write"),
    ],
)
def test_only_loopback_may_go_without_token_and_tls(tmp_path: Path, desk: dict[str, Any], refused: str | None) -> None:
    """Beyond loopback a desk needs the token, and TLS of its own or of a proxy."""
    settings = settings_of(tmp_path, desk=desk)
    if refused is None:
        refuse_unsafe(settings)
        return
    with pytest.raises(Unsafe, match=refused):
        refuse_unsafe(settings)


def mail(**password: str) -> dict[str, Any]:
    """Describe a mail channel with a login."""
    table = {"kind": "mail", "host": "smtp.example.org", "user": "night", "sender": "a@b.c", "to": ["d@e.f"]}
    return {"phone": {**table, **password}}


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A secret file must be its owner's alone, and the message gives the command that makes it so."""
    secret = tmp_path / "password"
    secret.write_text("x")
    secret.chmod(mode)
    settings = settings_of(tmp_path, channels=mail(password_file="password"))
    with pytest.raises(Unsafe, match=f"run: chmod 600 {secret}"):
        refuse_unsafe(settings)
    secret.chmod(0o600)
    refuse_unsafe(settings)


def test_a_secret_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing secret is found at start, not at three in the morning."""
    with pytest.raises(SettingsError, match="cannot be read"):
        refuse_unsafe(settings_of(tmp_path, channels=mail(password_file="password")))
    by_variable = settings_of(tmp_path, channels=mail(password_env="TEST_NIGHTDESK_PASSWORD"))
    with pytest.raises(SettingsError, match="TEST_NIGHTDESK_PASSWORD is empty or not set"):
        refuse_unsafe(by_variable)
    monkeypatch.setenv("TEST_NIGHTDESK_PASSWORD", "x")
    refuse_unsafe(by_variable)
