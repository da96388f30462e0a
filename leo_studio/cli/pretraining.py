"""`leo-studio pretrain`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.io.paths import expanded
from leo_studio.cli.arguments import find_experiment, tell_of_store
from leo_studio.cli.console import progress_bar, remarks
from leo_studio.cli.data import Replace, Splits, naming_runs
from leo_studio.cli.following import require_event_files
from leo_studio.cli.training import (
    RunName,
    RunsFolder,
    TensorBoardOption,
    TrainingDevice,
    follow,
    parsed_changes,
    require_store,
    settings_by_option,
)

if TYPE_CHECKING:
    from engine.runs.library import Library


def pretrain_command(
    preset: Annotated[
        str,
        typer.Argument(
            metavar="PRESET|FILE.yaml", help="A preset of pre-training, or an experiment file."
        ),
    ],
    images: Annotated[
        Path | None,
        typer.Option(
            parser=expanded,
            metavar="PATH",
            help="Pictures, as leo-studio import images takes them. They are decoded once, into a "
            "store of the library; by default the store that the preset names.",
        ),
    ] = None,
    splits: Splits = None,
    replace: Replace = False,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY.PATH=VALUE", help="Change a setting; may be repeated."),
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Steps, a batch of pictures each.")] = None,
    seed: Annotated[int | None, typer.Option(help="Weights, batches and draws follow.")] = None,
    device: TrainingDevice = None,
    runs: RunsFolder = None,
    name: RunName = None,
    tensorboard: TensorBoardOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Train an encoder of pictures on the training classes only; a run like any other."""
    from engine.runs.preparation import new_run
    from leo_studio.services.library_location import default_library
    from leo_studio.services.picture_stores import pretraining_settings

    library = default_library()
    experiment = find_experiment(library, preset)
    began_as = experiment.name
    experiment = experiment.with_settings(parsed_changes(changes or []), "--set")
    given = settings_by_option(
        {"--steps": steps, "--seed": seed, "--device": device, "--name": name}
    )
    experiment = experiment.with_settings(given, "command line")
    settings = pretraining_settings(experiment)
    require_event_files(tensorboard)
    if images is not None:
        store = _store_of(library, images, settings.kept_side, splits, replaces=replace)
        experiment = experiment.with_settings({"data.store": store})
    tell_of_store(library, experiment.data.store)
    require_store(library, experiment.data.store)
    run, found = new_run(library, experiment, runs, preset=began_as)
    follow(run, found, tensorboard, as_json=as_json)
    remarks.print(f"As an encoder: leo-studio import images PATH --encoder {run.name}")


def _store_of(
    library: "Library", images: Path, kept_side: int, splits: Path | None, *, replaces: bool
) -> str:
    """Return the name of the store of some pictures, which is made where it is not there."""
    from engine.data.class_splits import SplitChoice
    from leo_studio.services.picture_stores import make_picture_store
    from leo_studio.services.pictures import picture_store_name

    name = picture_store_name(images.resolve().stem, kept_side)
    if library.store_path(name).is_file() and not replaces:
        remarks.print(f"The store {name} is there already; --replace makes it again.")
        return name
    with progress_bar() as bar, naming_runs(library):
        task = bar.add_task("Decoding", total=1.0, note="")
        made = make_picture_store(
            images,
            library.stores / f"{name}.h5",
            kept_side,
            SplitChoice(splits),
            library.keep_old_store if replaces else None,
            lambda note, done: bar.update(task, completed=done, note=note),
        )
    for note in made.notes:
        remarks.print(f"Note: {note}")
    return name
