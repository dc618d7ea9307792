"""The types of a contract, and the columns that several tables share."""

from dataclasses import dataclass, field

HALF_LIVES_DAYS = (1, 3, 7, 14, 30, 60, 120, 365)
LAST_PLAYS = (50, 150, 500, 2000)
CONTRACT_VERSION = "ritornello.contract"  # property of a table: the version of its contract
CUTOFFS = (5, 10, 40, 100)
CUTOFFS_SHOWN = (5, 10, 20)  # for metrics of the places that listeners saw
METRICS = ("precision", "recall", "recall_capped", "map", "ndcg")


@dataclass(frozen=True)
class Column:
    """One column of a table.

    ``type`` is written as in Spark. Several types joined by ' or ' are all accepted.
    """

    name: str
    type: str
    meaning: str
    nullable: bool = False


@dataclass(frozen=True)
class Contract:
    """The contract of one table.

    ``of_item_kind`` tables lie in the namespace of their item kind. ``version`` rises when the
    meaning of stored rows changes; a new column that may be null needs no new version
    (tables/migrations.py).
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    partitions: tuple[str, ...] = ()
    constraints: dict[str, str] = field(default_factory=dict)
    of_item_kind: bool = True
    retention: str = "for ever"
    target_file_mb: int = 128
    version: int = 1

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


# weights of a play: a like counts more, a skip or a dislike is not a play
LIKE, PLAY, SKIP, DISLIKE = 2, 1, -1, -2

AS_OF = Column("as_of", "timestamp", "instant of the row; it depends only on earlier plays")
USER = Column("user_id", "int", "listener, dense id from `users`")
ITEM = Column("item_id", "int", "item (track or artist), dense id")


def decayed_columns(of: str) -> tuple[Column, ...]:
    return tuple(
        Column(f"decayed_{days}d", "double", f"{of}, decayed with a half-life of {days} days")
        for days in HALF_LIVES_DAYS
    )


KIND = Column("item_kind", "string", "track or artist")

SOURCE_USER = Column(
    "source_user_id",
    "string",
    "the listener's key in the source: a text of its own, else the number",
)


def source_item(item_kind: str) -> Column:
    return Column(
        f"source_{item_kind}_id",
        "string",
        f"the {item_kind}'s key in the source: a text of its own, else the number",
    )


RUN = Column("run_id", "string", "run that wrote the row, one id for a whole night")
