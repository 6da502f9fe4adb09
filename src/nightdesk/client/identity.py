"""Who pushes: a bot, and which of its processes."""

from __future__ import annotations

import os
from time import monotonic


class Identity:
    """The bot, this process of it, and what every series of it is labelled with."""

    def __init__(self, bot: str, labels: dict[str, str]) -> None:
        """Take a number that no other process has."""
        self.bot, self.labels = bot, labels
        self.run, self.born, self.forked = os.urandom(12).hex(), monotonic(), False
        self.place: int | None = None
        """Which of the bot's processes this is, as the desk said; it is asked for again after the desk's restart."""
        self.stopping: str | None = None

    def start_anew(self) -> None:
        """Be a process of its own, in a forked child."""
        self.run, self.born, self.forked, self.place = os.urandom(12).hex(), monotonic(), True, None
