"""How a public class reaches its desk: opened at first use, shared by all who name a folder, closed with the last."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nightdesk.app.embed.door import Door
from nightdesk.app.embed.own_desk import OwnDesk
from nightdesk.app.embed.remote_desk import RemoteDesk
from nightdesk.app.settings.invocation import Invocation
from nightdesk.app.settings.settings import Settings, default_data
from nightdesk.errors import DataFolderBusy, Refused, SettingsError
from nightdesk.model.instant import SECOND, format_duration

USUAL_INTERVAL: Final = 30.0
LEAST_INTERVAL: Final = 1.0

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Opened:
    """A desk that is open in this process, and how many use it."""

    door: Door
    loop: asyncio.AbstractEventLoop
    users: int = 0

    def door_in(self, loop: asyncio.AbstractEventLoop) -> Door:
        """Return the door to who runs in its own loop: elsewhere nothing measures, and the last figure looks fresh."""
        if loop is self.loop:
            return self.door
        what = "that has ended" if self.loop.is_closed() else "of another thread"
        raise Refused(f"this was opened in an event loop {what}: close it, or make a new one in the loop that runs now")


@dataclass(slots=True)
class _Folder:
    """One folder's turn: two who open it at a time open one desk."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    opened: _Opened | None = None


_FOLDERS: Final[dict[tuple[Path, asyncio.AbstractEventLoop], _Folder]] = {}
"""The folders in use, by path and event loop. A folder's lock is the process', so who shares it must be known here.

An entry stays as long as its loop: those who wait for their turn all wait for the same one."""


class DeskLink:
    """Names a desk, and reaches it. Belongs to one event loop once it is open."""

    def __init__(
        self,
        data: Path | str | None = None,
        *,
        interval: float | None = None,
        settings: Settings | Path | str | None = None,
        attach: bool = True,
    ) -> None:
        """Name the data folder; `settings` is a value or a TOML file, else `nightdesk.toml` in the folder.

        `interval` in seconds is how often things are measured: 30 unless it or the settings say otherwise. Where
        another process holds the folder, `attach` makes this its client; else that is `DataFolderBusy`.

        Raises:
            SettingsError: the interval is under a second, or the settings cannot be used.
        """
        if interval is not None and not LEAST_INTERVAL <= interval <= 86_400:
            raise SettingsError(f"interval is {interval:g} s: write 1 second to one day")
        self.settings = _settings(data, interval, settings)
        self.data = self.settings.desk.data.expanduser().absolute()
        self._attach = attach
        self._folder: _Folder | None = None

    @property
    def interval(self) -> float:
        """How often things are measured, in seconds."""
        return self.settings.desk.interval / SECOND

    @property
    def is_open(self) -> bool:
        """True between the first use and `close`."""
        return self._folder is not None

    async def door(self) -> Door:
        """Return the way to the desk, opened at the first call.

        Raises:
            DataFolderBusy: the folder is held, and there is no attaching: not wanted, or the holder has no HTTP face.
            Refused: it was opened in another event loop, which has ended or goes on elsewhere.
            DeskUnreachable: a desk holds the folder and does not answer.
            StoreError, SettingsError, RuleFileError, Unsafe: the desk cannot be started.
        """
        loop = asyncio.get_running_loop()
        if self._folder is not None and self._folder.opened is not None:
            return self._folder.opened.door_in(loop)
        await _let_go_of_ended_loops()
        folder = _FOLDERS.setdefault((self.data.resolve(), loop), _Folder())
        async with folder.turn:
            if folder.opened is None:
                folder.opened = _Opened(await self._open(), loop)
            if self._folder is None:
                folder.opened.users += 1
                self._folder = folder
            return folder.opened.door

    async def close(self) -> None:
        """Let go of the desk; the last who does stops it. Nothing happens where it was never used."""
        folder, self._folder = self._folder, None
        if folder is None:
            return
        async with folder.turn:
            opened = folder.opened
            if opened is None:
                return
            opened.users -= 1
            if not opened.users:
                folder.opened = None
                # Whoever is cancelled here must not leave half a desk, which would hold the folder for ever.
                await asyncio.shield(opened.door.close())

    async def _open(self) -> Door:
        try:
            return await OwnDesk.open(self.settings)
        except DataFolderBusy as busy:
            if not self._attach:
                raise
            return await self._attached(busy)

    async def _attached(self, busy: DataFolderBusy) -> Door:
        door = await RemoteDesk.open(self.data) if _has_address(self.data) else None
        if door is None:
            raise busy
        _log.info("a desk holds %s: attached to it", self.data)
        return door


async def _let_go_of_ended_loops() -> None:
    """Stop the desks whose event loop was closed over them: nothing there measures, and they hold their folders."""
    for key in [key for key in _FOLDERS if key[1].is_closed()]:
        folder = _FOLDERS.pop(key, None)
        if folder is not None and folder.opened is not None:
            opened, folder.opened = folder.opened, None
            _log.warning("the event loop of the desk on %s was closed before it: it is stopped now", key[0])
            await asyncio.shield(opened.door.close())


def _has_address(data: Path) -> bool:
    """Tell whether whoever holds the folder has said where it answers; a monitor without HTTP face never does."""
    return (data / "desk.json").is_file()


def _settings(data: Path | str | None, interval: float | None, given: Settings | Path | str | None) -> Settings:
    if isinstance(given, Settings):
        desk: Mapping[str, object] = {
            **({"data": Path(data)} if data is not None else {}),
            **({"interval": round(interval * SECOND)} if interval is not None else {}),
        }
        return given.model_copy(update={"desk": given.desk.model_copy(update=desk)}) if desk else given
    folder = Path(data).expanduser() if data is not None else default_data()
    invocation = Invocation(folder, Path(given).expanduser() if given is not None else None)
    seconds = interval if interval is not None or invocation.file is not None else USUAL_INTERVAL
    words = {"interval": format_duration(round(seconds * SECOND))} if seconds is not None else {}
    return Invocation(folder, invocation.config, words).read()
