"""Remote write: 204 once the samples are durable, never before."""

from nightdesk.api.message import Request, Response
from nightdesk.api.security import refusal
from nightdesk.app.desk import Desk, Written


async def write(request: Request, desk: Desk) -> Response:
    """Take a snappy-packed protobuf of remote write 1.0.

    Answers 204 after the commit, 400 for what cannot be read (sending it again is no use), 413 for what is too large,
    415 for another protocol, 503 with Retry-After where the desk is behind or its disk full (send it again).
    """
    encoding = request.headers.get("content-encoding", "snappy").lower()
    if encoding != "snappy":
        return refusal(415, f"Content-Encoding {encoding} is not supported; send snappy")
    kind = request.headers.get("content-type", "application/x-protobuf").lower()
    if not kind.startswith("application/x-protobuf") or "io.prometheus.write.v2" in kind:
        return refusal(415, "send remote write 1.0: Content-Type: application/x-protobuf")
    return answer_written(await desk.write(request.body))


def answer_written(taken: Written) -> Response:
    """Answer 204 where all is durable, 400 where some was refused for good: sending that again is no use."""
    if taken.refused:
        reasons = ", ".join(f"{count} {reason.value}" for reason, count in taken.refused.items())
        first = f"; the first: {taken.complaint}" if taken.complaint else ""
        return refusal(400, f"{taken.accepted} samples are stored, others were refused for good: {reasons}{first}")
    return Response(204)
