"""Every command of docs/runbook.md, in its order, on generated listening."""

import os
import re
import shlex
from pathlib import Path

import pytest

from jobs.nights import CONF, SMALLEST_OPTIONS
from ritornello.cli import main

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    blocks = BLOCK.findall((ROOT / "docs" / "runbook.md").read_text())
    return [line for block in blocks for line in block.strip().splitlines()]


def test_every_command_of_the_runbook_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONF", str(CONF))
    monkeypatch.setenv("WAREHOUSE", str(tmp_path / "warehouse"))
    jars = ["--set", f"spark.jars={ROOT / '.jars'}"]
    last = {}
    for line in commands():
        name, *arguments = shlex.split(os.path.expandvars(line))
        assert name == "ritornello", line
        with pytest.raises(SystemExit) as ended:
            main([*arguments, *jars, *SMALLEST_OPTIONS])
        told = capsys.readouterr()
        assert ended.value.code == 0, (line, told.err[-2000:])
        last[line] = told.out.strip().splitlines()[-1]
    assert any("served again" in sentence for sentence in last.values())
    assert any("steps would run" in sentence for sentence in last.values())
