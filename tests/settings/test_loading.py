from pathlib import Path

import pytest

from ritornello.errors import UsageError
from ritornello.settings.loading import load_settings
from ritornello.settings.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def written(tmp_path, text: str) -> str:
    file = tmp_path / "some.yaml"
    file.write_text(text)
    return str(file)


def test_later_files_and_overrides_win(tmp_path):
    file = written(tmp_path, "als:\n  rank: 16\n  iterations: 3\n")
    settings = load_settings([ROOT / "conf/local.yaml", file], ["als.rank=8"])
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


def test_cluster_and_local_have_the_same_keys():
    import yaml

    def keys(node, above=""):
        if not isinstance(node, dict) or above == "spark.properties.":
            return {above}
        return {key for name in node for key in keys(node[name], f"{above}{name}.")}

    local, cluster = (
        yaml.safe_load((ROOT / f"conf/{n}.yaml").read_text()) for n in ("local", "cluster")
    )
    assert keys(local) == keys(cluster)
    load_settings([ROOT / "conf/cluster.yaml"])


def test_the_hash_ignores_where_spark_runs():
    usual = load_settings([])
    assert usual.fingerprint() == load_settings([], ["spark.driver_memory=1g"]).fingerprint()
    assert usual.fingerprint() != load_settings([], ["als.rank=8"]).fingerprint()


def test_the_files_that_people_start_from_repeat_the_defaults():
    """Only sizes of the machine may differ: a default that is raised must reach those who copy one."""
    defaults, sizes = Settings().model_dump(), {"spark", "features", "als", "ranker"}
    for name in ("local", "cluster"):
        loaded = load_settings([ROOT / f"conf/{name}.yaml"], []).model_dump()
        assert {key for key in defaults if loaded[key] != defaults[key]} <= sizes
        machine = {"user_buckets", "blocks", "listeners", "tasks", "threads"}
        for section in ("features", "als", "ranker"):
            changed = {k for k, v in defaults[section].items() if loaded[section][k] != v}
            assert changed <= machine
