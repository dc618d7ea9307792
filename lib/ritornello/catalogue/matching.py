"""Artists of the log and of the catalogue, joined by name (formulas B1.2).

The strictest way in which a name agrees with any catalogue artist decides which artists it can
mean. Looser ways are then not tried. ``homonyms`` judges which one of several it means.
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from ritornello.catalogue.names import NORMALISERS
from ritornello.tables.contracts.catalogue import MATCHED_BY


def with_alias(artists: DataFrame, aliases: DataFrame) -> DataFrame:
    """Add ``alias_of``: the catalogue's name for an alias, else null.

    ``artists`` and ``aliases`` have ``keys``. If an alias belongs to several names, the first by
    text wins.
    """
    names = aliases.groupBy(F.col("keys.basic").alias("_alias")).agg(
        F.min("name").alias("alias_of")
    )
    return artists.join(names, on=artists["keys.basic"] == names["_alias"], how="left").drop(
        "_alias"
    )


def candidates(artists: DataFrame, catalogue: DataFrame, *, normaliser: str) -> DataFrame:
    """One row per (artist, catalogue artist) that the artist can mean.

    ``matched_by`` says in which way its id or name agrees. ``artists`` has artist_id,
    source_artist_id, keys and alias_of. ``catalogue`` has catalogue_artist_id and keys.
    ``normaliser`` is the loosest way that is tried.
    """
    ways = ("id", "alias", *NORMALISERS[: NORMALISERS.index(normaliser) + 1])
    ours = _exploded(artists, ways, _artist_keys(), "artist_id")
    theirs = _exploded(catalogue, ways, _catalogue_keys(), "catalogue_artist_id")
    met = ours.join(theirs, on=["_way", "_key"], how="inner")
    strictest = F.min("_way").over(Window.partitionBy("artist_id"))
    return (
        met.withColumn("_strictest", strictest)
        .where(F.col("_way") == F.col("_strictest"))
        .select("artist_id", "catalogue_artist_id", _way_name().alias("matched_by"))
        .distinct()
    )


def _artist_keys() -> dict[str, Column]:
    by_name = {name: F.col(f"keys.{name}") for name in NORMALISERS}
    alias = F.lower(F.trim("alias_of"))
    return {"id": F.col("source_artist_id"), "alias": alias, **by_name}


def _catalogue_keys() -> dict[str, Column]:
    by_name = {name: F.col(f"keys.{name}") for name in NORMALISERS}
    return {"id": F.col("catalogue_artist_id"), "alias": by_name["basic"], **by_name}


def _exploded(
    rows: DataFrame, ways: tuple[str, ...], keys: dict[str, Column], id_column: str
) -> DataFrame:
    """One row per way and key.

    A null key agrees with nothing and has no row.
    """
    every = F.array(
        *(
            F.struct(F.lit(MATCHED_BY.index(way)).alias("_way"), keys[way].alias("_key"))
            for way in ways
        )
    )
    return rows.select(id_column, F.inline(every)).where(F.col("_key").isNotNull())


def _way_name() -> Column:
    return F.array(*(F.lit(way) for way in MATCHED_BY))[F.col("_way")]
