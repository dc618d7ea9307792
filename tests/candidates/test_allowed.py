"""The rule of what may be served, on arrays: the cases that the frames and the reader keep to."""

import numpy as np
import pytest

from bars import CASES, FACTS, NOW
from ritornello.candidates.allowed import are_allowed
from ritornello.shelves.rows import Rows
from shelved import batch_of, catalogue_of

ARTISTS = {20: "a30", 21: "a31", 22: "a30"}


def candidates() -> Rows:
    items = np.array(sorted(FACTS), np.int32)
    return Rows(np.zeros(len(items), np.int64), items, {})


def named(rule: tuple[str, str, str]) -> set[int]:
    """The tracks that a bar names."""
    _, what, key = rule
    if what == "explicit":
        return set()
    return {t for t in FACTS if key in (str(1000 + t), ARTISTS[t])}


@pytest.mark.parametrize(("rules", "facts", "left"), CASES)
def test_what_a_rule_or_the_time_forbids(rules, facts, left):
    known = FACTS | facts
    explicit = {track for track, (words, _, _) in known.items() if words}
    gone = {
        track
        for track, (_, start, end) in known.items()
        if (start and start > NOW) or (end and end <= NOW)
    }
    of_all = [rule for rule in rules if not rule[0]]
    mine = [rule for rule in rules if rule[0] == "7"]
    everybodys = gone.union(*map(named, of_all), *(explicit for r in of_all if r[1] == "explicit"))
    catalogue = catalogue_of({track: {} for track in FACTS}, barred=everybodys, explicit=explicit)
    batch = batch_of(
        pairs={(7, 99): {}, (8, 99): {}},
        profiles={7: {"is_clean": float(any(r[1] == "explicit" for r in mine))}},
        forbidden=[(7, track) for rule in mine for track in sorted(named(rule))],
    )
    allowed = are_allowed(candidates(), batch, catalogue, heeds_dislikes=True)
    assert candidates().item[allowed].tolist() == left


@pytest.mark.parametrize(
    ("events", "played_at", "is_allowed"),
    [
        ([(-2, 5)], None, False),
        ([(-2, 5)], 5, False),  # at one instant the dislike counts
        ([(-2, 5)], 6, True),  # played again since
        ([(-2, 5), (-1, 9)], 4, False),  # a skip takes nothing back
        ([(-2, 5), (-2, 8)], 6, False),  # the last word counts
        ([(-1, 5)], None, True),
    ],
)
def test_a_dislike_holds_until_the_track_is_played_again(events, played_at, is_allowed):
    pairs = {(7, 99): {}} | ({} if played_at is None else {(7, 20): {"last_played_at": played_at}})
    batch = batch_of(pairs=pairs, events=[(7, 20, weight, at) for weight, at in events])
    catalogue = catalogue_of({20: {}})
    one = Rows(np.zeros(1, np.int64), np.array([20], np.int32), {})
    assert are_allowed(one, batch, catalogue, heeds_dislikes=True).tolist() == [is_allowed]
    assert are_allowed(one, batch, catalogue, heeds_dislikes=False).all()
