"""Prometheus' HTTP API for what metrics mean: `/api/v1/metadata` and `/api/v1/targets/metadata`."""

from collections.abc import Iterable, Iterator
from typing import Final

from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.encode import success, text_json
from nightdesk.api.prometheus.parameters import Parameters
from nightdesk.api.prometheus.selectors import matchers_of
from nightdesk.app.desk import Described, Desk
from nightdesk.errors import Refused
from nightdesk.model.metric import Metadata
from nightdesk.model.regex import fulfils

UNBOUNDED: Final = -1
"""What `limit` means where it is absent, and below 0."""


async def metadata(request: Request, desk: Desk) -> Response:
    """List what sources say of each metric, by name; `metric`, `limit` (names) and `limit_per_metric` choose."""
    asked = Parameters.of(request)
    name, limit = asked.text("metric"), _limit(asked, "limit")
    # As in Prometheus 0 is no bound here.
    each = _limit(asked, "limit_per_metric") or UNBOUNDED
    described = desk.described()

    def write() -> Response:
        found: dict[str, list[Metadata]] = {}
        for told in _told(described, name):
            words = found.get(told.name)
            if words is None:
                if UNBOUNDED < limit <= len(found):
                    continue
                words = found[told.name] = []
            if told not in words and not UNBOUNDED < each <= len(words):
                words.append(told)
        shaped = {metric: [_words(one) for one in words] for metric, words in found.items()}
        return Response(200, success(text_json(shaped))).packed(request)

    return await desk.aside(write)


async def targets_metadata(request: Request, desk: Desk) -> Response:
    """List what each target says of its metrics; `match_target` (a selector), `metric` and `limit` choose."""
    asked = Parameters.of(request)
    selector, name, limit = asked.text("match_target"), asked.text("metric"), _limit(asked, "limit")
    matchers = matchers_of("match_target", selector) if selector else ()
    described = [each for each in desk.described() if len(each.target) and fulfils(each.target, matchers)]

    def write() -> Response:
        rows: list[dict[str, object]] = []
        for each in described:
            for told in _told([each], name):
                named = {} if name else {"metric": told.name}
                rows.append({"target": each.target.as_dict(), **named, **_words(told)})
        shown = rows if limit <= UNBOUNDED else rows[:limit]
        return Response(200, success(text_json(shown))).packed(request)

    return await desk.aside(write)


def _limit(asked: Parameters, name: str) -> int:
    text = asked.text(name)
    try:
        return int(text) if text else UNBOUNDED
    except ValueError as error:
        raise Refused(f"{name} must be a number") from error


def _told(described: Iterable[Described], name: str) -> Iterator[Metadata]:
    for each in described:
        if not name:
            yield from each.metadata.values()
        elif (told := each.metadata.get(name)) is not None:
            yield told


def _words(told: Metadata) -> dict[str, str]:
    return {"type": told.type.value, "help": told.help, "unit": told.unit}
