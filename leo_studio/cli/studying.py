"""`leo-studio study`."""

import sys
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
from leo_studio.cli.carrying_out import carry_out
from leo_studio.cli.console import print_json, print_table, remarks
from leo_studio.cli.executors import AtOnceOption, OnOption, RayOption, SlurmOption, Where
from leo_studio.cli.training import parsed_changes, require_store

if TYPE_CHECKING:
    from engine.runs.library import Library
    from engine.studies.carrying_out import Overseer
    from engine.studies.standing import Standing
    from engine.studies.study import Study
    from engine.studies.table import Table

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
    typer.Option(parser=expanded, metavar="DIR", help="Its folder; in the library by default."),
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
    from engine.studies.carrying_out import require_stores

    for store in dict.fromkeys(cell.experiment.data.store for cell in overseer.cells):
        tell_of_store(library, store)
        require_store(library, store)
    require_stores(library, overseer.study, overseer.cells)
    remarks.print(f"Study: {overseer.folder.path}", style="dim")
    executor, count = where.executor(overseer.folder, library, device)
    return carry_out(overseer, executor, count, len(overseer.cells), result_of_cell)


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


def result_of_cell(standing: "Standing") -> tuple[str, str]:
    """Return the name of a run, and what it measured; "" where it failed, which workers tell."""
    from leo_studio.analysis.formats import format_accuracy

    found = standing.evaluation
    return standing.cell.name, "" if found is None else format_accuracy(found.accuracy, found.ci95)


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
