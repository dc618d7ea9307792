"""Methods by name: description, needs, and the options they are tuned over.

``docs/methods.md`` is generated from here. All tuned methods get the same number of trials, judged
on a day before the test.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.errors import UsageError
from ritornello.methods.scorers import Counted, FirstSeen, MostPopular
from ritornello.methods.shelves import Scorer
from ritornello.sequence.configuration import CONFIGURATIONS
from ritornello.tables.contracts import HALF_LIVES_DAYS, LAST_PLAYS

RANKER = "ranker"
Option = float | str
POWERS = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Method:
    """One line of the list of methods.

    ``needs`` may be others (more than one listener), artists, sequence (the packages of that extra),
    or a column of `tracks`. A method whose need is not met says so and is left out.
    """

    says: str
    needs: tuple[str, ...] = ()
    trials: tuple[Option, ...] = field(default=())


def _own() -> dict[str, Method]:
    """Return the methods that look at nobody but the listener."""
    own = {"personal_most_popular_all": Method("counts of all plays, then the most popular")}
    for n in LAST_PLAYS:
        own[f"personal_most_popular_last_{n}"] = Method(f"counts over the last {n} plays")
    own["personal_most_popular_last_50_unfilled"] = Method("the same without filling up")
    own["personal_most_popular_last_50_first_seen"] = Method(
        "as published: equal counts to the first seen in the window, no filling up"
    )
    for days in HALF_LIVES_DAYS:
        own[f"decayed_popularity_{days}d"] = Method(f"plays, each halved per {days} d of age")
    own["power_law_popularity"] = Method(
        "base-level activation of ACT-R: the sum of ages^-d", trials=POWERS
    )
    return own


PARTS = {
    "artist_id": "the artist",
    "genre_ids": "genres",
    "year_category": "the era",
    "domain": "the domain",
    "als": "codes of ALS factors",
}
METHODS: dict[str, Method] = {
    "most_popular": Method("plays by everybody", ("others",)),
    "recent_popular": Method("decayed plays by everybody", ("others",), (7, 14, 30, 60)),
    **_own(),
    "own_artists": Method("unplayed items of the listener's own artists", ("artists",)),
    "transitions": Method(
        "what followed the latest plays within sessions; a play fades by half every n plays",
        ("others",), (5, 20, 50, 150),
    ),
    "item_knn": Method(
        "items near to the listener's by shrunk cosine; weighted by a column of the pair",
        ("others",), ("decayed_14d", "decayed_60d", "decayed_365d", "plays"),
    ),
    "tifu_knn": Method(
        "own decayed counts mixed with those of the nearest listeners", ("others",), (0.3, 0.5, 0.7, 0.9)
    ),
    "ease": Method(
        "closed-form item weights over a bounded catalogue", ("others",), (50.0, 200.0, 1000.0, 5000.0)
    ),
    "als": Method("MLlib's implicit ALS on log1p(plays)", ("others",)),
    "als_pps": Method(
        "ALS on a logit scale plus the PPS bonus", ("others",), (1.0, 0.1, 0.01, 0.001)
    ),
    **{
        f"sub_item_{part}": Method(
            f"PPS bonus plus credit for shared parts: {PARTS[part]}",
            ("artists",) if part == "artist_id" else ("others",) if part == "als" else (part,),
            (0.25, 0.5, 1.0, 2.0),
        )
        for part in PARTS
    },
    RANKER: Method("candidates of all sources, then LambdaRank", ("others",)),
}  # fmt: skip
SAYS = {
    "sasrec": "SASRec: the next play from those before it; BCE, one negative",
    "gsasrec": "SASRec with gBCE, which many negatives do not make overconfident",
    "bert4rec": "BERT4Rec: hidden plays from those around them; softmax",
    "gated": "gated blocks with a softmax over drawn negatives (the eSASRec class)",
}
# trained where compare.methods names them, or all of them with sequence.enabled
SEQUENTIAL: dict[str, Method] = {
    name: Method(
        SAYS[name.removesuffix("_pps")] + "; with PPS" * configuration.popularity,
        ("others", "sequence"),
    )
    for name, configuration in CONFIGURATIONS.items()
}
ALL_METHODS = {**METHODS, **SEQUENTIAL}
# what a night is judged against, without tuning
NIGHTLY = (
    "most_popular",
    "personal_most_popular_all",
    *(f"personal_most_popular_last_{n}" for n in LAST_PLAYS),
    *(f"decayed_popularity_{days}d" for days in HALF_LIVES_DAYS),
    "own_artists",
    "als",
)


def refuse_unknown(names: Iterable[str]) -> None:
    """Raise UsageError for the first name that is not a method."""
    for name in names:
        if name not in ALL_METHODS:
            nearest = get_close_matches(name, ALL_METHODS, n=1)
            hint = f"did you mean {nearest[0]}?" if nearest else "see docs/methods.md for the names"
            raise UsageError(f"unknown method {name}: {hint}")


def own_scorer(name: str) -> Scorer | None:
    """Return the scorer of a method that reads the shelf alone.

    Such a method has no option. The result is None for all others.
    """
    if name == "most_popular":
        return MostPopular()
    if name == "personal_most_popular_last_50_first_seen":
        return FirstSeen(50)
    if name == "personal_most_popular_last_50_unfilled":
        return Counted("plays_in_last_50", fill=False)
    if name == "personal_most_popular_all":
        return Counted("plays")
    for prefix, column in (
        ("personal_most_popular_last_", "plays_in_last_"),
        ("decayed_popularity_", "decayed_"),
    ):
        if name.startswith(prefix):
            return Counted(column + name.removeprefix(prefix))
    return None


SHELF_COLUMNS = (
    "plays",
    *(f"plays_in_last_{n}" for n in LAST_PLAYS),
    *(f"decayed_{days}d" for days in HALF_LIVES_DAYS),
)


def published_lists(recommendations: DataFrame, *, method: str, item: str) -> DataFrame:
    """Turn a slice of `recommendations` into the lists of a method."""
    by_rank = F.struct("rank", F.col(item).alias("item_id"))
    arrays = [
        F.sort_array(F.collect_list(F.when(F.col("list") == name, by_rank)))["item_id"].alias(name)
        for name in ("mixed", "repeats", "new")
    ]
    return (
        recommendations.groupBy("user_id")
        .agg(*arrays)
        .select("user_id", F.lit(method).alias("method"), "mixed", "repeats", "new")
    )


def methods_page() -> str:
    """Render ``docs/methods.md``: every method, its need and its trials."""
    lines = [
        "# Methods",
        "",
        "Generated from `lib/ritornello/methods/definitions.py` (`make docs`). A comparison runs any set of",
        "these names (`compare.methods`); a tuned method is judged once per option on a day before the",
        "test, all with the same number of trials. Equal scores go to the most recently played item,",
        "then to the smaller id; lists are filled up with the most popular items unless said otherwise.",
        "",
        "| name | what it does | needs | options |",
        "|---|---|---|---|",
    ]
    for name, method in ALL_METHODS.items():
        trials = ", ".join(
            f"{one:g}" if isinstance(one, float | int) else one for one in method.trials
        )
        lines.append(f"| `{name}` | {method.says} | {', '.join(method.needs)} | {trials} |")
    return "\n".join(lines) + "\n"
