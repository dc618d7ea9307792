"""The tastes of a listener: new artists, returns to them, tracks of visits.

New artists come mostly from favourite genres. Times here are ``tau``: days of the listener's own
listening. From 0 on they run with the plays (half of the plays lie before half of the span), below
0 they are days before the log.
"""

from dataclasses import dataclass

import numpy as np

from ritornello.arrays import Floats64, Ints32, Ints64
from ritornello.generator.music import Music
from ritornello.settings.generator import GeneratorSettings


@dataclass(frozen=True)
class Listener:
    """Habits that stay with one listener."""

    plays: int
    encores: float  # mean later plays of a track
    fading: float  # exponent of fading interest
    life_days: float
    rest_days: float
    loop_share: float
    album_share: float
    visits: float
    genre: Ints64  # favourite genres, those of youth first
    genre_weight: Floats64


@dataclass(frozen=True)
class Sparks:
    """The moments at which a listener takes up a track, one per element."""

    artist: Ints64
    track: Ints64
    tau: Floats64
    love: Floats64  # of the artist, 1 on average


def listener_of(
    rng: np.random.Generator, plays: int, music: Music, settings: GeneratorSettings
) -> Listener:
    """Draw a listener's habits."""
    volume = (plays / 15_000) ** settings.breadth
    count = 1 + rng.poisson(settings.home_genres - 1)
    fame = np.diff(music.genre_from)
    genre = rng.choice(len(fame), count, p=fame / fame.sum())
    return Listener(
        plays=plays,
        encores=settings.encores * volume * rng.lognormal(0, settings.habit_spread),
        fading=float(np.clip(settings.fading * rng.lognormal(0, 0.2), 0.1, 2)),
        life_days=settings.life_days * rng.lognormal(0, 0.4),
        rest_days=settings.rest_days * rng.lognormal(0, 0.6),
        loop_share=min(0.6, settings.loop_share * rng.lognormal(-0.4, 0.9)),
        album_share=float(np.clip(settings.album_share * rng.lognormal(-0.3, 0.7), 0, 0.9)),
        visits=settings.visits * rng.lognormal(-0.1, 0.4),
        genre=genre,
        genre_weight=rng.dirichlet(np.full(count, 1.5)),
    )


def sparks_of(
    rng: np.random.Generator,
    who: Listener,
    artists: int,
    seconds: Floats64,
    music: Music,
    settings: GeneratorSettings,
) -> Sparks:
    """Draw the sparks of newly met artists, before and within the log.

    ``artists`` is how many artists the listener meets.
    """
    arrival = rng.uniform(-settings.past_days, settings.days, artists)
    artist = _artists(rng, who, arrival / settings.days, music, settings)
    spread = settings.affinity_spread
    love = np.minimum(rng.lognormal(-(spread**2) / 2, spread, artists), 40.0)
    relation, tau = _visits(rng, who, arrival, love, settings)
    visited = _tracks(rng, who, artist[relation], tau, love[relation], music, settings)
    fresh = _releases(rng, artist, arrival, love, seconds, music, settings)
    columns = [np.concatenate(pair) for pair in zip(visited, fresh, strict=True)]
    return _released(rng, Sparks(*columns), seconds, music, settings)


def _artists(
    rng: np.random.Generator,
    who: Listener,
    when: Floats64,
    music: Music,
    settings: GeneratorSettings,
) -> Ints64:
    """Draw each artist by fame within a favourite genre.

    The favourites move along the listener's list with time. A few artists stray from all genres.
    """
    share = np.cumsum(who.genre_weight)
    pull = np.clip(rng.random(len(when)) + 0.25 * (np.clip(when, -1, 1) - 0.5), 0, 1 - 1e-9)
    genre = who.genre[np.minimum(np.searchsorted(share, pull), len(share) - 1)]
    low, high = music.genre_from[genre], music.genre_from[genre + 1]
    stray = rng.random(len(when)) < settings.stray_share
    low, high = np.where(stray, 0.0, low), np.where(stray, music.fame_sum[-1], high)
    at = np.searchsorted(music.fame_sum, low + rng.random(len(when)) * (high - low), "right")
    at = np.minimum(at, len(music.by_genre) - 1)
    return np.asarray(music.by_genre[at], np.int64)


