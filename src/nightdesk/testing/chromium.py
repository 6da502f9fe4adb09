"""A Chromium for tests that holds up none: where it no longer answers or has crashed, another takes its place."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, BrowserType, Error

FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Keep Chromium itself from talking to anybody."""


class Chromium:
    """One headless Chromium, started when a context is asked for.

    Playwright waits for the end of a context without a deadline, and Chromium now and then never tells of it: rare, and
    on a busy machine. A test that has passed is not failed by it.
    """

    def __init__(self, kind: BrowserType, program: str, *, patience: float = 20.0) -> None:
        """`program` is its path; `patience` how long, in seconds, the end of a context or of itself may take."""
        self.kind = kind
        self.program = program
        self._patience = patience
        self._running: tuple[Browser, int] | None = None

    @property
    def process(self) -> int | None:
        """Its process id while it runs."""
        return None if self._running is None else self._running[1]

    def context(self, **options: Any) -> BrowserContext:
        """Return a new context, in a browser that is started if none runs. `options` are Playwright's."""
        if self._running is None or self._has_gone:
            browser = self.kind.launch(executable_path=self.program, args=FLAGS)
            self._running = browser, process_of(browser)
        return self._running[0].new_context(**options)

    def leave(self, context: BrowserContext) -> bool:
        """Close `context`; return False where the browser had to be ended for it, or had crashed."""
        with self._deadline() as passed:
            context.close()
        if passed.is_set() or self._has_gone:
            self._running = None
        return self._running is not None

    def close(self) -> None:
        """End the browser, by force where it does not hear."""
        if self._running is not None:
            with self._deadline():
                self._running[0].close()
            self._running = None

    @property
    def _has_gone(self) -> bool:
        """Whether the browser that was started has ended by itself."""
        return self._running is not None and not self._running[0].is_connected()

    @contextmanager
    def _deadline(self) -> Iterator[threading.Event]:
        """Kill the browser if the block takes longer than patience lasts; tell so by the event."""
        passed = threading.Event()
        process = self.process

        def end() -> None:
            passed.set()
            if process is not None:
                # It may have gone by itself in this very moment.
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)

        timer = threading.Timer(self._patience, end)
        timer.start()
        try:
            yield passed
        except Error:
            if not passed.is_set() and not self._has_gone:
                raise
        finally:
            timer.cancel()


def process_of(browser: Browser) -> int:
    """Return the process id of `browser`, as it tells it itself: the program may be a script that starts it."""
    session = browser.new_browser_cdp_session()
    told = session.send("SystemInfo.getProcessInfo")
    session.detach()
    return next(int(each["id"]) for each in told["processInfo"] if each["type"] == "browser")
