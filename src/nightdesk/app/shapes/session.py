"""Logging in, as JSON."""

from pydantic import Field

from nightdesk.app.shapes.shape import Shape


class CodeShape(Shape):
    """`POST /api/desk/session`: the one-time code of the URL that `nightdesk up` prints."""

    code: str = Field(min_length=1, max_length=200)


class SessionShape(Shape):
    """`GET /api/desk/session`."""

    authenticated: bool
    reads_need_token: bool


class LoginShape(Shape):
    """`POST /api/desk/login`: a path of the page that opens one session within ten minutes."""

    path: str
