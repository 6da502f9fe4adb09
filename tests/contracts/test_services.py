"""The contract of channels, for those that apprise carries: a gateway that speaks SMSEagle's JSON, and any service."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from apprise.manager_plugins import NotificationManager

from nightdesk.deliver.outcome import redacted
from nightdesk.deliver.settings.channels import AppriseSettings, ChannelSettings, Secret, SmsSettings
from nightdesk.deliver.settings.services import SMS_GATEWAYS, STAYS_HERE
from nightdesk.model.notice import FailureReason
from nightdesk.testing.contracts.channel import CANARY, ChannelContract, World
from nightdesk.testing.desk import free_port
from nightdesk.testing.servers.hook_server import Answer, HookServer
from nightdesk.testing.servers.raw_server import RawServer, Script, breaking_off, hanging_up, saying, silent
from nightdesk.testing.servers.sms_gateway import PATH, TAKEN, refusing

# Apprise's own, of the Python that it still supports; loaded in the test's process here.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
REASON = FailureReason
PHONE = "+15551234567"
STATUSES: Mapping[int, FailureReason] = {
    301: REASON.REFUSED, 302: REASON.REFUSED,
    400: REASON.REFUSED, 402: REASON.REFUSED, 404: REASON.REFUSED, 422: REASON.REFUSED,
    401: REASON.AUTH, 403: REASON.AUTH, 407: REASON.AUTH,
    408: REASON.SERVER, 425: REASON.SERVER, 429: REASON.RATE_LIMITED,
    500: REASON.SERVER, 502: REASON.SERVER, 503: REASON.SERVER,
}  # fmt: skip


class TestSms(ChannelContract):
    def worlds(self) -> Mapping[str, tuple[World, FailureReason | None]]:
        """Return what a gateway can do."""
        said = f"no such number {PHONE} for {CANARY}".encode()
        return {
            "takes it": (gateway(TAKEN), None),
            **{f"HTTP {status}": (gateway(Answer(status, body=said)), why) for status, why in STATUSES.items()},
            "no, with 200": (gateway(refusing("no credit")), REASON.REFUSED),
            "a wrong token, with 200": (gateway(refusing(f"invalid login {CANARY}")), REASON.AUTH),
            "an answer that is no JSON": (gateway(Answer(200, body=b"fine")), REASON.REFUSED),
            "silence": (talking(silent), REASON.DEADLINE),
            "a drip": (talking(saying(b"HTTP/1.1 200")), REASON.DEADLINE),
            "a connection broken off": (talking(breaking_off), REASON.SERVER),
            "a connection hung up": (talking(hanging_up), REASON.SERVER),
            "TLS to a gateway that has none": (talking(saying(b"220 hi\r\n"), "smseagles"), REASON.TLS),
            "a port nobody listens on": (at(f"127.0.0.1:{free_port()}"), REASON.UNREACHABLE),
            "a name nobody has": (at("no-such-host.invalid"), REASON.UNREACHABLE),
            "no recipient": (at(f"127.0.0.1:{free_port()}", ""), REASON.CONFIG),
        }

    def broken(self) -> Iterator[ChannelSettings]:
        """Yield settings that cannot work."""
        for url in ("", "smseagle", "json://example.org/", "tgram://1:x/2", "dbus://", "mailto://a:b@example.org"):
            yield SmsSettings(Secret(url))
        yield SmsSettings(Secret("smseagle://"))


class TestApprise(ChannelContract):
    def worlds(self) -> Mapping[str, tuple[World, FailureReason | None]]:
        """Return what a service can do; that of `mailto` speaks no HTTP."""
        return {
            "takes it": (service(Answer(204)), None),
            **{f"HTTP {status}": (service(Answer(status)), reason) for status, reason in STATUSES.items()},
            "a port nobody listens on": (by(f"json://127.0.0.1:{free_port()}/{CANARY}"), REASON.UNREACHABLE),
            "no HTTP, nobody listens": (by(_mail(free_port())), REASON.UNREACHABLE),
        }

    def broken(self) -> Iterator[ChannelSettings]:
        """Yield settings that cannot work: among them every schema that would stay on this machine."""
        for schema in (*STAYS_HERE, "no-such-service", "DBUS"):
            yield AppriseSettings(Secret(f"{schema}://somewhere/thing"))
        for url in ("", "example.org", "tgram://"):
            yield AppriseSettings(Secret(url))


def test_every_schema_of_the_tables_is_apprises() -> None:
    """What a person is told to write is there; the gateways are those that send to telephone numbers."""
    known: Any = NotificationManager()  # type: ignore[no-untyped-call] # as apprise has it
    assert sorted(schema for schema in SMS_GATEWAYS if schema not in known) == []
    assert sorted(schema for schema in STAYS_HERE - {"file"} if schema not in known) == []
    to_telephones = {schema for schema in SMS_GATEWAYS if "phone" in " ".join(known[schema].template_tokens)}
    # These two reach the one telephone of their account, whose number the service knows; the third writes `to`.
    assert SMS_GATEWAYS - to_telephones <= {"freemobile", "sfr", "burstsms", "kudosity"}


def _mail(port: int) -> str:
    return f"mailto://u:{CANARY}@example.org:{port}?smtp=127.0.0.1&from=a@example.org&to=b@example.org"


@contextmanager
def gateway(answer: Answer) -> Iterator[SmsSettings]:
    """Run a gateway that gives one answer."""
    with HookServer({PATH: answer}) as server:
        yield SmsSettings(Secret(f"smseagle://{CANARY}@127.0.0.1:{server.port}/{PHONE}"))


@contextmanager
def talking(script: Script, schema: str = "smseagle") -> Iterator[SmsSettings]:
    """Run a gateway that follows a script."""
    with RawServer(script) as server:
        yield SmsSettings(Secret(f"{schema}://{CANARY}@127.0.0.1:{server.port}/{PHONE}"))


@contextmanager
def at(host: str, phone: str = PHONE) -> Iterator[SmsSettings]:
    """Run nothing."""
    yield SmsSettings(Secret(f"smseagle://{CANARY}@{host}/{phone}"))


@contextmanager
def service(answer: Answer) -> Iterator[AppriseSettings]:
    """Run a service that gives one answer, at an address with a token in it."""
    with HookServer({f"/{CANARY}": answer}) as server:
        yield AppriseSettings(Secret(f"json://{CANARY}-user:{CANARY}-word@127.0.0.1:{server.port}/{CANARY}"))


@contextmanager
def by(url: str) -> Iterator[AppriseSettings]:
    """Run nothing."""
    yield AppriseSettings(Secret(url))


@pytest.mark.parametrize(
    ("url", "hidden", "shown"),
    [
        ("smseagle://tok3n@gw.example.org/+15551234567", ("tok3n", "15551234567"), "gw.example.org"),
        (
            "twilio://AC12:secret99@15550001111/15552223333",
            ("AC12", "secret99", "15550001111", "15552223333"),
            "twilio",
        ),
        ("tgram://123456789:AAbbCCdd/987654321/", ("123456789", "AAbbCCdd", "987654321"), "tgram"),
        ("json://me0:p%40ss@host.org/x?token=abcdefgh", ("me0", "p%40ss", "p@ss", "abcdefgh"), "host.org"),
    ],
)
def test_every_piece_of_a_url_is_struck_out(url: str, hidden: tuple[str, ...], shown: str) -> None:
    """Tokens, passwords and numbers in either spelling are secrets; a host that people would recognise is none."""
    told = redacted(f"{' '.join(hidden)} {shown}", AppriseSettings(Secret(url)).secrets())
    assert [piece for piece in hidden if piece in told] == []
    assert shown in told
