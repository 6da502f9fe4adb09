"""How bots on this machine reach the desk."""

from pydantic import Field

from nightdesk.app.settings.kinds import Section


class ClientSettings(Section):
    """The line to bots that use `nightdesk.client`."""

    socket: bool = Field(
        default=True,
        description="Whether the desk listens on `desk.sock` in its data folder, for bots of the same user.",
        examples=[True],
    )
