"""What each kind of channel needs to know, as frozen values; a secret never shows itself."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

from nightdesk.deliver.settings.addresses import names_forbidden
from nightdesk.deliver.settings.services import gateway_problem, service_problem

_MAX_PORT: Final = 65_535
_SHORTEST_TOKEN: Final = 8
"""A shorter piece of a web address is no token, and striking it out would garble every message."""
_SHORTEST_WORD: Final = 3
"""The same for what stands where a login stands."""
_BETWEEN_WORDS: Final = re.compile(r"[:/]")
_BETWEEN_PIECES: Final = re.compile(r"[\s/?&=;,]+")


class Secret:
    """A text that logs, tracebacks and screens show as `***`; only `reveal` gives it out."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Keep the text."""
        self._text = text

    def reveal(self) -> str:
        """Return the text itself; for the one place that uses it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "***"


class MailTls(Enum):
    """How a mail connection is protected."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"
    """In the clear; only to this machine, unless `allow_plain` says otherwise."""


_USUAL_PORT: Final = {MailTls.STARTTLS: 587, MailTls.IMPLICIT: 465, MailTls.NONE: 25}


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """Print on the standard error stream of the desk, one line an alert."""

    kind: ClassVar[str] = "console"

    def problem(self) -> str:
        """Return why these settings cannot work, or the empty string."""
        return ""

    def secrets(self) -> tuple[str, ...]:
        """Return the texts that must never be shown."""
        return ()


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """POST in the form of Alertmanager's webhook. The address counts as a secret: many services put a token in it."""

    kind: ClassVar[str] = "webhook"

    url: Secret
    headers: tuple[tuple[str, Secret], ...] = ()
    ca_file: str = ""
    """Certificates to trust instead of the system's, as a PEM file."""

    def problem(self) -> str:
        """Return why these settings cannot work, or the empty string."""
        try:
            parts = urlsplit(self.url.reveal())
            port_is_good = parts.port is None or parts.port > 0
        except ValueError:
            return "url cannot be read: write e.g. https://example.org/hook"
        if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_good:
            return "url must be http:// or https:// with a host"
        if names_forbidden(parts.hostname):
            return f"url leads to {parts.hostname}, which is no receiver but this machine's network or cloud"
        return _header_problem(self.headers) or _userinfo_problem(parts)

    def secrets(self) -> tuple[str, ...]:
        """Return the texts that must never be shown: address and headers, whole and in their pieces.

        A server that repeats a token repeats it without the word `Bearer`, or without the path around it.
        """
        url = self.url.reveal()
        tail = url.partition("://")[2].partition("/")[2]
        values = [value.reveal() for _, value in self.headers]
        pieces = [piece for text in (tail, *values) for piece in _BETWEEN_PIECES.split(text)]
        return (url, *values, *(piece for piece in pieces if len(piece) >= _SHORTEST_TOKEN))


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Send plain text mail through one SMTP server."""

    kind: ClassVar[str] = "mail"

    host: str
    sender: str
    to: tuple[str, ...]
    port: int | None = None
    """None for the usual one: 587 with STARTTLS, 465 with implicit TLS, 25 without."""
    tls: MailTls = MailTls.STARTTLS
    user: str = ""
    password: Secret | None = None
    ca_file: str = ""
    """Certificates to trust instead of the system's, as a PEM file."""
    allow_plain: bool = False
    """Let mail and password travel in the clear to another machine."""

    @property
    def port_in_use(self) -> int:
        """The port to connect to."""
        return self.port if self.port is not None else _USUAL_PORT[self.tls]

    def problem(self) -> str:
        """Return why these settings cannot work, or the empty string."""
        if not self.host or _has_controls(self.host):
            return "host is missing: write the name of the mail server"
        if not 0 < self.port_in_use <= _MAX_PORT:
            return f"port must be between 1 and {_MAX_PORT}"
        if not self.to:
            return "to is empty: write at least one address"
        bad = next((address for address in (self.sender, *self.to) if not _is_address(address)), None)
        if bad is not None:
            return f"not a mail address: {bad!r}; write it bare, e.g. desk@example.org"
        if bool(self.user) != bool(self.password):
            return "user and password belong together: give both or neither"
        return ""

    def secrets(self) -> tuple[str, ...]:
        """Return the texts that must never be shown."""
        return (self.password.reveal(),) if self.password else ()


