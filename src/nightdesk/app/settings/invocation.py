"""What a desk was started with; a reload reads the same again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nightdesk.app.settings.file import FILE_NAME, load
from nightdesk.app.settings.safety import refuse_unsafe
from nightdesk.app.settings.settings import Settings, default_data


@dataclass(frozen=True, slots=True)
class Invocation:
    """The data folder and the settings file that the command line named, and its values for `[desk]`."""

    data: Path | None = None
    config: Path | None = None
    command_line: Mapping[str, object] = field(default_factory=dict)
    """Values for `[desk]` that have precedence over the file, written as in TOML."""

    def read(self) -> Settings:
        """Read the settings: of `config`, else of `nightdesk.toml` in the data folder, else the defaults.

        Raises:
            SettingsError: carries file, line and what would be right.
            Unsafe: the settings would expose the desk.
        """
        settings = load(self.file, {**self.command_line, **({"data": str(self.data)} if self.data else {})})
        refuse_unsafe(settings)
        return settings

    @property
    def file(self) -> Path | None:
        """The settings file in use, if there is one."""
        if self.config is not None:
            return self.config
        own = (self.data or default_data()) / FILE_NAME
        return own if own.is_file() else None
