"""The studio without a browser: what its parts answer, on an invented warehouse, without Spark."""

import subprocess
import sys
from base64 import b64decode
from dataclasses import replace
from xml.etree import ElementTree

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from conftest import ROOT
from ritornello.errors import UsageError
from ritornello.settings.playlists import PlaylistSettings
from ritornello.studio import app
from ritornello.studio.app import BUG, CHANGED, MAKING, NOBODY, STALE, STALE_MAKING, Studio
from ritornello.studio.desk import Desk
from ritornello.studio.page import files_of, note_html, playlist_html
from ritornello.studio.pictures import by_week, history, sound_map
from ritornello.studio.serve import settings as served
from ritornello.studio.wish import Wish, answer, changed
from studio.sample_warehouse import AS_OF, LISTENERS, write, write_warehouse

USUAL = PlaylistSettings()
EVIL = LISTENERS[2]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    return str(write_warehouse(tmp_path_factory.mktemp("studio")))


@pytest.fixture(scope="module")
def desk(warehouse):
    return Desk(warehouse)


@pytest.fixture
def studio(warehouse):
    return Studio(warehouse, USUAL)


def test_a_shelf_holds_the_past_of_one_listener(desk):
    case = desk.case("ada", "track")
    assert len(case.candidates) == 160
    assert case.candidates["user_id"].unique().tolist() == [0]
    assert len(case.plays) == 900  # the play at as_of itself belongs to the future
    assert case.plays["played_at"].max() < AS_OF
    assert desk.case("1000", "track").plays is case.plays  # by id; read once
    assert len(desk.case("ada", "artist").candidates) == 80
    assert desk.kinds == ["track", "artist"]
    assert desk.names() == sorted(LISTENERS)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("adda", "no listener 'adda' among 5; closest matches: ada"),
        ("nobody's lists", "nothing to recommend to nobody's lists as of 2025-01-06T00:00:00Z"),
        (" ", "name a listener"),
    ],
)
def test_what_cannot_be_answered_is_told(desk, tmp_path, asked, told):
    with pytest.raises(UsageError) as raised:
        desk.case(asked, "track")
    assert str(raised.value).startswith(told)


def test_what_is_barred_for_a_listener_is_no_candidate(tmp_path):
    place = write_warehouse(tmp_path)
    write(place / "artists", pd.DataFrame([{"artist_id": 0, "source_artist_id": "a0"}]))
    desk = Desk(str(place))
    assert len(desk.case("ada", "track").candidates) == 160
    rule = {"source_user_id": "1000", "what": "track", "source_id": "5007"}
    write(place / "bars", pd.DataFrame([rule]))  # while the studio is open
    gone = {*range(160)} - {*desk.case("ada", "track").candidates["track_id"]}
    assert gone == {7}
    assert len(desk.case("béla", "track").candidates) == 160


def test_an_empty_warehouse_opens_and_says_what_to_run(tmp_path):
    studio = Studio(str(tmp_path), USUAL)
    assert "No recommendations of tracks are in" in studio.message.value
    assert 'class="message wrong"' in studio.message.value
    studio.listener.value = "ada"
    assert "Table users is not in" in studio.message.value


def test_a_wish_changes_the_playlist_as_it_says(desk):
    case = desk.case("ada", "track")
    usual = answer(case, Wish(), USUAL)
    assert usual.title == "Default for ada"
    assert usual.sentence == "10 tracks, 3 new to you"
    assert answer(case, Wish(), USUAL).playlist.equals(usual.playlist)  # the same again
    assert (
        answer(case, Wish(length=20, discovery=1.0), USUAL).sentence == "20 tracks, 20 new to you"
    )
    fast = answer(case, Wish(moment="workout"), USUAL)
    assert fast.playlist["tempo"].mean() > 125 > usual.playlist["tempo"].mean()
    near = answer(case, Wish(base=0.0, tempo=1.0, valence=0.0), USUAL).playlist
    assert (near["tempo"] - 104).abs().max() < 15  # nothing counts but the taste's tempo
    assert changed(usual, usual) == "10 tracks stand in both lists"


def test_weeks_count_first_plays_and_repeats_apart():
    days = ["2025-01-06 10:00", "2025-01-12 23:59", "2025-01-06 09:00", "2025-01-20 00:00"]
    plays = pd.DataFrame({"track_id": [1, 1, 2, 2], "played_at": pd.to_datetime(days, utc=True)})
    weeks = by_week(plays)
    assert weeks["week"].dt.strftime("%m-%d").tolist() == ["01-06", "01-13", "01-20"]
    assert weeks["first"].tolist() == [2, 0, 0]
    assert weeks["again"].tolist() == [1, 0, 1]  # a week without plays stands there too


