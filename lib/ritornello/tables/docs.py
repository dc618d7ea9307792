"""Generate docs/tables.md from the contracts."""

from ritornello.settings.settings import Settings
from ritornello.tables.contracts import Contract, contracts

HEAD = """# Tables

Generated from `lib/ritornello/tables/contracts` by `ritornello tables --out docs/tables.md`; a test
fails when this page is out of date. Shared tables are in `<warehouse>/`, the others in the folder
of their item kind, `<warehouse>/track/` or `<warehouse>/artist/`. Columns marked `?` may be null.
All times are UTC.
"""


def tables_page() -> str:
    """Describe every table in Markdown: row, key, partitions, constraints and columns."""
    return "\n".join([HEAD, *(_section(contract) for contract in contracts().values())])


def _section(contract: Contract) -> str:
    place = "<warehouse>/track/" if contract.of_item_kind else "<warehouse>/"
    facts = [
        f"Key: {_names(contract.key)}. Partitions: {_names(contract.partitions)}. "
        f"Kept {_retention(contract)}; files of about {contract.target_file_mb} MB."
    ]
    facts += [f"- `{name}`: `{rule}`" for name, rule in contract.constraints.items()]
    rows = [
        f"| `{c.name}`{' ?' if c.nullable else ''} | {c.type} | {c.meaning} |"
        for c in contract.columns
    ]
    table = "\n".join(["| column | type | meaning |", "|---|---|---|", *rows])
    head = f"## {contract.name}\n\n`{place}{contract.name}`: {contract.row}"
    return f"{head}\n\n" + "\n".join(facts) + f"\n\n{table}\n"


def _retention(contract: Contract) -> str:
    days = Settings().maintain.keep_days.get(contract.name)
    return f"for {days} days before the newest slice (`maintain`)" if days else contract.retention


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
