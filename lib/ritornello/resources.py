"""The settings files and lock files that travel with the package.

They stand in the checkout, beside the modules of a wheel, or in the zip that spark-submit ships.
"""

import atexit
import functools
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

PACKAGED = Path(__file__).parent / "conf"  # in a wheel
CHECKOUT = Path(__file__).parents[2] / "conf"


@functools.cache
def conf_folder() -> Path:
    """Return the folder of the files that come with Ritornello.

    Those of a zip are unpacked into a temporary folder, which is removed when the process ends.
    """
    if PACKAGED.is_dir():
        return PACKAGED
    if Path(__file__).is_file():
        return CHECKOUT
    folder = Path(tempfile.mkdtemp(prefix="ritornello-conf-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for file in (files("ritornello") / "conf").iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    return folder


def conf_file(name: str) -> Path | None:
    """Return a file that comes with Ritornello, None if there is none."""
    file = conf_folder() / name
    return file if file.is_file() else None
