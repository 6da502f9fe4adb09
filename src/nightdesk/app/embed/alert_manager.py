"""`AlertManager`: alerts of a program, into the same book, routes and outbox as those of the rules."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from nightdesk.alerts.raised import EXPIRES_AFTER, MOST_EXPIRES_AFTER, Breach, check_subject
from nightdesk.alerts.severity import severity_of
from nightdesk.app.channels.configured import router_of
from nightdesk.app.embed.alert_channels import AlertChannel, AlertChannels
from nightdesk.app.embed.door import Door
from nightdesk.app.embed.given import labels_of, number, subject_name, within, word_of
from nightdesk.app.embed.link import DeskLink
from nightdesk.app.embed.linked import Linked
from nightdesk.app.settings.settings import Settings
from nightdesk.app.shapes.channels import ChannelShape
from nightdesk.app.shapes.raised import BreachShape, RaisedShape, SubjectShape
from nightdesk.model.alert import Severity
from nightdesk.model.direction import Direction
from nightdesk.model.instant import SECOND
from nightdesk.model.labels import Labels

Side = Literal["above", "below"]
USUAL_EXPIRY: Final = EXPIRES_AFTER / SECOND


class AlertManager(Linked):
    """Raises and resolves alerts. The same metric with the same labels is the same alert, however often it is sent."""

    def __init__(
        self,
        data: Path | str | None = None,
        *,
        interval: float | None = None,
        settings: Settings | Path | str | None = None,
        attach: bool = True,
        link: DeskLink | None = None,
    ) -> None:
        """Open nothing yet; see `Linked`."""
        super().__init__(data, interval=interval, settings=settings, attach=attach, link=link)
        self.alert_channels = AlertChannels(self.link)
        """`console`, `desktop`, `email`, `sms` and every channel of the settings, each with `send_alert`."""
        self._known: list[ChannelShape] | None = None

    async def send_alert(
        self,
        metric: str,
        value: float | None,
        threshold: float | None,
        *,
        labels: Mapping[str, object] | None = None,
        direction: Side = "above",
        expires_after: float = USUAL_EXPIRY,
    ) -> RaisedShape:
        """Raise an alert, or renew the one that stands; people are told once, and once more if it grows worse.

        It ends by `resolve`, or `expires_after` seconds after it was last sent. What it changes is durable, with the
        messages that the routes call for, when this returns; the answer says how the alert stands.

        Raises:
            BadLabels, Refused: the names or the time to renew cannot be.
            Overloaded: a thousand alerts of programs live already, or the desk is too slow: send it again.
            StoreError: it could not be written down; it is tried again.
        """
        breach = self._breach(metric, value, threshold, labels, direction, expires_after)
        return await (await self._door()).raise_alert(BreachShape.of(breach))

    async def resolve(self, metric: str, *, labels: Mapping[str, object] | None = None) -> bool:
        """End an alert; False where none such lives. One that keeps coming back ends after five quiet minutes."""
        about = labels_of(labels)
        check_subject(subject_name(metric), Labels(about.items()))
        subject = SubjectShape(metric=metric, labels=about)
        return await (await self._door()).resolve_alert(subject)

    def calculate_severity(self, value: float | None, threshold: float | None, direction: Side = "above") -> Severity:
        """Return the severity of a value against its threshold; defined for every pair of values.

        Not past it: info. Past it by less than half of |threshold|: warning. By half or more, or past a threshold of
        0: critical. Not a number, None included: warning.
        """
        return severity_of(number(value), number(threshold), word_of(Direction, direction, "direction"))

    def format_alert_message(
        self,
        metric: str,
        value: float | None,
        threshold: float | None,
        *,
        labels: Mapping[str, object] | None = None,
        direction: Side = "above",
    ) -> str:
        """Return the alert as one sentence: `WARNING: cpu_usage is 91, above 85 (bot=maker)`."""
        breach = self._breach(metric, value, threshold, labels, direction, USUAL_EXPIRY)
        about = ", ".join(f"{name}={value}" for name, value in breach.labels)
        return f"{breach.severity.value.upper()}: {breach.summary}" + (f" ({about})" if about else "")

    def should_use_channel(self, channel: str | AlertChannel, severity: Severity | str) -> bool:
        """Return whether the routes bring every alert of a severity to a channel, by the names of `alert_channels`.

        It speaks of general routes: one that matches labels may bring more. Attached to a desk it knows that desk's
        routes from `open` on.
        """
        wanted = word_of(Severity, severity, "severity")
        found = channel if isinstance(channel, AlertChannel) else self.alert_channels.get(channel)
        if self._known is not None:
            shape = found.of(self._known) if found else None
            return shape is not None and wanted.value in shape.severities
        name = _name_in(self.link.settings, channel.word if isinstance(channel, AlertChannel) else channel)
        return name is not None and router_of(self.link.settings).uses(name, wanted)

    async def _door(self) -> Door:
        door = await super()._door()
        if self._known is None:
            self._known = (await door.channels()).channels
            self.alert_channels.learn(self._known)
        return door

    def _breach(
        self,
        metric: str,
        value: float | None,
        threshold: float | None,
        labels: Mapping[str, object] | None,
        direction: Side,
        expires_after: float,
    ) -> Breach:
        pairs = Labels(labels_of(labels).items())
        millis = round(within(expires_after, "expires_after", 1, MOST_EXPIRES_AFTER / SECOND) * SECOND)
        side = word_of(Direction, direction, "direction")
        return Breach(subject_name(metric), number(value), number(threshold), pairs, side, millis)


def _name_in(settings: Settings, channel: str) -> str | None:
    """Return the name in the settings of one of `alert_channels`."""
    kind = {"email": "mail"}.get(channel, channel)
    named = [name for name, each in settings.channels.items() if name == channel or each.kind == kind]
    return named[0] if named else ("console" if channel == "console" else None)
