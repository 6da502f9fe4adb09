"""The figures of the system over the last hours: `GET /api/desk/system?hours=24`."""

from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.app.desk import Desk
from nightdesk.app.shapes.system import SystemShape
from nightdesk.app.system_analysis import MOST_HOURS

USUAL_HOURS = 24.0


async def system(request: Request, desk: Desk) -> Response:
    """How fast requests were, how many failed, how long targets were up, in the last `hours`."""
    text = Parameters.of(request).text("hours")
    try:
        hours = float(text) if text else USUAL_HOURS
    except ValueError:
        hours = 0.0
    if not 0 < hours <= MOST_HOURS:
        raise bad_parameter("hours", f"a number above 0 and at most {MOST_HOURS:g}")
    shape = SystemShape.of(await desk.system(hours))
    return Response(200, shape.model_dump_json().encode(), headers=((b"cache-control", b"no-store"),))
