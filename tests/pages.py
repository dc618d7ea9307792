"""Write what is read from the code: docs/house.md and the docstrings of jobs/.

    python tests/pages.py           write them (make docs)
    python tests/pages.py --check   name what is not fresh; exit 1 if anything is

Tables that a step of the night reads and writes are taken from its slices. Jobs that are no steps
name theirs in ``BY_HAND``; a test holds both against the run log of a whole night.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import house
from ritornello.night import state_steps, steps
from ritornello.night.graph import Step
from ritornello.ranking.days import Days
from ritornello.settings.settings import Settings
from ritornello.tables.contracts import contracts

ROOT = house.ROOT
JOBS = ROOT / "jobs"
PAGE = ROOT / "docs" / "house.md"
LEDGERS = {"runs", "leases", "changed_listeners"}  # bookkeeping: every job may touch them
DAY = datetime(2025, 1, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Flow:
    """The tables a job reads and writes, its files outside the warehouse, and what may follow."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    files: str = ""
    out: str = ""
    then: tuple[str, ...] = ()


FACTS = ("plays", "users", "tracks", "artists")
NIGHTS = ("published", "checks", "outcomes", "runs")
BY_HAND = {
    "generate": Flow(
        out="interactions.parquet, tracks.parquet, artists.csv", then=("import_plays",)
    ),
    "convert": Flow(
        files="an outside listening log",
        out="interactions.parquet, tracks.parquet",
        then=("import_plays",),
    ),
    "import_plays": Flow(
        FACTS,
        ("deliveries", *FACTS, "rejected_plays"),
        files="a delivery",
        then=(
            "build_features",
            "refresh",
            "replay_rejected",
        ),
    ),
    "replay_rejected": Flow(
        ("rejected_plays", "deliveries", *FACTS),
        ("plays", "rejected_plays", "deliveries"),
        then=("refresh",),
    ),
    "import_catalogue": Flow(
        (),
        ("catalogue_artists", "catalogue_tracks", "catalogue_aliases", "catalogue_rejects"),
        files="artists.csv, tracks.csv",
        then=("build_catalogue",),
    ),
    "build_catalogue": Flow(
        (*FACTS, "catalogue_artists", "catalogue_tracks", "catalogue_aliases"),
        (
            *("artist_matches", "homonyms", "unmatched", "track_audio", "artist_genre_aggregates"),
            *("artist_features_weighted", "artist_features_joined", "joined"),
            "joined_with_features",
        ),
        then=(
            "build_recordings",
            "make_playlists",
        ),
    ),
    "build_recordings": Flow(
        ("plays", "tracks", "artists", "track_audio", "artist_matches"),
        ("recordings", "plays", "changed_listeners"),
        then=("make_playlists",),
    ),
    "make_playlists": Flow(
        ("recommendations", *FACTS, "bars", "track_audio", "recordings", "catalogue_tracks"),
        ("cand_tracks", "playlists"),
    ),
    "bar": Flow(
        ("bars", "recommendations", "playlists", "cand_tracks", *FACTS),
        ("bars", "recommendations", "published", "playlists", "cand_tracks"),
    ),
    "rollback": Flow(("published", "recommendations"), ("published",)),
    "nights": Flow(NIGHTS, out="nights.html, nights.json"),
    "describe": Flow(("plays", "tracks"), out="figures, a LaTeX table, pictures"),
    "plan": Flow(("every table of a night",), out="a table on the console", then=("refresh",)),
    "maintain": Flow(("every table",), ("every table",)),
    "migrate": Flow(("every table",), ("every table of an older version",), then=("refresh",)),
    "compare": Flow(
        files="a data set", out="metrics.json, table.tex, report.html; a warehouse of its own"
    ),
    "artists": Flow(
        files="a data set", out="lists, metrics, features, splits; a warehouse of its own"
    ),
}
# the steps of a job, in their order; the audit reads more than the slices that decide a rerun
AUDIT = (
    *("plays", "tracks", "users", "artists", "recordings", "bars", "track_audio"),
    "candidates",
    "item_stats",
    "user_profile",
    "pair_history",
    "models",
    "published",
)
SERVED = ("published", "checks", "exposures")


