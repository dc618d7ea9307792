"""A warehouse in plain Python: what stands in it, and what may be served, phrased in source keys.

It knows nothing of tables, slices or steps, so it outlives changes inside. A play is
(listener, track, second, weight); an instant is a whole number of seconds.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

Play = tuple[int, int, int, int]
Lists = dict[int, dict[str, list[int]]]  # listener, list, tracks by rank


@dataclass
class Warehouse:
    """Plays as they should stand, and which nights were published."""

    plays: set[Play] = field(default_factory=set)
    published: list[datetime] = field(default_factory=list)
    taken_back: set[datetime] = field(default_factory=set)
    artists: dict[int, str] = field(default_factory=dict)  # of every track that was listed
    songs: dict[int, tuple[str, int]] | None = None  # of every track, if songs are counted

    def import_increment(self, delivered: set[Play]) -> None:
        """Add what is delivered; nothing is taken back."""
        self.plays |= delivered

    def import_full(self, delivered: set[Play]) -> None:
        """Take back what the delivery's listeners have and it lacks, up to its newest play."""
        listeners = {listener for listener, *_ in delivered}
        until = max(second for _, _, second, _ in delivered)
        gone = {one for one in self.plays if one[0] in listeners and one[2] <= until} - delivered
        self.plays = (self.plays - gone) | delivered

    def publish(self, night: datetime) -> None:
        """Serve a night that passed its audit."""
        self.published.append(night)
        self.taken_back.discard(night)

    def roll_back(self) -> None:
        """Take back the last night, once, if there is one to go back to."""
        if self.published and self.published[-1] not in self.taken_back and self.before_last():
            self.taken_back.add(self.published[-1])

    def before_last(self) -> datetime | None:
        """The night that a rollback goes back to."""
        last = self.published[-1]
        older = [n for n in self.published if n != last and n not in self.taken_back]
        return older[-1] if older else None

    def served(self) -> datetime | None:
        """The night that listeners get now."""
        standing = [night for night in self.published if night not in self.taken_back]
        return standing[-1] if standing else None

    def played(self, as_of: datetime) -> dict[int, set[object]]:
        """What every listener had played before an instant."""
        before: dict[int, set[object]] = {}
        for listener, track, second, weight in self.plays:
            if second < as_of.timestamp() and weight > 0:
                before.setdefault(listener, set()).add(self.item(track))
        return before

    def item(self, track: int) -> object:
        """What a track counts as: itself, or its song."""
        return self.songs[track] if self.songs else track

    def faults(self, lists: Lists, as_of: datetime) -> list[str]:
        """What is wrong with the lists of a night that was ranked on these plays."""
        played = self.played(as_of)
        known = set().union(*played.values()) if played else set()
        wrong = []
        if set(lists) != set(played):
            wrong.append(f"listeners with lists {sorted(lists)}, with plays {sorted(played)}")
        for listener, by_list in lists.items():
            own = played.get(listener, set())
            for name, tracks in by_list.items():
                items = [self.item(track) for track in tracks]
                allowed = {"repeats": own, "new": known - own}.get(name, known)
                if len(items) != len(set(items)):
                    wrong.append(f"listener {listener}: {name} holds an item twice")
                if not set(items) <= allowed:
                    wrong.append(f"listener {listener}: {name} holds {set(items) - allowed}")
            if not by_list.get("mixed"):
                wrong.append(f"listener {listener} has no list")
        return wrong


def day(number: int) -> datetime:
    """Midnight of a day of the invented world."""
    return datetime.fromtimestamp((20_000 + number) * 86_400, UTC)
