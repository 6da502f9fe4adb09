"""Lines of access logs: real ones, hostile ones, any bytes at all."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.collect.http_logs.access_line import CODE_CLASSES, code_class

START = b'203.0.113.7 - bob [10/Oct/2026:13:55:36 +0200] "GET /a?b=c HTTP/1.1" '
COMBINED = START + b'%d 2326 "https://example.org/start" "Mozilla/5.0 (X11; Linux)"'


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (COMBINED % 200, "2xx"),
        (COMBINED % 304, "3xx"),
        (COMBINED % 502, "5xx"),
        (START + b"404 -", "4xx"),
        (START + b"101", "1xx"),
        (b"shop.example:443 " + COMBINED % 500, "5xx"),
        (b'::1 - - [t] "\\x16\\x03\\x01" 400 157 "-" "-"', "4xx"),
        (b'1.2.3.4 - - [t] "GET /\\" 500 HTTP/1.1" 200 1 "-" "-"', "2xx"),
        (b'1.2.3.4 - - [t] "-" 408 0 "-" "-"', "4xx"),
        (b'1.2.3.4 - - [t] "" 400 0 "-" "-"', "4xx"),
        (b'1.2.3.4 - mr "x\\x22 [t] "GET / HTTP/1.1" 200 1', None),
        (START + b"600 1", None),
        (START + b"20", None),
        (START + b"2000 1", None),
        (b"", None),
        (b"2026/10/10 13:55:36 [error] 1#1: *7 open() failed", None),
        (b'{"status": 200}', None),
    ],
)
def test_the_class_of_a_line(line: bytes, expected: str | None) -> None:
    """Common and combined form, with a virtual host before, with escapes inside; anything else is no line."""
    assert code_class(line) == expected


@given(st.integers(100, 599), st.text(st.characters(exclude_characters='"\\\r\n', codec="utf-8"), max_size=60))
def test_whatever_is_asked_the_status_is_found(status: int, path: str) -> None:
    """A request may hold anything that a server writes into its log."""
    line = b'h - - [t] "GET /' + path.encode() + b' HTTP/1.1" ' + str(status).encode() + b' 1 "-" "-"'
    assert code_class(line) == f"{status // 100}xx"


@given(st.binary(max_size=300))
def test_any_bytes_are_judged(line: bytes) -> None:
    """No line makes the reader fail, and an answer is one of five classes or none."""
    assert code_class(line) in (*CODE_CLASSES, None)


@pytest.mark.parametrize("line", [b'"' + b"\\" * 65_000, b'"' + b'\\"' * 32_000, b'"" ' * 21_000, b'"' * 65_000])
def test_hostile_lines_take_no_longer(line: bytes) -> None:
    """A line made to be slow is judged in linear time."""
    begun = time.process_time()
    assert code_class(line) is None
    assert time.process_time() - begun < 0.5
