"""The queries that an alert's texts ask: `{{ range query "up == 0" }}{{ .Labels.instance }} {{ end }}`."""

from collections.abc import Callable
from typing import Final

from nightdesk.errors import NightdeskError
from nightdesk.query.answer import Answer
from nightdesk.query.limits import QueryBudget
from nightdesk.rules.templates.faults import CannotFill
from nightdesk.rules.templates.values import Sample
from nightdesk.rules.vector import vector_of

MOST_QUESTIONS: Final = 1_000
"""Different queries of the texts of one judgement."""
MOST_SAMPLES: Final = 10_000
"""Samples of one answer; a text has no room for more."""


class TextQuestions:
    """Asks what the texts of one judgement ask, each query once and all within one budget, begun at the first."""

    def __init__(
        self, ask: Callable[[str, QueryBudget], Answer | NightdeskError], budget: Callable[[], QueryBudget]
    ) -> None:
        """Take what answers a query at the instant of the judgement, and what makes a budget."""
        self._ask, self._new_budget = ask, budget
        self._budget: QueryBudget | None = None
        self._answers: dict[str, tuple[Sample, ...] | CannotFill] = {}

    def __call__(self, expr: str) -> tuple[Sample, ...]:
        """Return the samples of the answer, in its order. Raises CannotFill where there is none."""
        if expr not in self._answers:
            if len(self._answers) >= MOST_QUESTIONS:
                raise CannotFill(f"the texts of one judgement ask more than {MOST_QUESTIONS} queries")
            self._answers[expr] = self._answer(expr)
        known = self._answers[expr]
        if isinstance(known, CannotFill):
            raise known
        return known

    def _answer(self, expr: str) -> tuple[Sample, ...] | CannotFill:
        try:
            self._budget = self._budget or self._new_budget()
            answer = self._ask(expr, self._budget)
            if isinstance(answer, NightdeskError):
                raise answer
            vector = vector_of(answer)
        except NightdeskError as error:
            return CannotFill(f"query {expr!r}: {error}")
        if len(vector) > MOST_SAMPLES:
            return CannotFill(f"query {expr!r} has {len(vector):,} samples, more than {MOST_SAMPLES:,}")
        return tuple(Sample(labels.as_dict(), value) for labels, value in vector)
