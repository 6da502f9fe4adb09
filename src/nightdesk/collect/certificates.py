"""Which certificates are trusted: the machine's, or those of a file."""

import functools
import ssl


@functools.cache
def trusted(ca_file: str = "") -> ssl.SSLContext:
    """Return the context that all who trust the same share: loading the machine's certificates takes 20 ms each time.

    Raises:
        OSError: the file cannot be read, or holds no certificate (`ssl.SSLError`).
    """
    return ssl.create_default_context(cafile=ca_file or None)
