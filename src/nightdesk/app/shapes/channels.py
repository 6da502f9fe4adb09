"""Channels as JSON: which there are, whether they reach a person, and what became of their latest test."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from nightdesk.app.channels.desk import ChannelStanding
from nightdesk.app.shapes.shape import Shape, Text
from nightdesk.model.confirmation import Confirmation
from nightdesk.model.notice import OutboxEntry


class TestFateShape(Shape):
    """What became of a test: `failure` is a reason of docs/delivery.md, null where there was none (yet)."""

    at: int
    state: Literal["queued", "leased", "sent", "undeliverable"]
    failure: str | None
    detail: Text

    @classmethod
    def of(cls, entry: OutboxEntry) -> "TestFateShape":
        """Shape the message of a test."""
        last = entry.last
        failure = last.failure.value if last is not None and last.failure is not None else None
        detail = last.detail if last is not None else ""
        return cls(at=entry.notice.created_at, state=entry.state.value, failure=failure, detail=detail)


class ChannelShape(Shape):
    """One channel."""

    name: str
    kind: str
    off_machine: bool
    severities: list[str]
    state: Literal["local", "confirmed", "changed", "unconfirmed"]
    confirmed_at: int | None
    last_test: TestFateShape | None

    @classmethod
    def of(cls, standing: ChannelStanding) -> "ChannelShape":
        """Shape a channel."""
        return cls(
            name=standing.name,
            kind=standing.kind,
            off_machine=standing.off_machine,
            severities=[severity.value for severity in standing.severities],
            state=standing.state.value,
            confirmed_at=standing.confirmed_at,
            last_test=TestFateShape.of(standing.tested) if standing.tested is not None else None,
        )


class ChannelsShape(Shape):
    """`GET /api/desk/channels`."""

    channels: list[ChannelShape]

    @classmethod
    def of(cls, standings: Sequence[ChannelStanding]) -> "ChannelsShape":
        """Shape channels in their order."""
        return cls(channels=[ChannelShape.of(each) for each in standings])


class ChannelNameShape(Shape):
    """`POST /api/desk/channels/test`: which channel."""

    channel: str = Field(min_length=1, max_length=64)


class ConfirmShape(Shape):
    """`POST /api/desk/channels/confirm`: the code that a test brought."""

    code: str = Field(min_length=1, max_length=64)


class ConfirmedShape(Shape):
    """Its answer: which channel is known to reach a person from now on."""

    channel: str
    confirmed_at: int

    @classmethod
    def of(cls, confirmation: Confirmation) -> "ConfirmedShape":
        """Shape a confirmation."""
        return cls(channel=confirmation.channel, confirmed_at=confirmation.at)
