"""Serve the studio as a page of its own, for this machine only.

Run ``python -m ritornello.studio.serve NOTEBOOK``. Voilà answers on the loopback address and nowhere
else; the page shows no code and no traces, and the browser may load nothing from anywhere else
(Voilà's own page would load a font). Settings and warehouse are checked before anything is served.
A page's kernel ends when the page is left, or some minutes later if the browser says nothing.
"""

import os
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
from nbformat.v4 import new_markdown_cell
from traitlets.config import Config
from voila.app import Voila

from ritornello.errors import RitornelloError
from ritornello.settings.loading import load_settings
from ritornello.studio.desk import Desk
from ritornello.studio.places import CONF, WAREHOUSE

NOBODY_ELSE = (
    "default-src 'self' data: blob:; connect-src 'self' ws: data: blob:; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'"
)
IDLE_S, EVERY_S = 120, 30  # longer than a page takes to open on a busy machine


def settings() -> Config:
    """Return the settings that always hold."""
    config = Config()
    config.Voila.ip = "127.0.0.1"
    config.Voila.open_browser = False
    config.Voila.tornado_settings = {"headers": {"Content-Security-Policy": NOBODY_ELSE}}
    config.VoilaConfiguration.template = "lab"
    config.VoilaConfiguration.show_tracebacks = False
    config.VoilaConfiguration.prelaunch_hook = with_farewell
    config.MappingKernelManager.cull_idle_timeout = IDLE_S
    config.MappingKernelManager.cull_interval = EVERY_S
    config.MappingKernelManager.cull_connected = False  # an open page keeps its kernel
    return config


def with_farewell(request: Any, notebook: Any, cwd: str) -> Any:
    """Add the script that ends the kernel to a page.

    Voilà's own farewell is refused, because nothing gives the page a token. Reading
    ``xsrf_token`` sets it as a cookie.
    """
    assert request.xsrf_token
    script = files("ritornello.studio").joinpath("farewell.js").read_text(encoding="utf-8")
    notebook.cells.insert(0, new_markdown_cell(f"<script>{script}</script>"))  # type: ignore[no-untyped-call]
    return notebook


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]}
)
@click.argument("notebook", type=click.Path(exists=True, dir_okay=False))
@click.argument("voila", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--warehouse", envvar=WAREHOUSE, help="Folder or URI of the tables (default: of the settings)."
)
@click.option("--conf", envvar=CONF, help="Settings file.")
@click.option("--port", type=click.IntRange(1, 65_535), default=8866, show_default=True)
def serve(
    notebook: str, voila: tuple[str, ...], warehouse: str | None, conf: str | None, port: int
) -> None:
    """Serve NOTEBOOK as a page. Further options go to Voilà."""
    chosen = load_settings([conf] if conf else [])
    desk = Desk(warehouse or chosen.warehouse)
    desk.check()
    # kernels run in the notebook's folder, so they get absolute places
    os.environ[WAREHOUSE] = desk.warehouse
    os.environ[CONF] = str(Path(conf).resolve()) if conf else ""
    Voila.launch_instance(argv=[notebook, f"--port={port}", *voila], config=settings())


def main(arguments: list[str] | None = None) -> None:
    """Serve the studio, or exit with the error and code of any command."""
    try:
        serve(args=arguments)
    except RitornelloError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
