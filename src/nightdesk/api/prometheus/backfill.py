"""Taking samples of the past as text, as VictoriaMetrics' route of the same name does: 204 once they are durable."""

from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.write import answer_written
from nightdesk.api.security import refusal
from nightdesk.app.desk import Desk


async def import_text(request: Request, desk: Desk) -> Response:
    """Take lines of Prometheus' text format with timestamps in milliseconds, packed or not.

    Answers as remote write does: 204 after the commit, 400 for what cannot be read, 503 to send it again.
    """
    kind = request.content_type
    if kind and not (kind.startswith("text/") or kind == "application/octet-stream"):
        return refusal(415, "send lines of Prometheus' text format: Content-Type: text/plain")
    return answer_written(await desk.write_text(request.body, request.headers.get("content-encoding", "")))
