"""What `nightdesk up` prints: the desk's announcements on the standard output; its log goes to the standard error."""

import webbrowser


class Announcer:
    """Prints announcements, and opens the page when its address is announced, if that was asked for."""

    def __init__(self, *, open_page: bool) -> None:
        """Print only, or open the page too."""
        self._open_page = open_page

    def __call__(self, line: str) -> None:
        """Print a line at once, for whoever waits at the other end of a pipe."""
        print(line, flush=True)  # noqa: T201 - the desk's own output
        word, _, address = line.partition(" ")
        if self._open_page and word == "open":
            webbrowser.open(address.strip())
