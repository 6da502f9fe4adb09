"""The kinds of value a setting may have, each with a message that says what would be right."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from nightdesk.errors import BadDuration
from nightdesk.model.instant import format_duration, parse_duration
from nightdesk.model.labels import LABEL_PATTERN

_CHANNEL_NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]*")
_LABEL_TEXT: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


class Section(BaseModel):
    """A table of the settings file: frozen; a key it does not know is an error, and so is a number without end.

    Nothing is above NaN and nothing above infinity: as a threshold either would be an alert switched off in silence.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True, allow_inf_nan=False)


def _duration(value: object) -> int:
    if not isinstance(value, str):
        # pydantic turns a ValueError into a finding, a TypeError not.
        raise ValueError('write a duration in quotes, e.g. "30s" or "1h30m"')  # noqa: TRY004
    try:
        return parse_duration(value)
    except BadDuration as error:
        raise ValueError(str(error)) from error


def at_least(millis: int) -> AfterValidator:
    """Refuse durations below `millis`, naming the bound as people write it."""

    def check(value: int) -> int:
        if value < millis:
            raise ValueError(f'"{format_duration(value)}" is too short; write "{format_duration(millis)}" or more')
        return value

    return AfterValidator(check)


Duration = Annotated[int, BeforeValidator(_duration)]
"""Written as text (`"1h30m"`), held in milliseconds."""


def _path(value: object, info: ValidationInfo) -> Path:
    if not isinstance(value, str) or not value:
        raise ValueError('write a path in quotes, e.g. "secrets/mail-password"')
    base = (info.context or {}).get("base", Path())
    return Path(base, Path(value).expanduser())


FilePath = Annotated[Path, BeforeValidator(_path)]
"""A path; `~` is the home, and a relative one counts from the folder of the settings file."""


def _bind(value: str) -> str:
    if value == "localhost":
        return value
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError(f'"{value}" is not an address; write e.g. "127.0.0.1", "::1" or "0.0.0.0"') from None


BindAddress = Annotated[str, AfterValidator(_bind)]


def is_loopback(address: str) -> bool:
    """Tell whether only this machine can reach a bind address."""
    return address == "localhost" or ipaddress.ip_address(address).is_loopback


def _host(value: str) -> str:
    bare = value.strip("[]")
    if _HOST.fullmatch(value):
        return value.lower()
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        raise ValueError(
            f'"{value}" is not a host name; write e.g. "desk.example.org", without scheme or port'
        ) from None
    return bare


HostName = Annotated[str, AfterValidator(_host)]


def _web_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f'"{value}" is not a web address; write e.g. "https://example.org/hook"')
    return value


WebUrl = Annotated[str, AfterValidator(_web_url)]


def _public_url(value: str) -> str:
    return _web_url(value).rstrip("/") if value else value


PublicUrl = Annotated[str, AfterValidator(_public_url)]


def _target(value: str) -> str:
    url = value if "://" in value else f"http://{value}"
    parts = urlsplit(_web_url(url))
    try:
        port = parts.port
    except ValueError:
        raise ValueError(f'"{value}" has no valid port; write e.g. "127.0.0.1:8000"') from None
    if "://" not in value and (port is None or parts.path):
        raise ValueError(f'"{value}" lacks a port; write "host:port", or a full URL such as "http://host/metrics"')
    return value


ScrapeAddress = Annotated[str, AfterValidator(_target)]


def _label_name(value: str) -> str:
    if not LABEL_PATTERN.fullmatch(value):
        raise ValueError(f'"{value}" is not a label name; write letters, digits and _, not starting with a digit')
    if value == "__name__":
        raise ValueError('"__name__" is the name of the metric; choose another label')
    return value


LabelName = Annotated[str, AfterValidator(_label_name)]


def _label_text(value: str) -> str:
    if not _LABEL_TEXT.fullmatch(value):
        raise ValueError(f'"{value}" cannot be a name here; write letters, digits, _ . and -, at most 64')
    return value


LabelText = Annotated[str, AfterValidator(_label_text)]
"""A name that becomes the value of a label."""


def _channel_name(value: str) -> str:
    if not _CHANNEL_NAME.fullmatch(value):
        raise ValueError(f'"{value}" is not a channel name; write letters, digits, _ and -')
    return value


ChannelName = Annotated[str, AfterValidator(_channel_name)]


def _environment_name(value: str) -> str:
    if not LABEL_PATTERN.fullmatch(value):
        raise ValueError(f'"{value}" is not the name of an environment variable; write e.g. "NIGHTDESK_MAIL_PASSWORD"')
    return value


EnvironmentName = Annotated[str, AfterValidator(_environment_name)]


def _mail_address(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if not (at and local and domain) or any(character.isspace() or ord(character) < 32 for character in value):
        raise ValueError(f'"{value}" is not a mail address; write e.g. "night@example.org"')
    return value


MailAddress = Annotated[str, AfterValidator(_mail_address)]
