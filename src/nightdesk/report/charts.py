"""Charts as inline SVG: no script, no picture from elsewhere; colours come from the page's own style."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from nightdesk.report.scale import Scale, bounds, short, ticks, time_ticks
from nightdesk.report.tearsheet import Curve, TradeDot
from nightdesk.report.words import percent

WIDTH: Final = 920
_LEFT: Final = 74
_RIGHT: Final = WIDTH - 8
_TOP: Final = 10
_AXIS: Final = 24
"""Room below the picture for the times."""


def line_chart(curve: Curve, height: int, *, kind: str) -> str:
    """Draw a curve with its axes; `kind` names its colours: `equity`, or `drawdown`, which hangs from zero."""
    low, high = bounds(curve.values, from_zero=kind == "drawdown")
    across = Scale(curve.times[0], curve.times[-1], _LEFT, _RIGHT)
    up = Scale(low, high, height - _AXIS, _TOP)
    base = up.place(0.0 if kind == "drawdown" else low)
    parts = [_frame(curve.times[0], curve.times[-1], across, up, curve.unit)]
    for stretch in _stretches(curve):
        walked = list(_steps(stretch)) if curve.is_stepped else stretch
        points = [f"{across.place(at)},{up.place(value)}" for at, value in walked]
        ends = across.place(stretch[-1][0]), across.place(stretch[0][0])
        parts.append(f'<polygon class="{kind}-area" points="{" ".join(points)} {ends[0]},{base} {ends[1]},{base}"/>')
        parts.append(f'<polyline class="{kind}-line" points="{" ".join(points)}"/>')
    return _svg(height, curve.title, "".join(parts))


def _stretches(curve: Curve) -> list[list[tuple[int, float]]]:
    """Return the unbroken parts of a curve: a gap is left white, never bridged."""
    found: list[list[tuple[int, float]]] = [[]]
    for at, value in zip(curve.times, curve.values, strict=True):
        if value is None:
            found.append([])
        else:
            found[-1].append((at, value))
    return [part for part in found if part]


def _steps(points: Sequence[tuple[int, float]]) -> Iterator[tuple[int, float]]:
    """Go sideways to each point's instant and then up or down to it."""
    for before, (at, value) in zip([points[0], *points], points, strict=False):
        yield at, before[1]
        yield at, value


def trade_chart(trades: Sequence[TradeDot], title: str, height: int) -> str:
    """Draw each closed trade as a bar at its close, up for a gain and down for a loss."""
    pnl = [trade.pnl for trade in trades]
    low, high = bounds([*pnl, 0.0])
    start, end = trades[0].at, max(trades[-1].at, trades[0].at + 1)
    across, up = Scale(start, end, _LEFT + 4, _RIGHT - 4), Scale(low, high, height - _AXIS, _TOP)
    zero = up.place(0.0)
    parts = [
        _frame(start, end, across, up, "money"),
        f'<line class="zero" x1="{_LEFT}" x2="{_RIGHT}" y1="{zero}" y2="{zero}"/>',
    ]
    for trade in trades:
        x, y = across.place(trade.at), up.place(trade.pnl)
        kind = "gain" if trade.pnl > 0 else "loss" if trade.pnl < 0 else "even"
        parts.append(
            f'<g class="{kind}"><title>{escape(trade.label)}</title><line x1="{x}" x2="{x}" y1="{zero}" y2="{y}"/>'
            f'<circle cx="{x}" cy="{y}" r="2.4"/></g>'
        )
    return _svg(height, title, "".join(parts))


def _frame(start: int, end: int, across: Scale, up: Scale, unit: str) -> str:
    """Draw the ticks: amounts to the left with a line across, times below."""
    parts = []
    for value in ticks(up.low, up.high):
        y = up.place(value)
        text = percent(value).replace(".00", "") if unit == "fraction" else short(value)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="tick" x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{escape(text)}</text>')
    for at, text in time_ticks(start, end):
        x = across.place(at)
        anchor = "end" if x > _RIGHT - 30 else "middle"
        parts.append(f'<text class="tick" x="{x}" y="{up.first + 17}" text-anchor="{anchor}">{escape(text)}</text>')
    return "".join(parts)


def _svg(height: int, title: str, body: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg">{body}</svg>'
    )
