"""The ways out of the desk: which there are, a test of one, and the confirmation that it arrived."""

from pydantic import ValidationError

from nightdesk.api.message import Request, Response
from nightdesk.api.shaped import shaped
from nightdesk.app.desk import Desk
from nightdesk.app.shapes.channels import (
    ChannelNameShape,
    ChannelShape,
    ChannelsShape,
    ConfirmedShape,
    ConfirmShape,
)
from nightdesk.errors import BadPayload


async def channels(_request: Request, desk: Desk) -> Response:
    """Every channel with what is known of it."""
    return shaped(ChannelsShape.of(await desk.channels.standings()))


async def test(request: Request, desk: Desk) -> Response:
    """Send a test through a channel; answers at once, and `GET channels` says what becomes of it."""
    try:
        channel = ChannelNameShape.model_validate_json(request.body).channel
    except ValidationError as error:
        raise BadPayload('send {"channel": "..."} with the name of a channel of the settings') from error
    return shaped(ChannelShape.of(await desk.channels.test(channel)))


async def confirm(request: Request, desk: Desk) -> Response:
    """Take the code of a test: its channel reaches a person."""
    try:
        code = ConfirmShape.model_validate_json(request.body).code
    except ValidationError as error:
        raise BadPayload('send {"code": "..."} with the code that a test message brought') from error
    return shaped(ConfirmedShape.of(await desk.channels.confirm(code)))
