"""The controls of the studio.

Every control has a label of its own and can be reached with the Tab key.
"""

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

from ritornello.settings.playlists import MAX_LENGTH, MIN_LENGTH, PlaylistSettings
from ritornello.studio.wish import Wish

KIND_NAMES = {"track": "recommended tracks", "artist": "recommended artists"}
WEIGHTS = {
    "base": "weight of your liking",
    "tempo": "weight of your tempo",
    "valence": "weight of your mood",
}


def who(names: Sequence[str]) -> Any:
    """Return the box for a listener's name, with some names to choose from."""
    return widgets.Combobox(
        options=list(names),
        placeholder="name or id",
        description="Listener",
        continuous_update=False,
        ensure_option=False,
    )


def kinds(known: Sequence[str]) -> Any:
    """Return the menu of recommendations that playlists are made from."""
    options = [(KIND_NAMES[kind], kind) for kind in known or KIND_NAMES]
    return widgets.Dropdown(options=options, description="From")


class Panel:
    """One set of wishes: moment, length, discovery and score weights."""

    def __init__(self, title: str, moments: Sequence[str], usual: PlaylistSettings) -> None:
        self.moment = widgets.Dropdown(options=list(moments), description="Moment")
        self.length = widgets.IntSlider(
            value=usual.length, min=MIN_LENGTH, max=MAX_LENGTH, description="Length, tracks"
        )
        self.discovery = _share("Discovery, share never played", usual.discovery or 0.0)
        self.weights = {
            name: _share(words.capitalize(), getattr(usual.weights, name))
            for name, words in WEIGHTS.items()
        }
        self._every = [self.moment, self.length, self.discovery, *self.weights.values()]
        for control in self._every:
            control.style.description_width = "initial"
        head = widgets.HTML(f"<h2>{title}</h2>")
        self.box = widgets.VBox([head, *self._every])
        self.box.add_class("studio-panel")

    def watch(self, changed: Callable[[], None]) -> None:
        """Call ``changed`` after each change of a control."""
        for control in self._every:
            control.observe(lambda _: changed(), names="value")

    @property
    def wish(self) -> Wish:
        """Return the wish that the controls show."""
        weights = {name: slider.value for name, slider in self.weights.items()}
        return Wish(self.moment.value, self.length.value, self.discovery.value, **weights)


def _share(title: str, value: float) -> Any:
    return widgets.FloatSlider(
        value=value, min=0, max=max(1.0, value), step=0.05, description=title, readout_format=".2f"
    )
