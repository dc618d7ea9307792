"""Compare methods on outside files: convert, import once, then compare."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ritornello.hashing import short_hash
from ritornello.job import Context
from ritornello.methods.definitions import refuse_unknown
from ritornello.settings.settings import Settings
from ritornello.study.compare import compare_methods
from ritornello.study.data_set import BUILD, bring_in, data_set_name
from ritornello.study.protocol import refuse_unused, set_but_unused, with_gains
from ritornello.tables.store import Store
from ritornello.tables.writing import absolute


@dataclass(frozen=True)
class ComparisonRun:
    """The places that a comparison reads and writes.

    ``settings`` name the split's warehouse.
    """

    settings: Settings
    data: str
    data_format: str
    dataset: str
    out: Path


def compare_run(
    settings: Settings,
    data: str,
    *,
    data_format: str,
    out: Path | None,
    stated: Collection[str] = (),
) -> ComparisonRun:
    """Choose the folders of a comparison, and refuse one whose settings contradict each other.

    Data sets and splits are shared; each run has its own report. ``stated`` are the keys that were
    set for this run alone: one without effect is refused.
    """
    refuse_unknown(settings.compare.methods)
    refuse_unused(settings, stated)
    place = absolute(data)
    source = data_set_name(place, data_format)
    kept = settings.compare.model_dump_json(include={"protocol", "eligible", "items", "draw"})
    split = f"{source}-{settings.compare.protocol}-{short_hash(kept)}"
    default = BUILD / "compare" / f"{split}-{settings.fingerprint()}"
    of_split = with_gains(settings).model_copy(update={"warehouse": str(BUILD / "splits" / split)})
    return ComparisonRun(
        of_split, place, data_format, str(BUILD / "datasets" / source), out or default
    )


def compare_data(context: Context, run: ComparisonRun) -> str:
    """Import the data set into its own warehouse, then compare methods on it."""
    for sentence in set_but_unused(run.settings):
        context.console.print(f"  {sentence}", highlight=False, markup=False)
    source = Store(context.spark, f"{run.dataset}/warehouse", run.settings.item_kind)
    bring_in(context, source, data=run.data, data_format=run.data_format, folder=run.dataset)
    return compare_methods(context, source, run.out, data=Path(run.data).name)
