"""`leo-studio train` and `leo-studio resume`."""

import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, assert_never

import typer
from rich.progress import Progress, TaskID

from engine.errors import BadInput
from leo_studio.cli.console import accuracy_text, print_json, progress_bar, remarks

if TYPE_CHECKING:
    from engine.data.store import EmbeddingStore
    from engine.events import TrainingEvent
    from engine.library import Library
    from engine.runs import Run


TensorBoardOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Also write event files for TensorBoard, as it happens."),
]


def train_command(
    preset: Annotated[
        str, typer.Argument(metavar="PRESET|FILE.yaml", help="A preset or an experiment file.")
    ],
    store: Annotated[
        str | None, typer.Option(metavar="NAME|FILE.h5", help="Train on this store instead.")
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY.PATH=VALUE",
            help="Change a setting; repeatable. VALUE,VALUE,... trains a run with each.",
        ),
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Outer steps.")] = None,
    seed: Annotated[int | None, typer.Option(help="Weights, episodes and draws follow.")] = None,
    seeds: Annotated[
        int | None, typer.Option(metavar="N", help="Train N runs at once, from N seeds.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(metavar="auto|cpu|cuda[:i]", help="Where to train.")
    ] = None,
    runs: Annotated[Path | None, typer.Option(metavar="DIR", help="Where to put the run.")] = None,
    name: Annotated[str | None, typer.Option(help="What to call the run.")] = None,
    tensorboard: TensorBoardOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Meta-train LEO on a preset or an experiment file."""
    from engine.config import declarations
    from engine.grid import grid, seeds_from
    from engine.starting import new_run
    from leo_studio.home import default_library

    library = default_library()
    experiment = library.experiment(preset)
    options = {
        "--store": store,
        "--steps": steps,
        "--seed": seed,
        "--device": device,
        "--name": name,
    }
    given = {
        path: options[each.option]
        for path, each in declarations().items()
        if each.option and options[each.option] is not None
    }
    single, choices = parsed_choices(changes or [])
    experiment = experiment.with_settings(single, "--set")
    experiment = experiment.with_settings(given, "command line")
    if seeds is not None:
        choices["run.seed"] = [*seeds_from(experiment, seeds)]
    experiments = grid(experiment, choices)
    tell_of_drawing(library, experiment.data.store)
    require_event_files(tensorboard)
    if choices:
        from leo_studio.cli.populations import train_many

        train_many(library, experiments, runs, tensorboard, as_json=as_json)
        return
    run, embeddings = new_run(library, experiment, runs)
    follow(run, embeddings, tensorboard, as_json=as_json)


def resume_command(
    name: Annotated[str, typer.Argument(metavar="RUN", help="A run's name or folder.")],
    steps: Annotated[
        int | None, typer.Option(help="Train up to this step instead of the run's last.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(metavar="auto|cpu|cuda[:i]", help="Where to train.")
    ] = None,
    tensorboard: TensorBoardOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Go on with a run that was stopped or interrupted, or make a finished one longer."""
    from engine.starting import run_to_go_on
    from leo_studio.home import default_library

    library = default_library()
    run = library.run(name)
    tell_of_drawing(library, run.experiment.data.store)
    require_event_files(tensorboard)
    run, embeddings = run_to_go_on(library, run, steps, device)
    follow(run, embeddings, tensorboard, as_json=as_json)


def follow(run: "Run", store: "EmbeddingStore", tensorboard: Path | None, *, as_json: bool) -> None:
    """Train a run to its end or to the first Ctrl+C, and say how it went."""
    from engine.training import train

    remarks.print(f"Run: {run.path}", style="dim")
    if run.trains_on_validation_classes:
        remarks.print(
            "The validation classes are trained on too: validation says nothing about new "
            "classes, and evaluations use the last checkpoint."
        )
    events = train(run.experiment, store, run)
    with stop_signals() as received, progress_bar() as bar, watched(run, tensorboard) as also:
        task = bar.add_task("Preparing", total=None, note="")
        for event in events:
            show(event, bar, task, run)
            also(event)
            if received:
                events.close()
                break
    if as_json:
        print_json(outcome(run))
    else:
        print_outcome(run)
    if received:
        remarks.print(f"Stopped at step {run.record.step}. Go on with:")
        remarks.print(f"  {command()} resume {_quoted(run.path)}")
        sys.exit(128 + received[0])


def require_event_files(tensorboard: Path | None) -> None:
    """Raise `BadInput`, before there is a run, where event files are asked for in vain."""
    if tensorboard is None:
        return
    from engine.export.tensorboard import require_tensorboard
    from engine.files import write_text

    require_tensorboard()
    probe = tensorboard / ".leo-studio"
    write_text(probe, "")
    probe.unlink()


@contextmanager
def watched(run: "Run", tensorboard: Path | None) -> Iterator[Callable[["TrainingEvent"], None]]:
    """Hand on what else reads the events: event files, or nothing."""
    if tensorboard is None:
        yield lambda _: None
        return
    from engine.export.tensorboard import live_events

    with live_events(run, tensorboard) as take:
        yield take


def show(event: "TrainingEvent", bar: Progress, task: TaskID, run: "Run") -> None:
    """Show an event in the terminal."""
    from engine.events import (
        CheckpointSaved,
        Finished,
        Prepared,
        ProbesInspected,
        StepsTaken,
        Validated,
        Validating,
    )

    match event:
        case Prepared():
            bar.update(task, total=event.steps, completed=event.step, description="Training")
            where = f" from step {event.step}" if event.step else ""
            remarks.print(f"Training on {event.device}{where}.", style="dim")
        case StepsTaken():
            loss, _, accuracy = event.metrics[:, :3].mean(0)
            note = f"loss {loss:.3f}  query accuracy {accuracy:.3f}"
            note += f"  {event.steps_per_second:.0f} steps/s"
            bar.update(task, completed=event.step, note=note)
        case Validated():
            best = "  best so far" if event.is_best else ""
            text = accuracy_text(event.accuracy, event.ci95)
            remarks.print(f"step {event.step:>7}  validation {text}{best}")
        case Validating():
            bar.update(task, note=f"validating, {event.done} of {event.episodes} episodes")
        case CheckpointSaved() | ProbesInspected():
            pass
        case Finished():
            if event.stopped_early:
                remarks.print(f"Stopped early at step {event.step}: no better validation since.")
        case _:
            assert_never(event)


def outcome(run: "Run") -> dict[str, Any]:
    """Return how a run stands, for --json."""
    record = run.record
    return {
        "run": str(run.path),
        "status": run.status,
        "step": record.step,
        "steps": record.steps,
        "seconds": record.seconds,
        "best": record.best.model_dump() if record.best else None,
    }


def print_outcome(run: "Run") -> None:
    """Print how a run stands, for people."""
    best = run.record.best
    print(f"run      {run.path}")
    print(f"status   {run.status} at step {run.record.step}")
    if best is not None:
        print(f"best     {accuracy_text(best.accuracy, best.ci95)} validation, step {best.step}")
    print(f"next     {command()} evaluate {_quoted(run.path)}")


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """Collect Ctrl+C and a polite kill, so that training stops between two steps.

    A second one ends the process at once; the run can still be resumed from its last checkpoint.
    """
    received: list[int] = []
    watched = (signal.SIGINT, signal.SIGTERM)
    before = {int(number): signal.getsignal(number) for number in watched}

    def note(number: int, _frame: object) -> None:
        received.append(number)
        signal.signal(number, before[number])
        remarks.print("Stopping after this step; once more to quit at once.")

    for number in watched:
        signal.signal(number, note)
    try:
        yield received
    finally:
        for caught, handler in before.items():
            signal.signal(caught, handler)


def parsed_changes(changes: list[str]) -> dict[str, object]:
    """Read ``key.path=value``, the value as YAML."""
    from engine.yaml_text import parse_yaml

    parsed: dict[str, object] = {}
    for change in changes:
        path, separator, text = change.partition("=")
        if not separator or not path:
            raise BadInput(f'--set "{change}" is not of the form key.path=value.')
        parsed[path.strip()] = parse_yaml(text, f"--set {path.strip()}")
    return parsed


def parsed_choices(changes: list[str]) -> tuple[dict[str, object], dict[str, list[object]]]:
    """Read changes as `parsed_changes` does, and those with several values, a,b,c, apart.

    Brackets and quotes keep a value in one piece, and so does a setting that is a text.
    """
    from engine.config import settings
    from engine.yaml_text import parse_yaml

    texts = {path for path, info in settings() if info.annotation is str}
    single: list[str] = []
    choices: dict[str, list[object]] = {}
    for change in changes:
        path, _, text = change.partition("=")
        path = path.strip()
        is_whole = path in texts or any(sign in text for sign in "[]{}'\"")
        if is_whole or "," not in text:
            single.append(change)
        else:
            choices[path] = [parse_yaml(each, f"--set {path}") for each in text.split(",")]
    return parsed_changes(single), choices


def tell_of_drawing(library: "Library", store: str) -> None:
    """Say what the first seconds are for, where the built-in store has to be drawn."""
    if library.must_draw(store):
        remarks.print("Drawing the built-in glyphs, once ...", style="dim")


def command() -> str:
    """Return what a person types for this program, also where it is not on the path."""
    if shutil.which("leo-studio"):
        return "leo-studio"
    started = Path(sys.argv[0])
    return _quoted(started) if started.name == "leo-studio" else "python -m leo_studio"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
