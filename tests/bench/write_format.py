"""Rewrite a generated delivery in an outside format, to try `ritornello convert` at scale.

    ritornello generate --out build/generated/large --set generator.listeners=30000
    python tests/bench/write_format.py lastfm-1k build/generated/large build/outside
    python tests/bench/write_format.py yandex-event build/generated/large build/outside

Every play becomes one line of `build/outside/<format>`, in as many files as Spark has tasks.
"""

import sys
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.session import build_session
from ritornello.settings.session import SparkSettings
from ritornello.sources.formats.yandex_event import COLUMNS

FILES = {
    "lastfm-1k": "userid-timestamp-artid-artname-traid-traname-{number:05}.tsv",
    "yandex-event": "user_events-{number:05}.csv",
}
EVENTS = ("like", "skip", "play", "play", "play", "play", "play", "play", "play", "play")


def plays(spark: SparkSession, folder: str) -> DataFrame:
    """One play with all that is known of its track."""
    exploded = spark.read.parquet(f"{folder}/interactions.parquet").select(
        "character_index", F.explode("actions").alias("play")
    )
    at = F.to_timestamp("play.timestamp", "yyyy-MM-dd HH:mm:ss 'UTC'")
    told = exploded.select("character_index", "play.track_index", at.alias("at"))
    return told.join(spark.read.parquet(f"{folder}/tracks.parquet"), on="track_index", how="inner")


def lastfm_1k_line() -> Column:
    """Six fields between tabs."""
    return F.concat_ws(
        "\t",
        F.format_string("user_%06d", "character_index"),
        F.date_format("at", "yyyy-MM-dd'T'HH:mm:ss'Z'"),
        F.md5("artist_name"),
        "artist_name",
        "track_id",
        "track_name",
    )


def yandex_event_line() -> Column:
    """Five fields between commas; a tenth are likes, a tenth skips, by a hash of the play."""
    events = F.array(*(F.lit(one) for one in EVENTS))
    drawn = F.pmod(F.xxhash64("character_index", "track_index", "at"), F.lit(len(EVENTS)))
    return F.concat_ws(
        ",",
        "character_index",
        F.lit("track"),
        "track_index",
        events[drawn.cast("int")],
        F.unix_timestamp("at"),
    )


def write(spark: SparkSession, name: str, folder: str, out: Path) -> int:
    """The lines as files whose names are those of the format; returns how many plays."""
    line = lastfm_1k_line() if name == "lastfm-1k" else yandex_event_line()
    lines = plays(spark, folder).select(line.alias("value"))
    lines.write.mode("overwrite").text(str(out))
    for number, part in enumerate(sorted(out.glob("part-*"))):
        target = out / FILES[name].format(number=number)
        if name == "yandex-event":
            target.write_text(",".join(COLUMNS) + "\n")
            with target.open("ab") as file:
                file.write(part.read_bytes())
            part.unlink()
        else:
            part.rename(target)
    return spark.read.text(str(out)).count()


def main(name: str, folder: str, out: str) -> None:
    spark = build_session(SparkSettings(), name="write format")
    try:
        written = write(spark, name, folder, Path(out) / name)
    finally:
        spark.stop()
    print(f"{written:,} lines are in {out}/{name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
