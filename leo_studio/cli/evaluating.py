"""`leo-studio evaluate`."""

import sys
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from engine.config import classification
from engine.errors import BadInput
from engine.evaluation.record import NEAREST_CLASS_MEAN, Evaluation, Opponent
from engine.io.generators import finished
from leo_studio.analysis.formats import format_accuracy
from leo_studio.cli.arguments import (
    CheckpointOption,
    DeviceOption,
    JsonOption,
    RunArgument,
    StoreOption,
    find_checkpoint,
    require_latent_space,
    require_none,
    require_split,
    tell_of_store_of,
)
from leo_studio.cli.console import percent, print_json, progress_bar, remarks
from leo_studio.cli.evaluating_functions import FunctionsWanted, evaluate_run_on_functions
from leo_studio.cli.evaluating_grid import (
    GridPlaces,
    HardOption,
    OnOption,
    ShotsOption,
    VaryingOption,
    WaysOption,
    evaluate_grid_of,
    require_grid_alone,
)
from leo_studio.cli.evaluating_uncertainty import evaluate_uncertainty

if TYPE_CHECKING:
    from engine.data.store import EmbeddingStore
    from engine.evaluation.checkpoints import Steps
    from engine.runs.library import Library
    from engine.runs.run import Run


def evaluate_command(
    name: RunArgument,
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    episodes: Annotated[int | None, typer.Option(min=2, help="How many episodes.")] = None,
    checkpoint: CheckpointOption = None,
    compare: Annotated[
        str | None,
        typer.Option(
            metavar="RUN|nearest-class-mean", help="Also the paired difference from this one."
        ),
    ] = None,
    store: StoreOption = None,
    device: DeviceOption = None,
    uncertainty: Annotated[
        bool,
        typer.Option(
            "--uncertainty", help="Measure instead whether uncertainty tells wrong answers."
        ),
    ] = False,
    ways: WaysOption = None,
    hard: HardOption = False,
    varying: VaryingOption = False,
    shots: ShotsOption = None,
    on: OnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure a run's accuracy by the released protocol, on episodes that all runs share."""
    from engine.runs.run_store import store_of
    from leo_studio.services.library_location import default_library

    library = default_library()
    run, step = find_checkpoint(library, name, checkpoint)
    count = episodes or run.experiment.evaluation.episodes
    given = {"--ways": ways, "--shots": shots, "--on": on}
    grid = {name: value is not None for name, value in given.items()}
    grid |= {"--hard": hard, "--varying": varying}
    if not run.experiment.task.needs_store:
        require_none(run, {"--uncertainty": uncertainty, **grid})
        on_functions = FunctionsWanted(library, split, count, device, store)
        evaluate_run_on_functions(run, step, compare, on_functions, as_json=as_json)
        return
    tell_of_store_of(library, run, store)
    data = store_of(library, run, store, say=remarks.print)
    if any(grid.values()):
        require_grid_alone({"--compare": compare is not None, "--uncertainty": uncertainty})
        places = GridPlaces.of(library, run, data, ways, shots, on, hard, varying)
        evaluate_grid_of(run, step, places, split, count, device, as_json=as_json)
        return
    require_split(run, data, split)
    if uncertainty:
        if compare is not None:
            raise BadInput("--uncertainty compares with nothing; leave out --compare.")
        require_latent_space(run)
        evaluate_uncertainty(run, step, data, split, count, device, as_json=as_json)
        return
    what = _Wanted(library, split, count, store, device)
    _deliver(run, _evaluated(run, step, data, compare, what), as_json=as_json)


def _deliver(run: "Run", evaluation: Evaluation, *, as_json: bool) -> None:
    """Print an evaluation for people or as JSON, and keep it with its run."""
    from engine.evaluation.checkpoints import keep_evaluation

    if as_json:
        print_json(evaluation.to_dict(has_episodes=False))
    else:
        print_evaluation(run, evaluation)
    # The result is delivered first: whether it can be kept is another matter.
    sys.stdout.flush()
    kept = keep_evaluation(run, evaluation)
    if not kept.is_kept:
        remarks.print(f"The result could not be kept with the run: {kept.why_not_kept}")
    elif not as_json:
        remarks.print(f"Kept in {kept.path}", style="dim")


class _Wanted(NamedTuple):
    """What is asked of every run that is evaluated."""

    library: "Library"
    split: str
    episodes: int
    store: str | None
    device: str | None


def _evaluated(
    run: "Run", step: int, data: "EmbeddingStore", compare: str | None, wanted: _Wanted
) -> Evaluation:
    """Evaluate a run, and beside it what it is to be compared with."""
    from engine.evaluation.checkpoints import (
        compared_with,
        evaluate_baseline,
        evaluate_checkpoint,
        require_same_episodes,
    )
    from engine.runs.run_store import store_of

    library, split, count, store, device = wanted
    other = None
    if compare is not None and compare != NEAREST_CLASS_MEAN:
        other = find_checkpoint(library, compare, None)
        require_same_episodes(run, other[0])
        # Before anything is computed.
        its_data = store_of(library, other[0], store, say=remarks.print)
    steps = evaluate_checkpoint(run, step, data, split, count, device)
    evaluation = _with_progress_bar(steps, f"{run.name}, step {step}", count)
    if other is not None:
        steps = evaluate_checkpoint(*other, its_data, split, count, device)
        opponent = _with_progress_bar(steps, f"{other[0].name}, step {other[1]}", count)
        return compared_with(str(other[0].path), evaluation, opponent)
    if compare is not None:
        steps = evaluate_baseline(run, data, split, count, device)
        opponent = _with_progress_bar(steps, "Nearest class mean", count)
        return compared_with(compare, evaluation, opponent)
    return evaluation


def print_evaluation(run: "Run", evaluation: Evaluation) -> None:
    """Print an evaluation for people."""
    task = classification(run.experiment)
    low, high = evaluation.queries_per_class
    queries = f"{low}" if low == high else f"{low} to {high}"
    wanted = task.examples_per_class - task.k_shot
    fewer = f" (not {wanted}: classes are smaller)" if low < wanted else ""
    print(f"accuracy     {format_accuracy(evaluation.accuracy, evaluation.ci95)}")
    print(
        f"             {task.words}, {evaluation.episodes} episodes of "
        f"split {evaluation.split}, 95 % confidence interval over episodes"
    )
    print(f"queries      {queries} per class{fewer}")
    print(f"checkpoint   step {evaluation.step} of {run.name}")
    print(f"calibration  expected error {percent(evaluation.calibration_error)}")
    known = evaluation.known_classes
    ranked = sorted(known, key=lambda name: known[name])
    for title, names in (("hardest", ranked[:3]), ("easiest", ranked[-3:][::-1])):
        print(f"{title:<12} " + ", ".join(f"{name} {percent(known[name])}" for name in names))
    if evaluation.opponent is not None:
        _print_opponent(evaluation.opponent)
    if evaluation.caution:
        print(f"caution      {evaluation.caution}")


def _print_opponent(opponent: Opponent) -> None:
    difference = opponent.difference
    print(f"compared     {opponent.other}")
    print(f"             {format_accuracy(opponent.accuracy, opponent.ci95)}")
    verdict = "excludes 0" if difference.excludes_zero else "includes 0"
    print(
        f"difference   {100 * difference.difference:+.2f} ± {100 * difference.ci95:.2f} "
        f"points, paired over the same episodes; the interval {verdict}"
    )


def _with_progress_bar(steps: "Steps", title: str, episodes: int) -> Evaluation:
    """Evaluate to the end beside a progress bar."""
    with progress_bar() as bar:
        task = bar.add_task(title, total=episodes, note="")
        return finished(steps, lambda done: bar.update(task, completed=done))
