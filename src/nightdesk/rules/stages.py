"""Stages of a group: neighbours of which none reads what another records, so that all can be asked before any."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nightdesk.model.labels import Matcher, MatchOp
from nightdesk.model.rule import AlertRule
from nightdesk.query.language.tree import Node
from nightdesk.query.together.shape import Shape, Unlike, shape_of
from nightdesk.rules.compiled import CompiledRule
from nightdesk.rules.step import ALERTS, ALERTS_FOR_STATE

FEWEST: Final = 4
"""Rules of one shape that are worth asking as one."""
MOST: Final = 16_384
MOST_PATTERNS: Final = 256
"""Rules asked as one where their selectors differ in regular expressions, which are tried one after the other."""
_PATTERNS: Final = frozenset({MatchOp.REGEX, MatchOp.NOT_REGEX})
_OF_ALERTS: Final = frozenset({ALERTS, ALERTS_FOR_STATE})


@dataclass(frozen=True, slots=True)
class Stage:
    """Rules by their places in the group, and which of these places are of one shape; the rest is asked alone."""

    places: range
    reads: frozenset[str] | None
    """The metrics that any of the rules reads; None where one may read any."""
    alike: tuple[tuple[int, ...], ...]


def stages(rules: Sequence[CompiledRule]) -> tuple[Stage, ...]:
    """Cut the rules of a group, in their order, into as few stages as their recordings allow."""
    return tuple(_stage(rules, places) for places in _cut(rules))


def _cut(rules: Sequence[CompiledRule]) -> Iterator[range]:
    start = 0
    recorded: set[str] = set()
    for place, rule in enumerate(rules):
        if recorded and (rule.reads is None or not recorded.isdisjoint(rule.reads)):
            yield range(start, place)
            start, recorded = place, set()
        recorded |= _OF_ALERTS if isinstance(rule.rule, AlertRule) else {rule.records}
    if start < len(rules):
        yield range(start, len(rules))


def _stage(rules: Sequence[CompiledRule], places: range) -> Stage:
    reads: frozenset[str] | None = frozenset()
    alike: dict[Node, list[tuple[int, Shape]]] = {}
    for place in places:
        rule = rules[place]
        reads = None if reads is None or rule.reads is None else reads | rule.reads
        try:
            shape = shape_of(rule.node)
        except Unlike:
            continue
        alike.setdefault(shape.tree, []).append((place, shape))
    return Stage(places, reads, tuple(part for found in alike.values() for part in _parts(found)))


def _parts(found: Sequence[tuple[int, Shape]]) -> Iterator[tuple[int, ...]]:
    patterns = {_patterns(shape) for _, shape in found}
    most = MOST if len(patterns) == 1 else MOST_PATTERNS
    for start in range(0, len(found), most):
        part = tuple(place for place, _ in found[start : start + most])
        if len(part) >= FEWEST:
            yield part


def _patterns(shape: Shape) -> tuple[Matcher, ...]:
    return tuple(matcher for selector in shape.selectors for matcher in selector if matcher.op in _PATTERNS)
