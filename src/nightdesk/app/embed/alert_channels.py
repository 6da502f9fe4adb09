"""Channels by name: each sends one message, through the same outbox, sender processes and retries as every alert."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from nightdesk.app.embed.given import text_of, word_of
from nightdesk.app.embed.link import DeskLink
from nightdesk.app.embed.linked import Linked
from nightdesk.app.settings.settings import Settings
from nightdesk.app.shapes.channels import ChannelShape
from nightdesk.errors import Refused
from nightdesk.model.alert import Severity


class AlertChannel(Linked):
    """One channel of the settings, by its name."""

    kind: ClassVar[str] = ""
    """A `kind` of `[channels.NAME]`; without a name the first channel of this kind is meant."""

    def __init__(
        self,
        data: Path | str | None = None,
        *,
        name: str = "",
        interval: float | None = None,
        settings: Settings | Path | str | None = None,
        attach: bool = True,
        link: DeskLink | None = None,
    ) -> None:
        """Open nothing yet; see `Linked`."""
        super().__init__(data, interval=interval, settings=settings, attach=attach, link=link)
        self._name = name

    @property
    def word(self) -> str:
        """What it was asked for by: its name, or its kind."""
        return self._name or self.kind

    async def send_alert(self, message: str, severity: Severity | str = Severity.WARNING) -> None:
        """Send one message now, past the routes; it is durable when this returns, and the courier retries it.

        Nothing keeps the same message from being sent twice: an alert that lasts belongs to `AlertManager.send_alert`.

        Raises:
            Refused: the settings have no such channel; the sentence says what to write.
            Overloaded: the channel had ten messages of programs within the minute.
        """
        word = word_of(Severity, severity, "severity").value
        await (await self._door()).send_message(await self.name(), text_of(message), word)

    async def name(self) -> str:
        """Return its name in the settings. Raises Refused where they have no such channel."""
        channel = self.of((await (await self._door()).channels()).channels)
        if channel is None:
            raise Refused(
                f'no channel of kind "{self.kind}" is in the settings: write a table [channels.NAME] with it'
                if self.kind
                else f'no channel is called "{self._name}" in the settings'
            )
        return channel.name

    def of(self, channels: list[ChannelShape]) -> ChannelShape | None:
        """Return which of the desk's channels this is, or None."""
        if self._name:
            return next((each for each in channels if each.name == self._name), None)
        return next((each for each in channels if each.kind == self.kind), None)


class ConsoleAlerts(AlertChannel):
    """The standard error stream of the desk; always there."""

    kind = "console"


class DesktopNotifications(AlertChannel):
    """The desktop of the user who runs the desk."""

    kind = "desktop"


class EmailAlerts(AlertChannel):
    """Mail through an SMTP server."""

    kind = "mail"


class SMSAlerts(AlertChannel):
    """Short messages through a gateway."""

    kind = "sms"


class AlertChannels(Mapping[str, AlertChannel]):
    """`console`, `desktop`, `email`, `sms`, and every channel of the settings by its own name."""

    def __init__(self, link: DeskLink) -> None:
        """Know the four; the others are those of the settings that this process was given."""
        self._channels: dict[str, AlertChannel] = {
            name: AlertChannel(link=link, name=name) for name in link.settings.channels
        }
        self._link = link
        self._channels |= {
            "console": ConsoleAlerts(link=link),
            "desktop": DesktopNotifications(link=link),
            "email": EmailAlerts(link=link),
            "sms": SMSAlerts(link=link),
        }

    def learn(self, channels: list[ChannelShape]) -> None:
        """Add the channels of a desk that has settings of its own."""
        for channel in channels:
            self._channels.setdefault(channel.name, AlertChannel(link=self._link, name=channel.name))

    def __getitem__(self, name: str) -> AlertChannel:
        return self._channels[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._channels)

    def __len__(self) -> int:
        return len(self._channels)
