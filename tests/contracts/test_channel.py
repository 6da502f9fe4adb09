"""The contract of channels: mail against a real SMTP server, webhook against a real HTTP server, console on a pipe."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest

from nightdesk.deliver.settings.channels import (
    ChannelSettings,
    ConsoleSettings,
    MailSettings,
    MailTls,
    Secret,
    WebhookSettings,
)
from nightdesk.model.notice import FailureReason
from nightdesk.testing.contracts.channel import CANARY, ChannelContract, World
from nightdesk.testing.desk import free_port
from nightdesk.testing.servers.hook_server import Answer, HookServer
from nightdesk.testing.servers.raw_server import RawServer, Script, breaking_off, hanging_up, saying, silent
from nightdesk.testing.servers.scripted_mail import Certificate, ScriptedMail, a_certificate

REASON = FailureReason
A, B = "a@example.org", "b@example.org"
HI = b"220 hi\r\n"
LATER = b"454 later\r\n"
EHLO = b"250-hello\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Make a certificate for this machine."""
    return a_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Make a certificate for another machine."""
    return a_certificate(tmp_path_factory.mktemp("foreign"), "elsewhere.example")


class TestMail(ChannelContract):
    @pytest.fixture(autouse=True)
    def _certificates(self, certificate: Certificate, foreign: Certificate) -> None:
        self.certificate, self.foreign = certificate, foreign

    def worlds(self) -> Mapping[str, tuple[World, FailureReason | None]]:
        """Return what an SMTP server can do."""
        own, other = self.certificate, self.foreign
        return {
            "takes it": (mailing(), None),
            "takes it, implicit TLS": (mailing(tls=own, implicit=True), None),
            "takes it, STARTTLS and login": (mailing(tls=own, user="desk", password=CANARY), None),
            "451 at the letter": (mailing("451 try later"), REASON.SERVER),
            "550 at the letter": (mailing("550 no"), REASON.REFUSED),
            "552 repeating the password": (mailing(f"552 {CANARY}", user="desk", password=CANARY), REASON.REFUSED),
            "450 for each address": (mailing(recipients={A: "450 wait", B: "450 wait"}), REASON.SERVER),
            "550 for each address": (mailing(recipients={A: "550 no", B: "550 no"}), REASON.REFUSED),
            "one address waits": (mailing(recipients={B: "450 wait"}), REASON.SERVER),
            "one address is unknown": (mailing(recipients={B: "550 no"}), REASON.REFUSED),
            "a wrong password": (mailing(user="desk", password=CANARY, given=f"{CANARY}-2"), REASON.AUTH),
            "a login is missing": (mailing(server_user="desk"), REASON.AUTH),
            "a login nobody offers": (talking(saying(HI, b"250 hello\r\n"), "desk", CANARY), REASON.AUTH),
            "a login that must wait": (talking(saying(HI, EHLO, LATER, LATER), "desk", CANARY), REASON.SERVER),
            "no STARTTLS": (mailing(want=MailTls.STARTTLS), REASON.TLS),
            "a certificate nobody trusts": (mailing(tls=own, trusted=False), REASON.TLS),
            "a certificate of another machine": (mailing(tls=other), REASON.TLS),
            "TLS to a server that has none": (mailing(want=MailTls.IMPLICIT), REASON.TLS),
            "421 as a greeting": (talking(saying(b"421 busy\r\n")), REASON.SERVER),
            "554 as a greeting": (talking(saying(b"554 go away\r\n")), REASON.REFUSED),
            "nonsense as a greeting": (talking(saying(b"\x00\xff\x1b[31m\r\n")), REASON.SERVER),
            "silence": (talking(silent), REASON.DEADLINE),
            "silence after the greeting": (talking(saying(b"220 hi\r\n")), REASON.DEADLINE),
            "a connection broken off": (talking(hanging_up), REASON.SERVER),
            "a port nobody listens on": (at("127.0.0.1"), REASON.UNREACHABLE),
            "a name nobody has": (at("no-such-host.invalid"), REASON.UNREACHABLE),
        }  # fmt: skip

    def broken(self) -> Iterator[ChannelSettings]:
        """Yield settings that cannot work."""
        good = MailSettings("mail.example.org", A, (B,))
        assert good.problem() == ""
        yield replace(good, host="")
        yield replace(good, host="mail\r\nRSET")
        yield replace(good, port=0)
        yield replace(good, port=70_000)
        yield replace(good, to=())
        yield replace(good, to=("b",))
        yield replace(good, to=("b@example.org\r\nBcc: c@example.org",))
        yield replace(good, sender="Desk <a@example.org>")
        yield replace(good, user="desk")
        yield replace(good, password=Secret("x"))


@contextmanager
def mailing(
    *answers: str,
    recipients: dict[str, str] | None = None,
    tls: Certificate | None = None,
    implicit: bool = False,
    user: str = "",
    password: str = "",
    given: str = "",
    server_user: str = "",
    want: MailTls | None = None,
    trusted: bool = True,
) -> Iterator[MailSettings]:
    """Run a mail server, and give settings that suit it unless told otherwise."""
    server = ScriptedMail(
        *answers, recipients=recipients, user=user or server_user, password=password, tls=tls, implicit=implicit
    )
    usual = MailTls.IMPLICIT if implicit else MailTls.STARTTLS if tls else MailTls.NONE
    secret = Secret(given or password) if user else None
    trust = str(tls.certificate) if tls and trusted else ""
    with server:
        yield MailSettings("localhost", A, (A, B), server.port, want or usual, user, secret, trust)


@contextmanager
def talking(script: Script, user: str = "", password: str = "") -> Iterator[MailSettings]:
    """Run a server that follows a script."""
    with RawServer(script) as server:
        secret = Secret(password) if user else None
        yield MailSettings("127.0.0.1", A, (B,), server.port, MailTls.NONE, user, secret)


@contextmanager
def at(host: str) -> Iterator[MailSettings]:
    """Run nothing."""
    yield MailSettings(host, A, (B,), free_port(), MailTls.NONE, "desk", Secret(CANARY))


class TestWebhook(ChannelContract):
    @pytest.fixture(autouse=True)
    def _certificates(self, certificate: Certificate) -> None:
        self.certificate = certificate

    def worlds(self) -> Mapping[str, tuple[World, FailureReason | None]]:
        """Return what an HTTP server can do."""
        statuses = {
            200: None, 201: None, 202: None, 204: None,
            301: REASON.REFUSED, 302: REASON.REFUSED, 307: REASON.REFUSED, 304: REASON.REFUSED,
            400: REASON.REFUSED, 404: REASON.REFUSED, 410: REASON.REFUSED, 422: REASON.REFUSED,
            401: REASON.AUTH, 403: REASON.AUTH, 407: REASON.AUTH,
            408: REASON.SERVER, 425: REASON.SERVER, 429: REASON.RATE_LIMITED,
            500: REASON.SERVER, 502: REASON.SERVER, 503: REASON.SERVER, 504: REASON.SERVER,
        }  # fmt: skip
        table: dict[str, tuple[World, FailureReason | None]] = {
            f"HTTP {status}": (posting(Answer(status, body=f"said {CANARY}".encode() if status > 304 else b"")), reason)
            for status, reason in statuses.items()
        }
        table |= {
            "silence": (connecting(silent), REASON.DEADLINE),
            "a drip": (connecting(saying(b"HTTP/1.1 200")), REASON.DEADLINE),
            "a connection broken off": (connecting(breaking_off), REASON.SERVER),
            "no HTTP": (connecting(saying(b"220 mail here\r\n")), REASON.SERVER),
            "TLS to a server that has none": (connecting(saying(b"220 hi\r\n"), scheme="https"), REASON.TLS),
            "a port nobody listens on": (to(f"http://127.0.0.1:{free_port()}/{CANARY}"), REASON.UNREACHABLE),
            "a name nobody has": (to(f"http://no-such-host.invalid/{CANARY}"), REASON.UNREACHABLE),
            "the metadata service": (to("http://169.254.169.254/latest/meta-data"), REASON.CONFIG),
            "the metadata service as a number": (to("http://2852039166/"), REASON.CONFIG),
            "the metadata service as IPv6": (to("http://[::ffff:169.254.169.254]/"), REASON.CONFIG),
            "no machine": (to("http://0.0.0.0:80/"), REASON.CONFIG),
        }
        return table

    def broken(self) -> Iterator[ChannelSettings]:
        """Yield settings that cannot work."""
        for url in ("", "ftp://example.org/", "file:///etc/passwd", "http://", "http://[", "http://h:99999/", "x.org/h",
                    "https://user:word@example.org/"):  # fmt: skip
            yield WebhookSettings(Secret(url))
        for name, value in (("", "x"), ("A B", "x"), ("A\r\nB", "x"), ("A", "x\r\nB: y"), ("A", "ä")):
            yield WebhookSettings(Secret("https://example.org/"), ((name, Secret(value)),))


TOKEN = (("Authorization", Secret(f"Bearer {CANARY}")),)


@contextmanager
def posting(answer: Answer) -> Iterator[WebhookSettings]:
    """Run a server that gives one answer, at an address with a token in it."""
    with HookServer({f"/hooks/{CANARY}": answer}) as server:
        yield WebhookSettings(Secret(server.url(f"/hooks/{CANARY}")), TOKEN)


@contextmanager
def connecting(script: Script, scheme: str = "http") -> Iterator[WebhookSettings]:
    """Run a server that follows a script."""
    with RawServer(script) as server:
        yield WebhookSettings(Secret(f"{scheme}://127.0.0.1:{server.port}/hooks/{CANARY}"), TOKEN)


@contextmanager
def to(url: str) -> Iterator[WebhookSettings]:
    """Run nothing."""
    yield WebhookSettings(Secret(url), TOKEN)


class TestConsole(ChannelContract):
    def worlds(self) -> Mapping[str, tuple[World, FailureReason | None]]:
        """Return what standard error can do; a terminal that takes nothing is the process' deadline."""
        return {"takes it": (console(), None)}


@contextmanager
def console() -> Iterator[ConsoleSettings]:
    """Print where the tests print."""
    yield ConsoleSettings()