# jobs of several steps, and what may follow them
TOGETHER = {
    "train_ranker": ("recommend",),
    "refresh": ("make_playlists", "nights"),
    "backfill": ("publish",),
    "publish": ("nights", "rollback"),
}
UPKEEP = {"rollback", "nights", "describe", "import_plays", "replay_rejected"}


def night_steps() -> dict[str, tuple[Step, ...]]:
    """The steps of each job of the night, built without a session: only their slices are read."""
    context: Any = SimpleNamespace(settings=Settings())
    past = DAY - timedelta(days=28)
    days = Days((past,), past, timedelta(days=28))
    built = {
        "build_features": (
            state_steps.unite_step(context, DAY),
            state_steps.checkpoint_step(context, DAY),
            state_steps.features_step(context, DAY),
        ),
        "train_als": (steps.als_step(context, DAY),),
        "generate_candidates": (steps.candidates_step(context, DAY),),
        "train_ranker": (
            state_steps.unite_step(context, past),
            state_steps.checkpoint_step(context, past),
            state_steps.features_step(context, past),
            steps.als_step(context, past),
            steps.samples_step(context, past, days),
            steps.ranker_step(context, DAY, days),
        ),
        "recommend": (steps.recommend_step(context, DAY),),
        "publish": (steps.publish_step(context, DAY, shadow=None),),
        "evaluate": (steps.evaluate_step(context, DAY),),
    }
    lists = (*built["train_ranker"], *(one for name in PROPOSE for one in built[name]))
    later = (
        steps.shadow_step(context, DAY, "a"),
        steps.outcome_step(context, past, DAY),
        *built["evaluate"],
    )
    built["backfill"] = (*lists, *built["evaluate"])
    built["refresh"] = (*lists, *built["publish"], *later)
    return built


PROPOSE = ("build_features", "train_als", "generate_candidates", "recommend")


def flows() -> dict[str, Flow]:
    """The flow of every job, by the name of its file."""
    return BY_HAND | {name: _flow_of(name, made) for name, made in night_steps().items()}


def _flow_of(name: str, made: tuple[Step, ...]) -> Flow:
    reads = [part.table for step in made for part in step.reads]
    writes = [part.table for step in made for part in step.writes]
    if name in ("publish", "refresh"):
        reads, writes = [*reads, *AUDIT], [*writes, *SERVED]
    if name in ("refresh", "backfill", "train_ranker"):
        reads = [table for table in reads if table not in writes]
    return Flow(_in_order(reads), _in_order(writes))


def _in_order(tables: list[str]) -> tuple[str, ...]:
    return tuple(name for name in contracts() if name in tables and name not in LEDGERS)


def followers(job: str) -> tuple[str, ...]:
    """The jobs that may follow: they read what this one writes, and no job between does."""
    known = flows()
    if job in BY_HAND or job in TOGETHER:
        return known[job].then or TOGETHER.get(job, ())
    single = [
        name for name in known if name not in {*TOGETHER} - {"publish"} and name not in UPKEEP
    ]
    direct = [n for n in single if n != job and {*known[job].writes} & {*known[n].reads}]
    later = {
        name
        for between in direct
        for name in direct
        if name != between and {*known[between].writes} & {*known[name].reads}
    }
    return tuple(name for name in _order() if name in direct and name not in later)


def _order() -> list[str]:
    first = ["generate", "convert", "import_plays", "replay_rejected"]
    middle = ["build_features", "train_als", "generate_candidates", "train_ranker", "recommend"]
    middle += ["publish", "evaluate", "refresh", "backfill"]
    return [*first, *middle, *(name for name in BY_HAND if name not in first)]


def job_docstring(job: str, first: str) -> str:
    """The docstring of a job's file: its first line, the tables, and what may follow."""
    flow = flows()[job]
    rows = {
        "reads": ", ".join([flow.files, *flow.reads] if flow.files else flow.reads),
        "writes": ", ".join([*flow.writes, flow.out] if flow.out else flow.writes),
        "then": ", ".join(followers(job)),
    }
    lines = [line for title, text in rows.items() if text for line in _folded(title, text)]
    return "\n".join([first, "", *lines, "", f"spark-submit jobs/{job}.py --help", ""])


