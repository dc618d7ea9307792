"""Invented ids and names, each a function of a number."""

import numpy as np

from ritornello.arrays import Ints64
from ritornello.generator.streams import scramble

_DIGITS = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", np.uint8)
_HEADS = "b br d dr f fl g gl h k kl l m n p pl r s sk sl st t tr v w z".split()  # noqa: SIM905
_VOWELS = ["a", "e", "i", "o", "u", "ai", "au", "ei", "io", "oa"]
_TAILS = ["", "", "", "l", "m", "n", "r", "s", "nd", "rk"]


def track_ids(index: Ints64, *, salt: int = 101) -> list[str]:
    """Write an id of 22 base-62 digits for each number.

    The last six digits write the number itself, so all ids of a salt differ.
    """
    digits = np.empty((len(index), 22), np.uint8)
    for part in range(2):
        left = scramble(index, salt + part)
        for place in range(8):
            digits[:, 8 * part + place] = _DIGITS[left % np.uint64(62)]
            left //= np.uint64(62)
    rest = index.copy()
    for place in range(21, 15, -1):
        digits[:, place] = _DIGITS[rest % 62]
        rest //= 62
    return [str(name, "ascii") for name in digits.view("S22").ravel()]


def words(index: Ints64, *, salt: int, most: int = 3) -> list[str]:
    """Make up a name of one to ``most`` words for each number.

    Two numbers may share a name.
    """
    code = scramble(index, salt)
    return [_name(int(number), most) for number in code]


def _name(code: int, most: int) -> str:
    parts = []
    code, count = divmod(code, most)
    for _ in range(count + 1):
        code, syllables = divmod(code, 2)
        word = ""
        for _ in range(syllables + 1):
            code, head = divmod(code, len(_HEADS))
            code, vowel = divmod(code, len(_VOWELS))
            code, tail = divmod(code, len(_TAILS))
            word += _HEADS[head] + _VOWELS[vowel] + _TAILS[tail]
        parts.append(word.capitalize())
    return " ".join(parts)
