"""`leo-studio evaluate`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import BadInput
from leo_studio.cli.console import accuracy_text, percent, print_json, progress_bar, remarks
from leo_studio.cli.training import store_of

if TYPE_CHECKING:
    from engine.data.store import EmbeddingStore
    from engine.evaluation import Classifier, EvaluationResult
    from engine.library import Library
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
    from engine.evaluation import paired_difference
    from leo_studio.home import default_library

    library = default_library()
    run, step = find_checkpoint(library, name, checkpoint)
    count = episodes or run.experiment.evaluation.episodes
    data = store_of(library, run, store)
    require_split(run, data, split)
    other = None
    if compare is not None and compare != NEAREST_CLASS_MEAN:
        other = find_checkpoint(library, compare, None)
        require_same_episodes(run, other[0])
    result = evaluate_checkpoint(run, step, data, split, count, device)
    report: dict[str, Any] = {
        "run": str(run.path),
        "checkpoint_step": step,
        **result.to_dict(),
    }
    if compare is not None:
        if other is None:
            opponent = evaluate_baseline(run, data, split, count, device)
        else:
            opponent = evaluate_checkpoint(
                *other, store_of(library, other[0], store), split, count, device
            )
        difference = paired_difference(result, opponent)
        report["paired"] = {
            "other": compare if other is None else str(other[0].path),
            "other_accuracy": opponent.accuracy,
            "other_ci95": opponent.ci95,
            **asdict(difference),
            "excludes_zero": difference.excludes_zero,
        }
    saved = run.save_evaluation(
        f"{split}-step-{step:09d}-{count}", report | {"accuracies": result.accuracies.tolist()}
    )
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


def evaluate_checkpoint(
    run: "Run", step: int, data: "EmbeddingStore", split: str, episodes: int, device: str | None
) -> "EvaluationResult":
    """Evaluate the weights that a run had at a step."""
    from engine.devices import choose_device
    from engine.leo.model import Parameters
    from engine.training import classifier_of

    place = choose_device(device or run.experiment.run.device)
    weights = run.checkpoint(str(step)).weights()
    parameters = Parameters(*(weights[field].to(place) for field in Parameters._fields))
    classifier = classifier_of(run.experiment, parameters)
    return _evaluate(run, classifier, data, split, episodes, device, f"{run.name}, step {step}")


def evaluate_baseline(
    run: "Run", data: "EmbeddingStore", split: str, episodes: int, device: str | None
) -> "EvaluationResult":
    """Evaluate nearest class mean on the episodes of a run's evaluation."""
    from engine.baselines import nearest_class_mean

    return _evaluate(run, nearest_class_mean, data, split, episodes, device, "Nearest class mean")


def require_split(run: "Run", data: "EmbeddingStore", split: str) -> None:
    """Raise `BadInput` unless a split of the store can be evaluated on."""
    if split not in data.splits:
        raise BadInput(f'--split is "{split}"; {data.path.name} has {", ".join(data.splits)}.')
    if split in run.experiment.data.train_splits:
        remarks.print(f"{run.name} was trained on split {split}: this is no test.")


def require_same_episodes(run: "Run", other: "Run") -> None:
    """Raise `BadInput` unless both runs meet the same episodes of the same classes."""
    for key in ("n_way", "k_shot", "examples_per_class"):
        mine, theirs = getattr(run.experiment.task, key), getattr(other.experiment.task, key)
        if mine != theirs:
            raise BadInput(
                f"{run.name} and {other.name} cannot be compared: task.{key} is {mine} in one and "
                f"{theirs} in the other."
            )
    if run.record.store.splits != other.record.store.splits:
        raise BadInput(
            f"{run.name} and {other.name} cannot be compared: their stores hold other classes or "
            "examples."
        )


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


def _evaluate(
    run: "Run",
    classifier: "Classifier",
    data: "EmbeddingStore",
    split: str,
    episodes: int,
    device: str | None,
    title: str,
) -> "EvaluationResult":
    from engine.devices import choose_device
    from engine.evaluation import Protocol, evaluation

    experiment = run.experiment
    place = choose_device(device or experiment.run.device)
    examples = data.load([split], normalize=experiment.data.normalize).to(place)
    steps = evaluation(
        classifier,
        examples,
        Protocol(
            experiment.task.n_way,
            experiment.task.k_shot,
            experiment.task.examples_per_class,
            episodes,
        ),
    )
    with progress_bar() as bar:
        task = bar.add_task(title, total=episodes, note="")
        while True:
            try:
                bar.update(task, completed=next(steps))
            except StopIteration as end:
                result: EvaluationResult = end.value
                return result
