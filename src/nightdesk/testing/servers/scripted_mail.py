"""A real SMTP server on loopback whose answers are written down beforehand, with TLS and login where asked."""

import email
import ssl
import subprocess
import threading
from dataclasses import dataclass
from email.message import Message
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

# ruff: noqa: N802 - aiosmtpd calls its handlers by the names of the SMTP commands
from nightdesk.testing.desk import free_port
from nightdesk.testing.servers.services import require_program


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate for `localhost` and 127.0.0.1 that signs itself, with its key."""

    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """Return what a server needs to present it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def a_certificate(folder: Path, host: str = "localhost") -> Certificate:
    """Make a certificate that is good for a day, by the program openssl."""
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    names = f"subjectAltName=DNS:{host}" + (",IP:127.0.0.1" if host == "localhost" else "")
    options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
    where = ["-keyout", str(made.key), "-out", str(made.certificate), "-subj", f"/CN={host}", "-addext", names]
    subprocess.run([require_program("openssl"), "req", *options, *where], check=True, capture_output=True, timeout=30)
    return made


class ScriptedMail:
    """Gives the n-th answer to the n-th letter, the last one from then on; keeps the letters it said 250 to."""

    def __init__(
        self,
        *answers: str,
        recipients: dict[str, str] | None = None,
        user: str = "",
        password: str = "",
        tls: Certificate | None = None,
        implicit: bool = False,
    ) -> None:
        """Choose a port; `recipients` answers single addresses, `user` demands a login, `tls` offers STARTTLS."""
        self.port = free_port()
        self.kept: list[Message] = []
        self._answers, self._recipients = list(answers) or ["250 kept"], recipients or {}
        self._login = (user.encode(), password.encode())
        self._lock = threading.Lock()
        context = tls.context() if tls else None
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            server_hostname="localhost",  # without one every session asks DNS for the name of this machine
            ssl_context=context if implicit else None,
            tls_context=None if implicit else context,
            authenticator=self._authenticate,
            auth_require_tls=False,
        )

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: object
    ) -> AuthResult:
        is_right = isinstance(data, LoginPassword) and (data.login, data.password) == self._login
        return AuthResult(success=is_right, handled=False)

    async def handle_MAIL(self, _server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]) -> str:
        """Demand a login where there is one."""
        if self._login[0] and not session.authenticated:
            return "530 log in first"
        envelope.mail_from = address
        return "250 fine"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        """Answer a recipient as written, else take it."""
        answer = self._recipients.get(address, "250 fine")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Answer a letter with what comes next."""
        with self._lock:
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            if answer.startswith("250"):
                content = envelope.content
                assert isinstance(content, bytes)
                self.kept.append(email.message_from_bytes(content, policy=default))
        return answer

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
