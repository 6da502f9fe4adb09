"""Settings that would expose the desk are refused, with a sentence that says what would be safe."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from nightdesk.app.settings.kinds import is_loopback
from nightdesk.app.settings.settings import Settings
from nightdesk.errors import SettingsError, Unsafe


def refuse_unsafe(settings: Settings) -> None:
    """Check the bind, the login and the secret files.

    Raises:
        Unsafe: the desk would be open to others, or a secret is.
        SettingsError: a file or variable that holds a secret is not there.
    """
    desk = settings.desk
    if not is_loopback(desk.bind):
        if not desk.auth:
            raise Unsafe(
                f"auth = false (--no-auth) on {desk.bind} would let everybody in the network write; "
                'keep auth, or bind to "127.0.0.1"'
            )
        if not (desk.tls_cert or desk.behind_proxy):
            raise Unsafe(
                f"{desk.bind} can be reached from the network and would send the token in the clear; "
                'set tls_cert and tls_key, or behind_proxy = true behind a proxy with TLS, or bind to "127.0.0.1"'
            )
    for file in secret_files(settings):
        refuse_open_secret(file)
    for name in _secret_variables(settings):
        if not os.environ.get(name):
            raise SettingsError(
                f"the environment variable {name} is empty or not set; a channel or a probe takes its secret there"
            )


def refuse_open_secret(file: Path) -> None:
    """Refuse a secret file that others than its owner may read.

    Raises:
        SettingsError: there is no such file.
        Unsafe: its mode lets others read it.
    """
    try:
        mode = file.stat().st_mode
    except OSError as error:
        raise SettingsError(
            f"cannot be read: {error.strerror}; write the secret into it and chmod 600", file=str(file)
        ) from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Unsafe(f"{file} can be read by others (mode {stat.S_IMODE(mode):04o}); run: chmod 600 {file}")


def secret_files(settings: Settings) -> Iterator[Path]:
    """Yield every file that the settings name as a secret."""
    if settings.desk.tls_key:
        yield settings.desk.tls_key
    for keeper in (*settings.channels.values(), *settings.probes):
        for field in ("password_file", "token_file", "url_file", "dsn_file"):
            file = getattr(keeper, field, None)
            if file is not None:
                yield file


def _secret_variables(settings: Settings) -> Iterator[str]:
    for keeper in (*settings.channels.values(), *settings.probes):
        for field in ("password_env", "token_env", "url_env"):
            name = getattr(keeper, field, None)
            if name is not None:
                yield name
