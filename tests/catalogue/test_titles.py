import pytest

from ritornello.catalogue.titles import Title, read_title

VERSIONS = (
    "Dusk - Remastered 2011",
    "Dusk (2011 Remaster)",
    "Dusk - 2009 Digital Remaster",
    "Dusk [Remastered Version]",
    "Dusk - Single Version",
    "Dusk (Album Version)",
    "Dusk (Radio Edit) [Remastered]",
    "Dusk - Mono / Remastered",
    "Dusk (Live)",
    "Dusk - Live at the Old Mill, 1986",
    "dusk (Deluxe Edition)",
    "Dusk (feat. Zed) - Live",
    "Dusk \u2010 Remastered 2011",
    "Dusk \u2212 Live",
    "Dusk\uff08Remastered\uff09",
)
OTHERS = (
    "Dusk (Zed Remix)",
    "Dusk - Acoustic",
    "Dusk (Live Acoustic)",
    "Dusk (Live at the Mill, acoustic)",
    "Dusk (Demo)",
    "Dusk, Pt. 2",
    "Dusk (Live Forever)",  # a word of the title, not of a version
    "Dusk - Long Live",
    "Live and Let Dusk",
)


@pytest.mark.parametrize("title", VERSIONS)
def test_versions_are_one_song(title):
    read = read_title(title)
    assert (read.song, read.is_version) == ("dusk", True)
    assert read.title != "dusk"


@pytest.mark.parametrize("title", OTHERS)
def test_other_music_is_another_song(title):
    read = read_title(title)
    assert read.song == read.title != "dusk"
    assert not read.is_version


def test_guests_are_no_part_of_a_title_and_nothing_is_left_empty():
    assert read_title("Dusk (feat. Zed)").title == read_title("Dusk ft. Zed").title == "dusk"
    assert read_title("Live").song == "live"
    assert read_title("(Remastered)") == Title("remastered", "remastered", False)
    assert read_title(" ").song is read_title(None).title is None
