"""Settings of what comes in: deliveries, outside formats, the outside catalogue."""

from typing import Annotated, Literal

from pydantic import Field

from ritornello.instants import parse_instant
from ritornello.settings.section import Count, Instant, Section, Share


class ImportSettings(Section):
    """What a delivery may look like."""

    max_rejected_share: Share = Field(0.05, description="more rejected plays stop the import")
    max_retracted_share: Share = Field(
        0.05,
        description="a full delivery that lacks more of its listeners' stored plays is refused",
    )
    earliest_play: Instant = Field(
        parse_instant("2002-01-01"), description="an older play is a wrong clock"
    )
    received_until: Instant | None = Field(
        None, description="a later play is in the future; empty: the newest play delivered"
    )


class FormatSettings(Section):
    """How outside formats are read by `convert`."""

    without_track_id: Literal["reject", "names"] = Field(
        "reject", description="an event without a track id: no play, or known by artist and name"
    )
    min_play_seconds: Annotated[float, Field(ge=0)] = Field(
        30.0, description="a shorter play of an account export is a skip, weight -1"
    )
    min_played_percent: Annotated[float, Field(ge=0)] = Field(
        50.0, description="less of a track played (Yambda) is a skip, weight -1"
    )
    listener: str | None = Field(None, description="who listened where a file does not say")


class CatalogueSettings(Section):
    """An outside catalogue of artists and tracks, and how names are matched to it."""

    normaliser: Literal["exact", "basic", "loose", "alphanumeric"] = Field(
        "alphanumeric", description="the loosest way names may agree; stricter ones come first"
    )
    fuzzy_threshold: Annotated[float, Field(ge=50, le=100)] | None = Field(
        None, description="similarity from which other names are nearly the same; empty: off"
    )
    fuzzy_block: Count = Field(
        500, description="a block of more catalogue names is too common to compare within"
    )
    aliases: str | None = Field(
        None, description="a file alias,name beside the catalogue's own aliases.csv"
    )
    homonyms: Literal["evidence", "published"] = Field(
        "evidence",
        description="who a shared name is: by songs played and genres, or the most popular",
    )
    vectors: Literal["votes", "published"] = Field(
        "votes", description="artist vectors by votes of plays and co-artists, or all tracks alike"
    )
    min_plays: Count = Field(1, description="of an artist by a listener, to be in `joined`")
    max_rejected_share: Share = Field(0.05, description="more broken lines stop the import")
    unite_recordings: bool = Field(
        False, description="count versions of one song (remaster, single, live) as one track"
    )
    duration_tolerance_seconds: Annotated[float, Field(ge=0)] = Field(
        60.0, description="two songs of one title whose lengths differ more are two recordings"
    )
