"""B1.2: the four normalisers, accents and scripts."""

import pytest

from ritornello.catalogue.names import name_keys


@pytest.mark.parametrize(
    ("name", "keys"),  # exact, basic, loose, alphanumeric
    [
        ("Tin Owls ", ("Tin Owls ", "tin owls", "tin owls", "tinowls")),
        ("The Tin-Owls", ("The Tin-Owls", "the tin-owls", "tin owls", "thetinowls")),
        ("Möss & Co", ("Möss & Co", "möss & co", "möss and co", "mossco")),
        ("Mo\u0308ss", ("Mo\u0308ss", "mo\u0308ss", "möss", "moss")),  # an accent of its own
        (
            "Øre Łuk Straße",
            ("Øre Łuk Straße", "øre łuk straße", "øre łuk strasse", "orelukstrasse"),
        ),
        ("O'Rin feat. Zed", ("O'Rin feat. Zed", "o'rin feat. zed", "orin", "orinfeatzed")),
        ("Ёлка", ("Ёлка", "ёлка", "ёлка", "елка")),
        ("\uff8a\uff9b\uff70", ("\uff8a\uff9b\uff70", "\uff8a\uff9b\uff70", "ハロー", "ハロー")),
        ("が", ("が", "が", "が", "が")),  # the mark makes another letter: not か
        ("हिंदी", ("हिंदी", "हिंदी", "हिंदी", "हिंदी")),  # vowels are marks there
        ("A$AP", ("A$AP", "a$ap", "a ap", "aap")),
        ("!!!", ("!!!", "!!!", "!!!", "!!!")),  # signs alone are not nothing
        ("The", ("The", "the", "the", "the")),
        ("  ", (None, None, None, None)),
        (None, (None, None, None, None)),
    ],
)
def test_keys_of_a_name(name, keys):
    assert name_keys(name) == keys


def test_names_of_signs_alone_are_not_one():
    assert name_keys("!!!")[3] != name_keys("???")[3]
    assert len({name_keys(one)[2] for one in ("&", "+", "&+", "and")}) == 4


@pytest.mark.parametrize("sign", "`\u00b4\u02bb\u02bc\u2018\u2019\u201b\u2032\uff07")
def test_every_apostrophe_is_the_same_one(sign):
    assert name_keys(f"Rook{sign}s Nest")[2:] == name_keys("Rook's Nest")[2:]
    assert name_keys(f"Rook {sign} Nest")[2:] == name_keys("Rook ' Nest")[2:]


@pytest.mark.parametrize("accent", "\u00a8\u00af\u00b8\u02d8\u02da\u0384\u1fbd\u203e\uffe3")
def test_an_accent_by_itself_is_a_sign_and_hangs_on_no_letter(accent):
    assert name_keys(f"Rook{accent}s")[2:] == ("rook s", "rooks")
