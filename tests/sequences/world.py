"""Invented listening for the sequences: thirty people, a catalogue that grows, deliveries of it."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from intake.delivery_files import LISTENERS as NAMES
from intake.delivery_files import listener as row_of
from intake.delivery_files import track as track_row
from intake.delivery_files import write_delivery, write_rows
from sequences.model import Play, day

LISTENERS, TRACKS, ARTISTS = 30, 60, 10
VERSIONS = range(40, 60)  # track n is a remaster of track n - 40
PLAYS_A_DAY = 4


@dataclass
class World:
    """Who listens to what, drawn from a seed; every day lists tracks that nobody has played yet.

    By even seeds the source knows everybody and everything by text, and numbers them anew in each
    delivery; by odd seeds the numbers are the keys.
    """

    seed: int
    today: int = 0
    draw: random.Random = field(init=False)
    listeners: int = LISTENERS - 4
    tracks: int = TRACKS
    moved: dict[int, str] = field(default_factory=dict)  # tracks whose artist was corrected

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)

    def history(self, days: int) -> set[Play]:
        """The plays of the first days."""
        plays: set[Play] = set()
        for _ in range(days):
            plays |= self.next_day()
        return plays

    def next_day(self) -> set[Play]:
        """The plays of the next day; new tracks and now and then a new listener."""
        active = self.draw.sample(range(self.listeners), max(3, self.listeners // 3))
        plays = {play for who in active for play in self.plays_of(who, self.today)}
        self.today += 1
        self.tracks += 2
        if self.today % 3 == 0 and self.listeners < LISTENERS + 10:
            self.listeners += 1
        return plays

    def plays_of(self, who: int, on: int) -> set[Play]:
        """A listener's plays of a day: favourites, and sometimes something new."""
        plays = set()
        for _ in range(self.draw.randint(1, 2 * PLAYS_A_DAY)):
            favourite = (who * 7 + self.draw.randint(0, 9)) % TRACKS
            track = favourite if self.draw.random() < 0.7 else self.draw.randrange(self.tracks)
            second = int(day(on).timestamp()) + self.draw.randrange(86_400)
            plays.add((who, track, second, 1))
        return plays

    def deliver(self, folder: Path, plays: set[Play]) -> str:
        """Write a delivery of plays with the whole catalogue of today."""
        people, songs = sorted({who for who, *_ in plays}), list(range(self.tracks))
        number_of, index_of = self.numbers(people, folder.name), self.numbers(songs, folder.name)
        by_listener = defaultdict(list)
        for who, track, second, weight in sorted(plays):
            at = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
            by_listener[who].append({"track_index": index_of[track], "timestamp": at, "1": weight})
        rows = [row_of(number_of[who], *of_listener) for who, of_listener in by_listener.items()]
        if self.by_text:
            named = [
                {"character_index": number_of[who], "source_user_key": f"person-{who}"}
                for who in people
            ]
            write_rows(folder / "listeners.parquet", named, NAMES)
        listed = [{**self.listed(n), "track_index": index_of[n]} for n in songs]
        return write_delivery(folder, rows, listed)

    @property
    def by_text(self) -> bool:
        return self.seed % 2 == 0

    def numbers(self, keys: list[int], delivery: str) -> dict[int, int]:
        """The numbers of a delivery: the keys themselves, or in another order each time."""
        if not self.by_text:
            return {key: key for key in keys}
        order = random.Random(f"{self.seed} {self.today} {delivery}").sample(keys, len(keys))
        return {key: number for number, key in enumerate(order)}

    def listed(self, track: int) -> dict[str, object]:
        """A track as the catalogue lists it today."""
        row = track_row(track, artist=self.artist_of(track))
        title = f"song {track - 40} - 2011 Remaster" if track in VERSIONS else row["track_name"]
        return {**row, "track_name": title, "track_id": f"song-{track}" if self.by_text else None}

    def artist_of(self, track: int) -> str:
        """The artist that today's catalogue names."""
        return self.moved.get(track, f"artist {track % ARTISTS}")

    def artists(self) -> dict[int, str]:
        """The artists of all tracks of today's catalogue."""
        return {track: self.artist_of(track) for track in range(self.tracks)}

    def songs(self) -> dict[int, tuple[str, int]]:
        """The song of every track: its artist and the number in its title."""
        return {
            track: (artist, track - 40 if track in VERSIONS else track)
            for track, artist in self.artists().items()
        }
