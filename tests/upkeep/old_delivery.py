"""Write the delivery of the warehouse that an older version wrote: python old_delivery.py <folder>.

Twenty listeners and forty tracks, of which every fifth has no text id. The delivery is `first`.
"""

import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from intake.delivery_files import listener, write_delivery

LISTENERS, TRACKS, DAYS = 20, 40, 40
START = datetime(2024, 3, 1, tzinfo=UTC)


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


def write(folder: Path, days: range) -> str:
    """Write the delivery of some days."""
    rows = [listener(who, *own) for who, own in plays(days).items()]
    return write_delivery(folder, rows, tracks())


if __name__ == "__main__":
    write(Path(sys.argv[1]) / "first", range(DAYS))
