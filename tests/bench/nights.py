"""What a night costs, by step, on invented plays, fitted as fixed + new plays + this month's + history.

    python tests/bench/nights.py --listeners 2500 --history-days 100,400 --nights 10,30 --out <folder>

A listener plays on every fifth day on average, some 5 tracks a day: 400 days are 400 plays each, and
a night brings what a fifth of the listeners played. On the first day every track is played once, so
that all histories have the same catalogue and only history tells them apart. The nights of each
history run in a warehouse of their own; how many plays a listener makes differs by night, so that the
fit can tell new plays from history. A night is item_stats, user_profile and transitions as of its
end; what a month's end adds is told apart. Rows scanned, bytes shuffled and written and CPU seconds
(of the JVM) come from Spark's own event log. The last night's tables are compared with a rebuild from
nothing, which is measured too, and `maintain` is applied at the end.
"""

import argparse
import json
import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from rich.console import Console
from rich.table import Table

from plays.stored import received
from ritornello.as_of import between
from ritornello.features.states import PAIR, pair_state
from ritornello.features.steps import STEP, transition_months
from ritornello.features.transitions import transition_sums, transitions
from ritornello.instants import iso, month_start
from ritornello.intake.changes import ADDED, note_changes
from ritornello.job import Context
from ritornello.night.graph import run_step
from ritornello.night.state.bring_forward import bring_forward
from ritornello.night.state.build_features import write_sums
from ritornello.night.state.build_transitions import build_transitions, transition_rows
from ritornello.night.state.listened import plays_of_kind
from ritornello.night.state.months import checkpoints_due
from ritornello.night.state.pairs import pair_states
from ritornello.night.state_steps import checkpoint_step
from ritornello.session import build_session
from ritornello.settings.session import SparkSettings
from ritornello.settings.settings import Settings
from ritornello.tables.store import Store
from ritornello.upkeep.maintain import maintain

FIRST_NIGHT = datetime(2025, 3, 20, tzinfo=UTC)
NIGHTLY = ("bring_forward", "read transitions")
MONTHLY = ("pair_checkpoints", "transition_months", "transition_sums")
MEASURES = ("rows scanned", "bytes shuffled", "bytes written", "CPU seconds")


def draw(salt: str, *names: str) -> Column:
    """A number in [0, 1) for a row, by hash: the same at every run."""
    return F.pmod(F.xxhash64(F.lit(salt), *names), F.lit(1_000_003)) / F.lit(1_000_003.0)


def plays_of_days(
    spark: SparkSession, start: datetime, days: int, *, listeners: int, items: int
) -> DataFrame:
    """Each listener plays on a fifth of the days, 2 to 8 tracks in a session, most of them again."""
    offset = int(start.timestamp()) // 86_400
    day_and_user = spark.range(listeners * days).select(
        (F.col("id") % listeners).cast("int").alias("user_id"),
        (F.lit(offset) + F.floor(F.col("id") / listeners)).alias("_day"),
    )
    number = (F.lit(2) + F.floor(draw("number", "_day") * 7)).cast("int")
    active = day_and_user.where(draw("active", "user_id", "_day") < 0.2)
    plays = active.select("*", F.explode(F.sequence(F.lit(1), number)).alias("_nth"))
    rank = F.floor(F.pow(F.lit(400.0), draw("rank", "user_id", "_day", "_nth"))).alias("_rank")
    begins = F.floor(draw("start", "user_id", "_day") * 80_000)
    second = begins + F.col("_nth") * 240 + F.floor(draw("second", "user_id", "_day", "_nth") * 200)
    played_at = F.timestamp_seconds(F.col("_day") * 86_400 + second)
    track = F.floor(F.pow(F.lit(float(items)), draw("track", "user_id", "_rank"))).cast("int")
    return (
        plays.select("*", rank)
        .select("user_id", track.alias("track_id"), played_at.alias("played_at"))
        .withColumns({"weight": F.lit(1), "month": F.trunc(F.to_date("played_at"), "month")})
    )


