"""The settings of accelerators."""

from pathlib import Path

from pydantic import Field

from nightdesk.app.settings.kinds import FilePath, Section


class AcceleratorSettings(Section):
    """NPUs and GPUs of this machine; they are found without any setting."""

    npu: bool = Field(default=True, description="Whether NPUs are measured.", examples=[True])
    gpu: bool = Field(default=True, description="Whether GPUs are measured.", examples=[True])
    root: FilePath = Field(
        default=Path("/"),
        description="The folder before `/sys`, where the machine's is mounted elsewhere, as in a container.",
        examples=["/host"],
    )
