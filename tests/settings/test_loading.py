from pathlib import Path

import pytest
import yaml

from ritornello.errors import UsageError
from ritornello.settings.loading import load_settings, setting_names
from ritornello.settings.page import settings_page
from ritornello.settings.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
KEEP_DAYS = {f"maintain.keep_days.{table}" for table in Settings().maintain.keep_days}


def written(tmp_path, text: str) -> str:
    file = tmp_path / "some.yaml"
    file.write_text(text)
    return str(file)


def test_later_files_and_overrides_win(tmp_path):
    file = written(tmp_path, "als:\n  rank: 16\n  iterations: 3\n")
    settings = load_settings([ROOT / "conf/cluster.yaml", file], ["als.rank=8"])
    assert (settings.als.rank, settings.als.iterations, settings.ranker.leaves) == (8, 3, 31)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("als:\n  rnak: 16\n", "some.yaml:2: als.rnak: unknown key"),
        ("als:\n  rank: lots\n", "some.yaml:2: als.rank: Input should be a valid integer"),
        (
            "als:\n\n  rank: 0\n",
            "some.yaml:3: als.rank: Input should be greater than or equal to 1",
        ),
        ("als:\n  rank: 1.5\n", "some.yaml:2: als.rank"),
        ("als:\n  rank: 1\n  rank: 2\n", "some.yaml:3: als.rank is set twice"),
        ("als: [1\n", "some.yaml:2: not valid YAML"),
        ("imports:\n  earliest_play: soon\n", "some.yaml:2: imports.earliest_play"),
        ("evaluation:\n  horizon_days: never\n", "some.yaml:2: evaluation.horizon_days"),
        ("- 1\n", "some.yaml:1: settings must be a mapping"),
    ],
)
def test_a_bad_file_is_refused_with_file_line_and_key(tmp_path, text, told):
    with pytest.raises(UsageError) as raised:
        load_settings([written(tmp_path, text)])
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("als.rank", "write key.sub=value"),
        ("als.rnak=3", "--set als.rnak=3: als.rnak: unknown key"),
        ("als.rank=-3", "--set als.rank=-3: als.rank"),
        ("candidates.own_history=99999", "less than or equal to 2000"),
    ],
)
def test_a_bad_override_is_refused_by_name(override, told):
    with pytest.raises(UsageError) as raised:
        load_settings([], [override])
    assert told in str(raised.value)


def test_a_missing_file_is_one_sentence():
    with pytest.raises(UsageError, match="settings cannot be read"):
        load_settings(["no/such.yaml"])


def test_the_hash_ignores_where_spark_runs():
    usual = load_settings([])
    assert usual.fingerprint() == load_settings([], ["spark.driver_memory=1g"]).fingerprint()
    assert usual.fingerprint() != load_settings([], ["als.rank=8"]).fingerprint()


def test_every_setting_stands_in_one_page_with_its_default():
    page = settings_page()
    assert (ROOT / "conf/local.yaml").read_text() == page  # make docs writes it
    shown = yaml.safe_load(page)
    assert leaves(shown) == {*setting_names(), *KEEP_DAYS} - {"maintain.keep_days"}
    assert load_settings([ROOT / "conf/local.yaml"]) == Settings()


def test_the_page_keeps_what_it_says_of_other_values(tmp_path):
    """Reading back what is written gives the same settings, whatever the types."""
    page = settings_page()
    lines = [
        line for line in page.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    assert all(len(line) <= 110 for line in lines)
    described = [line for line in page.splitlines() if "#" in line]
    assert len(described) > 0.9 * len(lines)


def test_the_file_for_a_cluster_holds_only_what_differs():
    loaded, default = (
        load_settings([ROOT / "conf/cluster.yaml"]).model_dump(),
        Settings().model_dump(),
    )
    given = yaml.safe_load((ROOT / "conf/cluster.yaml").read_text())
    for section, values in given.items():
        for name in values:
            assert loaded[section][name] != default[section][name], f"{section}.{name}"
    machine = {"master", "shuffle_partitions", "adaptive"}
    machine |= {"user_buckets", "blocks", "listeners", "tasks", "threads"}
    assert {name for values in given.values() for name in values} <= machine


def leaves(node, above=""):
    if not isinstance(node, dict) or not node:
        return {above.removesuffix(".")}
    return {key for name in node for key in leaves(node[name], f"{above}{name}.")}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"als:\n  rank: 16\n  iterations: \xff\n", "odd.yaml:3: settings must be in UTF-8"),
        (
            b"imports:\n  earliest_play: 2024-02-31\n",
            "odd.yaml:2: imports.earliest_play: '2024-02-31'",
        ),
        (b"imports:\n  earliest_play: 0001-01-01\n", "is not between the years 1900 and 9000"),
        (b"? [a]\n: b\n", "odd.yaml:1: a key must be a word"),
        (b"als: &x\n  rank: *x\n", "odd.yaml:2: als.rank holds itself"),
        (b"als:\n  <<: {rank: 3}\n", "odd.yaml:2: << is not supported"),
        (b"--- {}\n--- {}\n", "odd.yaml:2: not valid YAML"),
        (b"als: !!python/object:os.system 1\n", "odd.yaml:1: als: could not determine"),
        (b"als:\n  rank: !!int many\n", "odd.yaml:2: als.rank: 'many' cannot be read"),
        pytest.param(b"als: " + b"[" * 3000, "odd.yaml: nested too deeply", id="deep"),
        (b"als: \x00", "odd.yaml: not valid YAML"),
        (b"spark:\n  driver_memory: 1m\n", "odd.yaml:2: spark.driver_memory: 1m is too little"),
        (
            b"spark:\n  master: nonsense\n",
            "odd.yaml:2: spark.master: 'nonsense' is no Spark master",
        ),
    ],
)
def test_an_odd_file_is_one_line_too(tmp_path, content, reason):
    (tmp_path / "odd.yaml").write_bytes(content)
    with pytest.raises(UsageError) as raised:
        load_settings([tmp_path / "odd.yaml"])
    assert reason in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_option_is_taken_as_it_is_and_wins():
    options = {"warehouse": ("--warehouse", "2025"), "als.rank": ("--rank", 5)}
    settings = load_settings([], ["als.rank=8"], options)
    assert (settings.warehouse, settings.als.rank) == ("2025", 5)
    with pytest.raises(UsageError, match="--rank 0: als"):
        load_settings([], [], {"als.rank": ("--rank", 0)})
