"""The desk's own routes under `/api/desk/`: each asks the desk and shapes the answer."""

from typing import Final

from pydantic import BaseModel, ValidationError

from nightdesk.api.message import Access, Headers, Request, Response
from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.api.security import refuse_credential, sessions_of
from nightdesk.app.desk import Desk
from nightdesk.app.shapes.alerts import AlertShape, AlertsShape, HistoryShape, ReleaseShape
from nightdesk.app.shapes.filesystems import FilesystemsShape
from nightdesk.app.shapes.session import CodeShape, LoginShape, SessionShape
from nightdesk.app.shapes.status import StatusShape
from nightdesk.app.shapes.vitals import VitalsShape
from nightdesk.app.tokens import SESSION_SECONDS
from nightdesk.errors import BadPayload

MOST_HISTORY: Final = 1_000
USUAL_HISTORY: Final = 100
LATEST: Final = 2**53
"""Beyond this JavaScript's numbers are no whole milliseconds any more."""


async def status(_request: Request, desk: Desk) -> Response:
    """How the desk stands."""
    return _shaped(StatusShape.of(await desk.standing()))


async def vitals(_request: Request, desk: Desk) -> Response:
    """The ten vitals, each with a value or the reason why it has none."""
    return _shaped(VitalsShape.of(await desk.vitals()))


async def filesystems(_request: Request, desk: Desk) -> Response:
    """What is mounted and left out of `disk_usage`, with the reasons."""
    return _shaped(FilesystemsShape.of(await desk.filesystems_left_out()))


async def alerts(request: Request, desk: Desk) -> Response:
    """Alerts that are pending or firing, highest severity first."""
    return await desk.aside(lambda: _shaped(AlertsShape.of(desk.alerts_now())).packed(request))


async def release(request: Request, desk: Desk) -> Response:
    """End an alert that is held because its data do not come back; answers with the alert as it was."""
    try:
        fingerprint = ReleaseShape.model_validate_json(request.body).fingerprint
    except ValidationError as error:
        raise BadPayload('send {"fingerprint": "..."} with the fingerprint of a live alert') from error
    return _shaped(AlertShape.of(await desk.release(fingerprint)))


async def history(request: Request, desk: Desk) -> Response:
    """Changes of alerts `since` an instant in ms, and the newest deliveries, newest first, `limit` of each."""
    asked = Parameters.of(request)
    since, limit = asked.count("since"), asked.count("limit") or USUAL_HISTORY
    if limit > MOST_HISTORY:
        raise bad_parameter("limit", f"at most {MOST_HISTORY}; ask again with a later `since` for more")
    if since > LATEST:
        raise bad_parameter("since", "an instant in milliseconds since 1970")
    found = await desk.history(since, limit)
    return await desk.aside(lambda: _shaped(HistoryShape.of(*found)).packed(request))


async def session(request: Request, _desk: Desk) -> Response:
    """Whether this client is logged in, and whether it has to be for reading."""
    access = request.access
    return _shaped(SessionShape(authenticated=access.known, reads_need_token=access.reads_need_token))


async def log_in(request: Request, desk: Desk) -> Response:
    """Exchange a one-time code for a session cookie."""
    try:
        code = CodeShape.model_validate_json(request.body).code
    except ValidationError as error:
        raise BadPayload('send {"code": "..."} with the code of the address that `nightdesk up` prints') from error
    secret = desk.keys.redeem(code)
    if secret is None:
        return refuse_credential(
            desk.brake, request.client, "the code is unknown, used, or older than ten minutes: ask for a new one"
        )
    shape = SessionShape(authenticated=True, reads_need_token=request.access.reads_need_token)
    return _shaped(shape, _cookie(request.access, secret, int(SESSION_SECONDS)))


async def log_out(request: Request, desk: Desk) -> Response:
    """End this session."""
    for session in sessions_of(request.headers.get("cookie", ""), request.access.cookie):
        desk.keys.end_session(session)
    return Response(204, headers=_cookie(request.access, "", 0))


async def new_login(_request: Request, desk: Desk) -> Response:
    """Make a one-time code, for whoever holds the token: `nightdesk up` on a running desk prints it."""
    return _shaped(LoginShape(path=desk.login_path()))


def _shaped(shape: BaseModel, headers: Headers = ()) -> Response:
    return Response(200, shape.model_dump_json().encode(), headers=((b"cache-control", b"no-store"), *headers))


def _cookie(access: Access, secret: str, seconds: int) -> Headers:
    """Return the session cookie: out of reach of scripts, never sent along from another site."""
    flags = f"Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict{'; Secure' if access.is_https else ''}"
    return ((b"set-cookie", f"{access.cookie}={secret}; {flags}".encode()),)
