"""The studio itself: controls on one side, answers on the other."""

import os
import time
from collections.abc import Sequence
from importlib.resources import files
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
from ritornello.studio.page import figure_html, message_html, note_html, playlist_html
from ritornello.studio.pictures import history, sound_map
from ritornello.studio.places import CONF, WAREHOUSE
from ritornello.studio.wish import Answer, Wish, answer, changed

WELCOME = "Name a listener and make a playlist."
CHANGED = "The settings have changed since: press “Make the playlist”."
STALE = "Made with earlier settings: press “Make the playlist” to make it again."
MAKING = "Making the playlist …"
STALE_MAKING = "Made with earlier settings: being made again …"
NOBODY = "Name a listener first: type a name or an id."
BUG = "This is a bug in the studio, please report it: the terminal that runs it has the details."
LATE_S = 1.0  # the browser may send a slider's last value after the press that followed it


class Studio:
    """Widgets over a desk.

    ``view`` is the widget to show.
    """

    def __init__(self, warehouse: str, usual: PlaylistSettings) -> None:
        self.desk, self.usual = Desk(warehouse), usual
        self.message = _region("studio-message")
        self._tell(WELCOME)
        self.listener = controls.who(self._ask(self.desk.names))
        self.kind = controls.kinds(self._ask(lambda: self.desk.kinds))
        self._ask(self.desk.check)
        moments = list(moments_of(usual))
        self.panels = [
            controls.Panel(title, moments, usual) for title in ("First setting", "Second setting")
        ]
        self.compare = widgets.Checkbox(description="Compare with a second setting", indent=False)
        self.button = widgets.Button(description="Make the playlist", button_style="primary")
        self.stale, self.lists = _region("studio-stale"), _region("studio-lists", "studio-made")
        self.map, self.history = _region("studio-picture", "studio-made"), _region("studio-picture")
        self.answers = _box("studio-answers", [self.stale, self.lists, self.map, self.history])
        self._asked: object = None
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
            names: Sequence[str] = question() or []
        except RitornelloError as error:
            self._tell(_sentence(error), wrong=True)
            return []
        return names

    def _listen(self) -> None:
        self.button.on_click(lambda _: self._press())
        for panel in self.panels:
            panel.watch(self._arrive)
        self.compare.observe(self._show_second, names="value")
        for control in (self.compare, self.kind):
            control.observe(lambda _: self._arrive(), names="value")
        self.listener.observe(lambda _: self.make(), names="value")

    def _press(self) -> None:
        self.make()
        self._pressed = time.monotonic()

    def _arrive(self) -> None:
        """Answer again just after a press, and later mark what is shown."""
        if time.monotonic() - self._pressed < LATE_S:
            self.make()
        else:
            self._mark()

    def _mark(self, note: str = STALE) -> None:
        """Mark what is shown as stale if the settings have changed since."""
        stale = self._asked not in (None, self._question())
        shown = stale and bool(self.lists.value)
        self.stale.value = note_html(note) if shown else ""
        (self.answers.add_class if shown else self.answers.remove_class)("stale")
        self.message.value = self._said + (note_html(CHANGED) if stale else "")

    def _question(self) -> tuple[Any, ...]:
        wishes = tuple(panel.wish for panel in self._panels_shown())
        return (self.listener.value, self.kind.value, wishes)

    def _show_second(self, change: Any) -> None:
        self.panels[1].box.layout.display = "" if change["new"] else "none"

    def _layout(self) -> Any:
        inputs = [self.listener, self.kind, self.panels[0].box, self.compare, self.panels[1].box]
        act = widgets.VBox([self.button, self.message])
        act.add_class("studio-act")
        left = widgets.VBox([*inputs, act])
        left.add_class("studio-controls")
        view = widgets.VBox([_heading(), _box("studio-columns", [left, self.answers])])
        view.add_class("studio")
        return view

    def make(self) -> None:
        """Answer the wishes, or say why there is no answer."""
        if not self.listener.value.strip():
            self._asked = None
            self._nothing(NOBODY)
            self._mark()
            return
        question = self._question()
        # leaving the box and pressing the button both ask: answer once
        if question != self._asked or not self.lists.value:
            self._mark(STALE_MAKING)
            self.message.value = note_html(MAKING)
            self._asked = question
            try:
                self._answer(*question)
            finally:
                self._mark()

    def _answer(self, listener: str, kind: str, wishes: tuple[Wish, ...]) -> None:
        try:
            case = self.desk.case(listener, kind)
            self._show(case, [answer(case, wish, self.usual) for wish in wishes])
        except ValidationError:
            self._nothing("Give at least one of the three weights more than 0.")
        except RitornelloError as error:
            self._nothing(_sentence(error))
        except Exception:
            self._nothing(BUG)
            raise

    def _panels_shown(self) -> list[controls.Panel]:
        return self.panels if self.compare.value else self.panels[:1]

    def _show(self, case: Case, answers: list[Answer]) -> None:
        pages = [playlist_html(one, series=n) for n, one in enumerate(answers)]
        places = figure_html(sound_map(case, answers))
        weeks = self.history.value
        if self._drawn is not case:
            weeks = figure_html(history(case)) if len(case.plays) else ""
            self._drawn = case
        # all at once, so that no part stands beside an older one while another is drawn
        self.lists.value = f'<div class="studio-pair">{"".join(pages)}</div>'
        self.map.value, self.history.value = places, weeks
        self._tell(summary(case, answers))

    def _nothing(self, text: str) -> None:
        """Clear the answers and say why there is none.

        What was shown goes, so that nobody takes it for the new answer.
        """
        self.lists.value = self.map.value = self.history.value = ""
        self._drawn = None
        self._tell(text, wrong=True)

    def _tell(self, text: str, *, wrong: bool = False) -> None:
        self._said = self.message.value = message_html(text, wrong=wrong)


