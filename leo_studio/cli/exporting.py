"""`leo-studio export` and `leo-studio import bundle`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.io.paths import expanded
from leo_studio.cli.arguments import (
    ReplaceOption,
    find_checkpoint,
    require_new_file,
    require_split,
    tell_of_store_of,
)
from leo_studio.cli.console import percent, print_json, progress_bar, remarks
from leo_studio.cli.outcomes import command, outcome, print_outcome, quoted
from leo_studio.services.stages import stage_line

if TYPE_CHECKING:
    from engine.export.formats import Outcome
    from engine.export.writing import EpisodesToExport
    from engine.runs.library import Library
    from engine.runs.run import Run


def export_command(
    name: Annotated[
        str, typer.Argument(metavar="RUN|CHECKPOINT", help="A run, or one of its checkpoints.")
    ],
    out: Annotated[
        Path, typer.Option(parser=expanded, metavar="PATH", help="The file, or the folder.")
    ],
    format_name: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="bundle|safetensors|pytorch|onnx|torch-export|episodes|tensorboard",
            help="onnx, torch-export and tensorboard write into a folder.",
        ),
    ],
    checkpoint: Annotated[
        str | None, typer.Option(metavar="best|last|STEP", help="Which weights.")
    ] = None,
    split: Annotated[str, typer.Option(help="Of episodes: train, val or test.")] = "test",
    episodes: Annotated[
        int, typer.Option(min=2, max=100_000, help="How many, from number 0 on.")
    ] = 1000,
    store: Annotated[
        str | None, typer.Option(metavar="NAME|FILE.h5", help="Where the run's store is now.")
    ] = None,
    replace: ReplaceOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written.")] = False,
    tells_stages: Annotated[bool, typer.Option("--stages", hidden=True)] = False,
) -> None:
    """Take what a run has learned to other software; adaptation is checked against the engine."""
    from engine.export.formats import require_target
    from engine.io.files import require_place

    # Before torch is there, which takes longer than to see that nothing can be written.
    require_target(out, format_name)
    require_place(out)
    from engine.export.trained import trained
    from engine.export.writing import export
    from leo_studio.services.library_location import default_library

    library = default_library()
    run, step = find_checkpoint(library, name, checkpoint)
    require_new_file(out, replace, *_inside(out, format_name, run))
    asked = None
    if format_name == "episodes":
        asked = _episodes(library, run, store, split, episodes)
    with progress_bar() as bar:
        task = bar.add_task("Exporting", total=1.0, note="")

        def tell(done: float, note: str) -> None:
            bar.update(task, completed=done, note=note)
            if tells_stages:
                remarks.print(stage_line(done, note))

        written = export(trained(run, str(step)), format_name, out, tell, asked)
    if as_json:
        print_json(asdict(written) | {"run": run.name, "step": step, "format": format_name})
        return
    print_written(written)
    remarks.print(f"The weights of step {step} of {run.name}.", style="dim")


def import_bundle_command(
    bundle: Annotated[
        Path, typer.Argument(parser=expanded, metavar="FILE.leo", help="What export wrote.")
    ],
    runs: Annotated[
        Path | None, typer.Option(parser=expanded, metavar="DIR", help="Where to put the run.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the run as JSON.")] = False,
) -> None:
    """Import a checkpoint bundle as a run; everything in it is checked first."""
    from engine.export.bundle_reading import import_bundle
    from leo_studio.services.library_location import default_library

    run = import_bundle(default_library(), bundle, runs)
    if as_json:
        print_json(outcome(run))
        return
    print_outcome(run)
    name = run.record.store.name
    if not name:
        return
    if run.experiment.task.needs_store:
        where = f"the store {name}. If the library has no store of that name"
    else:
        where = f"the file of functions {name}. If it is not in the current folder"
    words = f"{command()} evaluate {quoted(run.path)} --store FILE"
    remarks.print(f"It was trained on {where}, say where it is: {words}", style="dim")


def print_written(written: "Outcome") -> None:
    """Print what was written, for people."""
    for file in written.files:
        print(f"{file.size:>12,} bytes  {file.path}")
    for check in written.checks:
        print(check)
    if written.accuracy is not None:
        print(f"accuracy of the engine on these episodes: {percent(written.accuracy)}")


def _inside(out: Path, format_name: str, run: "Run") -> list[Path]:
    """Return the files of a format inside its folder; none for a format of one file."""
    if format_name == "tensorboard":
        from engine.export.tensorboard import event_file

        return [event_file(run, out)]
    from engine.export.formats import FORMATS

    inside = FORMATS[format_name].inside
    return sorted(out.glob(f"*{inside}")) if inside else []


def _episodes(
    library: "Library", run: "Run", store: str | None, split: str, count: int
) -> "EpisodesToExport":
    from engine.export.writing import EpisodesToExport
    from engine.runs.run_store import store_of

    tell_of_store_of(library, run, store)
    data = store_of(library, run, store, say=remarks.print)
    require_split(run, data, split)
    return EpisodesToExport(data, split, count)
