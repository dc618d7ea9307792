"""The two pictures: where a playlist sounds, and plays week by week."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ritornello.report.ink import INK, MARKERS, MARKS, MUTED, PAGE, SERIES, drawn
from ritornello.report.parts import Entry, Picture
from ritornello.studio.desk import Case
from ritornello.studio.wish import Answer

WEEKS = 104
TASTE = "*"


def sound_map(case: Case, answers: Sequence[Answer]) -> Picture:
    """Draw tempo across and valence up.

    The map shows the candidates, the taste, and the places of each playlist.
    """
    known = case.candidates.dropna(subset=["tempo", "valence"])
    taste = _taste(case)

    def draw(axes: Axes) -> None:
        axes.scatter(known["tempo"], known["valence"], s=9, color=MUTED, alpha=0.45, linewidths=0)
        for n, answer in enumerate(answers):
            _numbered(axes, answer.playlist, n)
        if taste is not None:
            axes.plot(*taste, TASTE, color=INK, markersize=15, markeredgecolor=PAGE, zorder=5)
        axes.set_ylim(-0.04, 1.04)
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.set_xlabel("tempo, beats a minute")
        axes.set_title("valence: 0 sad, 1 cheerful", loc="left", fontsize=10.5)

    entries = [Entry(n + 1, MARKS[n], answer.title) for n, answer in enumerate(answers)]
    others = [Entry(0, "•", "candidates")]
    if taste is not None:
        others.append(Entry(0, "★", "taste: mean of the plays"))
    return Picture(
        "map",
        "Tempo and valence",
        _in_words(case, answers, taste),
        drawn("studio-map", draw, height=250),
        [*entries, *others],
    )


def _numbered(axes: Axes, playlist: pd.DataFrame, n: int) -> None:
    """Draw each known track as a mark with its rank in it."""
    known = playlist.dropna(subset=["tempo", "valence"])
    places = known[["tempo", "valence"]].to_numpy(dtype=np.float64)
    for (x, y), rank in zip(places.tolist(), known["rank"].tolist(), strict=True):
        axes.plot(x, y, MARKERS[n], color=SERIES[n], markersize=14, markeredgecolor=PAGE, zorder=3)
        axes.text(x, y, str(rank), color=PAGE, fontsize=8.5, ha="center", va="center", zorder=4)


def _taste(case: Case) -> tuple[float, float] | None:
    first = case.candidates[["taste_tempo", "taste_valence"]].astype(float).iloc[0]
    if first.isna().any():
        return None
    return float(first["taste_tempo"]), float(first["taste_valence"])


def _in_words(case: Case, answers: Sequence[Answer], taste: tuple[float, float] | None) -> str:
    """Describe the map in words, for those who cannot see it."""
    sentences = [f"{case.sounds_known} of {len(case.candidates)} candidates have a known sound."]
    if taste is not None:
        sentences.append(f"The taste lies at {taste[0]:.0f} bpm and valence {taste[1]:.2f}.")
    for answer in answers:
        sounds = answer.playlist[["tempo", "valence"]].dropna()
        if len(sounds):
            low, high = sounds["tempo"].min(), sounds["tempo"].max()
            mean = sounds["valence"].mean()
            sentences.append(
                f"{answer.title}: {low:.0f} to {high:.0f} bpm, valence {mean:.2f} on average."
            )
    return " ".join(sentences)


def by_week(plays: pd.DataFrame) -> pd.DataFrame:
    """One row per week from the first play to the last.

    Weeks begin on Monday. ``again`` counts plays of tracks heard before, ``first`` plays of tracks
    heard for the first time. Only the last two years are kept.
    """
    ordered = plays.sort_values(["played_at", "track_id"])
    days = ordered["played_at"].dt.tz_localize(None).dt.normalize()
    week = days - pd.to_timedelta(days.dt.weekday, unit="D")
    first = ~ordered.duplicated("track_id")
    counts = pd.DataFrame({"week": week, "first": first.astype(int), "again": (~first).astype(int)})
    weekly = counts.groupby("week")[["first", "again"]].sum()
    every = pd.date_range(weekly.index.min(), weekly.index.max(), freq="7D", name="week")
    return weekly.reindex(every, fill_value=0).tail(WEEKS).reset_index()


def history(case: Case) -> Picture:
    """Draw the plays of each week.

    Plays of tracks played before are below those of tracks played for the first time.
    """
    weeks = by_week(case.plays)
    places = np.arange(len(weeks))

    def draw(axes: Axes) -> None:
        axes.bar(places, weeks["again"], width=0.85, color=SERIES[0])
        axes.bar(places, weeks["first"], width=0.85, bottom=weeks["again"], color=SERIES[1])
        named = _months(weeks["week"])
        axes.set_xticks([place for place, _ in named], [name for _, name in named])
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.grid(False, axis="x")
        axes.set_title("plays a week", loc="left", fontsize=10.5)

    plays, first = len(case.plays), int(weeks["first"].sum())
    shown = int(weeks[["first", "again"]].to_numpy().sum())
    share = 1 - first / shown if shown else 0
    message = (
        f"{plays:,} plays of {case.plays['track_id'].nunique():,} tracks up to "
        f"{case.as_of:%Y-%m-%d}; {share:.0%} of those shown were of a track played before."
    )
    legend = [Entry(1, MARKS[1], "played before"), Entry(2, MARKS[1], "for the first time")]
    return Picture(
        "history", "Listening over time", message, drawn("studio-history", draw, height=190), legend
    )


def _months(weeks: "pd.Series[pd.Timestamp]") -> list[tuple[int, str]]:
    """Return at most five places, each named by its month."""
    step = -(-len(weeks) // 5)
    return [(place, f"{weeks.iloc[place]:%Y-%m}") for place in range(0, len(weeks), step)]
