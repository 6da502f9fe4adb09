"""The page and its files, as the build left them in `nightdesk/static`."""

import mimetypes
import re
from pathlib import Path
from typing import Final

from nightdesk.api.message import Request, Response
from nightdesk.api.security import refusal
from nightdesk.app.desk import Desk

STATIC: Final = Path(__file__).parents[1] / "static"
FILE_NAME: Final = re.compile(r"(assets/)?[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}")
"""No dot first, no way up, no byte that a file system refuses."""
HTML: Final = b"text/html; charset=utf-8"
FOR_EVER: Final = ((b"cache-control", b"public, max-age=31536000, immutable"),)
ALWAYS_ASK: Final = ((b"cache-control", b"no-cache"),)
NOT_BUILT: Final = b"""<!doctype html>
<html lang="en"><title>Nightdesk</title>
<h1>The page is not built</h1>
<p>The desk runs; only its page is missing from this installation. Build it with:</p>
<pre>pip install .</pre>
<p>from a checkout, which fetches its own Node.js where there is none. Until then: <code>nightdesk status</code>.</p>
</html>
"""


async def index(_request: Request, _desk: Desk) -> Response:
    """Answer the page; one that says how to build it where it is missing."""
    page = _read("index.html")
    return Response(200, NOT_BUILT if page is None else page, HTML, ALWAYS_ASK)


async def asset(request: Request, _desk: Desk) -> Response:
    """Answer a file whose name holds its hash, to be kept for ever."""
    return _file(f"assets/{request.params['name']}", FOR_EVER)


async def file(request: Request, _desk: Desk) -> Response:
    """Answer a file at the root: icons, the theme script, notices."""
    return _file(request.params["name"], ALWAYS_ASK)


def _file(name: str, headers: tuple[tuple[bytes, bytes], ...]) -> Response:
    body = _read(name)
    if body is None:
        return refusal(404, "no such file")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind == "application/javascript"
    return Response(200, body, kind.encode() + (b"; charset=utf-8" if text else b""), headers)


def _read(name: str) -> bytes | None:
    """Return a file below the static folder; None for a name that is not as the build makes them, or leads nowhere."""
    path = STATIC / name
    return path.read_bytes() if FILE_NAME.fullmatch(name) and path.is_file() else None
