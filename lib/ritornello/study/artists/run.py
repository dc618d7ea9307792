"""artists: the two-stage recommender from the files to the table.

The run goes stage by stage.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from ritornello.errors import UsageError
from ritornello.job import Context
from ritornello.settings.settings import Settings
from ritornello.study.artists.files import write_files
from ritornello.study.artists.inputs import Input, load, recognise
from ritornello.study.artists.judge import judge, list_test
from ritornello.study.artists.learn import learn
from ritornello.study.artists.propose import build_rows, learn_catalogue, propose, train_factors
from ritornello.study.artists.results import artefact, results
from ritornello.study.artists.stages import STAGES
from ritornello.study.artists.trials import split_pairs, trials
from ritornello.study.data_set import BUILD, data_set_name

Stage = Callable[[Context, Input, str], None]
WORK: dict[str, Stage] = {
    "split": split_pairs,
    "catalogue": learn_catalogue,
    "als": lambda context, data, trial: train_factors(context, trial),
    "candidates": lambda context, data, trial: propose(context, trial),
    "features": build_rows,
    "rerank": learn,
    "lists": list_test,
    "evaluate": lambda context, data, trial: judge(context, trial),
}
assert tuple(WORK) == STAGES


@dataclass(frozen=True)
class ArtistsRun:
    """The places that a run reads and writes.

    ``settings`` name its warehouse; ``only`` is a single stage.
    """

    settings: Settings
    folder: str
    out: Path
    only: str | None = None


def artists_run(settings: Settings, folder: str, out: Path | None, only: str | None) -> ArtistsRun:
    """Choose the warehouse and the folders of a run.

    Each input has a warehouse of its own below build/artists, unless one is named.
    """
    place = BUILD / "artists" / data_set_name(folder, "artists")
    if settings.warehouse == Settings().warehouse:
        settings = settings.model_copy(update={"warehouse": str(place / "warehouse")})
    of_artists = settings.model_copy(update={"item_kind": "artist"})
    return ArtistsRun(of_artists, folder, out or place / "out", only)


def run_artists(context: Context, run: ArtistsRun) -> str:
    """Run every stage for every trial, then write files and table.

    With ``run.only``, run a single stage.
    """
    data = recognise(context, run.folder)
    names = trials(context.settings.artists, data)
    if run.only is None or run.only == "load":
        load(context, data)
    for trial in names:
        for name, stage in WORK.items():
            if run.only in (None, name):
                stage(context, data, trial)
    if run.only not in (None, "report"):
        return f"stage {run.only} of {', '.join(names)} is done"
    return _report(context, data, names, run.out)


def _report(context: Context, data: Input, names: list[str], out: Path) -> str:
    if not context.store.exists("trial_evaluations"):
        raise UsageError("nothing was evaluated yet: run all stages, or evaluate before report")
    figures = results(context, names)
    if context.settings.artists.published:
        figures["artefact"] = {name: artefact(context, name) for name in names}
    write_files(context, data, names, figures, out)
    _print(context, figures)
    best = _best(figures)
    return f"{figures['listeners']:,} listeners, {best}; everything is in {out}"


def _best(figures: dict[str, Any]) -> str:
    k = figures["k"]
    scores = {name: one["all"][f"ndcg@{k}"] for name, one in figures["methods"].items()}
    name = max(scores, key=lambda one: scores[one])
    return f"best on the test: {name}, NDCG@{k} {scores[name]:.4f}"


def _print(context: Context, figures: dict[str, Any]) -> None:
    k = figures["k"]
    table = Table(
        title=f"the test's pairs, train and validation masked, mean of {len(figures['trials'])}"
    )
    table.caption = "p: paired t-test against ALS, not corrected"
    for heading in ("method", f"P@{k}", f"MAP@{k}", f"NDCG@{k}", "95 %", "p (t-test)"):
        table.add_column(heading, justify="left" if heading == "method" else "right")
    p_of = {one["method"]: one["p_t"] for one in figures["summary"]["tests"]}
    order = sorted(figures["methods"], key=lambda m: -figures["methods"][m]["all"][f"ndcg@{k}"])
    for name in order:
        one = figures["methods"][name]["all"]
        low, high = figures["summary"]["intervals"][name][f"ndcg@{k}"]
        p = f"{p_of[name]:.1g}" if name in p_of else ""
        cells = [f"{one[f'{m}@{k}']:.4f}" for m in ("precision", "map", "ndcg")]
        table.add_row(name, *cells, f"{low:.4f}-{high:.4f}", p)
    context.console.print(table)
    for trial, one in figures.get("artefact", {}).items():
        context.console.print(
            f"  {trial}: the published blend gains {one['gain_as_published']:+.4f} NDCG@{k} if it is "
            f"judged against its own candidates only, {one['gain_on_one_denominator']:+.4f} on the "
            "denominator that ALS is judged by",
            highlight=False,
        )
