"""Keep frames on the executors' disks while a step runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pyspark import StorageLevel
from pyspark.sql import DataFrame


@dataclass
class Scratch:
    """Frames that a step computes once and uses several times."""

    frames: list[DataFrame] = field(default_factory=list)
    endings: list[Callable[[], None]] = field(default_factory=list)

    def at_end(self, ending: Callable[[], None]) -> None:
        """Call a function when the step ends, such as one that deletes a folder."""
        self.endings.append(ending)

    def keep(self, df: DataFrame) -> DataFrame:
        self.frames.append(df.persist(StorageLevel.DISK_ONLY))
        return df


@contextmanager
def scratch() -> Iterator[Scratch]:
    scratchpad = Scratch()
    try:
        yield scratchpad
    finally:
        for frame in scratchpad.frames:
            frame.unpersist()
        for ending in scratchpad.endings:
            ending()
