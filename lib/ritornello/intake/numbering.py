"""The numbers of one delivery, and the keys that they stand for.

A number of a delivery only means something within it. Here each gets its source key, by which the
stored listeners and tracks are known.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.errors import BadInputError, UsageError
from ritornello.plays.keys import Ways, source_key, with_first_number
from ritornello.tables.store import Store

Keep = Callable[[DataFrame], DataFrame]


@dataclass(frozen=True)
class Kind:
    """The columns of listeners or of tracks: numbers, keys and ids."""

    plural: str
    table: str
    number: str
    key: str
    text: str  # the column of the table with the source's text, equal to the key where it decides
    delivered: str  # the file and column of the text in a delivery
    id: str
    setting: str


LISTENERS = Kind(
    *("listeners", "users", "character_index", "source_user_id", "user_name"),
    *("source_user_key in listeners.parquet", "user_id", "imports.listener_keys"),
)
TRACKS = Kind(
    *("tracks", "tracks", "track_index", "source_track_id", "source_track_key"),
    *("track_id in tracks.parquet", "track_id", "imports.track_keys"),
)


@dataclass(frozen=True)
class Numbering:
    """The first number of every key of a delivery.

    ``listeners`` has character_index, source_user_id and user_name; ``tracks`` has track_index and
    source_track_id. ``numbers_are_tracks``: a number that is not listed is the key of a track.
    ``joined`` has the ids for each version of a table.
    """

    listeners: DataFrame
    tracks: DataFrame
    keep: Keep
    numbers_are_tracks: bool = False
    joined: dict[tuple[str, int], DataFrame] = field(default_factory=dict)

    def user_ids(self, store: Store) -> DataFrame:
        """One row per number with a stored listener: character_index, user_id."""
        return self._ids(store, self.listeners, LISTENERS)

    def track_ids(self, store: Store) -> DataFrame:
        """One row per number with a stored track: track_index, track_id."""
        return self._ids(store, self.tracks, TRACKS)

    def _ids(self, store: Store, numbered: DataFrame, kind: Kind) -> DataFrame:
        state = (kind.table, store.version(kind.table))
        if state not in self.joined:
            stored = known_ids(store, kind.table, kind.key, kind.id)
            ids = numbered.join(stored, on=kind.key, how="inner").select(kind.number, kind.id)
            self.joined[state] = measured(self.keep(ids))
        return self.joined[state]


def measured(kept: DataFrame) -> DataFrame:
    """Compute a kept frame at once, so that Spark knows its size.

    Spark takes the size of a join that it has not computed for the product of both sides. It would
    then shuffle hundreds of millions of plays instead of broadcasting a small table.
    """
    kept.count()
    return kept


def known_ids(store: Store, table: str, source_id: str, id_column: str) -> DataFrame:
    """Read ``source_id`` and ``id_column`` of a table.

    The result is empty if the table does not exist yet.
    """
    if not store.exists(table):
        nothing = f"CAST(NULL AS string) AS {source_id}, CAST(NULL AS int) AS {id_column}"
        return store.spark.sql(f"SELECT {nothing} WHERE false")  # Spark plans joins with it away
    return store.read(table).select(source_id, id_column)


def with_key(numbered: DataFrame, kind: Kind, *, ways: Ways) -> DataFrame:
    """Add the key, the way in which it is known, and ``first_number``.

    The ways are text and number, and both where the text is the number. ``texts`` counts the texts of
    a number.
    """
    by_text = (F.trim(kind.text) != "") & F.lit(ways != "number")
    way = F.when(_is_number(kind.text, kind.number), "both").when(by_text, "text")
    keyed = numbered.withColumns(
        {
            kind.key: source_key(kind.text, kind.number, ways=ways),
            "_way": way.otherwise("number"),
        }
    )
    return with_first_number(keyed, number=kind.number, key=kind.key)


def stored_way(kind: Kind) -> Column:
    """Return the way in which a stored row is known: text, number or both."""
    by_text = F.col(kind.key).eqNullSafe(F.col(kind.text))
    could_be_both = by_text & F.col(kind.key).rlike(r"^\d+$")
    return F.when(could_be_both, "both").when(by_text, "text").otherwise("number")


def _is_number(text: str, number: str) -> Column:
    return F.trim(text) == F.col(number).cast("string")


@dataclass(frozen=True)
class Keyed:
    """The ways in which a delivery knows its rows, without both.

    ``several_numbers`` says whether any key has several.
    """

    ways: set[str]
    several_numbers: bool


def check_keys(store: Store, keyed: DataFrame, kind: Kind, *, ways: Ways) -> Keyed:
    """Check the keys of a delivery, in one pass where nothing is wrong.

    Raises UsageError where the warehouse knows such rows in the other way, and BadInputError where a
    number has several texts, or a number and a text would be one key.
    """
    row = keyed.agg(
        F.collect_set("_way").alias("ways"),
        F.max(F.col("texts") > 1).alias("several_texts"),
        F.max(F.col(kind.number) != F.col("first_number")).alias("several_numbers"),
    ).first()
    assert row is not None
    delivered = set(row["ways"]) - {"both"}
    stored = _stored_ways(store, kind)
    if row["several_texts"] and ways != "number":
        _refuse_several_texts(keyed, kind)
    _check_ways(store, kind, delivered=delivered, stored=stored, ways=ways)
    _check_clashes(store, keyed, kind, delivered=delivered, stored=stored)
    return Keyed(delivered, bool(row["several_numbers"]))


def _check_ways(
    store: Store, kind: Kind, *, delivered: set[str], stored: set[str], ways: Ways
) -> None:
    if ways == "number" and "text" in stored:
        raise UsageError(
            f"{store.warehouse} knows {kind.plural} by {kind.delivered}: {kind.setting}=number would "
            "store them a second time under their numbers, so set it to auto"
        )
    if ways == "auto" and "number" in delivered and "text" in delivered | stored:
        raise UsageError(
            f"some {kind.plural} of this delivery have no {kind.delivered}, by which others are "
            f"known: add it, or set {kind.setting}=either if such numbers never change"
        )
    if ways == "auto" and "text" in delivered and stored == {"number"}:
        raise UsageError(
            f"this delivery knows its {kind.plural} by {kind.delivered}, and {store.warehouse} knows "
            f"them by number: set {kind.setting}=number if the source never changes its numbers, else "
            "import all deliveries into a new warehouse"
        )


def _stored_ways(store: Store, kind: Kind) -> set[str]:
    """Return the ways in which the stored rows are known, without both."""
    if not store.exists(kind.table):
        return set()
    rows = store.read(kind.table).select(stored_way(kind).alias("way")).distinct().collect()
    return {row["way"] for row in rows} - {"both"}


def _refuse_several_texts(keyed: DataFrame, kind: Kind) -> None:
    row = keyed.where(F.col("texts") > 1).orderBy(kind.number).first()
    assert row is not None
    raise BadInputError(
        f"{kind.number} {row[kind.number]} has {row['texts']} different texts as "
        f"{kind.delivered}, so it is not clear which of the {kind.plural} it means: "
        "correct the delivery so that each number has one text"
    )


def _check_clashes(
    store: Store, keyed: DataFrame, kind: Kind, *, delivered: set[str], stored: set[str]
) -> None:
    """Raise BadInputError where a number and a text would be one key."""
    one_way = keyed.where("_way <> 'both'")
    if len(delivered) > 1:
        several = one_way.groupBy(kind.key).agg(F.countDistinct("_way").alias("n"))
        _check_none(several.where("n > 1"), kind)
    if delivered and stored - delivered:
        table = store.read(kind.table).select(kind.key, stored_way(kind).alias("_stored"))
        met = one_way.join(table.where("_stored <> 'both'"), on=kind.key, how="inner")
        _check_none(met.where("_way <> _stored"), kind)


def _check_none(twice: DataFrame, kind: Kind) -> None:
    row = twice.orderBy(kind.key).first()
    if row is not None:
        raise BadInputError(
            f"{row[kind.key]!r} is the number of one of the {kind.plural} and the {kind.delivered} of "
            "another, so both would be one: give all of them a text key, or none"
        )
