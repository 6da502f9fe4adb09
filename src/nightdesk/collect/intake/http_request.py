"""A request as bytes, and the URL it goes to, judged before anything is sent."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import SplitResult, urlsplit

from nightdesk.errors import Unsafe

PORTS: Final = {"http": 80, "https": 443}


def url_parts(url: str) -> SplitResult:
    """Return the parts of a URL that may be asked.

    Raises:
        Unsafe: the URL is not http or https, has no host or no valid port, or holds a password.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise Unsafe(f"not a URL that can be read: {url!r}; write http://host:port/path or https://...")
    if parts.username is not None:
        raise Unsafe("a URL must not hold a user or a password: it appears in labels and logs")
    return parts


def port_of(parts: SplitResult) -> int:
    """Return the port a URL leads to."""
    return parts.port or PORTS[parts.scheme]


def request_of(parts: SplitResult, headers: Mapping[str, str], *, method: str = "GET", body: bytes = b"") -> bytes:
    """Return the request for a URL.

    Raises:
        Unsafe: the URL or a header would break out of its line.
    """
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    if any("\r" in line or "\n" in line for line in lines):
        raise Unsafe("a URL and its headers are one line each")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace") + body