def _visits(
    rng: np.random.Generator,
    who: Listener,
    arrival: Floats64,
    love: Floats64,
    settings: GeneratorSettings,
) -> tuple[Ints64, Floats64]:
    """Draw first meetings and later returns, each with relation and time."""
    returns = rng.poisson(who.visits * love)
    first = np.arange(len(arrival))
    relation = np.concatenate([first, np.repeat(first, returns)])
    ages = rng.standard_gamma(0.5, len(relation)) * 250
    ages[: len(arrival)] = 0
    tau = arrival[relation] + ages
    kept = tau < settings.days
    return relation[kept], tau[kept]


def _tracks(
    rng: np.random.Generator,
    who: Listener,
    artist: Ints64,
    tau: Floats64,
    love: Floats64,
    music: Music,
    settings: GeneratorSettings,
) -> tuple[Ints64, Ints64, Floats64, Floats64]:
    """Choose the tracks of each visit.

    A visit plays one hit or a few, or an album from its first track on.
    """
    first, size = music.artist_first[artist], np.diff(music.artist_first)[artist]
    album = rng.random(len(artist)) < who.album_share * np.minimum(1, 0.4 + love)
    count = 1 + rng.poisson(np.minimum(0.25 * love, 3.0))
    place = (size * rng.random(len(artist)) ** settings.hit_bias).astype(np.int64)
    hit = music.by_hit[first + place]
    of = music.track_album[hit]
    start = music.album_first[of]
    count = np.where(album, music.album_first[of + 1] - start, np.minimum(count, size))
    visit = np.repeat(np.arange(len(artist)), count)
    step = np.arange(len(visit)) - np.repeat(np.cumsum(count) - count, count)
    next_hit = music.by_hit[first[visit] + (place[visit] + step) % size[visit]]
    track = np.where(album[visit], start[visit] + step, next_hit).astype(np.int64)
    return artist[visit], track, tau[visit] + 1e-4 * step, love[visit]


def _releases(
    rng: np.random.Generator,
    artist: Ints64,
    arrival: Floats64,
    love: Floats64,
    seconds: Floats64,
    music: Music,
    settings: GeneratorSettings,
) -> tuple[Ints64, Ints64, Floats64, Floats64]:
    """Draw visits to new albums of known artists.

    Listeners who care try an album soon after it comes out.
    """
    count = np.diff(music.fresh_first)[artist]
    relation = np.repeat(np.arange(len(artist)), count)
    step = np.arange(len(relation)) - np.repeat(np.cumsum(count) - count, count)
    album = music.fresh_album[music.fresh_first[artist[relation]] + step]
    tau = tau_of(music.album_day[album], seconds, settings) + rng.exponential(6, len(album))
    care = settings.release_visit * np.minimum(1, 0.5 * love[relation])
    kept = (rng.random(len(album)) < care) & (tau > arrival[relation]) & (tau < settings.days)
    relation, album, tau = relation[kept], album[kept], tau[kept]
    length = np.diff(music.album_first)[album]
    place = np.repeat(np.arange(len(album)), length)
    nth = np.arange(len(place)) - np.repeat(np.cumsum(length) - length, length)
    track = (music.album_first[album][place] + nth).astype(np.int64)
    of = relation[place]
    return artist[of], track, tau[place] + 1e-4 * nth, love[of]


def _released(
    rng: np.random.Generator,
    sparks: Sparks,
    seconds: Floats64,
    music: Music,
    settings: GeneratorSettings,
) -> Sparks:
    """Keep listeners from taking up a track before it is out.

    A spark that is too early waits for the release, or never happens.
    """
    day = music.album_day[music.track_album[sparks.track]]
    out = np.where(day < 0, day, tau_of(day, seconds, settings))
    early = sparks.tau < out
    tau = np.where(early, out + rng.exponential(25, len(out)), sparks.tau)
    kept = tau < settings.days
    kept &= ~early | (rng.random(len(out)) < 0.4)
    return Sparks(sparks.artist[kept], sparks.track[kept], tau[kept], sparks.love[kept])


def tau_of(day: Ints32, seconds: Floats64, settings: GeneratorSettings) -> Floats64:
    """Return the listener's own time at a day of the log."""
    plays_before = np.searchsorted(seconds, day * 86_400.0)
    return np.asarray(plays_before * (settings.days / len(seconds)), np.float64)
