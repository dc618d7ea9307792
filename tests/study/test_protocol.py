"""What a person states for a comparison has an effect or is refused, and is never dropped."""

import click
import pytest

from ritornello import job
from ritornello.cli import main
from ritornello.errors import UsageError
from ritornello.settings.loading import load_settings
from ritornello.study import compare_data
from ritornello.study.protocol import refuse_unused, set_but_unused, used_settings, with_gains

NIGHTLY = "compare.protocol=nightly"


@pytest.fixture
def no_session(monkeypatch):
    """Fail if the command comes as far as a session."""

    def refuse(*_, **__):
        raise AssertionError("a session was started")

    monkeypatch.setattr(job, "build_session", refuse)


def refused(arguments: list[str], capsys) -> tuple[int, str]:
    """The exit code and what stands on standard error."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code, click.unstyle(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("stated", "gains"),
    [
        ([], "graded"),  # as the paper counts
        (["evaluation.gains=binary"], "binary"),  # a person knows better
        ([NIGHTLY], "binary"),
        ([NIGHTLY, "evaluation.gains=graded"], "graded"),
    ],
)
def test_gains_that_are_set_win_over_the_protocol(stated, gains):
    run = compare_data.compare_run(
        load_settings([], stated), "data", data_format="nested", out=None
    )
    assert run.settings.evaluation.gains == gains
    assert with_gains(run.settings) == run.settings


@pytest.mark.parametrize(
    ("overrides", "key", "other"),
    [
        (["compare.nights=3"], "compare.nights=3", "compare.protocol=nightly"),
        (["compare.night_step_days=2.0"], "compare.night_step_days=2.0", "protocol=nightly"),
        ([NIGHTLY, "compare.eligible=published"], "compare.eligible=published", "protocol=paper"),
        ([NIGHTLY, "compare.test_share=0.2"], "compare.test_share=0.2", "protocol=paper"),
        (["evaluation.horizon_days=14.0"], "evaluation.horizon_days=14.0", "protocol=paper"),
        (
            [NIGHTLY, "evaluation.horizon_days=14.0"],
            "evaluation.horizon_days=14.0",
            "compare.night_horizon_days",
        ),
        (["compare.draw=uniform"], "compare.draw=uniform", "compare.items is empty"),
    ],
)
def test_what_has_no_effect_is_refused_where_stated_and_named_where_a_file_has_it(
    overrides, key, other
):
    settings = load_settings([], overrides)
    with pytest.raises(UsageError) as raised:
        refuse_unused(settings, [override.partition("=")[0] for override in overrides])
    assert key in str(raised.value)
    assert other in str(raised.value)
    (sentence,) = set_but_unused(settings)
    assert key in sentence
    assert other in sentence


def test_what_has_an_effect_is_not_refused():
    overrides = [NIGHTLY, "compare.nights=3", "compare.items=9", "compare.draw=uniform"]
    settings = load_settings([], overrides)
    refuse_unused(settings, [override.partition("=")[0] for override in overrides])
    assert set_but_unused(settings) == []


def test_the_report_lists_only_settings_that_were_used():
    used = used_settings(load_settings([], [NIGHTLY]))
    assert used["compare"]["nights"] == 8
    assert "eligible" not in used["compare"]
    assert "draw" not in used["compare"]
    assert used["evaluation"] == {"gains": None}
    assert used["als"]["rank"]
    assert not {"spark", "generator"} & set(used)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--items", "0"], "0 is not in the range x>=1"),
        (["--items", "-3"], "-3 is not in the range x>=1"),
        (["--set", "compare.items=0"], "compare.items: Input should be greater than or equal to 1"),
        (["--methods", ""], "'--methods': '' lacks a value"),
        (["--methods", "als,,ease"], "'--methods': 'als,,ease' lacks a value"),
        (["--methods", "als,itemknn"], "unknown method itemknn: did you mean item_knn?"),
        (["--methods", "zzz"], "unknown method zzz: see docs/methods.md"),
        (["--warehouse", "/tmp/w"], "leave out --warehouse"),
        (["--set", "compare.nights=3"], "compare.nights=3 has no effect"),
    ],
)
def test_a_wrong_argument_is_refused_before_any_session_starts(
    tmp_path, no_session, capsys, arguments, sentence
):
    command = ["compare", "--data", str(tmp_path), "--format", "nested"]
    code, error = refused([*command, *arguments], capsys)
    assert code == 2
    assert sentence in error


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--top-n", "0"], "artists.top_n: Input should be greater than or equal to 10"),
        (["--k", "0"], "artists.k: Input should be 5, 10, 40 or 100"),
        (["--seeds", ""], "'--seeds': '' lacks a value"),
        (["--alphas", ""], "'--alphas': '' lacks a value"),
    ],
)
def test_so_is_one_of_artists(tmp_path, no_session, capsys, arguments, sentence):
    code, error = refused(["artists", "--input", str(tmp_path), *arguments], capsys)
    assert code == 2
    assert sentence in error
