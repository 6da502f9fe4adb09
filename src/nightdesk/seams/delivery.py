"""The socket of delivery: what carries a message out."""

from typing import Protocol

from nightdesk.model.notice import Attempt, Notice


class Sender(Protocol):
    """Carries one rendered message out, in a process that can be killed."""

    async def send(self, notice: Notice, seconds: float) -> Attempt:
        """Try once within a total deadline, never outlasting it by 1 s.

        A failure of the other side is an answer, never an exception.
        """
        ...
