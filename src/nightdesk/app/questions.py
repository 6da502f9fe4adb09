"""A question to the query engine with all that a client may say of it, and what answering it took."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np

from nightdesk.clock import Clock
from nightdesk.model.series import Times
from nightdesk.query.answer import Answer
from nightdesk.query.asking import AS_USUAL, Asking
from nightdesk.query.checking.parsed import parsed
from nightdesk.query.engine import Engine
from nightdesk.query.language.tree import Node
from nightdesk.query.limits import QueryBudget
from nightdesk.query.selecting.sample_counts import counting_queries
from nightdesk.seams.samples import Budget


@dataclass(frozen=True, slots=True)
class Question:
    """An expression at an instant (`step` 0), or at start, start + step, ... up to end; all in ms."""

    expr: str
    start: int
    end: int
    step: int = 0
    asking: Asking = AS_USUAL
    counted: bool = False
    """Whether the samples it looks at are to be counted."""


Ask: TypeAlias = Callable[[Question, str | Node, Budget], Answer]
"""Evaluates an expression at the instants of a question. Raises what the engine raises."""

_NONE: Final[Times] = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Cost:
    """What an answer took; seconds, and samples looked at step by step where the question asked for them."""

    queued: float = 0.0
    evaluated: float = 0.0
    read: int = 0
    """Samples read from the store, as the limit counts them: what slices of a query read again counts again."""
    steps: Times = field(default_factory=lambda: _NONE)
    samples: Times = field(default_factory=lambda: _NONE)


def asks(engine: Engine) -> Ask:
    """Return what puts questions to an engine."""

    def ask(question: Question, expr: str | Node, budget: Budget) -> Answer:
        if question.step:
            return engine.range(expr, question.start, question.end, question.step, budget, question.asking)
        return engine.instant(expr, question.start, budget, question.asking)

    return ask


def answer(ask: Ask, clock: Clock, question: Question, asked_at: float, budget: QueryBudget) -> tuple[Answer, Cost]:
    """Answer a question that came at `asked_at` (boot seconds). Raises what the engine raises."""
    begun = clock.boot()
    found = ask(question, question.expr, budget)
    evaluated, read = clock.boot() - begun, budget.samples
    if not question.counted:
        return found, Cost(begun - asked_at, evaluated, read)
    samples = np.zeros(len(found.steps), dtype=np.int64)
    for each in counting_queries(parsed(question.expr)):
        counted = ask(question, each, budget)
        if len(counted.labels):
            samples += np.where(counted.present[0], counted.values[0], 0.0).astype(np.int64)
    return found, Cost(begun - asked_at, evaluated, read, found.steps, samples)
