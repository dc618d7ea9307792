"""The migrate command: bring an older warehouse up to date."""

from pyspark.sql import DataFrame

from ritornello.job import Context
from ritornello.tables.migrations import migrate, needed


def migrate_warehouse(context: Context, *, dry_run: bool = False) -> str:
    """Bring every table up to date, or report what would be done.

    All tables are inspected before the first one is changed.
    """
    store = context.store
    contracts = [one for one in store.contracts.values() if store.exists(one.name)]
    changes = {one.name: needed(context.spark, store.path(one.name), one) for one in contracts}
    for name, steps in changes.items():
        if steps:
            context.console.print(f"  {name}: {'; '.join(steps)}", highlight=False)
    old = [one for one in contracts if changes[one.name]]
    if not old:
        return f"nothing to do: all {len(contracts)} tables are up to date"
    if dry_run:
        return f"{len(old)} of {len(contracts)} tables would be brought up to date"

    def stored(name: str) -> DataFrame:
        return context.spark.read.format("delta").load(store.path(name))

    for contract in old:
        migrate(context.spark, store.path(contract.name), contract, read=stored)
    return f"{len(old)} of {len(contracts)} tables were brought up to date"
