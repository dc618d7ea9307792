"""Damaged files of the warehouse, met by Spark, and what mends them."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from py4j.protocol import Py4JJavaError

from damages import DAMAGES, commits, cut_in_half, file_of, flip_a_bit, remove, write_lists
from ritornello import job
from ritornello.commands import load, names
from ritornello.errors import BadInputError
from ritornello.night.state.months import forget_months
from ritornello.settings.loading import load_settings
from ritornello.sources.damage import failing_reads_are_bad_input
from ritornello.tables.contracts import contracts
from ritornello.tables.damage import damage_in, damaged
from ritornello.tables.mends import MENDS, THEN, damage_at, damaged_error
from ritornello.tables.store import Store

MONDAY, TUESDAY = (datetime(2025, 1, day, tzinfo=UTC) for day in (6, 7))
DAYS = "as_of=2025-01-06 00%3A00%3A00"


@pytest.fixture
def store(spark, tmp_path) -> Store:
    store = Store(spark, str(tmp_path))
    write_lists(store, MONDAY, TUESDAY)
    return store


@pytest.fixture
def run(spark, store, monkeypatch, capfd):
    """Run a body as a job in the tests' session: (exit code, what it printed as error)."""
    monkeypatch.setattr(job, "build_session", lambda *_, **__: spark)
    monkeypatch.setattr(job, "end_session", lambda _: None)
    settings = load_settings([], [f"warehouse={store.warehouse}"])

    def run(body):
        spark._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()  # as in a process of its own
        code = job.run("test", settings, body)
        return code, capfd.readouterr().err

    return run


def table(store, name="track/recommendations"):
    return Path(store.warehouse) / name


def collect(context):
    return str(len(context.store.read("recommendations", as_of=MONDAY).collect()))


def write_again(context):
    rows = context.store.read("recommendations", as_of=MONDAY).drop("as_of")
    context.store.replace("recommendations", rows, as_of=TUESDAY)
    return "written"


def to_pandas(context):
    return str(len(context.store.read("recommendations", as_of=MONDAY).toPandas()))


@pytest.mark.parametrize("body", [collect, write_again, to_pandas])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_job_that_meets_damage_ends_in_one_line_with_code_7(store, run, damage, body):
    make, what = DAMAGES[damage]
    file = file_of(table(store), "2025-01-06")
    make(file)
    code, error = run(body)
    assert code == 7, error
    (line,) = error.splitlines()
    named = f"error: {file.relative_to(store.warehouse)} {what}: run `ritornello generate-candi"
    assert line.startswith(named)


def test_a_wrong_checksum_file_is_damage_too(store, run):
    file = file_of(table(store), "2025-01-06")
    data = bytearray(file.read_bytes())
    data[100] ^= 1
    file.write_bytes(bytes(data))  # the .crc file stays, so Hadoop sees it first
    code, error = run(collect)
    assert (code, file.name in error) == (7, True)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_slice_is_replaced_without_reading_its_damaged_file(store, run, damage):
    DAMAGES[damage][0](file_of(table(store), "2025-01-06"))
    assert run(collect)[0] == 7
    write_lists(store, MONDAY)
    assert run(collect) == (0, "")
    assert run(lambda context: str(context.store.read("recommendations").count())) == (0, "")


@pytest.mark.parametrize(
    ("nth", "damage", "what"),
    [
        (-1, cut_in_half, "is damaged"),  # Spark does not say in which table
        (-1, lambda file: file.write_bytes(file.read_bytes()[:-20]), "is damaged"),  # .crc stays
        (-2, remove, "is missing"),
    ],
)
def test_a_torn_log_is_named_and_only_a_copy_mends_it(store, run, nth, damage, what):
    other = Store(store.spark, store.warehouse)
    other.replace("histories", histories(store.spark), as_of=MONDAY)
    commit = commits(table(store))[nth]
    damage(commit)
    code, error = run(collect)
    named = f"track/recommendations/_delta_log/{commit.name} {what}"
    advice = "put the file back from a copy of the warehouse, or else import the deliveries"
    assert code == 7, error
    assert f"error: {named}: {advice}" in error


def test_a_damaged_checkpoint_is_named(store, run):
    for _ in range(10):
        write_lists(store, TUESDAY, listeners=1)
    (checkpoint,) = (table(store) / "_delta_log").glob("*.checkpoint.parquet")
    cut_in_half(checkpoint)
    code, error = run(collect)
    assert (code, error.count(checkpoint.name)) == (7, 1)


def histories(spark):
    return spark.createDataFrame(
        [(1, [1], [MONDAY])], "user_id int, item_ids array<int>, played_at array<timestamp>"
    )


