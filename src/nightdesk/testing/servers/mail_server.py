"""A real SMTP server on loopback that keeps every message it accepted."""

import email
import threading
from dataclasses import dataclass
from email.message import Message
from types import TracebackType
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from nightdesk.testing.desk import free_port


@dataclass(frozen=True, slots=True)
class Mail:
    """One accepted message."""

    id: str
    subject: str
    recipients: tuple[str, ...]
    body: str
    message: Message


class MailServer:
    """Accepts mail from now until it is closed; the answer 250 goes out after the message was kept."""

    def __init__(self, port: int = 0) -> None:
        """Choose a port; a server that comes back can be given its old one."""
        self.port = port or free_port()
        self._kept: list[Mail] = []
        self._lock = threading.Lock()
        # Without a name of its own every session asks DNS for that of this machine.
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, server_hostname="localhost")

    @property
    def mails(self) -> list[Mail]:
        """The messages accepted so far, oldest first."""
        with self._lock:
            return list(self._kept)

    def channel(self, name: str = "inbox") -> str:
        """Return the settings of a mail channel that ends here."""
        return (
            f'[channels.{name}]\nkind = "mail"\nhost = "127.0.0.1"\nport = {self.port}\ntls = "none"\n'
            'sender = "desk@example.org"\nto = ["trader@example.org"]\n'
        )

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd calls it so
        """Keep a message, then say so."""
        content = envelope.content or b""
        message = email.message_from_bytes(content if isinstance(content, bytes) else content.encode())
        payload = message.get_payload(decode=True)
        body = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(message.get_payload())
        mail = Mail(message["Message-ID"], str(message["Subject"]), tuple(envelope.rcpt_tos), body, message)
        with self._lock:
            self._kept.append(mail)
        return "250 kept"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
