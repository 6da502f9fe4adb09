"""A page in a real Chromium, with an eye on everything it must not do. Needs the package `playwright`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Page

STATIC: Final = Path(__file__).parents[1] / "static"
"""Where the build leaves the page."""
NOTE_VIOLATIONS: Final = """
addEventListener('securitypolicyviolation', (event) => {
  console.error(`policy violated: ${event.effectiveDirective} by ${event.blockedURI}`);
});
"""
"""Runs before the page's own scripts, outside its content security policy."""


@dataclass
class Watched:
    """A page and what it did wrong so far: errors on its console, and addresses beyond `host` that it asked for."""

    page: Page
    host: str
    errors: list[str] = field(default_factory=list)
    off_host: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin to watch."""
        self.page.add_init_script(NOTE_VIOLATIONS)
        self.page.on("request", lambda request: self._judge(request.url))
        self.page.on("console", lambda message: self._note(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self._note(str(error)))

    def settle(self) -> Page:
        """Return the page when its first picture is whole: vitals shown, every panel loaded. At most 15 s."""
        self.page.locator("html[data-ready=true]").wait_for(timeout=15_000)
        return self.page

    def _note(self, text: str) -> None:
        self.errors.append(text)

    def _judge(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("data", "blob") and parts.netloc != self.host:
            self.off_host.append(address)


OpenPage = Callable[..., Watched]
"""`open_page(url, theme="dark", width=1366, height=768)`: opens a page in a browser context of its own."""


def axe_faults(page: Page, axe: str) -> list[dict[str, Any]]:
    """Run axe-core by the debugger, past the content security policy; return each fault with its places."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": axe})
    call = "axe.run(document, {resultTypes: ['violations']}).then((found) => found.violations)"
    told = session.send("Runtime.evaluate", {"expression": call, "awaitPromise": True, "returnByValue": True})
    assert "exceptionDetails" not in told, told
    return [
        {"id": each["id"], "impact": each["impact"], "at": [node["html"][:160] for node in each["nodes"]]}
        for each in told["result"]["value"]
    ]