def first_plays(spark: SparkSession, start: datetime, *, listeners: int, items: int) -> DataFrame:
    """Every track once, in one session of some listener on the first day.

    Sessions begin at seconds of their own: tracks that are not played again else have equal sums,
    which are stored in next to no bytes, so that a short history would seem to write less.
    """
    tracks = spark.range(1, items + 1).select(
        (F.col("id") % listeners).cast("int").alias("user_id"),
        F.col("id").cast("int").alias("track_id"),
        F.floor((F.col("id") - 1) / listeners).alias("_nth"),
    )
    begins = F.lit(int(start.timestamp())) + F.floor(draw("first", "user_id") * 80_000)
    second = begins + F.col("_nth") * 240 + F.floor(draw("second", "track_id") * 200)
    return tracks.select(
        "user_id",
        "track_id",
        F.timestamp_seconds(second).alias("played_at"),
    ).withColumns({"weight": F.lit(1), "month": F.trunc(F.to_date("played_at"), "month")})


def deliver(context: Context, plays: DataFrame) -> int:
    laid_out = plays.repartition("month").sortWithinPartitions("user_id", "played_at")
    with context.step("deliver"):
        written = context.store.append("plays", received(laid_out))
        note_changes(context.store, {ADDED: plays}, version=written.version)
    return written.rows


def run_nights(
    context: Context, arguments: argparse.Namespace, days: int, number: int
) -> list[dict]:
    """A night's date, its new plays and the plays there were before it."""
    items = int(arguments.items_per_listener * arguments.listeners)
    size = {"listeners": arguments.listeners, "items": items}
    columns = context.store.contracts["tracks"].columns
    types = ", ".join(f"CAST(NULL AS {c.type.split(' or ')[0]}) AS {c.name}" for c in columns)
    context.store.replace("tracks", context.spark.sql(f"SELECT {types} WHERE false"))
    start = FIRST_NIGHT - timedelta(days=days)
    first = first_plays(context.spark, start, **size)
    of_history = plays_of_days(context.spark, start, days, **size)
    history = deliver(context, first.unionByName(of_history))
    bring_sums(context, FIRST_NIGHT)
    build_transitions(context, last=FIRST_NIGHT)
    nights = []
    for n in range(number):
        day = FIRST_NIGHT + timedelta(days=n)
        new = deliver(context, plays_of_days(context.spark, day, 1, **size))
        as_of = day + timedelta(days=1)
        bring_sums(context, as_of)
        build_transitions(context, last=as_of)
        with context.step("read transitions", as_of):
            transition_rows(context, as_of).write.format("noop").mode("overwrite").save()
        with context.step("count the month", as_of):
            plays = between(plays_of_kind(context), month_start(as_of), as_of).count()
        night = {"as_of": iso(as_of), "new": new, "this month": plays, "history": history}
        nights.append({**night, "run": context.run_id})
        history += new
    return nights


def bring_sums(context: Context, as_of: datetime) -> None:
    """The month's checkpoint where one is due, then the sums, each under its own label."""
    if checkpoints_due(context, as_of):
        run_step(context, checkpoint_step(context, as_of))
    with context.step("bring_forward", as_of):
        bring_forward(context, as_of)


def check_last(context: Context, as_of: datetime, *, compared: bool) -> None:
    """A rebuild from nothing; the last night's tables against it if they are to be ``compared``."""
    tables = {"item_stats": ["item_id"], "user_profile": ["user_id"]} if compared else {}
    kept = {name: context.store.read(name, as_of=as_of).cache() for name in tables}
    assert all(table.count() for table in kept.values())
    with context.step("rebuild", as_of):
        plays = plays_of_kind(context).where(F.col("played_at") < F.lit(as_of))
        pairs = pair_state(plays, valued_at=as_of).persist(StorageLevel.DISK_ONLY)
        write_sums(context, pairs, as_of)
    with context.step("rebuild transitions", as_of):
        months = transition_months(plays).withColumn("as_of", F.least("as_of", F.lit(as_of)))
        half_life = context.settings.features.transition_half_life_days
        sums = transition_sums(months, valued_at=as_of, half_life_days=half_life)
        anew = transitions(sums).drop("rank").persist(StorageLevel.DISK_ONLY)
        anew.write.format("noop").mode("overwrite").save()
    with context.step("compare", as_of):  # a label of its own: it is no part of the rebuild
        if compared:
            assert_equal(pair_states(context, as_of), pairs, PAIR)
            assert_equal(transition_rows(context, as_of), anew, [*STEP])
        for name, key in tables.items():
            assert_equal(kept[name], context.store.read(name, as_of=as_of), key)
    context.spark.catalog.clearCache()
    pairs.unpersist()
    anew.unpersist()


