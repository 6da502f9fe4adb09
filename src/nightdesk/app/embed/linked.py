"""What the public classes have in common: how each names its desk, opens and closes it."""

from pathlib import Path
from types import TracebackType
from typing import Self

from nightdesk.app.embed.door import Door
from nightdesk.app.embed.link import DeskLink
from nightdesk.app.settings.settings import Settings


class Linked:
    """Names a desk by its data folder, or shares the link of another; an asynchronous context manager.

    Objects that name one folder in one event loop share one desk; the last that is closed stops it.
    """

    def __init__(
        self,
        data: Path | str | None = None,
        *,
        interval: float | None = None,
        settings: Settings | Path | str | None = None,
        attach: bool = True,
        link: DeskLink | None = None,
    ) -> None:
        """Open nothing yet; see `DeskLink` for what each argument means. Raises SettingsError."""
        self._owns_link = link is None
        self.link = link or DeskLink(data, interval=interval, settings=settings, attach=attach)

    async def open(self) -> Self:
        """Reach the desk, or start it; the other methods do so by themselves at their first use.

        Raises:
            DataFolderBusy: the folder is held, and there is no attaching.
            StoreError, SettingsError, RuleFileError, Unsafe, DeskUnreachable: the sentence says what would be right.
        """
        was_open = self.link.is_open
        try:
            await self._begin()
        except BaseException:  # cancelled, most of all: who never got it open will not close it
            if not was_open:
                await self.close()
            raise
        return self

    async def close(self) -> None:
        """Let go of the desk. A desk of this process stops with the last who uses it; nothing of it is left running."""
        if self._owns_link:
            await self.link.close()

    async def _begin(self) -> None:
        await self._door()

    async def _door(self) -> Door:
        return await self.link.door()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
