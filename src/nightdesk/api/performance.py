"""The routes of figures: a window's performance, and how every portfolio stands now."""

from collections.abc import Hashable
from typing import Final

from nightdesk.api.ledger import selection_of
from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.app.desk import Desk
from nightdesk.app.performance.performance import Performance
from nightdesk.app.performance.reading import Question
from nightdesk.app.performance.window import Window
from nightdesk.app.shapes.performance import PerformanceShape
from nightdesk.app.shapes.trading import TradingShape
from nightdesk.report.compose import compose
from nightdesk.report.html import html

USUAL_WINDOW: Final = "30d"
HTML: Final = b"text/html; charset=utf-8"
NEVER_KEPT: Final = ((b"cache-control", b"no-store"),)


async def performance(request: Request, desk: Desk) -> Response:
    """Every figure of a `window` (`30d`, `all`), by `account`, `bot`, `mode`; `periods_per_year` where stated."""
    question, name = _question(Parameters.of(request), desk)
    body = await desk.performance.performance(question, name, lambda found: _json(PerformanceShape.of(found)))
    return await desk.aside(lambda: _response(body).packed(request))


async def report(request: Request, desk: Desk) -> Response:
    """Give the same figures as one self-contained page to keep, as `nightdesk report --html` writes it."""
    question, name = _question(Parameters.of(request), desk)

    def page(found: Performance) -> bytes:
        return html(compose(PerformanceShape.of(found).model_dump(mode="json"), desk.now())).encode()

    body = await desk.performance.performance(question, ("page", name), page)
    # A file to keep: its style lies in it, which the policy of the desk's own pages forbids.
    headers = (*NEVER_KEPT, (b"content-disposition", b'attachment; filename="nightdesk-report.html"'))
    return await desk.aside(lambda: Response(200, body, HTML, headers).packed(request))


async def trading(request: Request, desk: Desk) -> Response:
    """P&L of the account's day, equity, drawdown and what is open, of every portfolio."""
    body = await desk.performance.standings(lambda found: _json(TradingShape.of(found)))
    return await desk.aside(lambda: _response(body).packed(request))


def _question(asked: Parameters, desk: Desk) -> tuple[Question, Hashable]:
    """Read what is asked, and what tells it apart from other questions. Raises Refused."""
    text = asked.text("window") or USUAL_WINDOW
    question = Question(selection_of(asked), Window.parse(text, desk.now()), _periods(asked))
    return question, (question.selection, text, question.periods_per_year)


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
    return Response(200, body, headers=NEVER_KEPT)
