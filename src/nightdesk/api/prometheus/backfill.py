"""Taking samples of the past as text, as VictoriaMetrics' route of the same name does: 204 once they are durable."""

from typing import Final

from nightdesk.api.message import FORM, Request, Response
from nightdesk.api.prometheus.write import answer_written
from nightdesk.api.security import refusal
from nightdesk.app.desk import Desk

OPEN_METRICS: Final = "application/openmetrics-text"
_TEXT_TOO: Final = frozenset({"application/octet-stream", FORM})
"""What `curl --data` says of any body. Forms of other sites are refused by their site, as for text/plain."""


async def import_text(request: Request, desk: Desk) -> Response:
    """Take lines of Prometheus' text format with timestamps in ms, or OpenMetrics with seconds, packed or not.

    Answers as remote write does: 204 after the commit, 400 for what cannot be read, 503 to send it again.
    """
    kind = request.content_type
    open_metrics = kind == OPEN_METRICS
    if kind and not (open_metrics or kind.startswith("text/") or kind in _TEXT_TOO):
        return refusal(415, f"send lines of Prometheus' text format: Content-Type: text/plain, or {OPEN_METRICS}")
    encoding = request.headers.get("content-encoding", "")
    return answer_written(await desk.write_text(request.body, encoding, open_metrics=open_metrics))
