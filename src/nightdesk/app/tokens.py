"""Who may write: the desk's token, one-time login codes, sessions of the page, and the brake on guessing.

The token stands in a file that only its owner can read, because the command line on the same machine must present it.
Codes and sessions live in memory alone: a restart ends them.
"""

import hashlib
import hmac
import logging
import os
import secrets
from collections import deque
from pathlib import Path
from typing import Final

from nightdesk.clock import Clock
from nightdesk.errors import Unsafe
from nightdesk.store.sqlite import in_our_words, sync_file

TOKEN_BYTES: Final = 32
CODE_SECONDS: Final = 600.0
SESSION_SECONDS: Final = 30 * 24 * 3600.0
MOST_CODES: Final = 64
MOST_SESSIONS: Final = 256
WRONG_ALLOWED: Final = 10
WRONG_WINDOW_SECONDS: Final = 60.0
MOST_ADDRESSES: Final = 1_024

log = logging.getLogger(__name__)


def read_or_make_token(path: Path) -> str:
    """Return the token in `path`, made there (mode 0600) at the first start; the caller holds the folder's lock.

    An empty file holds nothing that anybody could know, so it is made anew.

    Raises:
        Unsafe: others than the owner can read the file, or it holds something that is no token.
        StoreError: the file cannot be written.
    """
    if path.exists() and path.stat().st_size:
        return _read_token(path)
    if path.exists():
        log.warning("%s was empty: a new token is made", path)
    return _make_token(path)


def _make_token(path: Path) -> str:
    """Write a token under another name and rename it, so that a crash leaves no file without its token."""
    token, unfinished = secrets.token_urlsafe(TOKEN_BYTES), path.with_name(f"{path.name}.part")
    with in_our_words(path):
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(token + "\n")
        sync_file(unfinished)
        unfinished.replace(path)
        sync_file(path)
    return token


def _read_token(path: Path) -> str:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise Unsafe(f"{path}: others can read the token; write: chmod 600 {path}")
    token = path.read_text(encoding="ascii").strip()
    if len(token) < TOKEN_BYTES:
        raise Unsafe(f"{path}: holds no token; remove the file and the desk makes a new one")
    return token


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


class Keys:
    """Knows the token, codes and sessions by their SHA-256 only; comparisons take constant time."""

    def __init__(self, token: str, clock: Clock) -> None:
        """Forget the token itself at once."""
        self._token = _digest(token)
        self._clock = clock
        self._codes: dict[bytes, float] = {}
        self._sessions: dict[bytes, float] = {}

    def is_token(self, presented: str) -> bool:
        """Tell whether this is the desk's token."""
        return hmac.compare_digest(_digest(presented), self._token)

    def make_code(self) -> str:
        """Return a code that opens one session within ten minutes."""
        code = secrets.token_urlsafe(24)
        _keep(self._codes, _digest(code), self._clock.boot() + CODE_SECONDS, MOST_CODES)
        return code

    def redeem(self, code: str) -> str | None:
        """Use a code up and return the secret of a new session; None where the code is unknown, old or used."""
        until = self._codes.pop(_digest(code), None)
        if until is None or until < self._clock.boot():
            return None
        session = secrets.token_urlsafe(TOKEN_BYTES)
        _keep(self._sessions, _digest(session), self._clock.boot() + SESSION_SECONDS, MOST_SESSIONS)
        return session

    def is_session(self, presented: str) -> bool:
        """Tell whether this is the secret of a session that has not run out."""
        until = self._sessions.get(_digest(presented))
        return until is not None and until >= self._clock.boot()

    def end_session(self, presented: str) -> None:
        """Forget a session."""
        self._sessions.pop(_digest(presented), None)


def _keep(book: dict[bytes, float], key: bytes, until: float, most: int) -> None:
    """Add an entry; the oldest leaves where the book is full, so that memory stays bounded."""
    while len(book) >= most:
        book.pop(next(iter(book)))
    book[key] = until


class Brake:
    """Slows guessing: after ten wrong credentials within a minute an address hears "later" instead of "no".

    A right credential always passes. The token has 256 bits, so the brake is not what keeps guesses out; it bounds
    noise, and must not let a misconfigured writer lock the trader out of their own desk.
    """

    def __init__(self, clock: Clock) -> None:
        """Start with no address known."""
        self._clock = clock
        self._wrong: dict[str, deque[float]] = {}

    def note_wrong(self, address: str) -> None:
        """Count a wrong credential from an address."""
        seen = self._wrong.pop(address, None) or deque(maxlen=WRONG_ALLOWED)
        while len(self._wrong) >= MOST_ADDRESSES:
            self._wrong.pop(next(iter(self._wrong)))
        seen.append(self._clock.boot())
        self._wrong[address] = seen

    def seconds_left(self, address: str) -> float:
        """Return how long this address has to wait; 0 while it is under the limit."""
        seen = self._wrong.get(address)
        if seen is None or len(seen) < WRONG_ALLOWED:
            return 0.0
        return max(0.0, seen[0] + WRONG_WINDOW_SECONDS - self._clock.boot())
