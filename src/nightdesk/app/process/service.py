"""One desk, from the lock on its folder to the last byte: what starts, in which order, and how it stops.

Start: folder, store, rules, listening socket, then everything at once; only then it says "ready". Stop, within ten
seconds: no new requests, then what collects and sends, then the rules, then the store, which takes what is queued.
"""

import asyncio
import gc
import logging
import os
import socket
import sys
from collections.abc import Callable
from typing import Final

from nightdesk.app.process.face import Face, MakeFace, http_face
from nightdesk.app.process.local_socket import listen_locally, withdraw
from nightdesk.app.process.memory import give_back, settle_memory
from nightdesk.app.process.running import Running
from nightdesk.app.process.signals import Signals
from nightdesk.app.reload import Reread
from nightdesk.app.settings.settings import Settings
from nightdesk.app.wiring import Wired, wire
from nightdesk.clock import SystemClock
from nightdesk.errors import DataFolderFull, StoreError

BACKLOG: Final = 512
PRIVATE: Final = 0o077

Announce = Callable[[str], None]
"""Tells a person one line: `ready URL`, then `open  URL` with a login that works once."""

log = logging.getLogger(__name__)


def run(settings: Settings, reread: Reread, announce: Announce) -> int:
    """Run a desk until SIGTERM or SIGINT, reloading at SIGHUP; return the exit code.

    It is 0 for a clean stop, 1 where the HTTP server crashed.

    Raises:
        StoreError: the folder or the port cannot be had; the message says what would be right.
        SettingsError, RuleFileError, Unsafe: the settings or a rule file cannot be used.
    """
    # Before any file is opened: whatever the desk or a library makes is its owner's alone.
    os.umask(PRIVATE)
    settle_memory()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_serve(settings, reread, announce, http_face()))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop where it exists: it halves the cost of a request."""
    if sys.platform == "win32":
        return None
    import uvloop

    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


async def _serve(settings: Settings, reread: Reread, announce: Announce, make_face: MakeFace) -> int:
    signals = Signals()
    signals.listen()
    clock = SystemClock()
    wired = wire(settings, reread, clock)
    try:
        listening = [*listen(settings), *listen_locally(settings)]
        face = make_face(wired.desk, settings, listening)
        running = Running(wired)
        running.start(
            teller=wired.teller.run,
            reload=lambda: signals.follow(wired.desk.reload),
            memory=lambda: give_back(wired.executor.long_ended, wired.desk.chore),
        )
        # The face is not among the tasks: its sockets end with it, so its crash ends the desk, for whoever supervises.
        serving = asyncio.create_task(face.serve(), name="http")
        serving.add_done_callback(lambda _: signals.stop.set())
        wired.desk.listens_at = _bound(listening[0])
        _open_doors(wired, address_of(settings, listening[0]), announce)
        await signals.stop.wait()
        log.info("stopping")
        for listener in listening:
            withdraw(listener)
        return await _stop(wired, face, serving, running)
    finally:
        wired.close()


def _open_doors(wired: Wired, url: str, announce: Announce) -> None:
    """Say where the desk answers: to other programs in the folder, to people with a one-time login."""
    try:
        wired.lake.folder.write_address(url)
    except DataFolderFull as error:
        log.error(  # noqa: TRY400 - for a person
            "%s; commands find this desk, which answers at %s, only once it is started again with room", error, url
        )
    wired.desk.ready = True
    # What starting made stays for good: the garbage collector need not walk over it again and again.
    gc.collect()
    gc.freeze()
    announce(f"ready {url}")
    announce(f"open  {url}{wired.desk.login_path()}")


async def _stop(wired: Wired, face: Face, serving: "asyncio.Task[None]", running: Running) -> int:
    """Stop taking requests, then everything else; return the exit code."""
    wired.desk.ready = False
    crashed = serving.done()
    face.leave()
    ended = await running.stop(serving)
    if crashed and not serving.cancelled() and (error := serving.exception()):
        log.critical("the HTTP server crashed", exc_info=error)
    if not ended:
        _abandon(int(crashed))
    return int(crashed)


def _abandon(code: int) -> None:
    """End the process although a thread hangs, on a dead disk say: waiting for it would be waiting for ever.

    What was acknowledged is on the disk; what was not will be sent again.
    """
    log.error("the store or the rules did not stop in time; the desk ends without them")
    logging.shutdown()
    os._exit(code)


def listen(settings: Settings) -> list[socket.socket]:
    """Bind the address of the settings. Raises StoreError with a sentence where it is taken or not ours."""
    desk = settings.desk
    host = "127.0.0.1" if desk.bind == "localhost" else desk.bind
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, desk.port))
        listener.listen(BACKLOG)
        listener.setblocking(False)  # noqa: FBT003 - the socket's own name for it
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise StoreError(f"cannot listen on {desk.bind}:{desk.port}: {reason}; choose another with --port") from error
    return [listener]


def _bound(listener: socket.socket) -> str:
    """Return host and port of a socket, whichever port was taken."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def address_of(settings: Settings, listener: socket.socket) -> str:
    """Return the URL at which this machine reaches the desk."""
    scheme = "https" if settings.desk.tls_cert else "http"
    host, port = listener.getsockname()[:2]
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"{scheme}://{name}:{port}"