def _folded(title: str, text: str) -> Iterator[str]:
    """Lines of at most 100 characters, a hanging indent under the title."""
    line, head = "", f"{title:<8}"
    for word in text.split(" "):
        if len(head) + len(line) + len(word) + 1 > 100:
            yield (head + line).rstrip()
            line, head = "", " " * 8
        line += f"{word} "
    yield (head + line).rstrip()


def fresh_jobs() -> dict[Path, str]:
    """The text that every file in jobs/ should have."""
    texts = {}
    for file in sorted(JOBS.glob("*.py")):
        source = file.read_text()
        docstring = ast.get_docstring(ast.parse(source), clean=False)
        assert docstring is not None, file
        first = docstring.splitlines()[0]
        texts[file] = source.replace(docstring, job_docstring(file.stem, first), 1)
    return texts


PATH_OF_REFRESH = (
    ("jobs/refresh.py", "names the command"),
    ("lib/ritornello/cli.py", "reads the command line, turns errors into exit codes"),
    ("lib/ritornello/commands/__init__.py", "finds the command by its name"),
    ("lib/ritornello/commands/night.py", "options of `refresh`; imports the delivery first"),
    ("lib/ritornello/commands/launch.py", "settings from the options"),
    ("lib/ritornello/job.py", "a session, the run log, one last line"),
    ("lib/ritornello/night/refresh.py", "takes the lease, runs the steps, judges the night"),
    (
        "lib/ritornello/night/paths.py",
        "chooses the steps: whole or short, with a new ranker or not",
    ),
    ("lib/ritornello/night/steps.py", "each step with the slices it reads and writes"),
    ("lib/ritornello/night/graph.py", "runs what is not up to date"),
    ("lib/ritornello/night/lists/recommend.py", "features, scores, lists"),
    ("lib/ritornello/tables/store.py", "checks the contract, replaces the night's slice"),
)
QUESTIONS = (
    (
        "a new candidate source",
        (
            ("lib/ritornello/tables/contracts/lists.py", "its name in `CANDIDATE_SOURCES`"),
            (
                "lib/ritornello/candidates/sources.py",
                "what it proposes, a batch of listeners in and rows out",
            ),
            ("lib/ritornello/night/lists/generate_candidates.py", "one more proposal in `propose`"),
            ("lib/ritornello/settings/lists.py", "how many it brings, in `CandidateSettings`"),
            ("tests/candidates/test_sources.py", "candidates of two listeners by hand"),
        ),
    ),
    (
        "a new feature",
        (
            ("lib/ritornello/ranking/columns.py", "its name and its formula, side by side"),
            ("lib/ritornello/night/lists/known.py", "the column it needs, if the stream lacks it"),
            ("tests/ranking/test_matrix.py", "its value by hand"),
        ),
    ),
    (
        "a new audit check",
        (
            ("lib/ritornello/night/publication/measures.py", "the figure: lists in, a row out"),
            ("lib/ritornello/night/publication/audit.py", "its value in `audit`"),
            ("lib/ritornello/settings/night.py", "its limits in `AuditSettings`, under its name"),
            ("tests/night/publication/test_measures.py", "lists that pass and lists that fail"),
        ),
    ),
    (
        "a new external format",
        (
            (
                "lib/ritornello/sources/formats/listenbrainz.py",
                "one to copy: files in, entries out",
            ),
            ("lib/ritornello/sources/formats/registry.py", "its name and its reader in `FORMATS`"),
            ("conf/listenbrainz.yaml", "settings that suit it, if the defaults do not"),
            (
                "tests/sources/formats/test_listenbrainz.py",
                "files that are read and files that fail",
            ),
        ),
    ),
    (
        "other half-lives",
        (
            (
                "lib/ritornello/tables/contracts/contract.py",
                "`HALF_LIVES_DAYS`; sums, features and methods follow",
            ),
            (
                "lib/ritornello/tables/contracts/state.py",
                "raise `version` of the tables with decayed sums",
            ),
            ("lib/ritornello/tables/migrations.py", "how stored sums come to the new version"),
            ("docs/tables.md", "`make docs`"),
        ),
    ),
    (
        "a new playlist rule",
        (
            ("lib/ritornello/settings/playlists.py", "its number, with default and reason"),
            ("lib/ritornello/playlists/choose.py", "which tracks it lets in"),
            ("lib/ritornello/playlists/reasons.py", "what the listener is told of it"),
            ("docs/playlists.md", "the rule in a sentence"),
            ("tests/playlists/test_choose.py", "a list with and without it"),
        ),
    ),
)


