"""Every command of docs/runbook.md, in its order, on generated listening."""

import json
import os
import shlex
import subprocess
import sys
from string import Template

import pytest

from documents import ROOT, lines_in_blocks
from jobs.nights import CONF, SMALLEST_OPTIONS

pytestmark = pytest.mark.integration

# one process for all, or Java starts twenty times; not this one, whose session other tests share
RUN = """
import json, sys
from ritornello.cli import main
for arguments in json.loads(sys.argv[1]):
    try:
        main(arguments)
    except SystemExit as ended:
        print("ended with", ended.code, flush=True)
        if ended.code:
            sys.exit(ended.code)
"""


def test_every_command_of_the_runbook_runs(tmp_path):
    environment = {
        **os.environ,
        "CONF": str(CONF),
        "WAREHOUSE": str(tmp_path / "warehouse"),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    jars = ["--set", f"spark.jars={ROOT / '.jars'}"]
    commands = []
    for line in lines_in_blocks("docs/runbook.md"):
        name, *arguments = shlex.split(Template(line).substitute(environment))
        assert name == "ritornello", line
        commands.append([*arguments, *jars, *SMALLEST_OPTIONS])
    ran = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(commands)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    ends = ran.stdout.split("ended with 0\n")
    assert ran.returncode == 0, (commands[len(ends) - 1], ran.stderr[-2000:])
    last = [out.strip().splitlines()[-1] for out in ends[:-1]]
    assert len(last) == len(commands)
    assert any("served again" in sentence for sentence in last)
    assert any("steps would run" in sentence for sentence in last)
