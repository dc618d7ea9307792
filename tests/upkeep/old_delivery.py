"""Write the delivery of the warehouse that an older version wrote: python old_delivery.py <folder>.

Twenty listeners and forty tracks, of which every fifth has no text id. Half of the plays are in
`first`, the others in `second`.
"""

import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

LISTENERS, TRACKS, DAYS = 20, 40, 40
START = datetime(2024, 3, 1, tzinfo=UTC)
PLAY = pa.struct([("track_index", pa.int32()), ("timestamp", pa.string()), ("1", pa.int32())])
INTERACTIONS = pa.schema(
    [("character_index", pa.int32()), ("actions", pa.list_(PLAY)), ("size_of_actions", pa.int32())]
)
LISTED = pa.schema(
    [
        ("track_id", pa.string()),
        ("track_index", pa.int32()),
        ("track_count", pa.int32()),
        ("year_category", pa.string()),
        ("domain", pa.string()),
        ("genre_id_list", pa.list_(pa.int32())),
        ("track_name", pa.string()),
        ("artist_name", pa.string()),
    ]
)


def key_of(track: int) -> str | None:
    """The text id of a track, None for every fifth."""
    return None if track % 5 == 4 else f"t{track:03d}"


def plays(days: range) -> dict[int, list[dict[str, object]]]:
    """The plays of every listener on some days."""
    by_listener: dict[int, list[dict[str, object]]] = {}
    for who in range(LISTENERS):
        for on in days:
            draw = random.Random(1000 * who + on)
            for _ in range(draw.randint(0, 5)):
                track = (who * 3 + draw.randint(0, 7)) % TRACKS
                at = START + timedelta(days=on, seconds=draw.randrange(86_400))
                play = {"track_index": track, "timestamp": f"{at:%Y-%m-%d %H:%M:%S} UTC", "1": 1}
                by_listener.setdefault(who, []).append(play)
    return by_listener


def tracks() -> list[dict[str, object]]:
    """All tracks, four by each artist."""
    return [
        {
            "track_id": key_of(n),
            "track_index": n,
            "track_count": 1,
            "track_name": f"song {n}",
            "artist_name": f"artist {n // 4}",
        }
        for n in range(TRACKS)
    ]


def write(folder: Path, days: range) -> Path:
    """Write the delivery of some days."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {"character_index": who, "actions": own, "size_of_actions": len(own)}
        for who, own in plays(days).items()
    ]
    pq.write_table(pa.Table.from_pylist(rows, INTERACTIONS), folder / "interactions.parquet")
    pq.write_table(pa.Table.from_pylist(tracks(), LISTED), folder / "tracks.parquet")
    return folder


if __name__ == "__main__":
    write(Path(sys.argv[1]) / "first", range(DAYS))
    write(Path(sys.argv[1]) / "second", range(DAYS, DAYS + 1))
