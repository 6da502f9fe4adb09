"""Mail: one SMTP conversation, and the reason of whatever can go wrong in it."""

import contextlib
import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Mapping

from nightdesk.deliver.channels.letter import compose
from nightdesk.deliver.outcome import TAKEN, Outcome
from nightdesk.deliver.render import Place
from nightdesk.deliver.settings.channels import MailSettings, MailTls
from nightdesk.model.notice import FailureReason, Notice

Answer = tuple[int, bytes | str]

_AUTH_CODES = frozenset({530, 534, 535, 538})


class _PlainToOtherMachine(Exception):
    """Mail would travel in the clear to another machine."""


def deliver(settings: MailSettings, notice: Notice, place: Place, seconds: float) -> Outcome:
    """Hand the notice to the mail server; taken only if the server took it for every address.

    `seconds` bounds each step; the total is bounded by whoever runs this process.
    """
    try:
        server = _open(settings, place, seconds)
        try:
            return _converse(server, settings, notice, place)
        finally:
            server.close()
    except _PlainToOtherMachine:
        return Outcome(FailureReason.CONFIG, f'tls is "none" but {settings.host} is another machine: use "starttls"')
    except (OSError, smtplib.SMTPException) as error:
        return _outcome_of(error, f"{settings.host}:{settings.port_in_use}")


def _open(settings: MailSettings, place: Place, seconds: float) -> smtplib.SMTP:
    """Connect and read the greeting."""
    # Without a name of ours smtplib asks the resolver for one, which can take ten seconds.
    name = place.host or "localhost"
    if settings.tls is MailTls.IMPLICIT:
        return smtplib.SMTP_SSL(
            settings.host, settings.port_in_use, local_hostname=name, timeout=seconds, context=_trust(settings)
        )
    return smtplib.SMTP(settings.host, settings.port_in_use, local_hostname=name, timeout=seconds)


def _converse(server: smtplib.SMTP, settings: MailSettings, notice: Notice, place: Place) -> Outcome:
    """Protect the connection, log in, hand over the letter."""
    if settings.tls is MailTls.STARTTLS:
        server.starttls(context=_trust(settings))
    elif settings.tls is MailTls.NONE and not settings.allow_plain and not _is_this_machine(server.sock):
        raise _PlainToOtherMachine
    if settings.user and settings.password:
        server.login(settings.user, settings.password.reveal())
    refused = server.send_message(compose(settings, notice, place), settings.sender, settings.to)
    # The letter is with the server: nothing that happens to the farewell may make it look unsent, nor may waiting
    # for its answer run into the deadline. So QUIT is said and not listened to.
    with contextlib.suppress(OSError, smtplib.SMTPException):
        server.putcmd("quit")
    return _partly(refused, settings) if refused else TAKEN


def _trust(settings: MailSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.ca_file or None)


def _is_this_machine(connection: socket.socket | None) -> bool:
    if connection is None:
        return False
    address = ipaddress.ip_address(str(connection.getpeername()[0]).partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _partly(refused: Mapping[str, Answer], settings: MailSettings) -> Outcome:
    """Name who did not get it; with a temporary refusal among them the whole letter goes again, under the same id."""
    taken = len(settings.to) - len(refused)
    said = "; ".join(f"{address}: {_said(*answer)}" for address, answer in refused.items())
    return Outcome(_worst(refused), f"taken for {taken} of {len(settings.to)} addresses, not for {said}")


def _worst(refused: Mapping[str, Answer]) -> FailureReason:
    reasons = [_reason_of(code) for code, _ in refused.values()]
    return next((reason for reason in reasons if not reason.is_final), FailureReason.REFUSED)


def _reason_of(code: int) -> FailureReason:
    """Classify an SMTP answer: 4xx may pass, 5xx is for good, and some 5xx are about the login."""
    if code in _AUTH_CODES:
        return FailureReason.AUTH
    # smtplib says -1 where the connection ended in the middle of an answer.
    return FailureReason.REFUSED if 500 <= code <= 599 else FailureReason.SERVER


def _outcome_of(error: OSError | smtplib.SMTPException, server: str) -> Outcome:
    """Classify every failure; the order runs from the most to the least special."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            first = next(iter(error.recipients.values()))
            return Outcome(_worst(error.recipients), f"{server} refuses every address: {_said(*first)}")
        case smtplib.SMTPAuthenticationError() if error.smtp_code >= 500:
            return Outcome(
                FailureReason.AUTH, f"{server} refuses the login: {_said(error.smtp_code, error.smtp_error)}"
            )
        case smtplib.SMTPResponseException():
            return Outcome(_reason_of(error.smtp_code), f"{server} says {_said(error.smtp_code, error.smtp_error)}")
        case smtplib.SMTPNotSupportedError():
            lacking = {"STARTTLS": FailureReason.TLS, "SMTP AUTH": FailureReason.AUTH}
            reason = next((lacking[name] for name in lacking if name in str(error)), FailureReason.CONFIG)
            return Outcome(reason, f"{server}: {error}")
        case smtplib.SMTPException() if "authentication" in str(error):
            return Outcome(FailureReason.AUTH, f"{server}: {error}")
        case ssl.SSLError():
            return Outcome(FailureReason.TLS, f"{server}: {error.reason or error}")
        case TimeoutError():
            return Outcome(FailureReason.DEADLINE, f"{server} does not answer")
        case smtplib.SMTPServerDisconnected() if isinstance(error.__context__, TimeoutError):
            # smtplib wraps a timeout that strikes while it reads an answer.
            return Outcome(FailureReason.DEADLINE, f"{server} does not answer")
        case smtplib.SMTPException() | ConnectionResetError() | BrokenPipeError():
            return Outcome(FailureReason.SERVER, f"{server} broke off: {error}")
        case socket.gaierror():
            return Outcome(FailureReason.UNREACHABLE, f"{server}: no address for this name: {error.strerror}")
        case _:
            return Outcome(FailureReason.UNREACHABLE, f"{server}: {error.strerror or error}")


def _said(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
