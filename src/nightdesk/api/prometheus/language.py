"""Prometheus' HTTP API about the language itself: a query laid out, and a query as a tree."""

from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.encode import success, text_json
from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.app.desk import Desk
from nightdesk.errors import QuerySyntaxError
from nightdesk.query.checking.parsing import parse
from nightdesk.query.checking.tree_json import tree_json
from nightdesk.query.language.pretty import pretty
from nightdesk.query.language.tree import Node


async def format_query(request: Request, desk: Desk) -> Response:
    """Answer the query laid out, over several lines where it is long."""
    text = Parameters.of(request).text("query")
    return await desk.aside(lambda: Response(200, success(text_json(pretty(_parsed(text))))).packed(request))


async def parse_query(request: Request, desk: Desk) -> Response:
    """Answer the query as a tree of nodes."""
    text = Parameters.of(request).text("query")
    return await desk.aside(lambda: Response(200, success(text_json(tree_json(_parsed(text))))).packed(request))


def _parsed(text: str) -> Node:
    try:
        return parse(text)
    except QuerySyntaxError as error:
        raise bad_parameter("query", error) from error
