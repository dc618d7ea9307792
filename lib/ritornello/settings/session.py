"""Settings of the Spark session."""

import re

from pydantic import Field, field_validator

from ritornello.settings.section import Count, Section

SIZE = re.compile(r"\d+[gm]")
MASTER = re.compile(
    r"local(-cluster)?(\[[\d*]+(,\s*\d+)*\])?|(spark|k8s|mesos)://\S+|yarn", re.IGNORECASE
)
LEAST_HEAP = 512 << 20  # Spark itself refuses to start with less than 450 MiB


class SparkSettings(Section):
    """The Spark session: its master, memory, shuffles and jars."""

    master: str | None = Field(
        "local[*]", description="Spark master; empty on a cluster, where spark-submit sets it"
    )
    driver_memory: str = Field(
        "3g",
        description="heap of the driver in local mode, such as 3g or 800m; at least 512m",
    )
    shuffle_partitions: Count = Field(
        4, description="number of tasks per shuffle; fixed, so that a rerun gives the same results"
    )
    short_job: bool | None = Field(
        None,
        description="in local mode, interpret queries and let Java compile less, which saves time where "
        "there is little data; empty: where input and plays hold at most 16 MiB of text",
    )
    adaptive: bool = Field(
        False, description="adaptive query execution; always off while a model is fitted"
    )
    jars: str | None = Field(
        None,
        description="folder of jars for local mode; empty: RITORNELLO_JARS, else that of the checkout, "
        "else the user's cache, filled on first use",
    )
    properties: dict[str, str] = Field(
        {}, description="further spark.* properties, passed on unchanged"
    )

    @field_validator("driver_memory")
    @classmethod
    def _enough_memory(cls, value: str) -> str:
        if not SIZE.fullmatch(value):
            raise ValueError(f"{value!r} is not a size: write it as 3g or 800m")
        if heap_bytes(value) < LEAST_HEAP:
            raise ValueError(f"{value} is too little for Spark: give at least 512m, better 2g")
        return value

    @field_validator("master")
    @classmethod
    def _known_master(cls, value: str | None) -> str | None:
        if value is not None and not MASTER.fullmatch(value):
            raise ValueError(
                f"{value!r} is no Spark master: write local[*], local[4], spark://host:port, "
                "k8s://host:port or yarn, or leave it empty under spark-submit"
            )
        return value


def heap_bytes(size: str) -> int:
    """Return the bytes of a size such as 3g or 800m."""
    return int(size[:-1]) << {"m": 20, "g": 30}[size[-1]]