def test_pictures_say_in_words_what_they_show(desk):
    case = desk.case("ada", "track")
    answers = [answer(case, Wish(), USUAL), answer(case, Wish(moment="rest"), USUAL)]
    picture = sound_map(case, answers)
    assert picture.message.startswith(
        "145 of 160 candidates have a known sound. The taste lies at 104 bpm and valence 0.46. "
    )
    assert [entry.name for entry in picture.legend][:2] == ["Default for ada", "Rest for ada"]
    assert history(case).message.startswith("900 plays of 89 tracks up to 2025-01-06; ")
    silent = desk.case("deaf to sounds", "track")
    told = sound_map(silent, [answer(silent, Wish(), USUAL)]).message
    assert told == "0 of 160 candidates have a known sound."


def test_names_are_escaped_and_every_file_opens(desk):
    case = desk.case(EVIL, "track")
    found = answer(case, Wish(), USUAL)
    page = playlist_html(found, series=0)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;img src=x onerror=" in page
    files = {file.label: file for file in files_of(found)}
    assert set(files) == {"M3U8", "CSV", "JSPF", "XSPF", "service URIs"}
    xspf = b64decode(files["XSPF"].href.split("base64,")[1]).decode()
    titles = [one.text for one in ElementTree.fromstring(xspf).iter() if one.tag.endswith("}title")]
    assert titles[1].startswith("<img src=x")
    assert files["M3U8"].name == "default-for-carol-script-alert-1-script.m3u8"


def test_a_value_that_arrives_after_the_press_counts_and_a_later_one_waits(studio, monkeypatch):
    studio.listener.value = "ada"
    studio.panels[0].length.value = 12
    assert studio.lists.value.count("<li>") == 10  # nothing was pressed
    studio.button.click()
    studio.panels[0].length.value = 13  # set before the press, sent after it
    assert studio.lists.value.count("<li>") == 13
    monkeypatch.setattr(app, "LATE_S", 0.0)
    studio.panels[0].length.value = 14
    assert studio.lists.value.count("<li>") == 13


def test_what_is_shown_is_marked_until_it_is_made_again(studio, monkeypatch):
    monkeypatch.setattr(app, "LATE_S", 0.0)

    def marks():
        classes = "stale" in studio.answers._dom_classes
        over_answers, after_message = STALE in studio.stale.value, CHANGED in studio.message.value
        assert classes == over_answers
        return over_answers, after_message

    assert marks() == (False, False)
    studio.panels[0].length.value = 12
    assert marks() == (False, False)  # nothing is shown
    studio.listener.value = "ada"
    panel = studio.panels[0]
    changes = [
        (panel.moment, "rest"),
        (panel.length, 7),
        (panel.discovery, 0.9),
        *((weight, 0.95) for weight in panel.weights.values()),
        (studio.kind, "artist"),
        (studio.compare, True),
    ]
    for control, value in changes:
        before = control.value
        control.value = value
        assert marks() == (True, True), control.description
        control.value = before  # the settings of the answer again
        assert marks() == (False, False), control.description
        control.value = value
        studio.button.click()
        assert marks() == (False, False), control.description
    studio.panels[1].length.value = 5
    assert marks() == (True, True)
    studio.compare.value = False  # the second setting does not count, but the answer has two lists
    assert marks() == (True, True)
    studio.listener.value = "nobody"
    assert marks() == (False, False)  # nothing is shown
    panel.length.value = 9
    assert marks() == (False, True)
    studio.listener.value = ""
    assert marks() == (False, False)
    assert NOBODY in studio.message.value


def test_another_listeners_answer_is_marked_while_it_is_made(studio, monkeypatch):
    seen = []
    draw = app.sound_map

    def drawn(case, answers):
        regions = (studio.stale, studio.message, studio.lists)
        seen.append((case.listener.title, *(region.value for region in regions)))
        return draw(case, answers)

    monkeypatch.setattr(app, "sound_map", drawn)
    studio.listener.value = "ada"
    studio.listener.value = "béla"
    assert seen[0] == ("ada", "", note_html(MAKING), "")  # nothing was shown
    assert seen[1][:3] == ("béla", note_html(STALE_MAKING), note_html(MAKING))
    assert "Default for ada" in seen[1][3]
    assert "Default for béla" in studio.lists.value
    assert studio.stale.value == ""


