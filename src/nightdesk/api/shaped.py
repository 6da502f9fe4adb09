"""A shape as an answer."""

from pydantic import BaseModel

from nightdesk.api.message import Headers, Response


def shaped(shape: BaseModel, headers: Headers = ()) -> Response:
    """Return the JSON of a shape; nobody on the way may keep it."""
    return Response(200, shape.model_dump_json().encode(), headers=((b"cache-control", b"no-store"), *headers))
