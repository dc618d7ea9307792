"""Names made comparable: the four normalisers of formulas B1.2, strict to loose.

They are plain functions of one text. A name with only spaces is null.
"""

import re
import unicodedata

NORMALISERS = ("exact", "basic", "loose", "alphanumeric")
# scripts whose marks are accents; elsewhere (が, นี้, हिं) a mark makes another letter
_ACCENTED = ("LATIN", "GREEK", "CYRILLIC")
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\u0131": "i",
        "ħ": "h",
    }
)
_GUESTS = re.compile(r"\s*[(\[]?\s*\b(?:feat|ft|featuring)\b\.?\s.*$")
# what people write for an apostrophe or a hyphen
_APOSTROPHES = "`\u00b4\u02b9\u02bb\u02bc\u02bd\u02c8\u055a\u2018\u2019\u201b\u2032\ua78c\uff07"
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
# accents that stand by themselves: decomposed, they would hang on the letter before
_LONE_ACCENTS = (
    one
    for one in map(chr, (*range(0xA0, 0x3000), *range(0xFE00, 0x10000)))
    if len(apart := unicodedata.normalize("NFKD", one)) > 1
    and apart[0] == " "
    and unicodedata.combining(apart[1])
)
_SIGNS = str.maketrans(
    {
        **dict.fromkeys(_LONE_ACCENTS, " "),
        **dict.fromkeys(_APOSTROPHES, "'"),
        **dict.fromkeys(_HYPHENS, "-"),
    }
)


def exact(name: str) -> str | None:
    """Return the name as it is."""
    return name if name.strip() else None


def basic(name: str) -> str | None:
    """Return the name in lower case, without spaces around it."""
    return name.lower().strip() or None


def plain(name: str) -> str:
    """Fold case and width, and write every apostrophe and hyphen as ' and -.

    Signs go before the text is decomposed: NFKC makes of U+00B4 a space and an accent.
    """
    return unicodedata.normalize("NFKC", name.translate(_SIGNS)).casefold().strip()


def loose(name: str) -> str | None:
    """Drop case, width, punctuation, a leading 'the' and guests.

    '&' and '+' read as 'and', unless the name has no letter and no digit.
    """
    text = plain(name)
    if not any(map(_is_letter, text)):
        return basic(name)
    text = _GUESTS.sub("", text) or text
    text = re.sub(r"[&+]", " and ", text.replace("'", ""))
    spaced = "".join(one if _is_letter(one) else " " for one in text)
    return " ".join(spaced.split()).removeprefix("the ") or basic(name)


def alphanumeric(name: str) -> str | None:
    """Keep only letters and digits of any script, without accents and case.

    The text is NFKD first. A name of signs alone ('!!!') stays as ``basic`` returns it, so that two
    such names are not the same.
    """
    kept = "".join(one for one in _without_accents(name) if _is_letter(one))
    return kept or basic(name)


def name_keys(name: str | None) -> tuple[str | None, ...]:
    """Return the keys of a name in the order of ``NORMALISERS``.

    All of them are None if there is no name.
    """
    if name is None:
        return (None,) * len(NORMALISERS)
    return exact(name), basic(name), loose(name), alphanumeric(name)


def _without_accents(name: str) -> str:
    """Fold case and drop accents.

    Compatibility forms are decomposed. Marks of other scripts are kept and composed again.
    """
    kept: list[str] = []
    base = ""
    folded = name.translate(_SIGNS).casefold().translate(_LETTERS)
    for one in unicodedata.normalize("NFKD", folded):
        if unicodedata.combining(one):
            if not unicodedata.name(base or " ", "").startswith(_ACCENTED):
                kept.append(one)
        else:
            base = one
            kept.append(one)
    return unicodedata.normalize("NFC", "".join(kept)).casefold()


def _is_letter(one: str) -> bool:
    """Return whether it is a letter, a digit, or a vowel mark.

    Vowel marks are the marks of scripts that write vowels with them.
    """
    return one.isalnum() or unicodedata.category(one) in ("Mn", "Mc")
