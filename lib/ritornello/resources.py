"""The settings files and lock files that travel with the package."""

from pathlib import Path

PACKAGED = Path(__file__).parent / "conf"  # in a wheel
CHECKOUT = Path(__file__).parents[2] / "conf"


def conf_folder() -> Path:
    """Return the folder of the files that come with Ritornello."""
    return PACKAGED if PACKAGED.is_dir() else CHECKOUT


def conf_file(name: str) -> Path | None:
    """Return a file that comes with Ritornello, None if there is none."""
    file = conf_folder() / name
    return file if file.is_file() else None
