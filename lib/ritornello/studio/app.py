"""The studio itself: controls on one side, answers on the other."""

import os
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from IPython import display as notebook
from pydantic import ValidationError

from ritornello.errors import RitornelloError
from ritornello.playlists.moments import moments_of
from ritornello.settings.loading import load_settings
from ritornello.settings.playlists import PlaylistSettings
from ritornello.studio import controls
from ritornello.studio.desk import Case, Desk
from ritornello.studio.page import figure_html, message_html, playlist_html
from ritornello.studio.pictures import history, sound_map
from ritornello.studio.wish import Answer, answer, changed

WELCOME = "Name a listener and make a playlist."
NOBODY = "Name a listener first: type a name or an id."
LATE_S = 1.0  # the browser may send a slider's last value after the press that followed it


class Studio:
    """Widgets over a desk.

    ``view`` is the widget to show.
    """

    def __init__(self, warehouse: str, usual: PlaylistSettings) -> None:
        self.desk, self.usual = Desk(warehouse), usual
        self.message = _region("studio-message", message_html(WELCOME))
        self.listener = controls.who(self._ask(self.desk.names))
        self.kind = controls.kinds(self._ask(lambda: self.desk.kinds))
        moments = list(moments_of(usual))
        self.panels = [
            controls.Panel(title, moments, usual) for title in ("First setting", "Second setting")
        ]
        self.compare = widgets.Checkbox(description="Compare with a second setting", indent=False)
        self.button = widgets.Button(description="Make the playlist", button_style="primary")
        self.lists = _region("studio-lists")
        self.map, self.history = _region("studio-picture"), _region("studio-picture")
        self._answered: object = None
        self._drawn: Case | None = None
        self._pressed = float("-inf")
        self._show_second({"new": False})
        self._listen()
        self.view = self._layout()

    def _ask(self, question: Any) -> Sequence[str]:
        """Return an answer of the desk.

        If something is wrong with the warehouse, the message says what, and the answer is empty.
        """
        try:
            names: Sequence[str] = question()
        except RitornelloError as error:
            self._tell(_sentence(error), wrong=True)
            return []
        return names

    def _listen(self) -> None:
        self.button.on_click(lambda _: self._press())
        for panel in self.panels:
            panel.watch(self._arrive)
        self.compare.observe(self._show_second, names="value")
        self.listener.observe(lambda _: self.make(), names="value")

    def _press(self) -> None:
        self.make()
        self._pressed = time.monotonic()

    def _arrive(self) -> None:
        """Answer again if a value arrives just after the press."""
        if time.monotonic() - self._pressed < LATE_S:
            self.make()

    def _show_second(self, change: Any) -> None:
        self.panels[1].box.layout.display = "" if change["new"] else "none"

    def _layout(self) -> Any:
        head = widgets.HTML("<h1>Ritornello studio</h1>")
        inputs = [self.listener, self.kind, self.panels[0].box, self.compare, self.panels[1].box]
        left = widgets.VBox([*inputs, self.button, self.message])
        left.add_class("studio-controls")
        right = widgets.VBox([self.lists, self.map, self.history])
        right.add_class("studio-answers")
        view = widgets.VBox([head, _box("studio-columns", [left, right])])
        view.add_class("studio")
        return view

    def make(self) -> None:
        """Answer the wishes, or say why there is no answer."""
        if not self.listener.value.strip():
            self._nothing(NOBODY)
            return
        wishes = tuple(panel.wish for panel in self._panels_shown())
        question = (self.listener.value, self.kind.value, wishes)
        if question == self._answered:
            return  # leaving the box and pressing the button both ask: answer once
        try:
            case = self.desk.case(self.listener.value, self.kind.value)
            self._show(case, [answer(case, wish, self.usual) for wish in wishes])
            self._answered = question
        except ValidationError:
            self._nothing("Give at least one of the three weights more than 0.")
        except RitornelloError as error:
            self._nothing(_sentence(error))

    def _panels_shown(self) -> list[controls.Panel]:
        return self.panels if self.compare.value else self.panels[:1]

    def _show(self, case: Case, answers: list[Answer]) -> None:
        pages = [playlist_html(one, series=n) for n, one in enumerate(answers)]
        self.lists.value = f'<div class="studio-pair">{"".join(pages)}</div>'
        self.map.value = figure_html(sound_map(case, answers))
        if self._drawn is not case:
            self.history.value = figure_html(history(case)) if len(case.plays) else ""
            self._drawn = case
        self._tell(summary(case, answers))

    def _nothing(self, text: str) -> None:
        """Clear the answers and say why there is none.

        What was shown goes, so that nobody takes it for the new answer.
        """
        self.lists.value = self.map.value = self.history.value = ""
        self._answered = self._drawn = None
        self._tell(text, wrong=True)

    def _tell(self, text: str, *, wrong: bool = False) -> None:
        self.message.value = message_html(text, wrong=wrong)


def summary(case: Case, answers: Sequence[Answer]) -> str:
    """Summarise the answers for the live region.

    It gives the sizes, what both lists share, and the missing sounds.
    """
    sentences = [f"{one.title}: {one.sentence}." for one in answers]
    if not any(len(one.playlist) for one in answers):
        sentences = [f"Nothing to recommend to {case.listener.title}: every candidate rests."]
    if len(answers) == 2:
        sentences.append(f"{changed(*answers).capitalize()}.")
    known, every = case.sounds_known, len(case.candidates)
    if not known:
        sentences.append("No candidate's sound is known: tempo and mood count for nothing here.")
    elif known < every:
        sentences.append(f"The sound of {every - known} of {every} candidates is unknown.")
    return " ".join(sentences)


def open_studio(warehouse: str | None = None, conf: str | None = None) -> None:
    """Show the studio.

    The warehouse and settings of the environment come before those given here: `make studio` sets
    RITORNELLO_WAREHOUSE and RITORNELLO_CONF.
    """
    place = os.environ.get("RITORNELLO_WAREHOUSE") or warehouse or "./warehouse"
    file = os.environ.get("RITORNELLO_CONF") or conf
    usual = load_settings([file] if file and Path(file).exists() else []).playlists
    show: Any = notebook.display
    head: Any = notebook.HTML
    show(head(f"<style>{_file('studio.css')}</style><script>{_file('studio.js')}</script>"))
    show(Studio(place, usual).view)


def _file(name: str) -> str:
    return files("ritornello.studio").joinpath(name).read_text(encoding="utf-8")


def _region(name: str, value: str = "") -> Any:
    region = widgets.HTML(value)
    region.add_class(name)
    return region


def _box(name: str, children: Sequence[Any]) -> Any:
    box = widgets.Box(list(children))
    box.add_class(name)
    return box


def _sentence(error: RitornelloError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
