"""`tenfold sweep`."""

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from tenfold.atomic import check_writable
from tenfold.cli.cluster import SchedulerOption, TlsCaOption, TlsCertOption, TlsKeyOption, check_cluster
from tenfold.cli.options import (
    JsonOption,
    OfflineOption,
    TrainingDataOption,
    check_extra,
    load_training_data,
    split_settings,
)
from tenfold.cli.progress import sweep_bar
from tenfold.cli.tables import new_table
from tenfold.data import SOURCES
from tenfold.recipes import find_recipe

if TYPE_CHECKING:
    from tenfold.data import Dataset
    from tenfold.sweep import Plan, Result, Tried

N_PRINTED: Final = 10
MODULES: Final = ("optuna",)
CLUSTER_MODULES: Final = ("dask", "distributed", "pyarrow", "fsspec")
TRAINING_MODULES: Final = ("sklearn", "torch", "safetensors", "matplotlib")


def sweep(
    recipe: Annotated[
        str, typer.Argument(help="What to train; `tenfold recipes` lists them.", show_default=False)
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUES",
            help="Search a field: LOW..HIGH is a range, by its logarithm where both ends are positive and a "
            "factor of 10 or more apart; A,B,C are choices. A single value is fixed, as for tenfold train. "
            "Repeatable. lr is learning_rate.",
            show_default=False,
        ),
    ] = None,
    trials: Annotated[
        int,
        typer.Option(min=1, help="How many the study is to have in the end, those of other runs among them."),
    ] = 50,
    dataset: TrainingDataOption = None,
    seed: Annotated[
        int, typer.Option(help="Of the search, and of each training: all are compared on the same images.")
    ] = 0,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where the trials are kept: a path, sqlite:///PATH, postgresql+psycopg://USER@HOST/DATABASE "
            "or another URL that SQLAlchemy takes. By default RECIPE-sweep.db in this folder.",
            show_default=False,
        ),
    ] = None,
    study: Annotated[
        str | None,
        typer.Option(help="The name of the study there. By default the recipe's.", show_default=False),
    ] = None,
    prune: Annotated[
        bool,
        typer.Option(
            "--prune/--no-prune",
            help="End trials early that are, halfway or later, behind three quarters of the complete ones.",
        ),
    ] = True,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Processes on this machine, of one thread each. 1, the default, is this one alone, on all "
            "cores.",
            show_default=False,
        ),
    ] = None,
    scheduler: SchedulerOption = None,
    tls_ca: TlsCaOption = None,
    tls_cert: TlsCertOption = None,
    tls_key: TlsKeyOption = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            help="The picture of the result to draw. By default STUDY-sweep.png, beside the store or in this "
            "folder.",
            show_default=False,
        ),
    ] = None,
    offline: OfflineOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search the fields of a recipe for the values that validate best, and print how to train with them.

    Each trial trains on ten twelfths of the training images, and is scored on another twelfth; the test
    images are not looked at. The first has the recipe's own values, where these are in what is searched. The
    trials are kept in a database: the same command goes on where it was ended, and several processes, or the
    workers of a cluster, can share one study.

    Examples:

    - `tenfold sweep fast-cnn --set learning_rate=1e-3..1e-1`
    - `tenfold sweep fast-cnn --set lr=1e-3..1e-1 --set network=conv3,conv4 --set epochs=4 --trials 20`
    - `tenfold sweep tiny-cnn --set rotation=0..20 --set quantize=false --workers 4`
    - `tenfold sweep robust-cnn --set elastic=0..2 --store postgresql+psycopg://me@db/sweeps --scheduler
      tcp://10.0.0.1:8786`
    """
    certificates = check_cluster(workers, scheduler, (tls_ca, tls_cert, tls_key))
    is_alone = scheduler is None and workers in {None, 1}
    check_extra("scale", MODULES if is_alone else MODULES + CLUSTER_MODULES)
    check_extra("train", TRAINING_MODULES)
    from tenfold.sweep import (
        Plan,
        check_reachable,
        compute_checksums,
        parse_space,
        parse_store,
        save_plot,
    )

    chosen = find_recipe(recipe)
    space = parse_space(chosen, split_settings(settings or [], "learning_rate=1e-3..1e-1"))
    address, name = store or f"{chosen.name}-sweep.db", study or chosen.name
    parse_store(address)
    if scheduler:
        check_reachable(address)
    drawn = plot or _place_plot(address, name)
    check_writable(drawn)
    loaded = load_training_data(dataset, offline=offline)
    plan = Plan(
        space=space,
        dataset=_name_dataset(dataset, loaded),
        checksums=compute_checksums(loaded.train),
        seed=seed,
        n_trials=trials,
        store=address,
        study=name,
        is_pruning=prune,
    )
    _announce(plan)
    try:
        result = _run(plan, loaded, workers, scheduler, certificates)
    except KeyboardInterrupt:
        print("The trials that ended are kept. To go on: the same command.", file=sys.stderr)
        raise
    save_plot(drawn, result)
    if as_json:
        print(json.dumps({**result.to_json(), "store": _shown(address), "plot": str(drawn)}))
    else:
        _print(result, drawn)


def _shown(store: str) -> str:
    """Return what a store is called, without a password."""
    from tenfold.serve.database import name_of
    from tenfold.sweep import parse_store

    return name_of(parse_store(store))


def _place_plot(store: str, study: str) -> Path:
    from tenfold.serve.database import file_of
    from tenfold.sweep import parse_store

    file = file_of(parse_store(store))
    name = re.sub(r"[^\w.-]+", "-", study) + "-sweep.png"
    return Path(name) if file is None or file.parent == Path.cwd() else file.with_name(name)


def _name_dataset(asked: str | None, loaded: "Dataset") -> str:
    """Return a name, or a path that is the same in every folder."""
    return loaded.name if asked is None or asked in SOURCES else str(Path(asked).expanduser().absolute())


def _announce(plan: "Plan") -> None:
    searched = ", ".join(f"{part.field} in {part}" for part in plan.space.searched)
    print(
        f"Searching {searched} of {plan.space.recipe.name}, on the training images of {plan.dataset} alone. "
        f"Trials are kept in {_shown(plan.store)}.",
        file=sys.stderr,
    )


def _run(
    plan: "Plan",
    dataset: "Dataset",
    workers: int | None,
    scheduler: str | None,
    certificates: tuple[str, str, str] | None,
) -> "Result":
    """Search with a progress bar, here or on a cluster."""
    from tenfold.sweep import sweep as sweep_alone

    with sweep_bar(plan.n_trials) as show:
        if scheduler is None and workers in {None, 1}:
            return sweep_alone(plan, dataset.train, show)
        from tenfold.batch.cluster import Certificates, reach
        from tenfold.sweep.cluster import sweep_here, sweep_on

        if scheduler is None:
            return sweep_here(plan, workers or 1, show)
        with reach(scheduler, Certificates(*certificates) if certificates else None) as cluster:
            return sweep_on(plan, cluster, show)


def _print(result: "Result", plot: Path) -> None:
    console = Console()
    console.print(_make_table(result))
    failed = result.where("failed")
    if failed:
        print(f"{len(failed)} trials failed, the first by: {failed[0].error}", file=sys.stderr)
    if result.best is None:
        print("No trial is complete: nothing to choose from.", file=sys.stderr)
        return
    usual = result.usual
    own = f" The recipe's own values: {usual.accuracy:.2%}." if usual else ""
    print(f"\nBest of {len(result.trials)} trials: {result.best.accuracy:.2%} of the validation images.{own}")
    print(
        "The test images were not looked at. The best of many scores promises too much: train it, and see "
        "what `tenfold evaluate` says.",
        file=sys.stderr,
    )
    print(result.command(result.best))
    print(f"Drew {plot}.", file=sys.stderr)


def _make_table(result: "Result") -> Table:
    fields = [part.field for part in result.plan.space.searched]
    table = new_table("trial", *fields, "validation", "epochs run", "seconds", "state")
    for trial in result.ranked()[:N_PRINTED]:
        table.add_row(
            str(trial.number),
            *(_show(trial.values[field]) for field in fields),
            "" if trial.accuracy is None else f"{trial.accuracy:.2%}",
            "" if trial.epochs is None else str(trial.epochs),
            f"{trial.seconds:.1f}",
            _describe_state(trial),
        )
    return table


def _show(value: Any) -> str:  # noqa: ANN401
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _describe_state(trial: "Tried") -> str:
    return trial.state if trial.same_as is None else f"{trial.state}, same as {trial.same_as}"
