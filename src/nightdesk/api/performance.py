"""The routes of figures: a window's performance, and how every portfolio stands now."""

from nightdesk.api.ledger import selection_of
from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.app.desk import Desk
from nightdesk.app.performance.reading import Question
from nightdesk.app.performance.window import Window
from nightdesk.app.shapes.performance import PerformanceShape
from nightdesk.app.shapes.trading import TradingShape

USUAL_WINDOW = "30d"


async def performance(request: Request, desk: Desk) -> Response:
    """Every figure of a `window` (`30d`, `all`), by `account`, `bot`, `mode`; `periods_per_year` where stated."""
    asked = Parameters.of(request)
    text = asked.text("window") or USUAL_WINDOW
    question = Question(selection_of(asked), Window.parse(text, desk.now()), _periods(asked))
    name = (question.selection, text, question.periods_per_year)
    body = await desk.performance.performance(question, name, lambda found: _json(PerformanceShape.of(found)))
    return await desk.aside(lambda: _response(body).packed(request))


async def trading(request: Request, desk: Desk) -> Response:
    """P&L of the account's day, equity, drawdown and what is open, of every portfolio."""
    body = await desk.performance.standings(lambda found: _json(TradingShape.of(found)))
    return await desk.aside(lambda: _response(body).packed(request))


def _periods(asked: Parameters) -> float | None:
    text = asked.text("periods_per_year")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise bad_parameter("periods_per_year", "a number above 0, e.g. 252, 365, 52, 12") from None


def _json(shape: PerformanceShape | TradingShape) -> bytes:
    return shape.model_dump_json().encode()


def _response(body: bytes) -> Response:
    return Response(200, body, headers=((b"cache-control", b"no-store"),))
