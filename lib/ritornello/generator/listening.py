"""The history of one listener.

Sparks become plays, and the plays are spread over the rhythm of the days.
"""

import numpy as np

from ritornello.arrays import Floats64, Ints32, Ints64
from ritornello.generator.music import Music
from ritornello.generator.rhythm import DAY, play_seconds
from ritornello.generator.streams import HISTORY, chance, stream
from ritornello.generator.tastes import Listener, Sparks, listener_of, sparks_of
from ritornello.settings.generator import GeneratorSettings


def listener_history(
    seed: int, listener: int, music: Music, settings: GeneratorSettings
) -> tuple[Ints32, Ints64]:
    """Generate a listener's plays in time order: tracks and epoch seconds.

    The result depends only on the arguments. No play comes before its track's release day.
    """
    rng = stream(seed, HISTORY, listener)
    plays = history_length(rng, listener, settings)
    seconds = play_seconds(rng, plays, settings)
    who = listener_of(rng, plays, music, settings)
    artist, track, tau = _wishes(rng, who, seconds, music, settings)
    tau = _gathered(artist, tau, listener, settings)
    place = _routine(rng, artist, tau, listener, seconds, settings)
    track = _laid(track, place, seconds, music)
    track = _only_released(track, seconds, music)
    return track.astype(np.int32), first_second(settings) + seconds.astype(np.int64)


def history_length(rng: np.random.Generator, listener: int, settings: GeneratorSettings) -> int:
    """Draw how many plays a listener has.

    The number is log-normal within bounds. Every so many listeners, one is a giant.
    """
    length = rng.lognormal(np.log(settings.plays_median), settings.plays_spread)
    plays = int(np.clip(length, settings.plays_min, settings.plays_max))
    if settings.giant_share > 0:
        every = max(1, round(1 / settings.giant_share))
        if listener % every == every // 2:
            plays = int(settings.giant_plays * rng.uniform(0.9, 1.1))
    return min(plays, settings.days * 300)


def first_second(settings: GeneratorSettings) -> int:
    """Return the epoch second at which the log begins."""
    epoch_day = settings.last_day.toordinal() - 719_163  # ordinal of 1970-01-01
    return (epoch_day - settings.days) * DAY


def _wishes(
    rng: np.random.Generator,
    who: Listener,
    seconds: Floats64,
    music: Music,
    settings: GeneratorSettings,
) -> tuple[Ints64, Ints64, Floats64]:
    """Draw as many (artist, track, tau) as there are plays.

    A wish is a play without its moment.
    """
    parts: list[tuple[Ints64, Ints64, Floats64]] = []
    count, artists, rate = 0, 0, 4.0
    while count < who.plays:
        more = int(1.08 * (who.plays - count) / rate) + 3
        sparks = sparks_of(rng, who, more, seconds, music, settings)
        parts.append(_plays_of(rng, who, sparks, settings))
        count, artists = count + len(parts[-1][0]), artists + more
        rate = max(0.3, count / artists)
    artist, track, tau = (np.concatenate(column) for column in zip(*parts, strict=True))
    kept = np.sort(rng.permutation(count)[: who.plays])
    return artist[kept], track[kept], tau[kept]


def _plays_of(
    rng: np.random.Generator, who: Listener, sparks: Sparks, settings: GeneratorSettings
) -> tuple[Ints64, Ints64, Floats64]:
    """Draw each spark's first play and its fading encores, some in loops."""
    size = len(sparks.track)
    spread = settings.encore_spread
    love = rng.lognormal(-(spread**2) / 2, spread, size) * sparks.love**0.3
    love = np.minimum(love * who.encores, 400.0)
    encores = rng.poisson(love)
    # a track that is loved more lives longer, one that is played in a binge dies sooner
    binge = rng.beta(1.2, 2.5, size)
    life = who.life_days * rng.lognormal(0, settings.life_spread, size) * (1.6 - 1.4 * binge)
    life *= (1 + love) ** settings.love_lives
    shape = who.fading * (1.3 - 0.7 * binge)
    of = np.repeat(np.arange(size), encores)
    ages = rng.standard_gamma(shape[of]) / (shape[of] + 0.3) * life[of]
    ages = _rested(ages, of, encores, who.rest_days * (1.5 - binge) * rng.lognormal(0, 0.5, size))
    of = np.concatenate([np.arange(size), of])
    tau = sparks.tau[of] + np.concatenate([np.zeros(size), ages])
    inside = (tau >= 0) & (tau < settings.days)
    of, tau = of[inside], tau[inside]
    loops = rng.geometric(1 - who.loop_share * (0.4 + 1.6 * binge[of]).clip(0, 1.5) / 1.5)
    of, tau = np.repeat(of, loops), np.repeat(tau, loops)
    return sparks.artist[of], sparks.track[of], tau


