"""Settings of the Spark session."""

from pydantic import Field

from ritornello.settings.section import Count, Section


class SparkSettings(Section):
    """Where Spark runs. On a cluster ``master`` is empty and spark-submit decides."""

    master: str | None = Field("local[*]", description="empty: as given to spark-submit")
    driver_memory: str = Field("3g", pattern=r"^\d+[gm]$", description="heap in local mode")
    shuffle_partitions: Count = Field(4, description="tasks of a shuffle; fixed, so results repeat")
    adaptive: bool = Field(False, description="adaptive execution outside the fits")
    jars: str = Field(".jars", description="folder of jars in local mode, filled by `make jars`")
    properties: dict[str, str] = Field({}, description="further spark.* properties, as they are")