def assert_equal(actual: DataFrame, expected: DataFrame, key: list[str]) -> None:
    """Keys, counts and times exactly, floats to 1e-9 of their size; nothing is brought here."""
    columns = [name for name in expected.columns if name not in ("plays_version", *key)]
    types = dict(expected.dtypes)
    same = F.lit(True)
    for name in columns:
        one, other = F.col(f"a.{name}"), F.col(f"b.{name}")
        if types[name] in ("double", "float"):
            near = F.abs(one - other) <= 1e-9 * F.abs(other) + 1e-12  # trends may be next to 0
            same &= F.coalesce(near, one.isNull() & other.isNull())
        elif types[name] == "array<double>":
            far = F.exists(F.zip_with(one, other, lambda x, y: F.abs(x - y)), lambda d: d > 1e-9)
            same &= ~F.coalesce(far, F.lit(False))
        else:
            same &= one.eqNullSafe(other)
    both = actual.alias("a").join(expected.alias("b"), key, "full_outer")
    in_both = F.col(f"a.{columns[0]}").isNotNull() & F.col(f"b.{columns[0]}").isNotNull()
    found = both.agg(F.count("*"), F.sum(F.coalesce(~(in_both & same), F.lit(True)).cast("int")))
    rows, different = found.first() or (0, None)
    assert rows
    assert different == 0, f"{different} of {rows} rows differ: {columns}"


def measured(log: Path) -> dict[str, dict[str, float]]:
    """Sums of the four measures by the description of the job."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(MEASURES, 0.0))
    label: dict[int, str] = {}
    for line in log.open():
        event = json.loads(line)
        if event["Event"] == "SparkListenerJobStart":
            told = event.get("Properties", {}).get("spark.job.description", "")
            label |= dict.fromkeys(event["Stage IDs"], told)
        if event["Event"] == "SparkListenerTaskEnd" and event.get("Task Metrics"):
            task, into = event["Task Metrics"], found[label.get(event["Stage ID"], "")]
            into["rows scanned"] += task["Input Metrics"]["Records Read"]
            into["bytes shuffled"] += task["Shuffle Write Metrics"]["Shuffle Bytes Written"]
            into["bytes written"] += task["Output Metrics"]["Bytes Written"]
            into["CPU seconds"] += task["Executor CPU Time"] / 1e9
    return found


def fitted(nights: list[dict], cost: list[float]) -> dict[str, float]:
    """Parts of a mean night's cost by least squares.

    ``this month`` are the plays since the month's start, which every night reads again until they
    are counted. How large the catalogue is stands in ``fixed``: all histories have the same.
    """
    parts = {"fixed": [1.0] * len(nights)}
    parts |= {name: [night[name] for night in nights] for name in ("new", "this month", "history")}
    terms = np.array(list(parts.values()), float).T
    weights, *_ = np.linalg.lstsq(terms, np.array(cost), rcond=None)
    return dict(zip(parts, (float(part) for part in weights * terms.mean(axis=0)), strict=True))


def report(console: Console, nights: list[dict], found: dict[str, dict[str, float]]) -> None:
    for step in (*NIGHTLY, *MONTHLY):
        table = Table("night", "history", "new plays", *MEASURES, title=step)
        for night in nights:
            row = night_of(found, (step,), night)
            if any(row.values()):
                counts = (f"{night[name]:,}" for name in ("history", "new"))
                table.add_row(night["as_of"], *counts, *(f"{row[m]:,.1f}" for m in MEASURES))
        if table.row_count:
            console.print(table)
    if len({night["run"] for night in nights}) > 1:  # one history cannot tell what history costs
        console.print(mean_night(nights, found))
    for run in dict.fromkeys(night["run"] for night in nights):
        compare(console, [night for night in nights if night["run"] == run], found)


def mean_night(nights: list[dict], found: dict[str, dict[str, float]]) -> Table:
    """The parts of a mean night's cost."""
    rows = [night_of(found, NIGHTLY, night) for night in nights]
    headings = ("fixed", "new plays", "plays of this month", "history")
    table = Table("measure", *headings, "history's share", title="a mean night")
    for measure in (*MEASURES, "bytes shuffled and written"):
        names = MEASURES[1:3] if measure not in MEASURES else (measure,)
        parts = fitted(nights, [sum(row[name] for name in names) for row in rows])
        share = parts["history"] / sum(parts.values())
        table.add_row(measure, *(f"{part:,.1f}" for part in parts.values()), f"{share:.1%}")
    return table


