"""Generate docs/formats.md from the registry of formats."""

from ritornello.sources.entries import REASONS
from ritornello.sources.formats.registry import FORMATS, Format

HEAD = """# Formats

Generated from `lib/ritornello/sources/formats/registry.py` by `ritornello formats --out
docs/formats.md`; a test reads a log of every format and fails when this page is out of date.

`convert --format <name>` reads a folder, a file or a zip archive. Files may be gzipped, in UTF-8 or
UTF-16. Every entry becomes a play or goes to `quarantine.parquet` with one reason; headers and blank
lines are only counted. All times are UTC. `names` is `formats.without_track_id=names`, the setting of
a listener is `formats.listener`. Names are compared without regard to composed or decomposed letters,
repeated spaces and signs that nobody sees.
"""


def formats_page() -> str:
    """Describe every format in Markdown: its files, keys and reasons."""
    rows = [f"| `{reason}` | {meaning} |" for reason, meaning in REASONS.items()]
    return "\n".join(
        [
            HEAD,
            *(_section(name, one) for name, one in FORMATS.items()),
            "## Reasons\n",
            "The first that applies is given.\n",
            "| reason | meaning |\n|---|---|",
            *rows,
            "",
        ]
    )


def _section(name: str, one: Format) -> str:
    head = f"## {name}\n\n{one.about[:1].upper()}{one.about[1:]}.\n"
    if one.names is None or one.keys is None:
        return f"{head}\nThis is what `import-plays` reads: there is nothing to convert.\n"
    files = [f"Files: {one.names.expected}."]
    files += [f"- left out: {why}" for why in dict.fromkeys(one.names.others.values())]
    facts = [f"| {name} | {text} |" for name, text in vars(one.keys).items()]
    table = "\n".join(["| | |", "|---|---|", *facts])
    reasons = ", ".join(f"`{reason}`" for reason in REASONS if reason in one.reasons)
    return "\n".join([head, *files, f"\n{table}\n", f"Not a play: `same_file_twice`, {reasons}.\n"])
