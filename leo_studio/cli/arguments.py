"""Arguments that commands share: runs, checkpoints, splits and files by what was typed."""

import glob
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import BadInput
from engine.io.paths import expanded, is_path
from leo_studio.cli.console import remarks

if TYPE_CHECKING:
    from engine.config import Experiment
    from engine.data.store import EmbeddingStore
    from engine.inspection.checkpoint_inspection import LoadedCheckpoint
    from engine.runs.library import Library
    from engine.runs.run import Run


RunArgument = Annotated[
    str, typer.Argument(metavar="RUN|CHECKPOINT", help="A run, or one of its checkpoints.")
]
SplitOption = Annotated[str, typer.Option(help="train, val, test, or training: what it saw.")]
CheckpointOption = Annotated[
    str | None, typer.Option(metavar="best|last|STEP", help="Which weights.")
]
StoreOption = Annotated[
    str | None,
    typer.Option(metavar="NAME|FILE", help="Where the run's store, or its file, is now."),
]
DeviceOption = Annotated[
    str | None, typer.Option(metavar="auto|cpu|cuda[:i]", help="Where to compute.")
]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="Replace what --out names.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def find_checkpoint(library: "Library", name: str, which: str | None) -> tuple["Run", int]:
    """Find a run and a step in it, given a run or a checkpoint's file."""
    from engine.runs.run import Run

    if name.endswith(".safetensors"):
        path = expanded(name)
        if which is not None:
            raise BadInput("Give a checkpoint's file or --checkpoint, not both.")
        if not path.is_file():
            raise BadInput(f"There is no checkpoint at {path}; check the path.")
        folder = path.absolute().parent.parent
        run = Run(folder if (folder / "run.json").is_file() else path.resolve().parent.parent)
        for checkpoint in run.checkpoints:
            if checkpoint.weights_path.name == path.name:
                return run, checkpoint.step
        raise BadInput(f"{path.name} is no checkpoint of {run.name}; see its .json files.")
    run = find_run(library, name)
    step = run.checkpoint(which).step
    if instead := run.kept.instead(which):
        remarks.print(instead)
    return run, step


def find_run(library: "Library", name: str, runs: Path | None = None) -> "Run":
    """Find a run by what was typed."""
    run = library.run(name, runs)
    tell_of_namesake(name, run.path)
    return run


def find_experiment(library: "Library", name: str) -> "Experiment":
    """Load a preset, or an experiment's file, by what was typed."""
    from engine.runs.library import EXPERIMENT_ENDINGS

    experiment = library.experiment(name)
    tell_of_namesake(name, library.experiment_path(name), EXPERIMENT_ENDINGS)
    return experiment


def tell_of_namesake(name: str, taken: Path, endings: Sequence[str] = ()) -> None:
    """Say what a name was taken for, where something in the current folder bears it too."""
    here = Path(name)
    if is_path(name, endings) or not here.exists() or here.resolve() == taken.resolve():
        return
    remarks.print(f"{name} is {taken}; for what bears that name in this folder, write ./{name}")


def load_checkpoint(
    name: str, checkpoint: str | None, split: str, store: str | None, device: str | None
) -> tuple["Run", "LoadedCheckpoint", "EmbeddingStore"]:
    """Load a run's weights and the examples that they are shown."""
    from leo_studio.services.library_location import default_library

    run, step = find_checkpoint(default_library(), name, checkpoint)
    return run, *load_found(run, step, split, store, device)


def load_found(
    run: "Run", step: int, split: str, store: str | None, device: str | None
) -> tuple["LoadedCheckpoint", "EmbeddingStore"]:
    """Load the weights of a step of a run that was found, and the examples that they are shown."""
    from engine.inspection.checkpoint_inspection import load_model, load_split, loaded_checkpoint
    from engine.runs.run_store import store_of
    from leo_studio.services.library_location import default_library

    library = default_library()
    require_latent_space(run)
    tell_of_store_of(library, run, store)
    data = store_of(library, run, store, say=remarks.print)
    examples = load_split(run, data, split, device)
    return loaded_checkpoint(run, step, split, load_model(run, step, device), examples), data


def require_latent_space(run: "Run") -> None:
    """Raise `BadInput` unless a run's learner has latent codes to look at."""
    from engine.learners.catalogue import learner_kind

    if not run.experiment.task.needs_store:
        raise BadInput(
            f"{run.name} learns {run.experiment.task.title.lower()}, and this looks at episodes of "
            f"classes; measure it with: leo-studio evaluate {run.name}"
        )
    if not learner_kind(run.experiment).has_latent_space:
        raise BadInput(
            f"{run.name} learns by {run.experiment.learner.noun()}: it has no latent codes, and "
            f"nothing to look into; measure it with: leo-studio evaluate {run.name}"
        )


def require_split(run: "Run", data: "EmbeddingStore", split: str) -> None:
    """Raise `BadInput` unless a split of the store can be evaluated on."""
    from engine.data.requirements import no_such_split

    if split not in data.splits:
        raise BadInput(no_such_split(data.path.name, split, data.splits))
    if split in run.experiment.data.train_splits:
        remarks.print(f"{run.name} was trained on split {split}: this is no test.")


def require_none(run: "Run", options: Mapping[str, object]) -> None:
    """Raise `BadInput` for options that say nothing of a run that learns functions."""
    for option, given in options.items():
        if given:
            raise BadInput(
                f"{run.name} learns functions, and {option} is for classification; leave it out."
            )


def require_ending(path: Path, endings: tuple[str, ...]) -> None:
    """Raise `BadInput` unless a file can be written in a format that its name ends with."""
    if path.suffix.lower() not in endings:
        raise BadInput(f"--out is {path}; its name must end with {' or '.join(endings)}.")
    if not path.absolute().parent.is_dir():
        raise BadInput(f"--out is {path}; there is no folder {path.absolute().parent}: make it.")


def require_new_file(out: Path, is_replacing: bool, *more: Path) -> None:
    """Raise `BadInput` where something that nobody said to replace is at --out, or at `more`.

    Tables that do not fit into one file have others beside it, named after it.
    """
    if is_replacing:
        return
    beside: list[Path] = []
    if out.suffix.lower() in (".csv", ".parquet"):
        beside = sorted(out.parent.glob(f"{glob.escape(out.stem)}.*{out.suffix}"))
    there = next((path for path in (out, *more, *beside) if path.is_file()), None)
    if there is not None:
        raise BadInput(f"{there} is there already; choose another --out, or add --replace.")


def tell_of_store_of(library: "Library", run: "Run", given: str | None) -> None:
    """Say the same of a run's store, or of what is given for it; nothing where it needs none."""
    if run.experiment.task.needs_store:
        tell_of_store(library, given or run.experiment.data.store)


def tell_of_store(library: "Library", store: str) -> None:
    """Say which store is taken, and what the first seconds are for where it has to be drawn."""
    from engine.runs.library import STORE_ENDINGS

    tell_of_namesake(store, library.store_path(store), STORE_ENDINGS)
    if library.must_draw(store):
        remarks.print("Drawing the built-in glyphs, once ...", style="dim")