def summary(case: Case, answers: Sequence[Answer]) -> str:
    """Summarise the answers for the live region.

    It gives the sizes, what both lists share, and the missing sounds.
    """
    sentences = [f"{one.title}: {one.sentence}." for one in answers]
    if not any(len(one.playlist) for one in answers):
        why = "every candidate was heard or listed too recently"
        sentences = [f"Nothing to recommend to {case.listener.title}: {why}."]
    if len(answers) == 2:
        sentences.append(f"{changed(*answers).capitalize()}.")
    known, every = case.sounds_known, len(case.candidates)
    if not known:
        sentences.append("No candidate's sound is known: tempo and mood count for nothing here.")
    elif known < every:
        sentences.append(f"The sound of {every - known} of {every} candidates is unknown.")
    return " ".join(sentences)


def open_studio(warehouse: str | None = None, conf: str | None = None) -> None:
    """Show the studio, or the sentence that says why it cannot open.

    The warehouse and settings of the environment come before those given here: `make studio` sets
    RITORNELLO_WAREHOUSE and RITORNELLO_CONF.
    """
    file = os.environ.get(CONF) or conf
    show: Any = notebook.display
    head: Any = notebook.HTML
    show(head(f"<style>{_file('studio.css')}</style><script>{_file('studio.js')}</script>"))
    try:
        usual = load_settings([file] if file else [])
    except RitornelloError as error:
        message = _region("studio-message")
        message.value = message_html(_sentence(error), wrong=True)
        view = widgets.VBox([_heading(), message])
        view.add_class("studio")
    else:
        place = os.environ.get(WAREHOUSE) or warehouse or usual.warehouse
        view = Studio(place, usual.playlists).view
    show(view)


def _file(name: str) -> str:
    return files("ritornello.studio").joinpath(name).read_text(encoding="utf-8")


def _heading() -> Any:
    return widgets.HTML("<h1>Ritornello studio</h1>")


def _region(*names: str) -> Any:
    region = widgets.HTML()
    for name in names:
        region.add_class(name)
    return region


def _box(name: str, children: Sequence[Any]) -> Any:
    box = widgets.Box(list(children))
    box.add_class(name)
    return box


def _sentence(error: RitornelloError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
