"""What `nightdesk up` prints: the desk's announcements on the standard output; its log goes to the standard error."""

from pathlib import Path

from nightdesk.cli.browser import open_page


class Announcer:
    """Prints announcements, and opens the page when its address is announced, if that was asked for."""

    def __init__(self, data: Path, *, opens_page: bool) -> None:
        """Print only, or open the page too; `data` is the desk's folder."""
        self._data, self._opens_page = data, opens_page

    def __call__(self, line: str) -> None:
        """Print a line at once, for whoever waits at the other end of a pipe."""
        print(line, flush=True)  # noqa: T201 - the desk's own output
        word, _, address = line.partition(" ")
        if self._opens_page and word == "open":
            open_page(self._data, address.strip())
