"""The bots' routes: what their clients push, and how they are doing."""

from nightdesk.api.message import Request, Response
from nightdesk.api.security import refusal
from nightdesk.app.desk import Desk
from nightdesk.app.shapes.bots import BotsShape, PushTakenShape


async def push(request: Request, desk: Desk) -> Response:
    """Take one push of `nightdesk.client`.

    Answers 200 after the commit, 400 for what cannot be read (sending it again is no use), 409 where a later push of
    the same process was heard already, 413 for what is too large, 503 where the desk is behind or its disk full.
    """
    taken = await desk.bots.take(request.body)
    if taken.place is None:
        return refusal(409, "a later push of this process was taken already")
    return Response(200, PushTakenShape.of(taken).model_dump_json().encode())


async def bots(request: Request, desk: Desk) -> Response:
    """Every bot that was heard within a day: operations, signs of life, losses, the newest events."""
    standing = await desk.bots.standing()
    return await desk.aside(
        lambda: Response(
            200,
            BotsShape.of(standing).model_dump_json().encode(),
            headers=((b"cache-control", b"no-store"),),
        ).packed(request)
    )
