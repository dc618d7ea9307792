"""What may be served, as cases that both the night and the reader without Spark must keep to."""

from datetime import UTC, datetime

NOW = datetime(2025, 1, 6, tzinfo=UTC)
LATER, PAST = datetime(2100, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)
# (explicit, available from, available until) of three tracks; 20 and 22 are of artist a30
FACTS = {20: (False, None, None), 21: (True, PAST, None), 22: (None, None, None)}
CASES = [
    # bars (listener, what, key), other facts, the tracks that are left for the listener 7
    ([], {}, [20, 21, 22]),
    ([("", "track", "1021")], {}, [20, 22]),
    ([("", "artist", "a30")], {}, [21]),
    ([("7", "artist", "a30")], {}, [21]),
    ([("7", "track", "1020"), ("8", "track", "1021")], {}, [21, 22]),
    ([("8", "artist", "a30"), ("8", "explicit", ""), ("8", "track", "1020")], {}, [20, 21, 22]),
    ([("7", "explicit", "")], {}, [20, 22]),  # of 22 nothing is known
    ([("", "explicit", "")], {}, [20, 22]),
    ([], {20: (None, LATER, None)}, [21, 22]),
    ([], {20: (None, PAST, PAST)}, [21, 22]),
    ([], {20: (None, PAST, LATER)}, [20, 21, 22]),
]
