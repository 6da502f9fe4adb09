"""The one table of routes: path, methods, kind, who answers. The security matrix enumerates it; nothing else routes."""

from typing import Final

from pydantic import BaseModel

from nightdesk.api import bots, channels, desk, ledger, lifecycle, pages, performance, raised, stream, system
from nightdesk.api.prometheus import (
    admin,
    alerting,
    backfill,
    catalogue,
    federate,
    introspection,
    language,
    metadata,
    queries,
    status,
    targets,
    write,
)
from nightdesk.api.routes import FORM_BODY, Handler, Kind, Route, Table
from nightdesk.app.shapes.alerts import AlertShape, AlertsShape, HistoryShape, ReleaseShape
from nightdesk.app.shapes.bots import BotsShape, PushTakenShape
from nightdesk.app.shapes.channels import (
    ChannelNameShape,
    ChannelShape,
    ChannelsShape,
    ConfirmedShape,
    ConfirmShape,
)
from nightdesk.app.shapes.filesystems import FilesystemsShape
from nightdesk.app.shapes.ledger import (
    HoldingsShape,
    LedgerRows,
    PositionsShape,
    SetAsideShape,
    TakenShape,
    TradesShape,
)
from nightdesk.app.shapes.performance import PerformanceShape
from nightdesk.app.shapes.raised import (
    BreachShape,
    MessageShape,
    RaisedShape,
    ResolvedShape,
    SentShape,
    SubjectShape,
)
from nightdesk.app.shapes.session import CodeShape, LoginShape, SessionShape
from nightdesk.app.shapes.status import StatusShape
from nightdesk.app.shapes.system import SystemShape
from nightdesk.app.shapes.trading import TradingShape
from nightdesk.app.shapes.vitals import VitalsShape

GET: Final = frozenset({"GET"})
POST: Final = frozenset({"POST"})
DELETE: Final = frozenset({"DELETE"})
CHANGE: Final = frozenset({"POST", "PUT"})
"""Prometheus' admin API takes either."""
ASK: Final = GET | POST
"""Queries take a form as well, for those too long for an address."""
MOST_PUSH: Final = 2 * 2**20
"""What one process of a bot can tell at a time is far below."""
MOST_WRITE: Final = 2**40
"""No cap of its own: the settings' `limits.body_bytes` holds."""


def _read(path: str, handler: Handler, methods: frozenset[str] = GET) -> Route:
    return Route(path, methods, Kind.READ, handler=handler, most_body=FORM_BODY)


def _public(path: str, handler: Handler) -> Route:
    return Route(path, GET, Kind.PUBLIC, handler=handler)


def _own(
    path: str,
    methods: frozenset[str],
    kind: Kind,
    handler: Handler,
    gives: type[BaseModel] | None = None,
    takes: type[BaseModel] | None = None,
) -> Route:
    return Route(f"/api/desk/{path}", methods, kind, handler=handler, takes=takes, gives=gives)


