"""Arguments that commands share: runs, checkpoints, splits and files by what was typed."""

import glob
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import BadInput
from leo_studio.cli.console import remarks

if TYPE_CHECKING:
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
    str | None, typer.Option(metavar="NAME|FILE.h5", help="Where the run's store is now.")
]
DeviceOption = Annotated[
    str | None, typer.Option(metavar="auto|cpu|cuda[:i]", help="Where to compute.")
]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="Replace what --out names.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def find_checkpoint(library: "Library", name: str, which: str | None) -> tuple["Run", int]:
    """Find a run and a step in it, given a run or a checkpoint's file."""
    from engine.runs.run import Run

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


def load_checkpoint(
    name: str, checkpoint: str | None, split: str, store: str | None, device: str | None
) -> tuple["Run", "LoadedCheckpoint", "EmbeddingStore"]:
    """Load a run's weights and the examples that they are shown."""
    from engine.inspection.checkpoint_inspection import load_model, load_split, loaded_checkpoint
    from engine.runs.preparation import store_of
    from leo_studio.services.library_location import default_library

    library = default_library()
    run, step = find_checkpoint(library, name, checkpoint)
    require_latent_space(run)
    tell_of_drawing(library, store or run.experiment.data.store)
    data = store_of(library, run, store)
    examples = load_split(run, data, split, device)
    return run, loaded_checkpoint(run, step, split, load_model(run, step, device), examples), data


def require_latent_space(run: "Run") -> None:
    """Raise `BadInput` unless a run's learner has latent codes to look at."""
    from engine.learners.catalogue import learner_kind

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


def require_ending(path: Path, endings: tuple[str, ...]) -> None:
    """Raise `BadInput` unless a file can be written in a format that its name ends with."""
    if path.suffix.lower() not in endings:
        raise BadInput(f"--out is {path}; its name must end with {' or '.join(endings)}.")
    if not path.absolute().parent.is_dir():
        raise BadInput(f"--out is {path}; there is no folder {path.absolute().parent}: make it.")


def require_free(out: Path, is_replacing: bool, *more: Path) -> None:
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


def tell_of_drawing(library: "Library", store: str) -> None:
    """Say what the first seconds are for, where the built-in store has to be drawn."""
    if library.must_draw(store):
        remarks.print("Drawing the built-in glyphs, once ...", style="dim")
