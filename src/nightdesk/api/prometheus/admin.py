"""Prometheus' admin API: deleting series, carrying deletions out, snapshots. All of it needs the token."""

from typing import Final

from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.api.prometheus.selectors import selectors_of
from nightdesk.app.desk import Desk
from nightdesk.errors import Refused
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT

_ALWAYS: Final = (MIN_INSTANT // 4, MAX_INSTANT // 4)


async def delete_series(request: Request, desk: Desk) -> Response:
    """Delete the samples of every `match[]` between `start` and `end`, without these all.

    Answers 204 once no query can see them any more, whatever happens; their room on the disk is given back by and by.
    """
    asked = Parameters.of(request)
    selectors = selectors_of(asked)
    if not selectors:
        raise Refused("no match[] parameter provided")
    start, end = asked.instant("start", _ALWAYS[0]), asked.instant("end", _ALWAYS[1])
    if end < start:
        raise bad_parameter("end", "end timestamp must not be before start time")
    await desk.keeping.delete(selectors, start, end)
    return Response(204)


async def clean_tombstones(_request: Request, desk: Desk) -> Response:
    """Answer 204 once everything deleted has left the files; long after many days were touched."""
    await desk.keeping.clean_tombstones()
    return Response(204)


async def snapshot(request: Request, desk: Desk) -> Response:
    """Take a snapshot of the data folder and answer its name; it lies in `snapshots/` there.

    `skip_head` is taken and changes nothing: what is in memory is in the journal, which is always part of it.
    """
    Parameters.of(request).flag("skip_head")
    name = await desk.keeping.snapshot()
    return Response.of_json({"status": "success", "data": {"name": name}})
