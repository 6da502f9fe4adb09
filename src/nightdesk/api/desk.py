"""The desk's own routes under `/api/desk/`: each function of FastAPI asks the desk and shapes the answer."""

from typing import Annotated, Final

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse

from nightdesk.api import message
from nightdesk.api.refusals import answer_error
from nightdesk.api.routes import Table
from nightdesk.api.security import COOKIE, Guard, session_of
from nightdesk.api.shapes import (
    AlertsShape,
    CodeShape,
    HistoryShape,
    LoginShape,
    SessionShape,
    StatusShape,
    VitalsShape,
)
from nightdesk.app.desk import Desk
from nightdesk.app.tokens import SESSION_SECONDS
from nightdesk.errors import NightdeskError

MOST_HISTORY: Final = 1_000


def desk_of(request: Request) -> Desk:
    """Return the desk this application answers for."""
    desk: Desk = request.app.state.desk
    return desk


def guard_of(request: Request) -> Guard:
    """Return the guard at the front door."""
    guard: Guard = request.app.state.guard
    return guard


TheDesk = Annotated[Desk, Depends(desk_of)]
TheGuard = Annotated[Guard, Depends(guard_of)]


async def status(desk: TheDesk) -> StatusShape:
    """How the desk stands."""
    return StatusShape.of(desk.standing())


async def vitals(desk: TheDesk) -> VitalsShape:
    """The ten vitals, each with a value or the reason why it has none."""
    return VitalsShape.of(await desk.vitals())


async def alerts(desk: TheDesk) -> AlertsShape:
    """Alerts that are pending or firing, highest severity first."""
    return AlertsShape.of(desk.live_alerts())


async def history(
    desk: TheDesk,
    since: Annotated[int, Query(ge=0, le=2**53, description="Instant in ms")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_HISTORY)] = 100,
) -> HistoryShape:
    """Changes of alerts since an instant, and the newest deliveries, newest first."""
    return HistoryShape.of(*await desk.history(since, limit))


async def session(request: Request, guard: TheGuard) -> SessionShape:
    """Whether this client is logged in, and whether it has to be for reading."""
    asked = message.Request("GET", "", headers=dict(request.headers))
    known = guard.is_known(asked) or not guard.policy.auth
    return SessionShape(authenticated=known, reads_need_token=guard.policy.reads_need_token)


async def log_in(request: Request, response: Response, code: CodeShape, desk: TheDesk, guard: TheGuard) -> SessionShape:
    """Exchange a one-time code for a session cookie."""
    secret = desk.keys.redeem(code.code)
    if secret is None:
        client = request.client.host if request.client else ""
        refused = guard.note_wrong(message.Request("POST", "", client=client))
        raise HTTPException(refused.status, "the code is unknown, used or older than ten minutes; ask for a new one")
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(SESSION_SECONDS),
        httponly=True,
        samesite="strict",
        secure=guard.policy.secure_cookie,
        path="/",
    )
    return SessionShape(authenticated=True, reads_need_token=guard.policy.reads_need_token)


async def log_out(request: Request, response: Response, desk: TheDesk) -> None:
    """End this session."""
    desk.keys.end_session(session_of(request.headers.get("cookie", "")))
    response.delete_cookie(COOKIE, path="/")


async def new_login(desk: TheDesk) -> LoginShape:
    """Make a one-time code, for whoever holds the token: `nightdesk up` on a running desk prints it."""
    return LoginShape(path=desk.login_path())


def ordinary(desk: Desk, guard: Guard, table: Table) -> FastAPI:
    """Build the application of the ordinary routes; without its pages of documentation, which load foreign scripts."""
    app = FastAPI(title="Nightdesk", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.desk, app.state.guard = desk, guard
    for route in table.routes:
        if route.endpoint is not None:
            app.add_api_route(route.path, route.endpoint, methods=sorted(route.methods))
    app.add_exception_handler(NightdeskError, _answer_error)
    app.add_exception_handler(HTTPException, _answer_refusal)
    return app


async def _answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, NightdeskError)
    answer = answer_error(error)
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    return Response(answer.body, answer.status, headers, answer.content_type.decode())


async def _answer_refusal(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"status": "error", "errorType": "bad_data", "error": error.detail}, error.status_code)