def house_page() -> str:
    """docs/house.md: the rooms, the way of the data, the path of refresh, where to change what."""
    lines = [
        "# The house",
        "",
        "A map of the package, made by `make docs` from the first line of every room's `__init__.py`, from",
        "the imports and from the slices of the night's steps; a test holds it fresh.",
        "",
        "## Rooms, from the ground up",
        "",
        "A room uses rooms above it in this table, never one below. Only `job`, the wings (`intake`,",
        "`night`, `study`, `upkeep`) and `tables` know the store: all other rooms take tables or arrays and",
        "return tables or arrays.",
        "",
        "| room | what it does | uses |",
        "|---|---|---|",
        *_room_rows(),
        "",
        "## The way of the data",
        "",
        "Every job reads tables and replaces its own slice (`docs/tables.md` has the columns).",
        "",
        "| job | reads | writes | then |",
        "|---|---|---|---|",
        *_flow_rows(),
        "",
        "## From `refresh` to the written list",
        "",
        f"Followed by hand, the call crosses {len(PATH_OF_REFRESH)} files:",
        "",
        *(f"{n}. `{file}`: {what}" for n, (file, what) in enumerate(PATH_OF_REFRESH, 1)),
        "",
        "## Where to change what",
    ]
    for title, places in QUESTIONS:
        lines += ["", f"**{title[0].upper()}{title[1:]}**", ""]
        lines += [f"- `{file}`: {what}" for file, what in places]
    return "\n".join(lines) + "\n"


def _room_rows() -> Iterator[str]:
    uses: dict[str, set[str]] = {}
    for one in house.imports():
        uses.setdefault(_room(one.by), set()).add(_room(one.of))
    for floor in house.ORDER:
        for room in floor.split(", "):
            for part in house.INSIDE.get(room, ("",)):
                for inner in part.split(", "):
                    name = f"{room}/{inner}" if inner else room
                    others = sorted(uses.get(name, set()) - {name})
                    yield f"| `{name}` | {_sentence(name)} | {', '.join(others)} |"


def _room(path: tuple[str, ...]) -> str:
    inner = path[1] if len(path) > 1 else ""
    if path[0] in house.INSIDE and inner and house.PACKAGE.joinpath(*path[:2]).is_dir():
        return f"{path[0]}/{inner}"
    return path[0]


def _sentence(room: str) -> str:
    folder = house.PACKAGE / room
    file = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    text = ast.get_docstring(ast.parse(file.read_text())) or ""
    return " ".join(text.split("\n\n")[0].split())


def _flow_rows() -> Iterator[str]:
    for job in _order():
        flow = flows()[job]
        cells = (
            ", ".join([*([flow.files] if flow.files else []), *flow.reads]),
            ", ".join([*flow.writes, *([flow.out] if flow.out else [])]),
            ", ".join(followers(job)),
        )
        yield f"| `{job}` | {' | '.join(cells)} |"


def pages() -> dict[Path, str]:
    """Every generated text by its file."""
    return {PAGE: house_page(), **fresh_jobs()}


def main(arguments: list[str]) -> int:
    """Write the pages, or name those that are not fresh."""
    stale = [file for file, text in pages().items() if not is_fresh(file, text)]
    if arguments == ["--check"]:
        for file in stale:
            print(f"{file.relative_to(ROOT)} is not fresh: run make docs")
        return int(bool(stale))
    for file, text in pages().items():
        file.write_text(text)
    return 0


def is_fresh(file: Path, text: str) -> bool:
    return file.exists() and file.read_text() == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
