"""`leo-studio sweep`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import BadInput
from engine.io.listing import listed
from engine.io.paths import expanded
from leo_studio.analysis.sweep_files import TABLE_ENDINGS, write_sweep_table
from leo_studio.cli.arguments import (
    JsonOption,
    ReplaceOption,
    require_ending,
    require_new_file,
    tell_of_store,
)
from leo_studio.cli.carrying_out import carry_out
from leo_studio.cli.console import print_json, print_table, remarks
from leo_studio.cli.executors import AtOnceOption, OnOption, RayOption, SlurmOption, Where
from leo_studio.cli.studying import (
    ChangesOption,
    FolderOption,
    PlaceOption,
    StepsOption,
    TableOption,
    result_of_cell,
)
from leo_studio.cli.training import parsed_changes, require_store

if TYPE_CHECKING:
    from engine.runs.library import Library
    from engine.studies.standing import Standing
    from engine.studies.sweeps.overseer import SweepOverseer, SweepState
    from engine.studies.sweeps.sweep import Sweep
    from engine.studies.sweeps.trials import SweepFolder, Trial


PresetArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="PRESET|FILE.yaml",
        help="What trials begin as; its own values are the first. Without it the sweep that "
        "--folder has, or a list of spaces.",
    ),
]
SpaceOption = Annotated[
    str | None, typer.Option("--space", metavar="SPACE|FILE.yaml", help="Which settings vary.")
]
TrialsOption = Annotated[
    int | None,
    typer.Option(metavar="N", help="How many trials; 48, or those of a folder without a preset."),
]
SeedOption = Annotated[int, typer.Option(metavar="N", help="Which values are drawn.")]
LagOption = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="How many trials just before it a trial knows nothing of; so many and one may be "
        "under way. By default 8, or twice the workers.",
    ),
]
RandomOption = Annotated[
    int | None, typer.Option(metavar="N", help="Results to know before values are proposed.")
]
PruningOption = Annotated[
    bool, typer.Option("--pruning/--no-pruning", help="End poor trials early (Hyperband).")
]
FinalSeedsOption = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="Runs of the best on train and validation classes, tested; 0 for none."
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        parser=expanded, metavar="FILE", help=f"Also write the table: {', '.join(TABLE_ENDINGS)}."
    ),
]


def sweep_command(
    preset: PresetArgument = None,
    space: SpaceOption = None,
    trials: TrialsOption = None,
    on: OnOption = "local",
    at_once: AtOnceOption = None,
    slurm: SlurmOption = None,
    ray: RayOption = None,
    seed: SeedOption = 0,
    lag: LagOption = None,
    random: RandomOption = None,
    pruning: PruningOption = True,
    final_seeds: FinalSeedsOption = None,
    steps: StepsOption = None,
    changes: ChangesOption = None,
    device: PlaceOption = "cpu",
    folder: FolderOption = None,
    table_only: TableOption = False,
    out: OutOption = None,
    replace: ReplaceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Search for better settings by many trials, and test the best; it goes on where it ended."""
    from leo_studio.services.library_location import default_library

    library = default_library()
    if preset is None and folder is None:
        _print_spaces(library)
        return
    from engine.studies.sweeps.overseer import SweepOverseer
    from engine.studies.sweeps.trials import SweepFolder

    where = Where(on, at_once, slurm or [], ray)
    where.require_sense()
    if out is not None:
        require_ending(out, TABLE_ENDINGS)
        require_new_file(out, replace)
    if preset is None and folder is not None:
        place = SweepFolder(folder.absolute())
        given = {"--space": space, "--set": changes, "--steps": steps, "--lag": lag}
        given |= {"--random": random, "--seed": seed or None, "--no-pruning": not pruning or None}
        sweep = _begun(place, [name for name, value in given.items() if value], trials, final_seeds)
    else:
        assert preset is not None
        numbers = {"trials": trials, "seed": seed, "lag": lag, "random": random}
        numbers |= {"pruning": pruning, "final_seeds": final_seeds}
        settings = parsed_changes(changes or [])
        settings |= {} if steps is None else {"schedule.steps": steps}
        asked = _asked(library, preset, space, settings, numbers)
        place = SweepFolder((folder or library.sweeps / asked.name).absolute())
        sweep = _begun_or_new(asked, place, lag, random, where.likely_workers(device))
    overseer, received = SweepOverseer(sweep, place, device), list[int]()
    if not table_only:
        received = _carry_out(library, overseer, device, where)
    _deliver(overseer.state(), out, as_json)
    if received:
        remarks.print("Stopped. The same command goes on.")
        sys.exit(128 + received[0])


def _print_spaces(library: "Library") -> None:
    from engine.studies.sweeps.catalogue import space_files
    from engine.studies.sweeps.space import load_space

    spaces = [load_space(path) for path in space_files(library.sweeps).values()]
    print_table(("space", "about"), [(space.name, space.about) for space in spaces])


