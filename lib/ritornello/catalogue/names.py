"""Names made comparable: the four normalisers of formulas B1.2, strict to loose.

They are plain functions of one text. A name of nothing but spaces is no name (null).
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
_APOSTROPHES = re.compile("['`\u2018\u2019\u00b4]")


def exact(name: str) -> str | None:
    """Return the name as it is."""
    return name if name.strip() else None


def basic(name: str) -> str | None:
    """Return the name in lower case, without spaces around it."""
    return name.lower().strip() or None


def loose(name: str) -> str | None:
    """Drop case, width, punctuation, a leading 'the' and guests.

    '&' and '+' read as 'and'.
    """
    text = unicodedata.normalize("NFKC", name).casefold().strip()
    text = _GUESTS.sub("", text) or text
    text = re.sub(r"[&+]", " and ", _APOSTROPHES.sub("", text))
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
    for one in unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS)):
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
