"""What the live stream tells, as JSON."""

from nightdesk.app.live.broadcast import Event
from nightdesk.app.measuring.vitals import Vitals
from nightdesk.app.shapes.alerts import AlertsShape
from nightdesk.app.shapes.status import StatusShape
from nightdesk.app.shapes.vitals import VitalsShape
from nightdesk.app.standing.standing import Standing


def event_json(event: Event) -> bytes:
    """Write the data of an event: the shape that the route of the same name answers. Thousands of alerts take long."""
    value = event.value
    if isinstance(value, Vitals):
        return VitalsShape.of(value).model_dump_json().encode()
    if isinstance(value, Standing):
        return StatusShape.of(value).model_dump_json().encode()
    return AlertsShape.of(value()).model_dump_json().encode()
