"""The command line: quick, in groups, and with an answer to every slip."""

import json
import os
import resource
import signal
import subprocess
import sys

import click
import pytest

from documents import ROOT
from ritornello import commands
from ritornello.cli import cli, main
from ritornello.errors import EXIT_CODES, RitornelloError

RUN = "from ritornello.cli import main; main()"


def ended(capsys, *arguments):
    """Run a command in this process: its exit code, standard output and standard error."""
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    out, err = capsys.readouterr()
    return end.value.code, out, err


def cpu_seconds(*arguments, code):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run([sys.executable, "-c", RUN, *arguments], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run.returncode == code, run.stderr
    return sum(getattr(after, kind) - getattr(before, kind) for kind in ("ru_utime", "ru_stime"))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["refresh", "--help"], 0),
        (["refersh"], 2),
        (["refresh", "--as-of", "tomorrow"], 2),
        (["refresh", "--as-of", "2025-01-06", "--set", "als.rnak=3"], 2),
        (["compare", "--data", "x", "--items", "0"], 2),
    ],
)
def test_help_and_slips_cost_half_a_second_of_cpu(arguments, code):
    best = min(cpu_seconds(*arguments, code=code) for _ in range(3))
    assert best < 0.75  # half a second, and a margin for a busy machine


@pytest.mark.parametrize("name", commands.names())
def test_a_command_loads_no_spark_for_its_help(name):
    loads = (
        "import sys\nfrom ritornello.cli import cli\n"
        f"try: cli.main([{name!r}, '--help'], standalone_mode=False)\nexcept SystemExit: pass\n"
        "sys.exit('pyspark' in sys.modules or 'pandas' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "Usage:" in run.stdout


def test_help_shows_every_command_in_its_group_and_every_exit_code(capsys):
    code, out, _ = ended(capsys, "--help")
    assert code == 0
    for title, group in commands.GROUPS.items():
        assert f"\n{title}:\n" in out
        assert all(f"\n  {name} " in out for name in group)
    assert all(f"\n  {code} " in out for code in EXIT_CODES)


def test_every_exit_code_of_an_error_has_a_meaning():
    def below(kind):
        return {kind, *(one for sub in kind.__subclasses__() for one in below(sub))}

    assert {kind.exit_code for kind in below(RitornelloError)} <= set(EXIT_CODES)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["refersh"], "no command 'refersh'. Did you mean refresh?"),
        (["zzz"], "no command 'zzz'. See ritornello --help."),
        (["refresh", "--as_of", "2025-01-01"], "--as-of"),
        (["refresh", "--as-of", "2025-01-01", "--set", "als.rnak=3"], "did you mean als.rank?"),
        (["convert", "--format", "spotfy", "--input", "x", "--out", "y"], "spotify-export"),
        (["settings", "--out", "/dev/null/x/y.yaml"], "cannot be made"),
        (["refresh", "--as-of", "0001-01-01"], "not between the years"),
        (
            ["refresh", "--as-of", "2025-01-01", "--warehouse", ""],
            "--warehouse is empty: give it a value",
        ),
        (["refresh", "--as-of", "2025-01-01", "--input", ""], "--input is empty"),
        (
            ["plan", "--as-of", "2025-01-01", "--conf", "no.yaml"],
            "no.yaml: settings cannot be read",
        ),
        (["compare", "--data", "x", "--items", "0"], "0 is not in the range x>=1"),
        (["evaluate", "--as-of", "2025-01-01", "--horizon", "soon"], "neither a number of days"),
        (["artists", "--input", "x", "--alphas", "0.3,much"], "is not a list of numbers"),
        (["plan", "--as-of", "2025-01-01", "--set", "spark.master=nonsense"], "no Spark master"),
        (["plan", "--as-of", "2025-01-01", "--set", "spark.driver_memory=1m"], "too little"),
    ],
)
def test_a_slip_ends_with_code_2_and_what_to_do(capsys, tmp_path, monkeypatch, arguments, hint):
    monkeypatch.chdir(tmp_path)
    code, out, err = ended(capsys, *arguments)
    assert (code, out) == (2, "")
    assert hint in err
    assert "Traceback" not in err


def texts_of(name):
    """Every option and argument of a command that takes a text or a path."""
    return [one for one in commands.load(name).params if isinstance(one.type, commands.Filled)]


