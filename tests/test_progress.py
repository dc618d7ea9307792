import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
JOB = """
import sys
from ritornello.progress import job_console
console = job_console(stderr=False)
for nth in range(20_000):
    console.print(f"line {nth}")
print("the sentence", flush=True)
print("went on", file=sys.stderr)
"""


def test_a_job_goes_on_when_nobody_reads_its_output():
    """`ritornello refresh | head` must not end the night."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "lib")}
    with subprocess.Popen(
        [sys.executable, "-c", JOB],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
    ) as job:  # fmt: skip
        assert job.stdout.readline() == b"line 0\n"
        job.stdout.close()
        errors = job.stderr.read()
        assert job.wait(60) == 0
    assert errors == b"went on\n"
