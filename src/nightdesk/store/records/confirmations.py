"""Tests of channels and their confirmations, in state.db."""

from typing import Final

from nightdesk.model.confirmation import ChannelTest, Confirmation
from nightdesk.store.sqlite import Database, Row

TESTS_KEPT: Final = 5
"""Of each channel the newest tests are kept: the code of each is good until it is used or too old."""

_ADD: Final = "INSERT INTO channel_tests (channel, fingerprint, key, code_hash, sent_at) VALUES (?, ?, ?, ?, ?)"
_FORGET: Final = """
    DELETE FROM channel_tests WHERE channel = ? AND id NOT IN
      (SELECT id FROM channel_tests WHERE channel = ? ORDER BY id DESC LIMIT ?)
"""
_UNUSED: Final = """
    SELECT channel, fingerprint, key, code_hash, sent_at FROM channel_tests WHERE code_hash = ? AND used_at IS NULL
"""
_ALL: Final = "SELECT channel, fingerprint, key, code_hash, sent_at FROM channel_tests ORDER BY id"
_KEEP: Final = """
    INSERT INTO confirmations (channel, fingerprint, at) VALUES (?, ?, ?)
    ON CONFLICT (channel) DO UPDATE SET fingerprint = excluded.fingerprint, at = excluded.at
"""


class StoredConfirmations:
    """What is known of whether channels reach a person. Threads may share it. Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        """Work on an open state file."""
        self._database = database

    def begin(self, test: ChannelTest) -> None:
        """Remember a test before its message is queued."""
        with self._database.transaction():
            row = (test.channel, test.fingerprint, test.key, test.code_hash, test.sent_at)
            self._database.execute(_ADD, row)
            self._database.execute(_FORGET, (test.channel, test.channel, TESTS_KEPT))

    def unused(self, code_hash: str) -> ChannelTest | None:
        """Return the test whose code this is, None for one unknown or used."""
        return next(map(_test, self._database.execute(_UNUSED, (code_hash,))), None)

    def confirm(self, code_hash: str, now: int) -> Confirmation | None:
        """Use a code up and remember the confirmation, in one transaction; None for a code unknown, used or too old."""
        with self._database.transaction():
            rows = self._database.execute(_UNUSED, (code_hash,))
            tests = [test for test in map(_test, rows) if test.is_open(now)]
            if not tests:
                return None
            self._database.execute("UPDATE channel_tests SET used_at = ? WHERE code_hash = ?", (now, code_hash))
            confirmed = Confirmation(tests[0].channel, tests[0].fingerprint, now)
            self._database.execute(_KEEP, (confirmed.channel, confirmed.fingerprint, confirmed.at))
            return confirmed

    def confirmations(self) -> dict[str, Confirmation]:
        """Return the latest confirmation of each channel, by name."""
        rows = self._database.execute("SELECT channel, fingerprint, at FROM confirmations")
        return {row[0]: Confirmation(*row) for row in rows}

    def last_tests(self) -> dict[str, ChannelTest]:
        """Return the latest test of each channel, by name."""
        rows = self._database.execute(_ALL)
        return {row[0]: _test(row) for row in rows}


def _test(row: Row) -> ChannelTest:
    return ChannelTest(*row)
