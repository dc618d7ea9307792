"""The files that travel with the package, found in the zip that spark-submit ships."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = """
from ritornello.resources import conf_file, conf_folder
assert conf_file("yambda.yaml").read_text() == open("yambda.yaml").read()
assert conf_file("no such file") is None
print(conf_folder())
"""


def test_the_settings_of_a_format_are_found_in_a_zip(tmp_path):
    shipped, conf = tmp_path / "ritornello.zip", ROOT / "conf"
    with zipfile.ZipFile(shipped, "w") as archive:
        for name in ("__init__.py", "resources.py"):
            archive.write(ROOT / "lib" / "ritornello" / name, f"ritornello/{name}")
        for file in filter(Path.is_file, conf.iterdir()):
            archive.write(file, f"ritornello/conf/{file.name}")
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=conf, env={**os.environ, "PYTHONPATH": str(shipped)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not Path(done.stdout.strip()).exists()  # it was temporary
