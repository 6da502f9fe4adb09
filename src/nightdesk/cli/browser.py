"""Opening the page in the browser, logged in, without showing the login to the other users of this machine."""

import html
import os
import webbrowser
from pathlib import Path
from typing import Final

PAGE_FILE: Final = "login.html"
"""Leads on to the page; lies in the data folder with mode 0600, and its code works once."""


def open_page(data: Path, address: str) -> None:
    """Open an address that holds a one-time code.

    Everybody can read the command line of a browser, so that it is given a private file which leads to the address.
    """
    file = data.absolute() / PAGE_FILE
    file.unlink(missing_ok=True)
    target = html.escape(address)
    text = (
        f'<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<meta http-equiv="refresh" content="0; url={target}"><a href="{target}">Nightdesk</a>\n'
    )
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as page:
        page.write(text)
    webbrowser.open(file.as_uri())
