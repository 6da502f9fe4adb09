"""A query's answer as the command line holds it, whichever way it came: over HTTP or from the data folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nightdesk.model.go_numbers import api_text
from nightdesk.model.instant import SECOND


@dataclass(frozen=True, slots=True)
class Row:
    """One series of an answer; `times` in milliseconds beside `values`."""

    labels: Mapping[str, str]
    times: Sequence[int]
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """What a query answered: `kind` is Prometheus' result type; `text` is set for strings only."""

    kind: str
    rows: Sequence[Row] = ()
    text: str = ""
    at: int = 0
    notes: Sequence[str] = ()
    """Warnings and infos beside the answer."""

    def as_json(self) -> dict[str, Any]:
        """Return the `data` of Prometheus' API, and `notes` where there is something to say of it."""
        told = {"notes": list(self.notes)} if self.notes else {}
        return {"resultType": self.kind, "result": self._result(), **told}

    def _result(self) -> Any:
        match self.kind:
            case "string":
                return [self.at / SECOND, self.text]
            case "scalar":
                return _point(self.rows[0].times[0], self.rows[0].values[0])
            case "vector":
                return [
                    {"metric": dict(row.labels), "value": _point(row.times[-1], row.values[-1])} for row in self.rows
                ]
            case _:
                return [
                    {"metric": dict(row.labels), "values": [*map(_point, row.times, row.values)]} for row in self.rows
                ]


def from_prometheus(answer: Mapping[str, Any]) -> QueryAnswer:
    """Read an answer of Prometheus' API."""
    data = answer["data"]
    kind, result = data["resultType"], data["result"]
    notes = (*answer.get("warnings", ()), *answer.get("infos", ()))
    if kind in ("string", "scalar"):
        time = round(result[0] * SECOND)
        if kind == "string":
            return QueryAnswer(kind, text=result[1], at=time, notes=notes)
        return QueryAnswer(kind, (Row({}, (time,), (float(result[1]),)),), notes=notes)
    return QueryAnswer(kind, tuple(map(_row, result)), notes=notes)


def _row(entry: Mapping[str, Any]) -> Row:
    points = entry.get("values") or [point for point in [entry.get("value")] if point]
    return Row(entry["metric"], [round(time * SECOND) for time, _ in points], [float(value) for _, value in points])


def _point(time: int, value: float) -> list[Any]:
    return [time / SECOND, api_text(value)]
