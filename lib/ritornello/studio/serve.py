"""Serve the studio as a page of its own, for this machine only.

Run ``python -m ritornello.studio.serve``. Voilà answers on the loopback address and nowhere else;
the page shows no code and no traces, and the browser may load nothing from anywhere else (Voilà's
own page would load a font).
"""

import sys

from traitlets.config import Config
from voila.app import Voila

NOBODY_ELSE = (
    "default-src 'self' data: blob:; connect-src 'self' ws: data: blob:; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'"
)


def settings() -> Config:
    """Return the settings that always hold."""
    config = Config()
    config.Voila.ip = "127.0.0.1"
    config.Voila.open_browser = False
    config.Voila.tornado_settings = {"headers": {"Content-Security-Policy": NOBODY_ELSE}}
    config.VoilaConfiguration.template = "lab"
    config.VoilaConfiguration.show_tracebacks = False
    return config


if __name__ == "__main__":
    Voila.launch_instance(argv=sys.argv[1:], config=settings())