ROUTES: Final = (
    _read("/api/v1/query", queries.query, ASK),
    _read("/api/v1/query_range", queries.query_range, ASK),
    _read("/api/v1/format_query", language.format_query, ASK),
    _read("/api/v1/parse_query", language.parse_query, ASK),
    _read("/api/v1/series", catalogue.series, ASK),
    _read("/api/v1/labels", catalogue.label_names, ASK),
    _read("/api/v1/label/{name}/values", catalogue.label_values),
    _read("/api/v1/metadata", metadata.metadata),
    _read("/api/v1/query_exemplars", introspection.query_exemplars, ASK),
    _read("/api/v1/status/buildinfo", status.build_info),
    _read("/api/v1/status/config", status.config),
    _read("/api/v1/status/flags", status.flags),
    _read("/api/v1/status/walreplay", status.wal_replay),
    _read("/api/v1/notifications", status.notifications),
    _read("/api/v1/status/runtimeinfo", introspection.runtime_info),
    _read("/api/v1/status/tsdb", introspection.tsdb),
    _read("/federate", federate.federate),
    _read("/api/v1/rules", alerting.rules),
    _read("/api/v1/alerts", alerting.alerts),
    _read("/api/v1/alertmanagers", alerting.alertmanagers),
    _read("/api/v1/targets", targets.targets),
    _read("/api/v1/targets/metadata", metadata.targets_metadata),
    _read("/api/v1/scrape_pools", targets.scrape_pools),
    Route("/api/v1/admin/tsdb/delete_series", CHANGE, Kind.PROTOCOL, handler=admin.delete_series, most_body=FORM_BODY),
    Route("/api/v1/admin/tsdb/clean_tombstones", CHANGE, Kind.PROTOCOL, handler=admin.clean_tombstones),
    Route("/api/v1/admin/tsdb/snapshot", CHANGE, Kind.PROTOCOL, handler=admin.snapshot),
    Route("/api/v1/write", POST, Kind.PROTOCOL, handler=write.write, most_body=MOST_WRITE),
    Route("/api/v1/import/prometheus", POST, Kind.PROTOCOL, handler=backfill.import_text, most_body=MOST_WRITE),
    Route("/api/desk/bots/push", POST, Kind.PROTOCOL, handler=bots.push, gives=PushTakenShape, most_body=MOST_PUSH),
    _own("bots", GET, Kind.READ, bots.bots, BotsShape),
    _own("status", GET, Kind.READ, desk.status, StatusShape),
    _own("system", GET, Kind.READ, system.system, SystemShape),
    _own("vitals", GET, Kind.READ, desk.vitals, VitalsShape),
    _own("filesystems", GET, Kind.READ, desk.filesystems, FilesystemsShape),
    _own("alerts", GET, Kind.READ, desk.alerts, AlertsShape),
    _own("alerts/release", POST, Kind.ACTION, desk.release, AlertShape, ReleaseShape),
    _own("alerts/raise", POST, Kind.ACTION, raised.raise_alert, RaisedShape, BreachShape),
    _own("alerts/resolve", POST, Kind.ACTION, raised.resolve_alert, ResolvedShape, SubjectShape),
    _own("channels/send", POST, Kind.ACTION, raised.send_message, SentShape, MessageShape),
    _own("alerts/history", GET, Kind.READ, desk.history, HistoryShape),
    Route(
        "/api/desk/ledger",
        POST,
        Kind.PROTOCOL,
        handler=ledger.take,
        takes=LedgerRows,
        gives=TakenShape,
        most_body=MOST_WRITE,
    ),
    _own("ledger/holdings", GET, Kind.READ, ledger.holdings, HoldingsShape),
    _own("ledger/set-aside", GET, Kind.READ, ledger.set_aside, SetAsideShape),
    _own("trades", GET, Kind.READ, ledger.trades, TradesShape),
    _own("positions", GET, Kind.READ, ledger.positions, PositionsShape),
    _own("performance", GET, Kind.READ, performance.performance, PerformanceShape),
    _own("report.html", GET, Kind.READ, performance.report),
    _own("trading", GET, Kind.READ, performance.trading, TradingShape),
    _own("channels", GET, Kind.READ, channels.channels, ChannelsShape),
    _own("channels/test", POST, Kind.ACTION, channels.test, ChannelShape, ChannelNameShape),
    _own("channels/confirm", POST, Kind.ACTION, channels.confirm, ConfirmedShape, ConfirmShape),
    Route("/api/desk/stream", GET, Kind.READ, streamer=stream.stream),
    _own("session", GET, Kind.PUBLIC, desk.session, SessionShape),
    _own("session", POST, Kind.LOGIN, desk.log_in, SessionShape, CodeShape),
    _own("session", DELETE, Kind.ACTION, desk.log_out),
    _own("login", POST, Kind.ACTION, desk.new_login, LoginShape),
    _public("/-/healthy", lifecycle.healthy),
    _public("/-/ready", lifecycle.ready),
    Route("/-/seal", POST, Kind.PROTOCOL, handler=lifecycle.seal),
    Route("/-/reload", POST, Kind.PROTOCOL, handler=lifecycle.reload),
    _read("/metrics", lifecycle.metrics),
    _public("/", pages.index),
    _public("/assets/{name}", pages.asset),
    _public("/{name}", pages.file),
)

TABLE: Final = Table(ROUTES)
