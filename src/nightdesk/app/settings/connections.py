"""Which connections are counted, as written under `[connections]`."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from nightdesk.app.settings.kinds import LabelText, Section

_MOST_WATCHED: Final = 64


def _watched_target(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not (host and colon and port.isdigit() and 0 < int(port) < 65_536) or (":" in host and host[0] != "["):
        raise ValueError(f'"{value}" is not a target; write e.g. "127.0.0.1:5432", "[::1]:6379" or "*:443"')
    return value


WatchedAddress = Annotated[str, AfterValidator(_watched_target)]
"""`host:port`; `*:port` for the port at any address."""


class ConnectionSettings(Section):
    """What is watched; nothing: all connections of the machine."""

    processes: list[LabelText] = Field(
        default_factory=list,
        max_length=_MOST_WATCHED,
        description="Names of processes, or of the scripts they run, whose connections are counted.",
        examples=[["freqtrade"]],
    )
    targets: list[WatchedAddress] = Field(
        default_factory=list,
        max_length=_MOST_WATCHED,
        description="Addresses as host:port whose connections are counted, whichever end they are.",
        examples=[["127.0.0.1:5432"]],
    )