def compare(console: Console, nights: list[dict], found: dict[str, dict[str, float]]) -> None:
    """A mean night of one history, and its share of a month's end, beside a rebuild."""
    last = nights[-1]
    table = Table("", *MEASURES, title=f"{last['history'] + last['new']:,} plays")
    night = mean([night_of(found, NIGHTLY, night) for night in nights])
    ends = [
        row for row in (night_of(found, MONTHLY, night) for night in nights) if any(row.values())
    ]
    whole = mean([night_of(found, ("rebuild", "rebuild transitions"), last)])
    rows = {"a night": night, "a month's end, by night": mean(ends, of=30), "a rebuild": whole}
    rows["night of rebuild"] = {m: night[m] / whole[m] if whole[m] else 0.0 for m in MEASURES}
    for name, row in rows.items():
        shown = "{:.1%}" if name == "night of rebuild" else "{:,.1f}"
        table.add_row(name, *(shown.format(row[m]) for m in MEASURES))
    console.print(table)


def mean(rows: list[dict[str, float]], *, of: int | None = None) -> dict[str, float]:
    return {m: sum(row[m] for row in rows) / (of or len(rows)) for m in MEASURES}


def night_of(
    found: dict[str, dict[str, float]], steps: tuple[str, ...], night: dict
) -> dict[str, float]:
    """What these steps took in a night; steps of months count on the night of a month's end."""
    months = night["as_of"][:8] + "01T00:00:00Z"
    told = []
    for step in steps:
        if step in MONTHLY and night["as_of"] != months:
            continue
        told.append(found.get(f"{step} {night['as_of']} ({night['run']})", {}))
    return {m: sum(row.get(m, 0.0) for row in told) for m in MEASURES}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listeners", type=int, default=2_500)
    parser.add_argument("--items-per-listener", type=float, default=6.0)
    parser.add_argument("--history-days", default="100,400")
    parser.add_argument("--nights", default="8", help="of each history, or one number for all")
    parser.add_argument(
        "--compare",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="the last night's tables with the rebuild's",
    )
    parser.add_argument(
        "--maintain", action=argparse.BooleanOptionalAction, default=True, help="in the end"
    )
    parser.add_argument("--memory", default="2g")
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--jars", default=".jars")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    events = (arguments.out / "events").resolve()
    events.mkdir(parents=True, exist_ok=True)
    settings = SparkSettings(
        driver_memory=arguments.memory,
        shuffle_partitions=arguments.partitions,
        jars=arguments.jars,
        properties={"spark.eventLog.enabled": "true", "spark.eventLog.dir": events.as_uri()},
    )
    spark = build_session(settings, name="nights")
    log = events / spark.sparkContext.applicationId
    console, nights = Console(width=150), []
    histories, numbers = (
        [int(text) for text in given.split(",")]
        for given in (arguments.history_days, arguments.nights)
    )
    numbers = numbers * (len(histories) if len(numbers) == 1 else 1)
    for days, number in zip(histories, numbers, strict=True):
        place = str(arguments.out.resolve() / f"warehouse-{days}")
        context = Context(
            spark, Store(spark, place), Settings(warehouse=place, spark=settings), console
        )
        nights += run_nights(context, arguments, days, number)
        check_last(context, FIRST_NIGHT + timedelta(days=number), compared=arguments.compare)
        if arguments.maintain:
            console.print(maintain(context, apply=True))
            console.print("after it: " + maintain(context, apply=False))
    spark.stop()
    report(console, nights, measured(log))
    return 0


if __name__ == "__main__":
    sys.exit(main())