def test_what_is_no_damage_of_the_warehouse_stays_what_it_was(store, run, tmp_path_factory):
    place = tmp_path_factory.mktemp("elsewhere") / "rows"
    store.spark.range(100).coalesce(1).write.parquet(str(place))
    (file,) = place.glob("*.parquet")
    flip_a_bit(file)

    def read(context):
        return str(context.spark.read.parquet(str(place)).collect())

    def imported(context):
        with failing_reads_are_bad_input():
            return read(context)

    code, error = run(read)
    assert code == 70
    assert "a bug in Ritornello" in error
    assert run(imported)[0] == BadInputError.exit_code

    def imported_of_plays(context):
        with failing_reads_are_bad_input():
            return collect(context)

    flip_a_bit(file_of(table(store), "2025-01-06"))
    assert run(imported_of_plays)[0] == 7  # the delivery is not to blame


@pytest.mark.parametrize(
    ("text", "file"),
    [
        # a read that fails for want of memory is no damage
        ("Encountered error while reading file s3a://b/w/plays/x.parquet. Details:", None),
        ("x while reading file s3a://b/w/plays/x.parquet. Details:\nEOFException", "plays/x.parquet"),
        ("FileNotFoundException: No such file or directory: s3a://b/w/runs/x.parquet", "runs/x.parquet"),
        ("s3a://b/other/plays/x.parquet is not a Parquet file", None),
        ("s3a://b/w/nothing/x.parquet is not a Parquet file", None),
    ],
)  # fmt: skip
def test_files_of_object_stores_are_known_by_their_address(text, file):
    damage = damage_in(text, "s3a://b/w")
    assert (damage and damage.file) == file


def test_only_errors_of_spark_are_looked_into(store):
    assert damaged(ValueError("plays/x.parquet is not a Parquet file"), store) is None


def test_every_table_has_a_mend_of_real_commands():
    assert set(MENDS) == set(contracts()) == set(contracts("artist"))
    commands = {name: load(name) for name in names()}
    templates = [one for of_table in MENDS.values() for one in of_table]
    for template in {*templates, *(one.split("`ritornello ")[1] for one in THEN.values())}:
        name, *arguments = template.split("`")[0].split()
        options = {option for one in commands[name].params for option in one.opts}
        named = {word for word in arguments if word.startswith("--")}
        required = {one.opts[0] for one in commands[name].params if _is_required(one)}
        assert required <= named <= options, template


def _is_required(parameter):
    return isinstance(parameter, click.Option) and parameter.required


@pytest.mark.parametrize(
    ("file", "advice"),
    [
        # slices that are derived: by their command
        (f"track/histories/{DAYS}/p.parquet", "run `ritornello build-features --as-of 2025-01-06T"),
        (f"artist/candidates/{DAYS}/p.parquet", "T00:00:00Z --set item_kind=artist`; or put"),
        (f"track/evaluations/{DAYS}/horizon=7d/p.parquet", "--as-of 2025-01-06T00:00:00Z --horizon 7`"),
        (f"track/evaluations/{DAYS}/horizon=to_end/p.parquet", "--horizon to_end`"),
        ("track/models/model=ranker/version=20250106T120000Z-ab/p.parquet",
         "run `ritornello train-ranker --again --as-of 2025-01-06T12:00:00Z`"),
        # from outside, or a log
        ("plays/month=2025-01-01/p.parquet", "put the file back from a copy of the warehouse, or"),
        ("runs/p.parquet", "put the file back from a copy"),
        # no folder names the slice, or the whole table hangs on the file
        ("track/histories/p.parquet", ": put the file back from a copy"),
        ("track/histories/_delta_log/1.json", ": put the file back from a copy"),
    ],
)  # fmt: skip
def test_the_mend_hangs_on_the_table_and_the_slice(file, advice):
    assert advice in str(damaged_error(damage_at(file)))


def test_damage_of_what_no_table_has_is_none():
    assert damage_at("track/reports/20250106T000000Z/x.json") is None


@pytest.mark.parametrize("damage", DAMAGES)
def test_counted_months_are_emptied_without_reading_them(store, damage):
    spark, folder = store.spark, table(store, "track/transition_months")
    columns = {one.name: one for one in store.contracts["transition_months"].columns}
    rows = [tuple(_value(columns[name]) for name in columns if name != "as_of")]
    schema = ", ".join(f"{name} {one.type}" for name, one in columns.items() if name != "as_of")
    store.replace("transition_months", spark.createDataFrame(rows, schema), as_of=MONDAY)
    DAMAGES[damage][0](file_of(folder, "2025-01-06"))
    with pytest.raises(Py4JJavaError):
        store.read("transition_months").collect()
    settings = load_settings([], [])
    forget_months(SimpleNamespace(store=store, settings=settings))
    assert store.read("transition_months").collect() == []


def _value(column):
    return 2 if column.name == "next_item_id" else 1.0 if column.type == "double" else 1
