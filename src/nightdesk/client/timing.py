"""Measures how long code takes: a decorator of functions and coroutines, and a context manager."""

from __future__ import annotations

from functools import wraps
from time import perf_counter

from nightdesk.client.metrics import Counter, Histogram

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing costs a bot seven milliseconds of its start
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, Self, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])

_COROUTINE, _GENERATORS = 0x80, 0x20 | 0x200
"""Flags of code objects, as `inspect` names them; importing `inspect` would cost more than all the rest."""
_MOST_PARTIALS = 16


class Timer:
    """Counts durations into a histogram and, with an error counter, what raised an `Exception`.

    As a decorator it measures each call of a function or a coroutine function; generators are handed back as they are,
    for what they take is mostly their caller's. As a context manager make one for each `with`.
    """

    __slots__ = ("_errors", "_histogram", "_starts")

    def __init__(self, histogram: Histogram, errors: Counter | None = None) -> None:
        """Count into these."""
        self._histogram, self._errors = histogram, errors
        self._starts: list[float] = []

    def observe(self, seconds: float) -> None:
        """Count a duration that was measured elsewhere."""
        self._histogram.observe(seconds)

    def __enter__(self) -> Self:
        self._starts.append(perf_counter())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Left more often than entered, in a generator that was thrown away, say: there is nothing to measure then.
        if self._starts:
            self._histogram.observe(perf_counter() - self._starts.pop())
        if isinstance(error, Exception) and self._errors is not None:
            self._errors.add()

    def __call__(self, function: F) -> F:
        """Return the function with each of its calls measured."""
        flags = _flags(function)
        if flags is None or flags & _GENERATORS:
            return function
        measured: Any = self._measured_coroutine(function) if flags & _COROUTINE else self._measured(function)
        return measured  # type: ignore[no-any-return] # it has the function's own type

    def _measured(self, function: Callable[..., Any]) -> Callable[..., Any]:
        observe, errors = self._histogram.observe, self._errors

        @wraps(function)
        def measured(*args: Any, **kwargs: Any) -> Any:
            begun = perf_counter()
            try:
                return function(*args, **kwargs)
            except Exception:
                if errors is not None:
                    errors.add()
                raise
            finally:
                observe(perf_counter() - begun)

        return measured

    def _measured_coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        observe, errors = self._histogram.observe, self._errors

        @wraps(function)
        async def measured(*args: Any, **kwargs: Any) -> Any:
            begun = perf_counter()
            try:
                return await function(*args, **kwargs)
            except Exception:
                if errors is not None:
                    errors.add()
                raise
            finally:
                observe(perf_counter() - begun)

        return measured


def _flags(function: Any) -> int | None:
    """Return the flags of the code behind whatever can be called, 0 where it is no Python code; else None."""
    if not callable(function):
        return None
    for _ in range(_MOST_PARTIALS):
        inner = getattr(function, "func", getattr(function, "__func__", None))
        if inner is None:
            break
        function = inner
    code = getattr(function, "__code__", None)
    if code is None:
        code = getattr(getattr(type(function), "__call__", None), "__code__", None)  # noqa: B004 - asked for its code
    return int(getattr(code, "co_flags", 0))
