"""`leo-studio runs`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import BadInput
from engine.io.paths import expanded
from leo_studio.cli.arguments import find_run, tell_of_namesake
from leo_studio.cli.console import print_json, print_table, remarks
from leo_studio.cli.outcomes import best_validation, outcome, print_outcome
from leo_studio.cli.whole_help import WholeHelp

if TYPE_CHECKING:
    from engine.runs.run import Run

runs_app = typer.Typer(cls=WholeHelp, no_args_is_help=True)

Folder = Annotated[
    Path | None, typer.Option("--runs", parser=expanded, metavar="DIR", help="Where the runs are.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
Name = Annotated[str, typer.Argument(metavar="RUN", help="A run's name or folder.")]


@runs_app.command("list")
def list_command(runs: Folder = None, as_json: AsJson = False) -> None:
    """List all runs, the newest last."""
    from engine.runs.folders import run_folders
    from engine.runs.run import Run
    from leo_studio.services.library_location import default_library

    found: list[Run] = []
    unreadable: dict[Path, BadInput] = {}
    for path in run_folders(runs or default_library().runs):
        try:
            found.append(Run(path))
        except BadInput as error:
            # One run that cannot be read must not hide the others, nor be hidden by them.
            unreadable[path] = error
            remarks.print(f"{path.name} cannot be read: {error}")
    found.sort(key=lambda run: (run.record.created, run.name))
    if as_json:
        others = [_unreadable_summary(path, error) for path, error in unreadable.items()]
        print_json([*others, *(_summary(run) for run in found)])
    elif not found and not unreadable:
        remarks.print("No runs yet. Start one with: leo-studio train glyphs-5way-1shot")
    else:
        print_table(
            ("run", "learner", "status", "step", "best validation", "created (UTC)"),
            [(path.name, "", _why_unreadable(e), "", "", "") for path, e in unreadable.items()]
            + [
                (
                    run.name,
                    run.experiment.learner.title,
                    f"{run.status} on {run.watched_host}?" if run.watched_host else run.status,
                    _progress(run),
                    best_validation(run),
                    run.record.created[:16].replace("T", " "),
                )
                for run in found
            ],
        )


@runs_app.command("show")
def show_command(name: Name, runs: Folder = None, as_json: AsJson = False) -> None:
    """Show one run: how it stands, its checkpoints and its settings."""
    from leo_studio.services.library_location import default_library

    run = find_run(default_library(), name, runs)
    if as_json:
        steps = [checkpoint.step for checkpoint in run.checkpoints]
        print_json(
            _summary(run)
            | {
                "checkpoints": steps,
                "error": run.record.error,
                "experiment": run.experiment.to_dict(),
            }
        )
        return
    print_outcome(run)
    if run.record.error:
        print(f"error    {run.record.error}")
    print(f"saved    at steps {', '.join(str(each.step) for each in run.checkpoints) or 'none'}")
    print()
    print(run.experiment.to_yaml(), end="")


@runs_app.command("delete")
def delete_command(name: Name, runs: Folder = None) -> None:
    """Move a run to the trash folder of the library."""
    from engine.runs.folders import link_target
    from leo_studio.services.library_location import default_library

    library = default_library()
    run = library.run_folder(name, runs)
    tell_of_namesake(name, run)
    kept = link_target(run)
    trash = library.throw_away(run, say=remarks.print)
    if kept is None:
        print(f"{run.name} is now in {trash}")
    else:
        print(f"{run.name} is a link, which alone is now in {trash}; the run stays at {kept}")


def _progress(run: "Run") -> str:
    if not run.experiment.learner.is_trained:
        return "no training"
    return f"{run.record.step} of {run.record.steps}"


def _summary(run: "Run") -> dict[str, Any]:
    record = run.record
    return outcome(run) | {
        "name": run.name,
        "preset": record.preset,
        "learner": run.experiment.learner.kind,
        "created": record.created,
        "device": record.device,
        "store": record.store.name,
    }


def _why_unreadable(error: BadInput) -> str:
    from engine.io.versions import NewerVersion

    return "needs a newer LEO Studio" if isinstance(error, NewerVersion) else "unreadable"


def _unreadable_summary(path: Path, error: BadInput) -> dict[str, Any]:
    """Return the same keys as `_summary` for a run that cannot be read, and why."""
    unknown = (
        "step",
        "steps",
        "seconds",
        "best",
        "preset",
        "learner",
        "created",
        "device",
        "store",
    )
    return {
        "run": str(path),
        "name": path.name,
        "status": _why_unreadable(error),
        "problem": str(error),
        **dict.fromkeys(unknown),
    }
