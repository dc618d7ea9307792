from pathlib import Path

from ritornello.settings.loading import load_settings
from ritornello.sources.formats.registry import FORMATS

CONF = Path(__file__).resolve().parents[3] / "conf"


def test_every_data_set_has_settings_that_load():
    for name in set(FORMATS) - {"nested"}:
        load_settings([CONF / "local.yaml", CONF / f"{name}.yaml"])