def test_a_bug_leaves_no_answer_that_looks_right(studio, monkeypatch):
    studio.listener.value = "ada"
    monkeypatch.setattr(app, "answer", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        studio.listener.value = "béla"
    assert studio.lists.value == studio.map.value == studio.stale.value == ""
    assert BUG in studio.message.value


def test_a_score_has_a_label_and_an_end_of_its_scale(desk):
    case = desk.case("ada", "track")
    page = playlist_html(answer(case, Wish(), USUAL), series=0)
    assert "<span>Track</span> <span>Tempo</span> <span>Score</span>" in page
    assert "at most 1.00 with these weights" in page
    silent = answer(desk.case("deaf to sounds", "track"), Wish(), USUAL)
    assert '<span class="sound">\N{EN DASH}</span>' in playlist_html(silent, series=0)
    heavy = answer(case, Wish(moment="workout", base=1.0, tempo=0.5, valence=0.5), USUAL)
    assert heavy.best == pytest.approx(0.4 * 2.0 + 0.4 + 0.2)
    assert heavy.playlist["score"].max() <= heavy.best
    # a candidate that fits in everything has the highest score there is
    perfect = case.candidates.assign(base=1.0, tempo=180.0, valence=1.0)
    perfect = perfect.assign(taste_tempo=180.0, taste_valence=1.0)
    top = answer(replace(case, candidates=perfect), heavy.wish, USUAL)
    assert top.playlist["score"].max() == pytest.approx(top.best)


def test_controls_answer_and_messages_are_clear(studio):
    studio.button.click()
    assert NOBODY in studio.message.value  # an empty name
    studio.listener.value = "ada"
    assert studio.lists.value.count("<li>") == 10
    assert "Default for ada: 10 tracks, 3 new to you." in studio.message.value
    studio.panels[0].length.value = 5
    studio.button.click()
    assert studio.lists.value.count("<li>") == 5
    studio.compare.value = True
    assert studio.panels[1].box.layout.display == ""
    studio.panels[1].moment.value = "workout"
    studio.button.click()
    assert studio.lists.value.count("<section") == 2
    assert "in both lists" in studio.message.value
    for weight in studio.panels[0].weights.values():
        weight.value = 0.0
    studio.button.click()
    assert "more than 0" in studio.message.value
    assert studio.lists.value == studio.map.value == studio.history.value == ""
    studio.panels[0].weights["base"].value = 1.0
    studio.listener.value = "deaf to sounds"
    assert "sound is known" in studio.message.value
    studio.listener.value = "nobody"
    assert "closest matches: nobody&#39;s lists" in studio.message.value
    assert 'class="message wrong"' in studio.message.value


def test_every_control_has_a_label_of_its_own(studio):
    panel = studio.panels[0]
    controls = [studio.listener, studio.kind, panel.moment, panel.length, panel.discovery]
    labels = [one.description for one in (*controls, *panel.weights.values())]
    assert all(labels)
    assert len(set(labels)) == len(labels)


def test_it_is_served_to_this_machine_only_and_asks_nobody_else():
    config = served()
    assert config.Voila.ip == "127.0.0.1"
    policy = config.Voila.tornado_settings["headers"]["Content-Security-Policy"]
    assert "https:" not in policy
    assert "*" not in policy


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "settings cannot be read"),
        ("playlists: {lenght: 9}", "playlists.lenght: unknown key"),
    ],
    ids=["missing", "broken"],
)
def test_wrong_settings_are_said_on_the_page(monkeypatch, tmp_path, text, sentence):
    """The file may break while the studio is served."""
    file = tmp_path / "mine.yaml"
    if text:
        file.write_text(text)
    shown = []
    monkeypatch.setattr(app.notebook, "display", shown.append)
    monkeypatch.setenv("RITORNELLO_CONF", str(file))
    app.open_studio(str(tmp_path))
    message = shown[-1].children[-1].value
    assert 'class="message wrong"' in message
    assert sentence in message


def test_the_studio_needs_no_spark():
    loads = "import sys, ritornello.studio.app; sys.exit('pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loads]).returncode == 0


def test_the_notebook_opens_the_studio(warehouse, monkeypatch):
    monkeypatch.setenv("RITORNELLO_WAREHOUSE", warehouse)
    book = nbformat.read(ROOT / "notebooks" / "studio.ipynb", as_version=4)
    assert len(book.cells) == 1
    where = {"metadata": {"path": ROOT / "notebooks"}}
    NotebookClient(book, timeout=120, resources=where).execute()  # a cell that fails raises
    shown = [kind for output in book.cells[0].outputs for kind in output["data"]]
    assert "application/vnd.jupyter.widget-view+json" in shown


@pytest.mark.parametrize("file", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda f: f.stem)
def test_notebooks_are_kept_without_outputs(file):
    book = nbformat.read(file, as_version=4)
    nbformat.validate(book)
    for cell in book.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
            assert set(cell.metadata) <= {"tags"}
    assert set(book.metadata) <= {"kernelspec", "language_info"}
