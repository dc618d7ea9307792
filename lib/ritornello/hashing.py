"""Hash whole numbers and texts, the same on every machine.

Numbers are hashed by splitmix64: Steele, Lea and Flood, *Fast splittable pseudorandom number
generators*, OOPSLA 2014.
"""

import hashlib

import numpy as np

from ritornello.arrays import Floats64, Words64

GOLDEN = 0x9E3779B97F4A7C15
WORD = 2**64


def splitmix64(states: Words64) -> Words64:
    """Return the next word of each state, as splitmix64 does."""
    return mixed(states + np.uint64(GOLDEN))


def mixed(words: Words64) -> Words64:
    """Mix the bits of each word. Sums and products wrap around on purpose."""
    z = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)), np.uint64)


def unit(words: Words64) -> Floats64:
    """Map each word to [0, 1) by its upper 53 bits."""
    return np.asarray((words >> np.uint64(11)) / 2.0**53, np.float64)


def short_hash(text: str, *, digits: int = 8) -> str:
    """Return the first hexadecimal digits of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:digits]
