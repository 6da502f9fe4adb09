"""Examining channels without sending anything: whether each can be reached from here, and who confirmed it."""

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from nightdesk.app.channels.configured import channels_of, router_of
from nightdesk.app.channels.desk import KEY_FILE
from nightdesk.app.channels.proofs import Proofs
from nightdesk.app.doctor.finding import Finding, Found, Patient
from nightdesk.app.standing.standing import UNCONFIRMED
from nightdesk.deliver.settings.channels import (
    AppriseSettings,
    ChannelSettings,
    DesktopSettings,
    MailSettings,
    SmsSettings,
    WebhookSettings,
)
from nightdesk.errors import StoreError
from nightdesk.model.alert import Severity
from nightdesk.store.records.confirmations import StoredConfirmations
from nightdesk.store.records.schema import STATE
from nightdesk.store.sqlite import Database

REACH_SECONDS: Final = 5.0

Address = tuple[str, int]


def examine_channels(patient: Patient) -> Found:
    """Yield what is found about every channel, then whether critical alerts reach a person away from this machine."""
    channels = channels_of(patient.settings)
    for name, channel in channels.items():
        yield from ((finding, f"{name}: {text}") for finding, text in _examined(channel))
    away = router_of(patient.settings).away(Severity.CRITICAL)
    confirmed = [name for name in away if _confirmed_at(patient.data, channels, name) is not None]
    if confirmed:
        yield Finding.OK, f"critical alerts reach you away from this machine: {', '.join(confirmed)} confirmed"
    else:
        yield Finding.WARNING, UNCONFIRMED.text


def _examined(channel: ChannelSettings) -> Found:
    match channel:
        case DesktopSettings():
            yield from _of_desktop()
        case MailSettings():
            yield _of_address((channel.host, channel.port_in_use))
        case WebhookSettings():
            parts = urlsplit(channel.url.reveal())
            yield _of_address((parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)))
        case SmsSettings() | AppriseSettings():
            yield _of_service(channel)
        case _:
            return


def _of_desktop() -> Found:
    from nightdesk.deliver.channels.desktop import reachable

    outcome = reachable(REACH_SECONDS)
    if outcome.failure is None:
        yield Finding.OK, "the notification service of this session answers"
    else:
        yield Finding.WARNING, f"desktop notifications cannot be shown from here: {outcome.detail}"


def _of_service(channel: SmsSettings | AppriseSettings) -> tuple[Finding, str]:
    # Loads apprise, which is why it stands here and not above.
    from nightdesk.deliver.services.address import address_of

    try:
        address = address_of(channel)
    except ValueError as error:
        return Finding.CRITICAL, f"{error}; look it up in apprise's documentation"
    if address is None:
        return Finding.OK, "the URL can be read; its service stands in the network, which only a test can try"
    return _of_address(address)


def _of_address(address: Address) -> tuple[Finding, str]:
    host, port = address
    problem = _within(REACH_SECONDS, lambda: socket.create_connection(address, REACH_SECONDS).close())
    if problem:
        return Finding.CRITICAL, f"{host} port {port} cannot be reached from here: {problem}"
    note = "; that is this machine, so what it takes must be carried further" if _is_here(host) else ""
    return Finding.OK, f"{host} port {port} answers{note}"


def _within(seconds: float, attempt: Callable[[], None]) -> str:
    """Try and return what went wrong, or the empty string; dead name servers cannot hold it up."""
    outcome = ["no answer in time"]

    def run() -> None:
        try:
            attempt()
        except OSError as error:
            outcome[0] = error.strerror or str(error)
        else:
            outcome[0] = ""

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds * 1.5)
    return outcome[0]


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _confirmed_at(data: Path, channels: Mapping[str, ChannelSettings], name: str) -> int | None:
    return next((proofs.confirmed_at(name) for proofs in _proofs(data, channels)), None)


def _proofs(data: Path, channels: Mapping[str, ChannelSettings]) -> Iterator[Proofs]:
    """Yield what the desk of a folder knows, nothing where there is no such folder, or one of an older format."""
    key, state = data / KEY_FILE, data / "state.db"
    if not key.is_file() or not state.is_file():
        return
    try:
        database = Database.read_only(state, STATE)
    except StoreError:
        return
    try:
        yield Proofs(StoredConfirmations(database), key.read_text("ascii").strip(), lambda: channels)
    finally:
        database.close()