def _rested(ages: Floats64, of: Ints64, encores: Ints64, rest: Floats64) -> Floats64:
    """Delay the nth encore of a spark by n rests.

    A track rests after each play.
    """
    nth = 1 + np.arange(len(of)) - np.repeat(np.cumsum(encores) - encores, encores)
    return np.asarray(ages[np.lexsort((ages, of))] + nth * rest[of], np.float64)


def _gathered(
    artist: Ints64, tau: Floats64, listener: int, settings: GeneratorSettings
) -> Floats64:
    """Move some plays to the hour that the listener gives the artist.

    They move within a block of two days.
    """
    block = np.floor(tau / 2).astype(np.int64)
    key = (artist << 20) + block
    at = 2 * (block + chance(key, listener))
    joins = chance(key * 7919 + (tau * 1e5).astype(np.int64), listener) < settings.coherence
    return np.asarray(np.where(joins & (at < settings.days), at, tau), np.float64)


def _routine(
    rng: np.random.Generator,
    artist: Ints64,
    tau: Floats64,
    listener: int,
    seconds: Floats64,
    settings: GeneratorSettings,
) -> Floats64:
    """Delay the plays of artists that belong to mornings, evenings or weekends.

    Such a play waits for the next such moment.
    """
    clock = (seconds + first_second(settings)) % (7 * DAY) / DAY  # days since Thursday midnight
    part = np.where((clock >= 2) & (clock < 4), 2, np.where(clock % 1 < 0.5, 0, 1))
    bound = chance(artist, listener + 1) / max(settings.routine_share, 1e-9)
    target = (bound * 3).astype(np.int64)
    per_day = len(seconds) / settings.days
    place, spread = tau * per_day, (0.5 * per_day, 0.5 * per_day, 2 * per_day)
    for number in range(3):
        moments = np.flatnonzero(part == number)
        mine = np.flatnonzero(target == number)
        if len(moments) and len(mine):
            nth = np.searchsorted(moments, place[mine])
            nth += (rng.random(len(mine)) * spread[number]).astype(np.int64)
            place[mine] = moments[np.minimum(nth, len(moments) - 1)] + rng.random(len(mine)) * 0.5
    return np.asarray(place, np.float64)


def _laid(track: Ints64, place: Floats64, seconds: Floats64, music: Music) -> Ints64:
    """Assign one wish to each moment.

    New releases get their place or a moment soon after it. The other wishes follow in order.
    """
    day = music.album_day[music.track_album[track]]
    fresh = np.flatnonzero(day >= 0)
    out = np.searchsorted(seconds, day[fresh] * float(DAY))
    earliest = np.maximum(np.ceil(place[fresh]), out).astype(np.int64)
    order = np.argsort(earliest, kind="stable")
    nth = np.arange(len(fresh))
    moment = np.maximum.accumulate(earliest[order] - nth) + nth
    moment = np.minimum(moment, len(track) - len(fresh) + nth)
    laid = np.empty_like(track)
    laid[moment] = track[fresh[order]]
    free = np.ones(len(track), bool)
    free[moment] = False
    rest = np.flatnonzero(day < 0)
    laid[free] = track[rest[np.argsort(place[rest], kind="stable")]]
    return laid


def _only_released(track: Ints64, seconds: Floats64, music: Music) -> Ints64:
    """Replace plays that come before their track's release.

    Such a play takes the track of the last valid play before it, or else of the first valid play.
    A play is valid if its track is out by then.
    """
    day = music.album_day[music.track_album[track]]
    sound = day * DAY <= seconds
    if sound.all():
        return track
    at = np.maximum.accumulate(np.where(sound, np.arange(len(track)), -1))
    return np.asarray(track[np.where(at < 0, np.argmax(sound), at)], np.int64)
