"""What bots and people get as JSON about bots; instants and durations in ms."""

from typing import Self

from nightdesk.app.bots.desk import PushTaken
from nightdesk.app.bots.standing import BeatStanding, BotsStanding, BotStanding, Operation
from nightdesk.app.shapes.shape import Shape
from nightdesk.store.events import BotEvent


class PushTakenShape(Shape):
    """The answer to a push."""

    place: int | None
    refused: int
    series_refused: int
    metrics_refused: int
    complaint: str

    @classmethod
    def of(cls, taken: PushTaken) -> Self:
        """Shape it."""
        return cls(
            place=taken.place,
            refused=taken.refused,
            series_refused=taken.series_refused,
            metrics_refused=taken.metrics_refused,
            complaint=taken.complaint,
        )


class OperationShape(Shape):
    """A tracked operation over the latest five minutes; seconds, and null where there was no call."""

    name: str
    p50: float | None
    p95: float | None
    calls: float | None
    errors: float | None

    @classmethod
    def of(cls, operation: Operation) -> Self:
        """Shape it."""
        return cls(
            name=operation.name,
            p50=operation.p50,
            p95=operation.p95,
            calls=operation.calls,
            errors=operation.errors,
        )


class BeatShape(Shape):
    """A sign of life."""

    name: str
    process: str
    at: int
    age: int
    expected: int
    stage: str
    cursor: str
    missed: bool

    @classmethod
    def of(cls, beat: BeatStanding) -> Self:
        """Shape it."""
        return cls(
            name=beat.name,
            process=beat.process,
            at=beat.at,
            age=beat.age,
            expected=beat.expected,
            stage=beat.stage,
            cursor=beat.cursor,
            missed=beat.is_missed,
        )


class BotShape(Shape):
    """One bot."""

    name: str
    last_seen_at: int
    processes: int
    stopping: str | None
    operations: list[OperationShape]
    beats: list[BeatShape]
    dropped: dict[str, float]

    @classmethod
    def of(cls, bot: BotStanding) -> Self:
        """Shape it."""
        return cls(
            name=bot.name,
            last_seen_at=bot.heard_at,
            processes=bot.processes,
            stopping=bot.stopping,
            operations=[OperationShape.of(each) for each in bot.operations],
            beats=[BeatShape.of(each) for each in bot.beats],
            dropped=bot.dropped,
        )


class EventShape(Shape):
    """Something that a bot told in its own words."""

    bot: str
    kind: str
    text: str
    at: int
    labels: dict[str, str]

    @classmethod
    def of(cls, event: BotEvent) -> Self:
        """Shape it."""
        return cls(bot=event.bot, kind=event.kind, text=event.text, at=event.at, labels=dict(event.labels))


class BotsShape(Shape):
    """Every bot that was heard within a day, and the newest events."""

    at: int
    bots: list[BotShape]
    events: list[EventShape]

    @classmethod
    def of(cls, standing: BotsStanding) -> Self:
        """Shape it."""
        return cls(
            at=standing.at,
            bots=[BotShape.of(each) for each in standing.bots],
            events=[EventShape.of(each) for each in standing.events],
        )
