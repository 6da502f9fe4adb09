"""Webhook: one POST of Alertmanager's JSON over HTTP, without redirects, never to a machine's metadata service."""

import http.client
import json
import socket
import ssl
from contextlib import closing
from typing import Final
from urllib.parse import SplitResult, urlsplit

from nightdesk.deliver.channels.payload import payload
from nightdesk.deliver.outcome import TAKEN, Outcome, retry_after
from nightdesk.deliver.render import Place
from nightdesk.deliver.settings.addresses import is_forbidden
from nightdesk.deliver.settings.channels import WebhookSettings
from nightdesk.model.notice import FailureReason, Notice

_MOST_OF_AN_ANSWER: Final = 300


class Forbidden(OSError):
    """Every address of the host is one that a webhook must not reach."""


def deliver(settings: WebhookSettings, notice: Notice, place: Place, seconds: float) -> Outcome:
    """POST the notice; taken on any 2xx. `seconds` bounds each step, the total is bounded by this process' owner."""
    parts = urlsplit(settings.url.reveal())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "nightdesk",
        "Idempotency-Key": notice.key,
        **{name: value.reveal() for name, value in settings.headers},
    }
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with closing(_connection(parts, settings, seconds)) as connection:
            connection.request("POST", target, json.dumps(payload(notice, place)).encode("ascii"), headers)
            return _read(connection.getresponse())
    except (OSError, http.client.HTTPException) as error:
        return _outcome_of(error, parts.hostname or "")


def _connection(parts: SplitResult, settings: WebhookSettings, seconds: float) -> http.client.HTTPConnection:
    """Connect to an address that was looked at, so that nothing can change between the look and the connection."""
    secure = parts.scheme == "https"
    host = parts.hostname or ""
    port = parts.port or (443 if secure else 80)
    sock = _reach(host, port, seconds)
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    if not secure:
        connection.sock = sock
        return connection
    context = ssl.create_default_context(cafile=settings.ca_file or None)
    try:
        connection.sock = context.wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise
    connection.default_port = 443
    return connection


def _reach(host: str, port: int, seconds: float) -> socket.socket:
    """Connect to the first address that answers and is not forbidden."""
    failure: OSError = Forbidden(f"{host} has only addresses that a webhook must not reach")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if is_forbidden(str(address[0])):
            continue
        sock = socket.socket(family, kind, protocol)
        sock.settimeout(seconds)
        try:
            sock.connect(address)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure


def _read(response: http.client.HTTPResponse) -> Outcome:
    """Classify the answer; a redirect is refused, as it could lead anywhere."""
    status = response.status
    if 200 <= status < 300:
        return TAKEN
    said = response.read(_MOST_OF_AN_ANSWER).decode("utf-8", "replace")
    detail = f"HTTP {status} {response.reason}" + (f": {said}" if said else "")
    if status == 429 or (status == 503 and response.headers.get("Retry-After")):
        reason = FailureReason.RATE_LIMITED if status == 429 else FailureReason.SERVER
        return Outcome(reason, detail, retry_after(response.headers.get("Retry-After", "")))
    if status in (401, 403, 407):
        return Outcome(FailureReason.AUTH, detail)
    if status in (408, 425) or status >= 500 or status < 200:
        return Outcome(FailureReason.SERVER, detail)
    if 300 <= status < 400:
        return Outcome(FailureReason.REFUSED, f"HTTP {status}: redirects are not followed; set url to where it leads")
    return Outcome(FailureReason.REFUSED, detail)


def _outcome_of(error: OSError | http.client.HTTPException, host: str) -> Outcome:
    match error:
        case Forbidden():
            return Outcome(FailureReason.CONFIG, str(error))
        case ssl.SSLError():
            return Outcome(FailureReason.TLS, f"{host}: {error.reason or error}")
        case TimeoutError():
            return Outcome(FailureReason.DEADLINE, f"{host} does not answer")
        case socket.gaierror():
            return Outcome(FailureReason.UNREACHABLE, f"{host}: no address for this name: {error.strerror}")
        case http.client.HTTPException() | ConnectionResetError() | BrokenPipeError():
            return Outcome(FailureReason.SERVER, f"{host} broke off: {type(error).__name__}")
        case _:
            return Outcome(FailureReason.UNREACHABLE, f"{host}: {error.strerror or error}")
