"""A comparison from the outside files on: convert, import once, then compare."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from ritornello.config import Settings
from ritornello.job import Context
from ritornello.operations.compare import compare_methods
from ritornello.operations.convert import convert
from ritornello.operations.import_plays import import_plays
from ritornello.tables.store import Store, absolute

BUILD = Path("build")


@dataclass(frozen=True)
class Run:
    """Where a comparison reads and writes. ``settings`` name the split's warehouse."""

    settings: Settings
    data: str
    data_format: str
    dataset: str
    out: Path


def compare_run(settings: Settings, data: str, *, data_format: str, out: Path | None) -> Run:
    """The folders of a comparison: data sets and splits are shared, each run has its own report."""
    place = absolute(data)
    source = f"{Path(place).name}-{_short(f'{data_format} {place}')}"
    kept = settings.compare.model_dump_json(include={"protocol", "eligible", "items", "draw"})
    split = f"{source}-{settings.compare.protocol}-{_short(kept)}"
    default = BUILD / "compare" / f"{split}-{settings.fingerprint()}"
    evaluation = settings.evaluation
    if settings.compare.protocol == "paper":  # likes count twice, a skip takes a play back
        evaluation = evaluation.model_copy(update={"gains": "graded"})
    of_split = settings.model_copy(
        update={"warehouse": str(BUILD / "splits" / split), "evaluation": evaluation}
    )
    return Run(of_split, place, data_format, str(BUILD / "datasets" / source), out or default)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def compare_data(context: Context, run: Run) -> str:
    """Bring the data set into a warehouse of its own, then compare methods on it."""
    source = Store(context.spark, f"{run.dataset}/warehouse", run.settings.item_kind)
    folder = run.data
    if run.data_format != "nested":
        folder = f"{run.dataset}/delivery"
        if Path(folder, "interactions.parquet", "_SUCCESS").exists():
            told = f"converted before: remove {folder} to convert anew"
        else:
            told = convert(context, name=run.data_format, folder=run.data, out=folder)
        context.console.print(f"  {told}", highlight=False)
    told = import_plays(replace(context, store=source), folder=folder)
    context.console.print(f"  {told}", highlight=False)
    return compare_methods(context, source, run.out, data=Path(run.data).name)
