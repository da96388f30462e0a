"""`leo-studio evaluate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import BadInput
from leo_studio.cli.console import accuracy_text, percent, print_json, progress_bar, remarks
from leo_studio.cli.training import tell_of_drawing

if TYPE_CHECKING:
    from engine.data.store import EmbeddingStore
    from engine.evaluation import EvaluationResult
    from engine.library import Library
    from engine.run_evaluation import Steps
    from engine.runs import Run


def evaluate_command(
    name: Annotated[
        str, typer.Argument(metavar="RUN|CHECKPOINT", help="A run, or one of its checkpoints.")
    ],
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    episodes: Annotated[int | None, typer.Option(min=2, help="How many episodes.")] = None,
    checkpoint: Annotated[
        str | None, typer.Option(metavar="best|last|STEP", help="Which weights.")
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option(
            metavar="RUN|nearest-class-mean", help="Also the paired difference from this one."
        ),
    ] = None,
    store: Annotated[
        str | None, typer.Option(metavar="NAME|FILE.h5", help="Where the run's store is now.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(metavar="auto|cpu|cuda[:i]", help="Where to compute.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Measure a run's accuracy by the released protocol, on episodes that all runs share."""
    from engine.baselines import NEAREST_CLASS_MEAN
    from engine.run_evaluation import (
        evaluate_baseline,
        evaluate_checkpoint,
        keep_report,
        paired_with,
        report_of,
        require_same_episodes,
    )
    from engine.starting import store_of
    from leo_studio.home import default_library

    library = default_library()
    run, step = find_checkpoint(library, name, checkpoint)
    count = episodes or run.experiment.evaluation.episodes
    tell_of_drawing(library, store or run.experiment.data.store)
    data = store_of(library, run, store)
    require_split(run, data, split)
    other = None
    if compare is not None and compare != NEAREST_CLASS_MEAN:
        other = find_checkpoint(library, compare, None)
        require_same_episodes(run, other[0])
    title = f"{run.name}, step {step}"
    result = _followed(evaluate_checkpoint(run, step, data, split, count, device), title, count)
    report = report_of(run, step, result)
    if compare is not None:
        if other is None:
            title = "Nearest class mean"
            steps = evaluate_baseline(run, data, split, count, device)
        else:
            title = f"{other[0].name}, step {other[1]}"
            its_data = store_of(library, other[0], store)
            steps = evaluate_checkpoint(*other, its_data, split, count, device)
        called = compare if other is None else str(other[0].path)
        report["paired"] = paired_with(called, result, _followed(steps, title, count))
    saved = keep_report(run, report, result)
    if as_json:
        print_json(report)
    else:
        print_report(run, report)
        remarks.print(f"Kept in {saved}", style="dim")


def find_checkpoint(library: "Library", name: str, which: str | None) -> tuple["Run", int]:
    """Find a run and a step in it, given a run or a checkpoint's file."""
    from engine.runs import Run

    path = Path(name)
    if path.suffix == ".safetensors":
        if which is not None:
            raise BadInput("Give a checkpoint's file or --checkpoint, not both.")
        if not path.is_file():
            raise BadInput(f"There is no checkpoint at {path}; check the path.")
        run = Run(path.resolve().parent.parent)
        for checkpoint in run.checkpoints:
            if checkpoint.weights_path.name == path.name:
                return run, checkpoint.step
        raise BadInput(f"{path.name} is no checkpoint of {run.name}; see its .json files.")
    run = library.run(name)
    return run, run.checkpoint(which).step


def require_split(run: "Run", data: "EmbeddingStore", split: str) -> None:
    """Raise `BadInput` unless a split of the store can be evaluated on."""
    from engine.data.fitting import no_such_split

    if split not in data.splits:
        raise BadInput(no_such_split(data.path.name, split, data.splits))
    if split in run.experiment.data.train_splits:
        remarks.print(f"{run.name} was trained on split {split}: this is no test.")


def print_report(run: "Run", report: dict[str, Any]) -> None:
    """Print an evaluation for people."""
    task = run.experiment.task
    low, high = report["queries_per_class"]
    queries = f"{low}" if low == high else f"{low} to {high}"
    wanted = task.examples_per_class - task.k_shot
    fewer = f" (not {wanted}: classes are smaller)" if low < wanted else ""
    print(f"accuracy     {accuracy_text(report['accuracy'], report['ci95'])}")
    print(
        f"             {task.n_way}-way {task.k_shot}-shot, {report['episodes']} episodes of "
        f"split {report['split']}, 95 % confidence interval over episodes"
    )
    print(f"queries      {queries} per class{fewer}")
    print(f"checkpoint   step {report['checkpoint_step']} of {run.name}")
    print(f"calibration  expected error {percent(report['calibration_error'])}")
    known = {name: value for name, value in report["classes"].items() if value is not None}
    ranked = sorted(known, key=lambda name: known[name])
    for title, names in (("hardest", ranked[:3]), ("easiest", ranked[-3:][::-1])):
        print(f"{title:<12} " + ", ".join(f"{name} {percent(known[name])}" for name in names))
    if "paired" in report:
        paired = report["paired"]
        print(f"compared     {paired['other']}")
        print(f"             {accuracy_text(paired['other_accuracy'], paired['other_ci95'])}")
        verdict = "excludes 0" if paired["excludes_zero"] else "includes 0"
        print(
            f"difference   {100 * paired['difference']:+.2f} ± {100 * paired['ci95']:.2f} "
            f"points, paired over the same episodes; the interval {verdict}"
        )


def _followed(steps: "Steps", title: str, episodes: int) -> "EvaluationResult":
    """Evaluate to the end beside a progress bar."""
    with progress_bar() as bar:
        task = bar.add_task(title, total=episodes, note="")
        while True:
            try:
                bar.update(task, completed=next(steps))
            except StopIteration as end:
                result: EvaluationResult = end.value
                return result