@pytest.mark.parametrize("name", commands.names())
def test_no_option_takes_an_empty_text(name, capsys):
    """A script's unset variable would bar, purge or overwrite something else."""
    for param in texts_of(name):
        words = [param.opts[-1], " "] if param.opts[-1].startswith("-") else [""]
        code, _, err = ended(capsys, name, *words)
        assert code == 2, (name, words)
        assert "is empty" in err, (name, words)


def test_most_commands_take_texts():
    assert sum(bool(texts_of(name)) for name in commands.names()) > 25
    assert {"--track", "--artist", "--listener"} <= {one.opts[-1] for one in texts_of("bar")}


@pytest.mark.parametrize("place", ["2025", "[1", "a: b", " odd "])
def test_a_warehouse_is_taken_as_it_is_written(capsys, tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    code, _, err = ended(capsys, "status", "--warehouse", place)
    assert code == 2
    assert f"{tmp_path / place} holds no tables" in err


def test_an_end_before_the_job_begins_alerts_the_operators(capsys, tmp_path, monkeypatch):
    report = tmp_path / "alert.json"
    monkeypatch.setenv("RITORNELLO_ALERT_COMMAND", f"cat > '{report}'")
    code, _, _ = ended(capsys, "refresh", "--as-of", "2025-01-01", "--set", "als.rank=none")
    told = json.loads(report.read_text())
    assert (code, told["exit_code"], told["job"]) == (2, 2, "refresh")
    assert "als.rank" in told["sentence"]


def test_a_person_at_the_terminal_needs_no_alert_of_a_slip(tmp_path, monkeypatch):
    from ritornello.telemetry import Telemetry

    report = tmp_path / "alert.json"
    monkeypatch.setenv("RITORNELLO_ALERT_COMMAND", f"cat > '{report}'")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    Telemetry("refresh").end(2, "error: a slip", metrics_file=None)
    assert not report.exists()
    for code in (130, 143):  # nobody is woken by what somebody asked for
        Telemetry("refresh").end(code, "interrupted", metrics_file=None)
    assert not report.exists()
    Telemetry("refresh").end(8, "error: the disk is full", metrics_file=None)
    assert json.loads(report.read_text())["exit_code"] == 8


def test_an_unforeseen_error_is_one_line_with_its_trace_in_the_log(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("RITORNELLO_LOG", str(tmp_path / "log" / "r.log"))
    (tmp_path / "log").mkdir()
    monkeypatch.setattr(commands, "load", lambda name: click.Command(name, callback=lambda: 1 / 0))
    code, out, err = ended(capsys, "tables")
    assert (code, out) == (70, "")
    assert err.splitlines() == [
        "error: a bug in Ritornello, please report it with the trace in "
        f"{tmp_path}/log/r.log: ZeroDivisionError: division by zero"
    ]
    assert "Traceback" in (tmp_path / "log" / "r.log").read_text()


def test_a_reader_that_stops_early_is_no_error():
    piped = f"{sys.executable} -c '{RUN}' tables | head -n 1; exit ${{PIPESTATUS[0]}}"
    run = subprocess.run(["bash", "-c", piped], capture_output=True, text=True, env=os.environ)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_its_completion(capsys, shell):
    code, out, _ = ended(capsys, "completion", shell)
    assert code == 0
    assert "_RITORNELLO_COMPLETE" in out


def test_completion_knows_the_commands():
    environment = {
        **os.environ,
        "_RITORNELLO_COMPLETE": "bash_complete",
        "COMP_WORDS": "ritornello li",
        "COMP_CWORD": "1",
    }
    run = subprocess.run(
        [sys.executable, "-c", RUN], capture_output=True, text=True, env=environment
    )
    assert {"plain,listeners", "plain,list-rejected"} == set(run.stdout.split())


def test_every_command_is_in_one_group():
    assert len(commands.names()) == len(set(commands.names()))
    context = click.Context(cli)
    assert all(cli.get_command(context, name).name == name for name in commands.names())


SLOW = """
import sys, time
from ritornello import cli, commands
def load(name):
    print("loading", flush=True)
    time.sleep(60)
commands.load = load
cli.main(["status"])
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_before_the_job_begins_ends_with_one_line(number, code):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "lib")}
    with subprocess.Popen(
        [sys.executable, "-c", SLOW], env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as command:  # fmt: skip
        assert command.stdout.readline() == "loading\n"
        command.send_signal(number)
        _, errors = command.communicate(timeout=30)
    assert (command.returncode, errors) == (code, f"interrupted by {number.name}\n")
