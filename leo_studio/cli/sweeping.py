"""`leo-studio sweep`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import BadInput
from engine.io.paths import expanded
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
    from engine.studies.sweeps.trials import Trial

_ENDINGS = (".md", ".csv", ".parquet", ".h5")

PresetArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="PRESET|FILE.yaml",
        help="What trials begin as; its own values are the first. Without, spaces are listed.",
    ),
]
SpaceOption = Annotated[
    str | None, typer.Option("--space", metavar="SPACE|FILE.yaml", help="Which settings vary.")
]
TrialsOption = Annotated[int, typer.Option(metavar="N", help="How many trials.")]
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
        parser=expanded, metavar="FILE", help=f"Also write the table: {', '.join(_ENDINGS)}."
    ),
]


def sweep_command(
    preset: PresetArgument = None,
    space: SpaceOption = None,
    trials: TrialsOption = 48,
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
    if preset is None:
        _print_spaces()
        return
    from engine.studies.sweeps.overseer import SweepOverseer
    from engine.studies.sweeps.trials import SweepFolder
    from leo_studio.services.library_location import default_library

    where = Where(on, at_once, slurm or [], ray)
    where.require_sense()
    if out is not None:
        require_ending(out, _ENDINGS)
        require_new_file(out, replace)
    library = default_library()
    numbers = {"trials": trials, "seed": seed, "lag": lag, "random": random}
    numbers |= {"pruning": pruning, "final_seeds": final_seeds}
    settings = parsed_changes(changes or []) | ({} if steps is None else {"schedule.steps": steps})
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


def _print_spaces() -> None:
    from engine.studies.sweeps.catalogue import space_files
    from engine.studies.sweeps.space import load_space

    spaces = [load_space(path) for path in space_files().values()]
    print_table(("space", "about"), [(space.name, space.about) for space in spaces])


def _asked(
    library: "Library",
    preset: str,
    space_name: str | None,
    settings: Mapping[str, Any],
    numbers: Mapping[str, Any],
) -> "Sweep":
    """Return the sweep that the command line asks for; what it does not say is the default."""
    from engine.studies.sweeps.catalogue import space_files, space_path
    from engine.studies.sweeps.space import load_space, require_fitting
    from engine.studies.sweeps.sweep import Sweep, checked_sweep

    if space_name is None:
        raise BadInput(
            f"Say which settings vary: --space FILE.yaml, or one of {', '.join(space_files())}."
        )
    path = space_path(space_name)
    space, experiment = load_space(path), library.experiment(preset).with_settings(settings)
    require_fitting(space, experiment, str(path))
    name = f"{experiment.name}-{space.name}"[:100]
    given = {key: value for key, value in numbers.items() if value is not None}
    return checked_sweep(Sweep(name, experiment, space.parameters, **given), "command line")


def _begun_or_new(
    asked: "Sweep", place: Any, lag: int | None, random: int | None, workers: int
) -> "Sweep":
    """Return the sweep of a folder as it goes on, or the new one that is asked for."""
    from dataclasses import replace

    from engine.studies.sweeps.sweep import continued, load_sweep

    if not place.file.is_file():
        return asked if lag is not None else replace(asked, lag=max(asked.lag, 2 * workers))
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
        _write(state, importance, out)
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
    if not sweep_tables.is_whole(state):
        print("Not everything is done yet.")


def _importance(state: "SweepState") -> Mapping[str, float]:
    """Return how much each setting decides; nothing where Optuna is not installed."""
    from engine.studies.sweeps.proposals import importance

    try:
        return importance(state.sweep, state.trials)
    except BadInput as error:
        remarks.print(str(error))
        return {}


def _write(state: "SweepState", importance: Mapping[str, float], out: Path) -> None:
    from engine.io.files import write_text
    from leo_studio.analysis.sweep_tables import markdown, numbers
    from leo_studio.figures.tables import write_tables

    if out.suffix.lower() == ".md":
        write_text(out, markdown(state, importance))
    else:
        write_tables(out, [numbers(state)])
