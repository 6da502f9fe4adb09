"""What is known of whether channels reach a person: tests, their codes, and confirmations of the settings in use."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Final

from nightdesk.deliver.senders.wire import settings_form
from nightdesk.deliver.settings.channels import ChannelSettings
from nightdesk.model.confirmation import ChannelTest, Confirmation
from nightdesk.model.notice import Notice, NoticeReason
from nightdesk.store.records.confirmations import StoredConfirmations

CODE_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's alphabet: read aloud or from a telephone, no two of its letters are taken for each other."""
CODE_LENGTH: Final = 8
"""40 random bits, in two groups of four."""
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


class Proofs:
    """Knows which channels a person has confirmed, with the settings that they have now.

    Of settings and codes only keyed hashes are kept: neither a password nor a code can be read, or tried out, from the
    state file without the key, which lies in a file of its own. `begin` and `confirm` write to the disk and
    `test_of` reads it; the rest answers from memory and may be asked on the event loop.
    """

    def __init__(
        self, stored: StoredConfirmations, key: str, channels: Callable[[], Mapping[str, ChannelSettings]]
    ) -> None:
        """Read what is known; `channels` gives the settings in use. Raises StoreError."""
        self._stored, self._key, self._channels = stored, key.encode("ascii"), channels
        self._confirmed = stored.confirmations()
        self._tests = stored.last_tests()

    def begin(self, channel: str, now: int) -> Notice:
        """Make a test of a channel with a new code, remember it durably, and return its message, not queued yet."""
        code = new_code()
        key = Notice.key_for(channel, NoticeReason.TEST, (secrets.token_hex(16),))
        test = ChannelTest(channel, self._fingerprint(channel), key, self._hash(plain_code(code)), now)
        self._stored.begin(test)
        self._tests[channel] = test
        return Notice(key, channel, NoticeReason.TEST, (), now, code=code)

    def test_of(self, code: str) -> ChannelTest | None:
        """Return the test that carries a code and was not confirmed. Raises StoreError."""
        return self._stored.unused(self._hash(plain_code(code)))

    def confirm(self, code: str, now: int) -> Confirmation | None:
        """Use a code up; None for one that is unknown, used, or older than a day."""
        confirmed = self._stored.confirm(self._hash(plain_code(code)), now)
        if confirmed is not None:
            self._confirmed[confirmed.channel] = confirmed
        return confirmed

    def confirmed_at(self, channel: str) -> int | None:
        """Return when (ms) the channel was confirmed with the settings it has now; None where it was not."""
        known = self._confirmed.get(channel)
        return known.at if known is not None and self.is_current(known) else None

    def is_current(self, confirmation: Confirmation) -> bool:
        """Return whether a confirmation is about the settings that its channel has now."""
        return confirmation.fingerprint == self._fingerprint(confirmation.channel)

    def was_confirmed(self, channel: str) -> bool:
        """Return whether the channel was ever confirmed, with whatever settings."""
        return channel in self._confirmed

    def last_test(self, channel: str) -> ChannelTest | None:
        """Return the latest test of a channel."""
        return self._tests.get(channel)

    def _fingerprint(self, channel: str) -> str:
        settings = self._channels().get(channel)
        if settings is None:
            return ""
        return self._hash(json.dumps([settings.kind, settings_form(settings)], sort_keys=True))

    def _hash(self, text: str) -> str:
        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def new_code() -> str:
    """Return a random code as people see it: `K7M4-9QXC`."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    return f"{letters[: CODE_LENGTH // 2]}-{letters[CODE_LENGTH // 2 :]}"


def plain_code(text: str) -> str:
    """Return a code as it was meant: capitals, without hyphen and blanks, O for zero, I and L for one."""
    return text.upper().translate(_READ_AS)
