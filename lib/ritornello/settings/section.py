"""The base class and the number types shared by all sections of the settings."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ritornello.instants import parse_instant

Instant = Annotated[datetime, BeforeValidator(parse_instant)]
Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


class Section(BaseModel):
    """A block of settings without unknown keys or silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
