"""Files of a folder that are not read, each with the reason."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["ignored", "refused"]
EMPTY = "the file is empty"


@dataclass(frozen=True)
class LeftOut:
    """One file that is not read.

    Ignored files hold no plays by their name or size. Refused files should, but cannot be read.
    """

    name: str
    kind: Kind
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {self.kind}: {self.why}"


def ignored(name: str, why: str) -> LeftOut:
    """Leave out a file that holds no plays."""
    return LeftOut(name, "ignored", why)


def refused(name: str, why: str) -> LeftOut:
    """Leave out a file that cannot be read."""
    return LeftOut(name, "refused", why)
