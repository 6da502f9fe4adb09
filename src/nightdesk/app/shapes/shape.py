"""What every piece of the desk's JSON has in common. Instants in ms; a value that is no number is null."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Number = Annotated[float, Field(allow_inf_nan=True)]


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


Text = Annotated[str, BeforeValidator(_without_surrogates)]
"""Text from outside: a lone surrogate, which JSON in UTF-8 cannot carry, becomes a question mark."""


class Shape(BaseModel):
    """A frozen piece of JSON, NaN and infinities as null; what reads and writes it is built at its first use."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null", defer_build=True)
