"""Regular expressions as PromQL means them: RE2's syntax, anchored at both ends, the dot matches newlines."""

from typing import Any, Final

import re2

_OPTIONS: Final = re2.Options()
_OPTIONS.log_errors = False


def anchored(pattern: str) -> Any:
    """Compile a pattern that must match all of a value; RE2 takes linear time whatever the pattern.

    Raises:
        ValueError: saying what is wrong with it.
    """
    try:
        # Alone first: `a)(b` is wrong although what stands around it would balance it.
        re2.compile(pattern, _OPTIONS)
        return re2.compile(f"^(?s:{pattern})$", _OPTIONS)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        raise ValueError(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from error
