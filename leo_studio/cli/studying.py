"""`leo-studio study`."""

import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.io.paths import expanded
from leo_studio.analysis.study_files import TABLE_ENDINGS, write_study_table
from leo_studio.cli.arguments import (
    JsonOption,
    ReplaceOption,
    require_ending,
    require_new_file,
    tell_of_store,
)
from leo_studio.cli.console import print_json, print_table, progress_bar, remarks
from leo_studio.cli.executors import AtOnceOption, OnOption, RayOption, SlurmOption, Where
from leo_studio.cli.following import stop_signals
from leo_studio.cli.training import parsed_changes, require_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.runs.library import Library
    from engine.studies.carrying_out import Overseer
    from engine.studies.standing import Standing
    from engine.studies.study import Study
    from engine.studies.table import Table

_SECONDS_BETWEEN_LOOKS = 1.0


StudyArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="STUDY|FILE.yaml", help="A study, or a file of one; without, they are listed."
    ),
]
SeedsOption = Annotated[int | None, typer.Option(metavar="N", help="Runs of each trained learner.")]
StepsOption = Annotated[int | None, typer.Option(help="Outer steps of each run.")]
ChangesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY.PATH=VALUE", help="Change a setting of all runs; repeatable."
    ),
]
EpisodesOption = Annotated[int | None, typer.Option(help="Episodes of each evaluation.")]
PlaceOption = Annotated[str, typer.Option(metavar="auto|cpu|cuda[:i]", help="Where to train.")]
FolderOption = Annotated[
    Path | None,
    typer.Option(
        parser=expanded, metavar="DIR", help="The study's folder; in the library by default."
    ),
]
TableOption = Annotated[
    bool, typer.Option("--table", help="Train nothing; only print what there is.")
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        parser=expanded, metavar="FILE", help=f"Also write the table: {', '.join(TABLE_ENDINGS)}."
    ),
]


def study_command(
    name: StudyArgument = None,
    on: OnOption = "local",
    at_once: AtOnceOption = None,
    slurm: SlurmOption = None,
    ray: RayOption = None,
    seeds: SeedsOption = None,
    steps: StepsOption = None,
    changes: ChangesOption = None,
    episodes: EpisodesOption = None,
    device: PlaceOption = "cpu",
    folder: FolderOption = None,
    table_only: TableOption = False,
    out: OutOption = None,
    replace: ReplaceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Compare learners over settings, data and seeds, in a table; it goes on where it was ended."""
    if name is None:
        _print_studies()
        return
    from engine.studies.carrying_out import Overseer
    from engine.studies.catalogue import find_study
    from engine.studies.cells import cells_of
    from engine.studies.standing import StudyFolder
    from engine.studies.table import table_of
    from leo_studio.services.library_location import default_library

    where = Where(on, at_once, slurm or [], ray)
    where.require_sense()
    if out is not None:
        require_ending(out, TABLE_ENDINGS)
        require_new_file(out, replace)
    library = default_library()
    settings = parsed_changes(changes or []) | ({} if steps is None else {"schedule.steps": steps})
    study = _changed(find_study(name), settings, seeds, episodes)
    cells = cells_of(study, library.experiment, device)
    place = StudyFolder((folder or library.studies / study.name).absolute())
    overseer, received = Overseer(study, cells, place), list[int]()
    if not table_only:
        received = _carry_out(library, overseer, device, where)
    table = table_of(study, overseer.look())
    if as_json:
        print_json(_as_json(table))
    else:
        _print_table(table)
    if out is not None:
        write_study_table(table, out)
        remarks.print(f"Written to {out}", style="dim")
    if received:
        remarks.print("Stopped. The same command goes on.")
        sys.exit(128 + received[0])


def _carry_out(library: "Library", overseer: "Overseer", device: str, where: Where) -> list[int]:
    """Carry out what is left, and return the signals that ended it."""
    from engine.studies.carrying_out import carried_out, require_stores

    for store in dict.fromkeys(cell.experiment.data.store for cell in overseer.cells):
        tell_of_store(library, store)
        require_store(library, store)
    require_stores(library, overseer.study, overseer.cells)
    remarks.print(f"Study: {overseer.folder.path}", style="dim")
    executor, count = where.executor(overseer.folder, library, device)
    if executor.count:
        remarks.print(f"{executor.count} of its workers are there already.")
    looks = carried_out(overseer, executor, count, remarks.print)
    # Workers keep their checkpoints before it is looked at once more.
    with stop_signals() as received, closing(looks):
        _follow(looks, overseer, received)
    return received


def _print_studies() -> None:
    from engine.studies.catalogue import study_files
    from engine.studies.study import load_study

    studies = [load_study(path) for path in study_files().values()]
    print_table(("study", "about"), [(study.name, study.about) for study in studies])


def _changed(
    study: "Study", settings: dict[str, Any], seeds: int | None, episodes: int | None
) -> "Study":
    """Return a study with what the command line says otherwise."""
    given = {"seeds": seeds, "episodes": episodes}
    parts: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if settings:
        parts["set"] = {**study.changes, **settings}
    return study.with_parts(**parts) if parts else study


def _follow(
    looks: "Iterator[Sequence[Standing]]", overseer: "Overseer", received: Sequence[int]
) -> None:
    """Show how a study goes on until it is carried out, or a signal came."""
    told: set[str] = set()
    with progress_bar() as bar:
        task = bar.add_task(overseer.study.name, total=len(overseer.cells), note="")
        for standings in looks:
            done = sum(each.share_done for each in standings)
            bar.update(task, completed=done, note=_note(standings))
            _tell_of_results(standings, told)
            if received:
                return
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        _tell_of_results(overseer.look(), told)


def _note(standings: "Sequence[Standing]") -> str:
    done = sum(each.is_over for each in standings)
    return f"{done} of {len(standings)} runs"


def _tell_of_results(standings: "Sequence[Standing]", told: set[str]) -> None:
    from leo_studio.analysis.formats import format_accuracy

    for each in standings:
        found = each.evaluation
        if found is not None and each.cell.name not in told:  # workers tell of failures
            told.add(each.cell.name)
            remarks.print(f"{each.cell.name}  {format_accuracy(found.accuracy, found.ci95)}")


def _print_table(table: "Table") -> None:
    from leo_studio.analysis.study_tables import header, notes, rows

    print_table(header(table), rows(table))
    print()
    for note in notes(table):
        print(note)
    if not table.is_whole:
        print("Not every run is evaluated yet.")


def _as_json(table: "Table") -> dict[str, Any]:
    from leo_studio.analysis.study_tables import notes, numbers

    columns = {name: list(values) for name, values in numbers(table).columns.items()}
    rows = zip(*columns.values(), strict=True)
    return {
        "study": table.study.name,
        "is_whole": table.is_whole,
        "seconds": table.seconds,
        "entries": [dict(zip(columns, map(_plain, row), strict=True)) for row in rows],
        "notes": notes(table),
    }


def _plain(value: Any) -> Any:
    """Return a cell's value as JSON has it: null for what is not known."""
    plain = value.item() if hasattr(value, "item") else value
    return None if plain != plain else plain
