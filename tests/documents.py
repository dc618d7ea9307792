"""The blocks of commands that a document shows."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def lines_in_blocks(document: str) -> list[str]:
    """The lines of all blocks of a document, in their order."""
    blocks = BLOCK.findall((ROOT / document).read_text())
    return [line for block in blocks for line in block.strip().splitlines()]


def outside_of_blocks(document: str) -> str:
    """The sentences of a document."""
    return BLOCK.sub("", (ROOT / document).read_text())
