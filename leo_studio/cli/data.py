"""`leo-studio import` and `leo-studio data`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import BadInput
from engine.io.listing import listed
from engine.io.paths import expanded
from leo_studio.cli.arguments import WholeHelp, tell_of_namesake
from leo_studio.cli.console import print_json, print_table, progress_bar, remarks

if TYPE_CHECKING:
    from engine.data.importers.checks import ImportedStore
    from engine.data.integrity import StoreReport
    from engine.runs.library import Library

import_app = typer.Typer(
    cls=WholeHelp, help="Make embedding stores, and runs, of other files.", no_args_is_help=True
)
data_app = typer.Typer(cls=WholeHelp, help="Look at embedding stores.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
Replace = Annotated[
    bool,
    typer.Option(
        "--replace", help="Replace a store of the same name, which goes to the library's trash."
    ),
]


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
    name: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NEW|OLD=NEW",
            help="What the store is called; of several, another name for one (may be repeated).",
        ),
    ] = None,
    replace: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Import LEO's released embeddings: the archive, or the folder that it unpacks to."""
    from engine.data.importers.deepmind import import_deepmind
    from leo_studio.services.library_location import default_library

    library = default_library()
    names = _names(name or [])
    with progress_bar() as bar, _naming_runs(library):
        task = bar.add_task("Importing", total=1.0, note="")
        stores = import_deepmind(
            source,
            out or library.stores,
            lambda name, done: bar.update(task, completed=done, note=name),
            names,
            library.keep_old_store if replace else None,
        )
    _report_imports(stores, library, as_json)


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
    labels_per_split: Annotated[
        bool,
        typer.Option(
            "--labels-per-split", help="The same label in two splits stands for two classes."
        ),
    ] = False,
    replace: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Import a NumPy archive of embeddings."""
    from engine.data.importers.arrays import import_arrays
    from leo_studio.services.library_location import default_library

    if name is not None:
        _require_name(name)
    library = default_library()
    target = out or library.stores / f"{name or source.stem}.h5"
    if target.suffix not in (".h5", ".hdf5"):
        raise BadInput(f"--out is {target}; a store's name ends in .h5.")
    with _naming_runs(library):
        keep_old = library.keep_old_store if replace else None
        store = import_arrays(source, target, name, keep_old, labels_per_split=labels_per_split)
    _report_imports([store], library, as_json)


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


def _names(given: Sequence[str]) -> str | dict[str, str]:
    """Return the names that --name gives: the only store's, or those of some."""
    for name in given:
        _require_name(name.rpartition("=")[2])
    if len(given) == 1 and "=" not in given[0]:
        return given[0]
    pairs = [name.split("=", 1) for name in given]
    single = next((pair[0] for pair in pairs if len(pair) == 1), None)
    if single is not None:
        raise BadInput(f'--name is "{single}"; of several names, each is given as OLD=NEW.')
    return {old: new for old, new in pairs}


def _require_name(name: str) -> None:
    if not name or Path(name).name != name:
        raise BadInput(f'--name is "{name}"; it must be a name without slashes.')


@contextmanager
def _naming_runs(library: "Library") -> Iterator[None]:
    """Say, where a store may not be replaced, which runs were trained on it."""
    from engine.data.placement import StoreTaken

    try:
        yield
    except StoreTaken as error:
        trained = [run for path in error.paths for run in library.trained_on(path)]
        if not trained or not error.may_replace:
            raise
        raise BadInput(f"{error} Trained on what is there: {listed(trained)}.") from error


def _report_imports(stores: Sequence["ImportedStore"], library: "Library", as_json: bool) -> None:
    reports = []
    for store in stores:
        report = _inspected(store.path)
        outcome = {"path": str(store.path), "notes": store.notes, "unchanged": store.is_unchanged}
        if store.old is not None:
            trained = library.trained_on(store.old)
            outcome |= {"old": str(store.old), "trained_on_old": trained}
            runs = f" Trained on it: {listed(trained)}." if trained else ""
            remarks.print(f"Note: the store that was replaced is now {store.old}.{runs}")
        reports.append(outcome | asdict(report))
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
