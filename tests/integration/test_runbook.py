"""Every command of docs/runbook.md, in its order, on generated listening."""

import os
import shlex

import pytest

from documents import ROOT, lines_in_blocks
from jobs.nights import CONF, SMALLEST_OPTIONS
from ritornello.cli import main

pytestmark = pytest.mark.integration


def test_every_command_of_the_runbook_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONF", str(CONF))
    monkeypatch.setenv("WAREHOUSE", str(tmp_path / "warehouse"))
    jars = ["--set", f"spark.jars={ROOT / '.jars'}"]
    last = {}
    for line in lines_in_blocks("docs/runbook.md"):
        name, *arguments = shlex.split(os.path.expandvars(line))
        assert name == "ritornello", line
        with pytest.raises(SystemExit) as ended:
            main([*arguments, *jars, *SMALLEST_OPTIONS])
        told = capsys.readouterr()
        assert ended.value.code == 0, (line, told.err[-2000:])
        last[line] = told.out.strip().splitlines()[-1]
    assert any("served again" in sentence for sentence in last.values())
    assert any("steps would run" in sentence for sentence in last.values())
