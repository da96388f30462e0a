"""`leo-studio import` and `leo-studio data`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import BadInput
from engine.io.listing import listed
from engine.io.paths import expanded
from leo_studio.cli.arguments import tell_of_namesake
from leo_studio.cli.console import print_json, print_table, progress_bar, remarks
from leo_studio.cli.whole_help import WholeHelp

if TYPE_CHECKING:
    from engine.data.importers.checks import ImportedStore
    from engine.data.integrity import StoreReport
    from engine.runs.library import Library

import_app = typer.Typer(cls=WholeHelp, no_args_is_help=True)
data_app = typer.Typer(cls=WholeHelp, no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
StoreFile = Annotated[
    Path | None,
    typer.Option(parser=expanded, metavar="FILE.h5", help="The store; by default in the library."),
]
StoreName = Annotated[str | None, typer.Option(help="What the store is called.")]
Splits = Annotated[
    Path | None,
    typer.Option(
        parser=expanded,
        metavar="FILE|FOLDER",
        help="Which classes are train, val and test: JSON, CSV (class, split), or a folder of "
        "train, val and test files.",
    ),
]
SplitSeed = Annotated[int, typer.Option(help="Of the drawing, where nothing says the splits.")]
Proportions = Annotated[
    str, typer.Option(metavar="TRAIN/VAL/TEST", help="Of the classes that are drawn.")
]
Replace = Annotated[
    bool,
    typer.Option(
        "--replace", help="Replace a store of the same name, which goes to the library's trash."
    ),
]
LabelsPerSplit = Annotated[
    bool,
    typer.Option("--labels-per-split", help="The same label in two splits stands for two classes."),
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
    with progress_bar() as bar, naming_runs(library):
        task = bar.add_task("Importing", total=1.0, note="")
        stores = import_deepmind(
            source,
            out or library.stores,
            lambda name, done: bar.update(task, completed=done, note=name),
            names,
            library.keep_old_store if replace else None,
        )
    report_imports(stores, library, as_json)


@import_app.command("arrays")
def import_arrays_command(
    source: Annotated[
        Path,
        typer.Argument(
            parser=expanded,
            metavar="FILE.npz",
            help="Arrays embeddings (n, D) and labels (n), or X and y, features and labels, data "
            "and target; optionally names, split, class_names, images.",
        ),
    ],
    out: StoreFile = None,
    name: StoreName = None,
    labels_per_split: LabelsPerSplit = False,
    embeddings: Annotated[
        str, typer.Option(metavar="NAME", help="Which array the embeddings are.")
    ] = "",
    labels: Annotated[str, typer.Option(metavar="NAME", help="Which array the labels are.")] = "",
    replace: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Import a NumPy archive of embeddings."""
    from engine.data.importers.array_roles import ArrayNames
    from engine.data.importers.arrays import import_arrays
    from leo_studio.services.library_location import default_library

    library = default_library()
    target = store_at(out, name, source.stem, library)
    with naming_runs(library):
        keep_old = library.keep_old_store if replace else None
        store = import_arrays(
            source,
            target,
            name,
            keep_old,
            labels_per_split=labels_per_split,
            wanted=ArrayNames(embeddings, labels),
        )
    report_imports([store], library, as_json)


@import_app.command("features")
def import_features_command(
    sources: Annotated[
        list[Path],
        typer.Argument(
            parser=expanded,
            metavar="FILE|FOLDER...",
            help="Pickles (.plk, .pkl), files of PyTorch (.pt), tables (.csv, .parquet), or a "
            "folder of them or of arrays (.npy, one a class). Files named base, val and novel, or "
            "train, val and test, are the splits.",
        ),
    ],
    out: StoreFile = None,
    name: StoreName = None,
    splits: Splits = None,
    seed: SplitSeed = 0,
    proportions: Proportions = "64/16/20",
    labels_per_split: LabelsPerSplit = False,
    replace: Replace = False,
    as_json: AsJson = False,
) -> None:
    """Import feature files as papers and libraries of the field write them."""
    from engine.data.class_splits import SplitChoice, read_proportions
    from engine.data.importers.features.importing import import_features
    from engine.data.importers.features.sources import store_name_of
    from leo_studio.services.library_location import default_library

    library = default_library()
    target = store_at(out, name, store_name_of(sources), library)
    choice = SplitChoice(splits, read_proportions(proportions), seed)
    with progress_bar() as bar, naming_runs(library):
        task = bar.add_task("Importing", total=1.0, note="")
        store = import_features(
            sources,
            target,
            name,
            library.keep_old_store if replace else None,
            splits=choice,
            labels_per_split=labels_per_split,
            progress=lambda note, done: bar.update(task, completed=done, note=note),
        )
    report_imports([store], library, as_json)


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


def store_at(out: Path | None, name: str | None, default: str, library: "Library") -> Path:
    """Return where the one store of an import goes: by --out, by --name, or by a default name."""
    if name is not None:
        _require_name(name)
    target = out or library.stores / f"{name or default}.h5"
    if target.suffix not in (".h5", ".hdf5"):
        raise BadInput(f"--out is {target}; a store's name ends in .h5.")
    return target


@contextmanager
def naming_runs(library: "Library") -> Iterator[None]:
    """Say, where a store may not be replaced, which runs were trained on it."""
    from engine.data.placement import StoreTaken

    try:
        yield
    except StoreTaken as error:
        trained = [run for path in error.paths for run in library.trained_on(path)]
        if not trained or not error.may_replace:
            raise
        raise BadInput(f"{error} Trained on what is there: {listed(trained)}.") from error


def report_imports(
    stores: Sequence["ImportedStore"],
    library: "Library",
    as_json: bool,
    more: Mapping[str, object] | None = None,
) -> None:
    """Print what was imported, as tables or as JSON, with what a person may not expect.

    `more` is what JSON says of each store besides.
    """
    reports = []
    for store in stores:
        report = _inspected(store.path)
        outcome = {"path": str(store.path), "notes": store.notes, "unchanged": store.is_unchanged}
        if store.old is not None:
            trained = library.trained_on(store.old)
            outcome |= {"old": str(store.old), "trained_on_old": trained}
            runs = f" Trained on it: {listed(trained)}." if trained else ""
            remarks.print(f"Note: the store that was replaced is now {store.old}.{runs}")
        reports.append(outcome | asdict(report) | dict(more or {}))
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
