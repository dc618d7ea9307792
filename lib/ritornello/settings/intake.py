"""Settings of the intake: deliveries, external formats, the external catalogue."""

from typing import Annotated, Literal

from pydantic import Field

from ritornello.instants import parse_instant
from ritornello.settings.section import Count, Instant, Section, Share


class ImportSettings(Section):
    """Limits that a delivery of plays must keep."""

    max_rejected_share: Share = Field(
        0.05,
        description="largest share of plays that may be rejected; beyond it the import stops and "
        "changes nothing",
    )
    max_retracted_share: Share = Field(
        0.05,
        description="largest share of its listeners' stored plays that a full delivery may take back; "
        "beyond it the delivery is refused",
    )
    listener_keys: Literal["auto", "number", "either"] = Field(
        "auto",
        description="how listeners are known from one delivery to the next: auto takes "
        "source_user_key where a delivery has it and the number elsewhere, and refuses a delivery "
        "that knows them in another way than the warehouse; number always takes the number; either "
        "accepts both ways side by side",
    )
    track_keys: Literal["auto", "number", "either"] = Field(
        "auto",
        description="the same for tracks: track_id where there is one, else track_index",
    )
    earliest_play: Instant = Field(
        parse_instant("2002-01-01"),
        description="plays before this instant are rejected as coming from a wrong clock",
    )
    received_until: Instant | None = Field(
        None,
        description="plays after this instant are rejected as lying in the future; empty: the time of "
        "the import",
    )


class ColumnNames(Section):
    """Names of the columns of a plain table, where they are not recognised."""

    listener: str | None = Field(None, description="column of the listener")
    item: str | None = Field(None, description="column of the item's id")
    name: str | None = Field(None, description="column of the item's name")
    artist: str | None = Field(None, description="column of the artist's name")
    time: str | None = Field(None, description="column of the time of the play")
    weight: str | None = Field(
        None, description="column of the weight: 1 a play, 2 a like, -1 a skip, -2 a dislike"
    )


class FormatSettings(Section):
    """Rules by which `convert` reads external formats."""

    without_track_id: Literal["reject", "names"] = Field(
        "reject",
        description="what to do with an event without a track id: reject it, or identify the track "
        "by artist and track name; a listen of ListenBrainz is identified by names in any case then, "
        "because its recording is added later",
    )
    min_play_seconds: Annotated[float, Field(ge=0)] = Field(
        30.0,
        description="seconds; a shorter play in an account export counts as a skip (weight -1), "
        "unless the file says that it reached the end of the track",
    )
    min_played_percent: Annotated[float, Field(ge=0)] = Field(
        50.0,
        description="percent of a track (Yambda); a play of less counts as a skip (weight -1)",
    )
    listener: str | None = Field(
        None,
        description="name of the listener, for entries whose account is not named; in a Spotify "
        "export the name for all files, which must be of one account",
    )
    columns: ColumnNames = Field(
        default_factory=ColumnNames, description="columns of a plain table, by what they hold"
    )
    time_format: str | None = Field(
        None,
        description="how a plain table writes times, in the letters of Spark (dd/MM/yyyy HH:mm); empty: "
        "seconds or milliseconds since 1970, or ISO 8601",
    )


class CatalogueSettings(Section):
    """An external catalogue of artists and tracks, and how names are matched."""

    normaliser: Literal["exact", "basic", "loose", "alphanumeric"] = Field(
        "alphanumeric",
        description="loosest way of comparing names that is tried, after all stricter ones",
    )
    fuzzy_threshold: Annotated[float, Field(ge=50, le=100)] | None = Field(
        None,
        description="similarity (50 to 100) from which two different names still match; empty: no "
        "fuzzy matching",
    )
    fuzzy_block: Count = Field(
        500,
        description="largest block of catalogue names to compare a name with; a larger block is too "
        "common to help and is skipped",
    )
    aliases: str | None = Field(
        None,
        description="further CSV file with the columns alias,name, read in addition to the "
        "catalogue's aliases.csv",
    )
    homonyms: Literal["evidence", "published"] = Field(
        "evidence",
        description="how to choose between artists of one name: evidence compares the songs played "
        "and the genres, published takes the most popular",
    )
    vectors: Literal["votes", "published"] = Field(
        "votes",
        description="how genres are weighted in artist vectors: votes counts plays and co-artists, "
        "published weights all tracks alike",
    )
    min_plays: Count = Field(
        1, description="fewest plays of an artist by a listener for a row in `joined`"
    )
    max_rejected_share: Share = Field(
        0.05,
        description="largest share of broken lines; beyond it the import stops and changes nothing",
    )
    unite_recordings: bool = Field(
        True,
        description="count all ids and versions of one song (remaster, single, live) together as one "
        "track; compare always counts by id",
    )
    duration_tolerance_seconds: Annotated[float, Field(ge=0)] = Field(
        60.0,
        description="seconds; tracks of the same title whose lengths differ by more are different "
        "recordings",
    )
