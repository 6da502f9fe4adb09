"""Who may ask what: host, site, origin, credential, in this order; each refusal says what would be right.

Against a page in the trader's own browser (DNS rebinding, cross-site requests) the first three hold, even on loopback
and without a token; against programs of others the credential does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from nightdesk.api.message import JSON, Access, Request, Response
from nightdesk.api.routes import SAFE_METHODS, Kind, Route
from nightdesk.app.tokens import Brake, Keys

COOKIE: Final = "nightdesk_session"
"""With the port behind it: `nightdesk_session_9977`."""
LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
OWN_SITES: Final = frozenset({"", "same-origin", "none"})
"""What Sec-Fetch-Site says of the page itself, of an address typed by a person, and of programs, which do not send it.

Another port of this machine is `same-site`: some other program's page, and so a stranger's.
"""
CONTENT_SECURITY_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    b"font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
SECURITY_HEADERS: Final = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What this desk demands, from its settings."""

    hosts: frozenset[str] = LOOPBACK_HOSTS
    """Host names it answers to, lower case, without port and brackets."""
    auth: bool = True
    """False lifts the credential; only ever on loopback."""
    reads_need_token: bool = False
    """True where others than this machine can connect, straight or through a proxy."""
    secure_cookie: bool = False
    """True where browsers reach the desk by HTTPS."""
    cookie: str = COOKIE
    """Name of the session's cookie; browsers keep one jar for all ports of a host, so each desk has its own."""


_AUTHORITY: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s/?#@:\[\]]+)(?::[0-9]*)?")
"""`name:port`, where an IPv6 address stands in brackets (RFC 9110, 7.2); never a user, a path or a fragment."""


@lru_cache(maxsize=64)
def host_name(authority: str) -> str:
    """Return the host of `host:port` in lower case; empty where it cannot be one."""
    found = _AUTHORITY.fullmatch(authority)
    return found[1].strip("[]").lower().rstrip(".") if found else ""


class Guard:
    """Judges a request against the policy; holds the keys and the brake on guessing."""

    def __init__(self, policy: Policy, keys: Keys, brake: Brake) -> None:
        """Keep what it judges by."""
        self.policy, self._keys, self._brake = policy, keys, brake
        self._stranger = Access(
            known=False, reads_need_token=policy.reads_need_token, is_https=policy.secure_cookie, cookie=policy.cookie
        )
        self._known = replace(self._stranger, known=True)

    def refuse_host(self, hosts: list[str]) -> Response | None:
        """Answer 421 unless there is exactly one Host and it is one of ours: a rebound name reaches nothing."""
        if len(hosts) == 1 and host_name(hosts[0]) in self.policy.hosts:
            return None
        return refusal(421, "this desk does not answer to that host; add it to `hosts` under [desk] if it should")

    def refuse(self, request: Request, route: Route) -> Response | None:
        """Return why a request may not pass, or None."""
        return (
            self._refuse_site(request, route)
            or self._refuse_credential(request, route)
            or _refuse_content_type(request, route)
        )

    def _refuse_site(self, request: Request, route: Route) -> Response | None:
        site = request.headers.get("sec-fetch-site", "")
        if request.method in SAFE_METHODS:
            # Across sites nothing can be read; a foreign page must not make the desk work either, not even in a frame.
            foreign = site not in OWN_SITES and not _is_visit(request, route)
            return refusal(403, "requests of other sites are refused") if foreign else None
        if site:
            return None if site in OWN_SITES else refusal(403, "requests of other sites are refused")
        origin = request.headers.get("origin")
        if origin is None or _same_origin(origin, request.headers.get("host", "")):
            return None
        return refusal(403, "the Origin of the request is not this desk")

    def _refuse_credential(self, request: Request, route: Route) -> Response | None:
        needed = route.kind in (Kind.ACTION, Kind.PROTOCOL) or (
            route.kind is Kind.READ and self.policy.reads_need_token
        )
        if not needed or request.access.known:
            return None
        if _bearer(request.headers) or self._sessions(request.headers):
            return refuse_credential(self._brake, request.client, "the credential is not valid")
        return refusal(401, "a token is needed: send `Authorization: Bearer ...`", ((b"www-authenticate", b"Bearer"),))

    def access_of(self, headers: Mapping[str, str]) -> Access:
        """Return who asks: known by the token or the cookie of a session, or where the desk demands neither."""
        return self._known if not self.policy.auth or self._carries_key(headers) else self._stranger

    def _carries_key(self, headers: Mapping[str, str]) -> bool:
        bearer = _bearer(headers)
        return bool(bearer and self._keys.is_token(bearer)) or any(map(self._keys.is_session, self._sessions(headers)))

    def _sessions(self, headers: Mapping[str, str]) -> list[str]:
        cookies = headers.get("cookie")
        return sessions_of(cookies, self.policy.cookie) if cookies else []


def refuse_credential(brake: Brake, client: str, message: str) -> Response:
    """Count a wrong credential and return the refusal: 401, or 429 from the eleventh within a minute on."""
    left = brake.seconds_left(client)
    brake.note_wrong(client)
    if left:
        retry = str(int(left) + 1).encode()
        return refusal(429, "too many wrong credentials from this address", ((b"retry-after", retry),))
    return refusal(401, message, ((b"www-authenticate", b"Bearer"),))


def _is_visit(request: Request, route: Route) -> bool:
    """Tell whether a person follows a link of another site to the page: into a tab of its own, never into a frame."""
    headers = request.headers
    visits = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return visits and route.kind is Kind.PUBLIC


def _same_origin(origin: str, host: str) -> bool:
    """Compare host and port; `null` and anything that is no web address differ from every host."""
    scheme, separator, rest = origin.partition("://")
    return bool(separator) and scheme in ("http", "https") and rest.lower() == host.lower()


def _refuse_content_type(request: Request, route: Route) -> Response | None:
    """Demand JSON where the page changes state: a plain form, which needs no preflight, cannot send it."""
    if route.kind in (Kind.ACTION, Kind.LOGIN) and request.content_type != JSON.decode():
        return refusal(415, "send JSON: Content-Type: application/json")
    return None


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def sessions_of(cookies: str, name: str) -> list[str]:
    """Return what a Cookie header says under a name, often more than once where another program set it too.

    Read by hand: other programs on this machine put the oddest cookies into the same jar, and none may log us out.
    """
    pairs = (each.partition("=") for each in cookies.split(";"))
    return [value.strip() for key, _, value in pairs if key.strip() == name and value.strip()]


def refusal(status: int, message: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Response:
    """Return an error in the form that Prometheus' clients and the page both read."""
    body = {"status": "error", "errorType": _ERROR_TYPES.get(status, "bad_data"), "error": message}
    return Response.of_json(body, status, headers)


_ERROR_TYPES: Final = {401: "unauthorized", 403: "forbidden", 404: "not_found", 500: "internal", 503: "unavailable"}
