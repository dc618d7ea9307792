"""Settings of the Spark session."""

from pydantic import Field

from ritornello.settings.section import Count, Section


class SparkSettings(Section):
    """The Spark session: its master, memory, shuffles and jars."""

    master: str | None = Field(
        "local[*]", description="Spark master; empty on a cluster, where spark-submit sets it"
    )
    driver_memory: str = Field(
        "3g",
        pattern=r"^\d+[gm]$",
        description="heap of the driver in local mode, such as 3g or 512m",
    )
    shuffle_partitions: Count = Field(
        4, description="number of tasks per shuffle; fixed, so that a rerun gives the same results"
    )
    adaptive: bool = Field(
        False, description="adaptive query execution; always off while a model is fitted"
    )
    jars: str = Field(".jars", description="folder of jars for local mode, filled by `make jars`")
    properties: dict[str, str] = Field(
        {}, description="further spark.* properties, passed on unchanged"
    )