@dataclass(frozen=True, slots=True)
class DesktopSettings:
    """Show a notification on the desktop of the user who runs the desk.

    The session's own address is used and none can be written here: an address may name a program to start.
    """

    kind: ClassVar[str] = "desktop"

    def problem(self) -> str:
        """Return why these settings cannot work, or the empty string."""
        return ""

    def secrets(self) -> tuple[str, ...]:
        """Return the texts that must never be shown."""
        return ()


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """Send a short message through a gateway, by its URL of apprise, which is a secret as a whole."""

    kind: ClassVar[str] = "sms"

    url: Secret

    def problem(self) -> str:
        """Return why these settings cannot work, or the empty string."""
        return gateway_problem(self.url.reveal())

    def secrets(self) -> tuple[str, ...]:
        """Return the texts that must never be shown."""
        return _pieces_of_service(self.url.reveal())


@dataclass(frozen=True, slots=True)
class AppriseSettings:
    """Tell any service that the library apprise knows, by its URL, which is a secret as a whole."""

    kind: ClassVar[str] = "apprise"

    url: Secret

    def problem(self) -> str:
        """Return why these settings cannot work, or the empty string."""
        return service_problem(self.url.reveal())

    def secrets(self) -> tuple[str, ...]:
        """Return the texts that must never be shown."""
        return _pieces_of_service(self.url.reveal())


ServiceSettings = SmsSettings | AppriseSettings
"""Carried by the second kind of sender process, the one with apprise."""
ChannelSettings = ConsoleSettings | DesktopSettings | WebhookSettings | MailSettings | ServiceSettings


def leaves_machine(settings: ChannelSettings) -> bool:
    """Return whether a channel is made to reach a person who is not at this machine."""
    return not isinstance(settings, ConsoleSettings | DesktopSettings)


def _is_address(text: str) -> bool:
    """Say whether a text is one bare address; what the mail server thinks of it is the server's answer."""
    local, at, domain = text.rpartition("@")
    return bool(at and local and domain) and not _has_controls(text) and not set(text) & set(' <>,;:"()[]\\')


def _has_controls(text: str) -> bool:
    return any(not character.isprintable() for character in text)


def _pieces_of_service(url: str) -> tuple[str, ...]:
    """Return a service's URL, whole and in every piece that may be a token, a password or a telephone number.

    A host that people would recognise (it has a dot, or is this machine) is no secret; what stands in its place in the
    URLs of many services is. Services repeat what they were sent in both spellings, so both are given.
    """
    rest = url.partition("://")[2]
    login, _, behind = rest.rpartition("@")
    host, _, tail = behind.partition("/")
    name = host.partition(":")[0]
    is_machine = "." in name or name == "localhost"
    words = [login, *_BETWEEN_WORDS.split(login), *([] if is_machine else [host, *_BETWEEN_WORDS.split(host)])]
    pieces = [piece.lstrip("+@#") for piece in _BETWEEN_PIECES.split(tail)]
    told = [word for word in words if len(word) >= _SHORTEST_WORD]
    told += [piece for piece in pieces if len(piece) >= _SHORTEST_TOKEN]
    spellings = [spelling for word in told for spelling in (word, unquote(word), quote(unquote(word), safe=""))]
    return tuple(dict.fromkeys((url, rest, *spellings))) if rest else ()


def _header_problem(headers: tuple[tuple[str, Secret], ...]) -> str:
    for name, value in headers:
        if not name or not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            return f"not a header name: {name!r}"
        if _has_controls(value.reveal()) or not value.reveal().isascii():
            return f"the value of header {name} must be printable ASCII on one line"
    return ""


def _userinfo_problem(parts: SplitResult) -> str:
    if parts.username or parts.password:
        return "url carries a user name: give an Authorization header instead"
    return ""
