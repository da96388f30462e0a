"""`leo-studio train` and `leo-studio resume`."""

import sys
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import BadInput
from engine.io.paths import expanded
from leo_studio.cli.arguments import (
    StoreOption,
    find_experiment,
    find_run,
    tell_of_store,
    tell_of_store_of,
)
from leo_studio.cli.console import print_json, remarks
from leo_studio.cli.following import require_event_files, stop_signals
from leo_studio.cli.outcomes import command, outcome, print_outcome, quoted
from leo_studio.cli.training_display import follow_one

if TYPE_CHECKING:
    from engine.data.function_file import FunctionFile
    from engine.data.store import EmbeddingStore
    from engine.runs.library import Library
    from engine.runs.run import Run


TrainingDevice = Annotated[
    str | None, typer.Option(metavar="auto|cpu|cuda[:i]", help="Where to train.")
]
RunsFolder = Annotated[
    Path | None, typer.Option(parser=expanded, metavar="DIR", help="Where to put the run.")
]
RunName = Annotated[str | None, typer.Option(help="What to call the run.")]
TensorBoardOption = Annotated[
    Path | None,
    typer.Option(
        parser=expanded,
        metavar="DIR",
        help="Also write event files for TensorBoard, as it happens.",
    ),
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
    device: TrainingDevice = None,
    runs: RunsFolder = None,
    name: RunName = None,
    tensorboard: TensorBoardOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Train what a preset or an experiment file says; LEO, unless it names another learner."""
    from engine.runs.preparation import new_run
    from engine.studies.grid import grid, seeds_from
    from leo_studio.services.library_location import default_library

    library = default_library()
    experiment = find_experiment(library, preset)
    began_as = experiment.name
    given = settings_by_option(
        {"--store": store, "--steps": steps, "--seed": seed, "--device": device, "--name": name}
    )
    single, choices = parsed_choices(changes or [])
    experiment = experiment.with_settings(single, "--set")
    experiment = experiment.with_settings(given, "command line")
    if seeds is not None:
        choices["run.seed"] = [*seeds_from(experiment, seeds)]
    experiments = grid(experiment, choices)
    if experiment.task.needs_store:
        tell_of_store(library, experiment.data.store)
        require_store(library, experiment.data.store)
    require_event_files(tensorboard)
    if choices:
        from leo_studio.cli.populations import train_many

        train_many(library, experiments, runs, tensorboard, began_as, as_json=as_json)
        return
    run, embeddings = new_run(library, experiment, runs, preset=began_as)
    follow(run, embeddings, tensorboard, as_json=as_json)


def require_store(library: "Library", name_or_path: str) -> None:
    """Raise `BadInput` with the option that names another store, where there is none of a name."""
    if library.must_draw(name_or_path):
        return
    try:
        library.existing_store(name_or_path)
    except BadInput as error:
        raise BadInput(f"{error} To train on another one: --store FILE.") from None


def settings_by_option(options: Mapping[str, object]) -> dict[str, object]:
    """Return the values of options that were given, by the paths of their settings."""
    from engine.config import declarations

    return {
        path: options[each.option]
        for path, each in declarations().items()
        if each.option and options.get(each.option) is not None
    }


def resume_command(
    name: Annotated[str, typer.Argument(metavar="RUN", help="A run's name or folder.")],
    steps: Annotated[
        int | None, typer.Option(help="Train up to this step instead of the run's last.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(metavar="auto|cpu|cuda[:i]", help="Where to train.")
    ] = None,
    store: StoreOption = None,
    tensorboard: TensorBoardOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Go on with a run that was stopped or interrupted, or make a finished one longer."""
    from engine.runs.preparation import resumed_run
    from leo_studio.services.library_location import default_library

    library = default_library()
    run = find_run(library, name)
    tell_of_store_of(library, run, store)
    require_event_files(tensorboard)
    run, embeddings = resumed_run(library, run, steps, device, say=remarks.print, store=store)
    follow(run, embeddings, tensorboard, as_json=as_json)


def follow(
    run: "Run",
    store: "EmbeddingStore | FunctionFile | None",
    tensorboard: Path | None,
    *,
    as_json: bool,
) -> None:
    """Train a run to its end or to the first Ctrl+C, and say how it went."""
    from engine.training import train

    remarks.print(f"Run: {run.path}", style="dim")
    if run.trains_on_validation_classes:
        remarks.print(
            "The validation classes are trained on too: validation says nothing about new "
            "classes, and evaluations use the last checkpoint."
        )
    with stop_signals() as received:
        follow_one(train(run.experiment, store, run), run, tensorboard, received)
    # Where the terminal was closed nothing can be printed, and the exit status still says why.
    with suppress(BadInput, OSError) if received else nullcontext():
        if as_json:
            print_json(outcome(run))
        else:
            print_outcome(run)
    if received:
        remarks.print(f"Stopped at step {run.record.step}. Go on with:")
        remarks.print(f"  {command()} resume {quoted(run.path)}")
        sys.exit(128 + received[0])


def parsed_changes(changes: list[str]) -> dict[str, object]:
    """Read ``key.path=value``, the value as YAML."""
    from engine.io.yaml_text import parse_yaml

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
    from engine.config import settings_of_all_kinds
    from engine.io.yaml_text import parse_yaml

    texts = {path for path, info in settings_of_all_kinds().items() if info.annotation is str}
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
