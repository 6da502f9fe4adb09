"""Health, readiness, sealing, reloading, and the desk's own metrics."""

from typing import Final

from nightdesk.api.message import Request, Response
from nightdesk.app.desk import Desk

EXPOSITION: Final = b"text/plain; version=0.0.4; charset=utf-8"


async def healthy(_request: Request, _desk: Desk) -> Response:
    """Answer 200 while the event loop runs."""
    return Response.of_text("nightdesk is healthy\n")


async def ready(_request: Request, desk: Desk) -> Response:
    """Answer 200 once the store is open and the rules are restored, 503 before and while stopping."""
    return Response.of_text("nightdesk is ready\n") if desk.ready else Response.of_text("not ready\n", 503)


async def metrics(request: Request, desk: Desk) -> Response:
    """Answer the desk's own figures in Prometheus' text format."""
    answer = Response(200, await desk.figures(), EXPOSITION)
    return await desk.aside(lambda: answer.packed(request))


async def seal(_request: Request, desk: Desk) -> Response:
    """Make everything durable and compact; answers when it is done."""
    await desk.seal()
    return Response.of_text("sealed\n")


async def reload(_request: Request, desk: Desk) -> Response:
    """Read settings and rules again, and name what waits for the next start; at a fault 400, and the old ones go on."""
    return Response.of_json({"status": "success", "data": {"waiting": await desk.reload()}})
