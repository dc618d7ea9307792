"""What a warehouse lives through, one operation after another, each checked against the model."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ritornello.errors import UsageError
from ritornello.intake.import_plays import import_plays
from ritornello.job import Context
from ritornello.night.publication.publish import rollback
from ritornello.night.publication.served import served_night
from ritornello.night.refresh import backfill, refresh
from ritornello.settings.settings import Settings
from ritornello.upkeep.maintain import maintain
from ritornello.upkeep.migrate import migrate_warehouse
from sequences.checks import against_model, lists_of
from sequences.model import Play, Warehouse, day
from sequences.world import World

# settings that change while a warehouse lives, each with its two values
CHANGES = {
    "evaluation.horizon_days": (3.0, 5.0),
    "ranker.trees": (5, 6),
    "features.rhythm_days": (90, 30),
    "catalogue.unite_recordings": (False, True),
}


class Killed(BaseException):
    """The end of a run that nobody catches."""


@dataclass(frozen=True)
class Delivery:
    """A folder to import, and the plays in it."""

    folder: str
    kind: str
    plays: frozenset[Play]


@dataclass
class Life:
    """A warehouse with its model, and the world that it hears from."""

    context: Context
    world: World
    model: Warehouse
    folder: Path
    number: int = 0
    last: Delivery | None = None

    def live(self, name: str, seed: int) -> list[str]:
        """Do one operation, its draws from a seed of its own, and return what is wrong after it."""
        self.number += 1
        self.world.draw = random.Random(seed)
        wrong = OPERATIONS[name](self)
        return [*wrong, *against_model(self.context, self.model)]

    @property
    def today(self) -> datetime:
        return day(self.world.today)

    # -- imports

    def increment(self) -> list[str]:
        return self.take(self.deliver("increment", self.world.next_day()))

    def full(self) -> list[str]:
        return self.take(self.deliver("full", self.model.plays | self.world.next_day()))

    def late(self) -> list[str]:
        return self.take(self._late())

    def corrected(self) -> list[str]:
        plays, draw = self.world.next_day(), self.world.draw
        for track in draw.sample(range(self.world.tracks), 4):
            self.world.moved[track] = f"artist {draw.randrange(20)}"
        return self.take(self.deliver("increment", plays))

    def retracted(self) -> list[str]:
        return self.take(self._retracted())

    def repeated(self) -> list[str]:
        if self.last is None:
            return self.increment()
        sentence = import_plays(self.context, folder=self.last.folder, kind=self.last.kind)
        return [] if sentence.startswith("nothing new") else [f"imported again: {sentence}"]

    def _late(self) -> Delivery:
        draw = self.world.draw
        days = [max(0, self.world.today - draw.randint(1, 45)) for _ in range(3)]
        who = draw.sample(range(self.world.listeners), 3)
        late = [self.world.plays_of(one, on) for one, on in zip(who, days, strict=True)]
        return self.deliver("increment", set().union(*late))

    def _retracted(self) -> Delivery:
        draw = self.world.draw
        who = set(draw.sample(sorted({play[0] for play in self.model.plays}), 2))
        theirs = sorted(play for play in self.model.plays if play[0] in who)
        kept = {play for play in theirs if draw.random() < 0.7} or {theirs[-1]}
        return self.deliver("full", kept)

    def deliver(self, kind: str, plays: set[Play]) -> Delivery:
        folder = self.world.deliver(self.folder / f"delivery-{self.number}", plays)
        return Delivery(folder, kind, frozenset(plays))

    def take(self, delivery: Delivery) -> list[str]:
        """Import a delivery, into the warehouse and into the model."""
        import_plays(self.context, folder=delivery.folder, kind=delivery.kind)
        if delivery.kind == "full":
            self.model.import_full(set(delivery.plays))
        else:
            self.model.import_increment(set(delivery.plays))
        self.model.artists = self.world.artists()
        if self.model.songs is not None:
            self.model.songs = self.world.songs()
        self.last = delivery
        return []

    # -- nights

    def refresh(self) -> list[str]:
        before = served_night(self.context.store)
        refresh(self.context, self.today)
        return self.after_refresh(before.sequence if before else 0)

    def after_refresh(self, sequence: int) -> list[str]:
        """Compare the lists of today; if they were published since, the model serves them too."""
        now = served_night(self.context.store)
        if now is not None and now.sequence > sequence:
            self.model.publish(self.today)
        never = [] if self.today in self.model.published else ["the night was not published"]
        return never + self.model.faults(lists_of(self.context.store, self.today), self.today)

    def rollback(self) -> list[str]:
        try:
            rollback(self.context)
        except UsageError:
            return [] if self.model.before_last() is None else ["no night to go back to"]
        self.model.roll_back()
        return []

    def backfill(self) -> list[str]:
        as_of = day(self.world.today - self.world.draw.randint(1, 3))
        backfill(self.context, as_of, as_of)
        return self.model.faults(lists_of(self.context.store, as_of), as_of)

    # -- upkeep

    def settings(self) -> list[str]:
        key = self.world.draw.choice(sorted(CHANGES))
        section, name = key.split(".")
        values = CHANGES[key]
        now = getattr(getattr(self.context.settings, section), name)
        new = values[1] if now == values[0] else values[0]
        self.context = replace(
            self.context, settings=changed(self.context.settings, section, **{name: new})
        )
        if name == "unite_recordings":
            self.model.songs = self.world.songs() if new else None
        return []

    def maintain(self) -> list[str]:
        maintain(self.context, apply=True)
        return []

    def migrate(self) -> list[str]:
        migrate_warehouse(self.context)
        return []

    # -- a power cut

    def kill(self) -> list[str]:
        """Kill a command before or after one of its commits, then run the same command again."""
        draw = self.world.draw
        what = draw.choice(("increment", "late", "retracted", "refresh"))
        commit, after = draw.randint(1, 12 if what == "refresh" else 6), draw.random() < 0.5
        if what == "refresh":
            before = served_night(self.context.store)
            with killed(self.context, commit, after=after):
                refresh(self.context, self.today)
            refresh(self.context, self.today)
            return self.after_refresh(before.sequence if before else 0)
        made = {"late": self._late, "retracted": self._retracted}.get(what)
        delivery = made() if made else self.deliver("increment", self.world.next_day())
        with killed(self.context, commit, after=after):
            import_plays(self.context, folder=delivery.folder, kind=delivery.kind)
        return self.take(delivery)


OPERATIONS: dict[str, Callable[[Life], list[str]]] = {
    "increment": Life.increment,
    "full": Life.full,
    "late": Life.late,
    "corrected": Life.corrected,
    "retracted": Life.retracted,
    "repeated": Life.repeated,
    "refresh": Life.refresh,
    "rollback": Life.rollback,
    "backfill": Life.backfill,
    "settings": Life.settings,
    "maintain": Life.maintain,
    "migrate": Life.migrate,
    "kill": Life.kill,
}


@contextmanager
def killed(context: Context, commit: int, *, after: bool) -> Iterator[None]:
    """Nothing is written any more before or after the n-th commit of the block."""
    store, done = context.store, 0
    real = {name: getattr(store, name) for name in ("append", "replace")}

    def until_then(method: Callable[..., object]) -> Callable[..., object]:
        def write(table: str, *args: object, **more: object) -> object:
            nonlocal done
            done += 1
            if done > commit or (done == commit and not after):
                raise Killed(table)
            result = method(table, *args, **more)
            if done == commit:
                raise Killed(table)
            return result

        return write

    for name, method in real.items():
        setattr(store, name, until_then(method))
    try:
        yield
    except Killed:
        pass
    finally:
        for name in real:
            delattr(store, name)


def changed(settings: Settings, section: str, **values: object) -> Settings:
    """The settings with other values in one section."""
    part = getattr(settings, section).model_copy(update=values)
    return settings.model_copy(update={section: part})
