"""`leo-studio import` and `leo-studio data`."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import BadInput
from engine.io.paths import expanded
from leo_studio.cli.arguments import WholeHelp, tell_of_namesake
from leo_studio.cli.console import print_json, print_table, progress_bar, remarks

if TYPE_CHECKING:
    from engine.data.importers.checks import ImportedStore
    from engine.data.integrity import StoreReport

import_app = typer.Typer(
    cls=WholeHelp, help="Make embedding stores, and runs, of other files.", no_args_is_help=True
)
data_app = typer.Typer(cls=WholeHelp, help="Look at embedding stores.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]


@import_app.command("deepmind")
def import_deepmind_command(
    source: Annotated[
        Path, typer.Argument(parser=expanded, metavar="DIR|ZIP", help="LEO's released embeddings.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            parser=expanded, metavar="DIR", help="Where the stores go; by default into the library."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import LEO's released embeddings: the archive, or the folder that it unpacks to."""
    from engine.data.importers.deepmind import import_deepmind
    from leo_studio.services.library_location import default_library

    with progress_bar() as bar:
        task = bar.add_task("Importing", total=1.0, note="")
        stores = import_deepmind(
            source,
            out or default_library().stores,
            lambda name, done: bar.update(task, completed=done, note=name),
        )
    _report_imports(stores, as_json)


@import_app.command("arrays")
def import_arrays_command(
    source: Annotated[
        Path,
        typer.Argument(
            parser=expanded,
            metavar="FILE.npz",
            help="Arrays embeddings (n, D) and labels (n); optionally names, split, class_names, "
            "images.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            parser=expanded, metavar="FILE.h5", help="The store; by default in the library."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What the store is called.")] = None,
    as_json: AsJson = False,
) -> None:
    """Import a NumPy archive of embeddings."""
    from engine.data.importers.arrays import import_arrays
    from leo_studio.services.library_location import default_library

    if name is not None and (not name or Path(name).name != name):
        raise BadInput(f'--name is "{name}"; it must be a name without slashes.')
    target = out or default_library().stores / f"{name or source.stem}.h5"
    if target.suffix not in (".h5", ".hdf5"):
        raise BadInput(f"--out is {target}; a store's name ends in .h5.")
    _report_imports([import_arrays(source, target, name)], as_json)


@data_app.command("info")
def info_command(
    path: Annotated[str, typer.Argument(metavar="FILE.h5|NAME", help="A store.")],
    as_json: AsJson = False,
) -> None:
    """Show what a store holds, and whether it is sound."""
    from engine.runs.library import STORE_ENDINGS
    from leo_studio.services.library_location import default_library

    library = default_library()
    report = _inspected(library.existing_store(path))
    tell_of_namesake(path, library.store_path(path), STORE_ENDINGS)
    if as_json:
        print_json(asdict(report))
    else:
        _print_report(report)


def _report_imports(stores: Sequence["ImportedStore"], as_json: bool) -> None:
    reports = []
    for store in stores:
        report = _inspected(store.path)
        reports.append({"path": str(store.path), "notes": store.notes, **asdict(report)})
        if not as_json:
            print(f"{store.path}")
            _print_report(report)
        for note in store.notes:
            remarks.print(f"Note: {note}")
    if as_json:
        print_json({"stores": reports})


def _inspected(path: Path) -> "StoreReport":
    from engine.data.integrity import inspect_store
    from engine.data.store import EmbeddingStore

    return inspect_store(EmbeddingStore(path))


def _print_report(report: "StoreReport") -> None:
    print(f"{report.name}: embeddings of {report.embedding_dim} numbers, from {report.source}")
    print_table(
        ("split", "classes", "examples", "per class", "duplicates", "norms", "images"),
        [
            (
                split.name,
                split.classes,
                split.examples,
                f"{split.smallest_class} to {split.largest_class}",
                split.duplicate_rows,
                _range(split.norm_min, split.norm_max),
                "yes" if split.has_images else "no",
            )
            for split in report.splits
        ],
    )
    for problem in report.problems:
        print(f"problem: {problem}")


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.3g} to {high:.3g}"