def _asked(
    library: "Library",
    preset: str,
    space_name: str | None,
    settings: Mapping[str, Any],
    numbers: Mapping[str, Any],
) -> "Sweep":
    """Return the sweep that the command line asks for; what it does not say is the default."""
    from engine.studies.sweeps.beginning import asked_sweep
    from engine.studies.sweeps.catalogue import space_files

    if space_name is None:
        spaces = ", ".join(space_files(library.sweeps))
        raise BadInput(f"Say which settings vary: --space FILE.yaml, or one of {spaces}.")
    return asked_sweep(library, preset, space_name, settings, numbers, "command line")


def _begun(
    place: "SweepFolder", refused: list[str], trials: int | None, final_seeds: int | None
) -> "Sweep":
    """Return the sweep of a folder as it was begun; raises `BadInput` for what it cannot change."""
    from engine.studies.sweeps.beginning import begun_sweep

    if refused:
        raise BadInput(
            f"Leave out {listed(refused)}, or give a preset: without one, the sweep of --folder "
            "goes on as it was begun."
        )
    return begun_sweep(place, trials=trials, final_seeds=final_seeds)


def _begun_or_new(
    asked: "Sweep", place: "SweepFolder", lag: int | None, random: int | None, workers: int
) -> "Sweep":
    """Return the sweep of a folder as it goes on, or the new one that is asked for."""
    from dataclasses import replace

    from engine.studies.sweeps.beginning import usual_lag
    from engine.studies.sweeps.sweep import continued, load_sweep

    if not place.file.is_file():
        return asked if lag is not None else replace(asked, lag=usual_lag(workers))
    begun = load_sweep(place.file)  # which remembers what the command line need not say again
    asked = replace(
        asked,
        lag=begun.lag if lag is None else lag,
        random=begun.random if random is None else random,
    )
    return continued(asked, place.file)


def _carry_out(
    library: "Library", overseer: "SweepOverseer", device: str, where: Where
) -> list[int]:
    """Carry out what is left, and return the signals that ended it."""
    from engine.studies.sweeps.proposals import require_optuna
    from engine.studies.sweeps.requirements import require_sweepable

    sweep = overseer.sweep
    require_optuna()
    tell_of_store(library, sweep.experiment.data.store)
    require_store(library, sweep.experiment.data.store)
    require_sweepable(library, sweep)
    remarks.print(f"Sweep: {overseer.folder.path}", style="dim")
    remarks.print(
        f"Trial n knows the results below n - {sweep.lag}, so values are proposed from trial "
        f"{sweep.random + sweep.lag} on, and random before.",
        style="dim",
    )
    executor, count = where.executor(overseer.folder, library, device)
    if count > sweep.lag + 1:
        remarks.print(
            f"A trial knows those up to {sweep.lag + 1} before it, so {sweep.lag + 1} of {count} "
            f"workers have something to do; a new sweep with --lag {2 * count} uses them all."
        )
        count = sweep.lag + 1
    # The runs of the best are not known before its trials have ended, but there will be some.
    return carry_out(overseer, executor, count, sweep.trials + sweep.final_seeds, _result)


def _result(standing: "Trial | Standing") -> tuple[str, str]:
    """Return the name of a run, and what it came to; "" as long as it has not."""
    from engine.studies.sweeps.trials import Trial

    if not isinstance(standing, Trial):
        return result_of_cell(standing)
    name = "" if standing.run is None else standing.run.name
    return name, "" if standing.outcome is None else standing.outcome.sentence


def _deliver(state: "SweepState", out: Path | None, as_json: bool) -> None:
    """Print how a sweep stands, and write it where that is wanted."""
    from leo_studio.analysis import sweep_tables

    importance = _importance(state)
    if as_json:
        print_json(sweep_tables.as_json(state, importance))
    else:
        _print(state, importance)
    if out is not None:
        write_sweep_table(state, importance, out)
        remarks.print(f"Written to {out}", style="dim")


def _print(state: "SweepState", importance: Mapping[str, float]) -> None:
    from leo_studio.analysis import sweep_tables

    found = sweep_tables.rows(state)
    if found:
        most = sweep_tables.MOST_ROWS
        print_table(sweep_tables.header(state), found[:most])
        if len(found) > most:
            print(f"... and {len(found) - most:,} more; --out FILE.csv has them all.")
        print()
    notes = sweep_tables.notes(state, importance)
    for note in (*notes, *sweep_tables.final_notes(sweep_tables.final_table(state))):
        print(note)
    if not state.is_whole:
        print("Not everything is done yet.")


def _importance(state: "SweepState") -> Mapping[str, float]:
    """Return how much each setting decides; nothing where Optuna is not installed."""
    from engine.studies.sweeps.proposals import importance

    try:
        return importance(state.sweep, state.trials)
    except BadInput as error:
        remarks.print(str(error))
        return {}
