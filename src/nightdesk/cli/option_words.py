"""What is wrong with a query in the words of the command line: its options, not the parameters of a URL."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from nightdesk.errors import NightdeskError

_PARAMETER: Final = re.compile(r'^invalid parameter "(time|start|end|step)": ')
_WORDS: Final = (
    ('invalid parameter "query": ', ""),
    ("Try decreasing the query resolution (?step=XX)", "Ask for a longer --step, or less time from --start to --end"),
    ("the parameter timeout, at most the setting", "the setting"),
)
"""Sentences that clients of Prometheus know, and what a person at a terminal can do about it."""


def in_option_words(sentence: str) -> str:
    """Return a sentence of the query API as `nightdesk query` says it."""
    for theirs, ours in _WORDS:
        sentence = sentence.replace(theirs, ours)
    return _PARAMETER.sub(r"--\1: ", sentence)


@contextmanager
def option_words() -> Iterator[None]:
    """Let errors of ours pass as they are, kind and span, in the words of the command line."""
    try:
        yield
    except NightdeskError as error:
        error.args = (in_option_words(str(error)),)
        raise
