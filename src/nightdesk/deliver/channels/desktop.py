"""The desktop: one notification through the session bus, by the library desktop-notifier, and why it was not shown.

The library, asyncio and the D-Bus client are loaded by the first notification: a process that only sends mail spares
them.
"""

import html
import logging
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, Self

from nightdesk.deliver.channels.session_bus import ADDRESS, NoSession, own_session_bus
from nightdesk.deliver.outcome import TAKEN, Outcome
from nightdesk.deliver.render import Place, headline, lines, plain
from nightdesk.deliver.settings.channels import DesktopSettings
from nightdesk.model.alert import Severity
from nightdesk.model.notice import FailureReason, Notice, NoticeReason

if TYPE_CHECKING:
    from desktop_notifier import DesktopNotifier

APPLICATION: Final = "Nightdesk"
_LIBRARY: Final = "desktop_notifier"
_LONGEST_LINE: Final = 200
_MOST_LINES: Final = 6
_DBUS: Final = "org.freedesktop.DBus.Error."
_NOBODY: Final = frozenset(
    _DBUS + name for name in ("ServiceUnknown", "NameHasNoOwner", "UnknownInterface", "UnknownMethod", "UnknownObject")
)
_REFUSED: Final = frozenset(_DBUS + name for name in ("AccessDenied", "AuthFailed"))
_START: Final = f"{_DBUS}Spawn."

Errand = Callable[["DesktopNotifier"], Awaitable[None]]


class _NotShown(Exception):
    """The library gave up without saying why."""


def deliver(settings: DesktopSettings, notice: Notice, place: Place, seconds: float) -> Outcome:  # noqa: ARG001 - the shape of a channel
    """Show the notice; taken once the notification service has it. Whether anybody looks is not known."""

    async def show(notifier: "DesktopNotifier") -> None:
        await _show(notifier, notice, place)

    return _in_session(show, seconds)


def reachable(seconds: float) -> Outcome:
    """Ask the notification service what it can do, showing nothing; what goes wrong is classified as for a message."""

    async def greet(notifier: "DesktopNotifier") -> None:
        await notifier.get_capabilities()

    return _in_session(greet, seconds)


def text_of(notice: Notice, place: Place) -> str:
    """Return the lines below the headline, escaped: notification services read them as markup."""
    told = [line.partition(" ")[2] for line in lines(notice, place)] if notice.alerts else []
    shown = [plain(line, _LONGEST_LINE) for line in told[:_MOST_LINES]]
    if len(told) > _MOST_LINES:
        shown.append(f"... and {len(notice.alerts) - _MOST_LINES} more: nightdesk alerts")
    if notice.code:
        shown.append(f"Confirm: nightdesk channels confirm {notice.code}")
    return html.escape("\n".join(shown), quote=False)


async def _show(notifier: "DesktopNotifier", notice: Notice, place: Place) -> None:
    from desktop_notifier import Urgency

    usual = {Severity.CRITICAL: Urgency.Critical, Severity.WARNING: Urgency.Normal, Severity.INFO: Urgency.Low}
    urgency = usual[notice.severity] if notice.reason is NoticeReason.FIRED else Urgency.Normal
    shown: list[str] = []
    with _Witness() as witness:
        await notifier.send(
            headline(notice, place),
            text_of(notice, place),
            urgency=urgency,
            on_dispatched=lambda: shown.append(notice.key),
        )
    if not shown:
        raise witness.error or _NotShown


def _in_session(errand: Errand, seconds: float) -> Outcome:
    """Run an errand on the session's bus and say what became of it."""
    try:
        os.environ[ADDRESS] = own_session_bus()  # where the library looks for it
    except NoSession as error:
        return Outcome(FailureReason.UNREACHABLE, str(error))
    import asyncio

    async def within() -> None:
        from desktop_notifier import DesktopNotifier

        notifier = DesktopNotifier(app_name=APPLICATION, app_icon=None)
        try:
            async with asyncio.timeout(seconds):
                await errand(notifier)
        finally:
            await _hang_up(notifier)

    try:
        asyncio.run(within())
    except Exception as error:  # noqa: BLE001 - the library raises what lies below it; each is classified
        return _outcome_of(error)
    return TAKEN


async def _hang_up(notifier: "DesktopNotifier") -> None:
    """Close the connection: the library keeps it for ever, and offers nothing to end it."""
    bus = getattr(notifier._backend, "bus", None)
    if bus is not None and bus.connected:
        bus.disconnect()
        await bus.wait_for_disconnect()


def _outcome_of(error: Exception) -> Outcome:
    from dbus_fast.errors import AuthError, DBusError, InvalidAddressError

    match error:
        case TimeoutError():
            return Outcome(FailureReason.DEADLINE, "the notification service does not answer")
        case DBusError() if error.type in _NOBODY or error.type.startswith(_START):
            return Outcome(FailureReason.UNREACHABLE, f"no notification service runs in the session: {error.text}")
        case DBusError() if error.type in _REFUSED:
            return Outcome(FailureReason.REFUSED, f"the notification service refuses it: {error.text}")
        case DBusError():
            return Outcome(FailureReason.SERVER, f"the notification service failed: {error.text}")
        case AuthError():
            return Outcome(FailureReason.AUTH, f"the session bus refuses this user: {error}")
        case InvalidAddressError():
            return Outcome(FailureReason.CONFIG, f"{ADDRESS} cannot be read: {error}")
        case EOFError() | ConnectionResetError() | BrokenPipeError():
            return Outcome(FailureReason.SERVER, "the session bus broke off")
        case OSError():
            return Outcome(FailureReason.UNREACHABLE, f"the session bus cannot be reached: {error.strerror or error}")
        case _NotShown():
            return Outcome(FailureReason.SERVER, "the notification service did not take it")
        case _:
            return Outcome(FailureReason.SERVER, f"the notification service failed: {type(error).__name__}: {error}")


class _Witness(logging.Handler):
    """Hears why a notification failed: the library tells its log alone, and raises nothing."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.error: Exception | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the first error."""
        found = record.exc_info[1] if record.exc_info else None
        if self.error is None and isinstance(found, Exception):
            self.error = found

    def __enter__(self) -> Self:
        self._log = logging.getLogger(_LIBRARY)
        self._before = self._log.propagate
        self._log.addHandler(self)
        # What failed is an outcome, which the desk logs; the library's traceback on the console would say it twice.
        self._log.propagate = False
        return self

    def __exit__(self, *_: object) -> None:
        self._log.removeHandler(self)
        self._log.propagate = self._before
