"""What programs tell people: alerts that they raise and resolve, and messages through one channel."""

from typing import TypeVar

from pydantic import ValidationError

from nightdesk.api.message import Request, Response
from nightdesk.app.desk import Desk
from nightdesk.app.shapes.raised import (
    BreachShape,
    MessageShape,
    RaisedShape,
    ResolvedShape,
    SentShape,
    SubjectShape,
)
from nightdesk.app.shapes.shape import Shape
from nightdesk.errors import BadPayload
from nightdesk.model.alert import Severity
from nightdesk.model.labels import Labels

S = TypeVar("S", bound=Shape)


async def raise_alert(request: Request, desk: Desk) -> Response:
    """Raise an alert or renew it; what it changes is durable, with its messages, when this answers."""
    raised = await desk.raised.take(_read(BreachShape, request).breach())
    return _shaped(RaisedShape.of(raised))


async def resolve_alert(request: Request, desk: Desk) -> Response:
    """End an alert that a program raised."""
    subject = _read(SubjectShape, request)
    return _shaped(ResolvedShape(was_live=await desk.raised.resolve(subject.metric, Labels(subject.labels.items()))))


async def send_message(request: Request, desk: Desk) -> Response:
    """Send one message through a channel by name."""
    given = _read(MessageShape, request)
    key = await desk.messages.send(given.channel, given.message, Severity(given.severity))
    return _shaped(SentShape(key=key))


def _read(shape: type[S], request: Request) -> S:
    try:
        return shape.model_validate_json(request.body)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in fault["loc"]) or "the body"
        raise BadPayload(f"{where}: {fault['msg']}; docs/alerts.md shows a report") from error


def _shaped(shape: Shape) -> Response:
    return Response(200, shape.model_dump_json().encode(), headers=((b"cache-control", b"no-store"),))
