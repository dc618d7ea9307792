"""Mend every table, by the command that rebuilds a slice or from a copy.

No advice removes what cannot be made again. The commands rebuild a slice from plays, without reading
the damaged file. They rebuild a whole slice, whether the night was whole or short: candidates of a
short night are only those of the listeners who were due, so lists are ranked after new candidates.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

from ritornello.errors import DamagedError, UsageError
from ritornello.instants import iso
from ritornello.tables.contracts import contracts

KINDS = ("track", "artist")
LOG = "_delta_log"
COMMIT = re.compile(r"(\d{20})\.(json$|checkpoint\.)")
FEATURES = ("build-features --as-of {as_of}",)
MONTHS = ("build-features --recount --as-of <the night>",)
FACTORS = (*FEATURES, "train-als --as-of {as_of}")
CANDIDATES = ("generate-candidates --as-of {as_of}",)
LISTS = (*CANDIDATES, "recommend --as-of {as_of}")
CATALOGUE = ("import-catalogue --input <the folder of the catalogue>",)
MATCHES = ("build-catalogue --as-of {as_of}",)
LOADED = ("artists --input <the data set>",)
COMPARED = ("compare --data <the data set>",)
RESTORED: tuple[str, ...] = ()  # from outside, or a log: only a copy has it

MENDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("deliveries", "plays", "users", "tracks", "artists"), RESTORED),
    **dict.fromkeys(("rejected_plays", "changed_listeners"), RESTORED),
    **dict.fromkeys(
        ("bars", "runs", "leases", "checks", "published", "exposures", "outcomes"), RESTORED
    ),
    **dict.fromkeys(("histories", "pair_history", "item_stats", "user_profile"), FEATURES),
    **dict.fromkeys(("pair_checkpoints", "recordings"), MONTHS),
    **dict.fromkeys(("transition_months", "transition_sums", "transitions"), MONTHS),
    **dict.fromkeys(("als_user_factors", "als_item_factors"), FACTORS),
    **dict.fromkeys(("als_lists", "candidates"), CANDIDATES),
    "recommendations": LISTS,
    "shadow_lists": (*CANDIDATES, "refresh --as-of {as_of}"),
    "samples": ("train-ranker --again --as-of <the night of the ranker>",),
    "models": ("train-ranker --again --as-of {trained}",),
    "evaluations": ("evaluate --as-of {as_of} --horizon {horizon}",),
    **dict.fromkeys(
        ("catalogue_artists", "catalogue_tracks", "catalogue_aliases", "catalogue_rejects"),
        CATALOGUE,
    ),
    **dict.fromkeys(
        ("artist_matches", "homonyms", "unmatched", "track_audio", "artist_genre_aggregates"),
        MATCHES,
    ),
    **dict.fromkeys(("artist_features_weighted", "artist_features_joined"), MATCHES),
    **dict.fromkeys(("joined", "joined_with_features"), MATCHES),
    **dict.fromkeys(("cand_tracks", "playlists"), ("make-playlists --as-of {as_of}",)),
    **dict.fromkeys(("method_lists", "split_listeners", "split_items"), COMPARED),
    **dict.fromkeys(("artist_counts", "friends", "artist_tags"), LOADED),
    **dict.fromkeys(("trial_pairs", "trial_user_factors", "trial_item_factors"), LOADED),
    **dict.fromkeys(("trial_candidates", "rerank_rows", "trial_models"), LOADED),
    **dict.fromkeys(("trial_lists", "trial_evaluations"), LOADED),
}
# what first writes a table that only a copy brings back
IMPORTED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("deliveries", "plays", "users", "tracks", "artists"), ("import-plays",)),
    **dict.fromkeys(("rejected_plays", "changed_listeners"), ("import-plays",)),
    "bars": ("bar",),
}
THEN = {"recommendations": "if that night is served, `ritornello publish --as-of {as_of}{kind}`"}


@dataclass(frozen=True)
class Damage:
    """A damaged or missing file, by its path below the warehouse."""

    file: str
    table: str
    kind: str
    partition: dict[str, str]
    what: str


def damage_at(file: str, what: str = "is damaged") -> Damage | None:
    """Return the damage of a file, or None if no table has the file."""
    parts = file.split("/")
    kind = parts[0] if parts[0] in KINDS and len(parts) > 1 else ""
    table = parts[1] if kind else parts[0]
    if table not in contracts():
        return None
    folders = (unquote(unquote(part)) for part in parts[:-1] if "=" in part)
    partition = dict(folder.split("=", 1) for folder in folders)
    return Damage(file, table, kind, partition, what)


def missing_commit(names: Iterable[str]) -> str | None:
    """Return the first missing commit among a log's names, after its last checkpoint."""
    known = [match for name in names if (match := COMMIT.match(name))]
    commits = {int(match[1]) for match in known if match[2] == "json"}
    first = max((int(match[1]) for match in known if match[2] != "json"), default=-1) + 1
    missing = set(range(first, max(commits, default=-1))) - commits
    return f"{min(missing):020d}.json" if missing else None


def is_torn(commit: str) -> bool:
    """Return whether a commit of a log is empty or ends within a line."""
    try:
        lines = [json.loads(line) for line in commit.split("\n") if line.strip()]
    except ValueError:
        return True
    return not lines


def damaged_error(damage: Damage) -> DamagedError:
    """Return the error that names the file and the command that mends it."""
    copy = "put the file back from a copy of the warehouse"
    anew = "import the deliveries into a new warehouse"
    commands = _commands(damage)
    if not commands:
        return DamagedError(f"{damage.file} {damage.what}: {copy}, or else {anew}")
    return DamagedError(f"{damage.file} {damage.what}: {commands}; or {copy}")


def missing_table(table: str, warehouse: str) -> UsageError:
    """Return the error for a missing table, with the command that writes it."""
    templates = MENDS[table] or IMPORTED.get(table, ("refresh",))
    command = templates[-1].split(" --")[0]
    return UsageError(
        f"table {table} is not in {warehouse} yet: run `ritornello {command}`, which writes it, or check "
        "--warehouse"
    )


def _commands(damage: Damage) -> str:
    """Return the commands as a sentence, empty if only a copy helps."""
    known = _values(damage)
    templates = () if f"/{LOG}/" in f"/{damage.file}/" else MENDS[damage.table]
    try:
        commands = [f"`ritornello {one.format(**known)}{known['kind']}`" for one in templates]
        then = THEN.get(damage.table, "").format(**known)
    except KeyError:  # the file is in no folder that names its slice
        return ""
    sentence = "run " + ", then ".join(commands) if commands else ""
    return f"{sentence}, and {then}" if then and sentence else sentence


def _values(damage: Damage) -> dict[str, str]:
    values = {"kind": " --set item_kind=artist" if damage.kind == "artist" else ""}
    if "as_of" in damage.partition:
        moment = datetime.fromisoformat(damage.partition["as_of"])
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        values["as_of"] = iso(moment)
    if "horizon" in damage.partition:
        values["horizon"] = re.sub(r"^([\d.]+)d$", r"\1", damage.partition["horizon"])
    if version := re.match(r"\d{8}T\d{6}Z", damage.partition.get("version", "")):
        trained = datetime.strptime(version[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        values["trained"] = iso(trained)
    return values
