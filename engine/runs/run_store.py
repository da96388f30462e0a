"""The store that a run was trained on: found where it is now, known again, and remembered."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from engine.config import counted_sizes
from engine.data.fingerprint import fingerprint
from engine.data.splits import Sampling
from engine.data.store import EmbeddingStore, Split
from engine.errors import BadInput
from engine.runs.library import Library
from engine.runs.record import StoreRecord
from engine.runs.run import Run

# Stores that were found anew, by the runs' ids: those of runs that cannot be written to are known
# as long as the program lasts.
_LOCATED: dict[str, Path] = {}

REMEDY = "--store FILE, or Locate... in the window."
"""How a person says where a file is now, at the end of a sentence."""


class StoreNotFound(BadInput):
    """The store of a run is neither where it was nor in the library.

    Attributes
    ----------
    run
        The run's folder.
    """

    def __init__(self, sentence: str, run: Path) -> None:
        super().__init__(sentence)
        self.run = run


def located(run_id: str) -> Path | None:
    """Return where a run's store was found in this process, if that is not where it was."""
    return _LOCATED.get(run_id)


def store_of(
    library: Library,
    run: Run,
    given: str | None = None,
    progress: Callable[[float], None] | None = None,
    say: Callable[[str], object] | None = None,
) -> EmbeddingStore:
    """Open the store that a run was trained on.

    It is looked for where the run remembers it, then by its name in the library, then by its
    contents among all stores there. One that was moved is remembered in run.json.

    Parameters
    ----------
    library
        Where it is looked for.
    run
        The run.
    given
        Where it is now, by name or path, if somebody knows.
    progress
        See `Library.prepared_store`.
    say
        Told where the store is, if that is another place than before.

    Raises
    ------
    StoreNotFound
        If it is nowhere, or what is there has other contents.
    BadInput
        If there is nothing at `given`, a store cannot be read, or the run's tasks need none.
    """
    if not run.experiment.task.needs_store:
        raise BadInput(
            f"{run.name} learns {run.experiment.task.title.lower()} on functions, so it has no "
            "store, and nothing that is made of a store's examples; choose another run."
        )
    if given is None:
        store = _found(library, run, progress)
    else:
        store = EmbeddingStore(library.prepared_store(given, progress))
        if why_not := _why_another(run, store):
            raise StoreNotFound(why_not, run.path)
    if given is None or not Path(run.record.store.path).is_file():
        remember(run, store.path, say, is_given=given is not None)
    return store


def examples_of(run: Run, store: EmbeddingStore, names: Sequence[str]) -> Split:
    """Return splits of a store as a run sees them, loaded or mapped as it says; see `load`.

    Raises
    ------
    BadInput
        If there is no such split, a row is not finite, or what the run has fitted is gone.
    """
    split = store.load(names, run.features(), run.experiment.data.access)
    return replace(split, sampling=sampling_of(run, store, names))


def sampling_of(run: Run, store: EmbeddingStore, names: Sequence[str]) -> Sampling:
    """Return how a run draws episodes from splits.

    As it did from the beginning, so that earlier versions' runs meet what they always met; on
    other stores than its own all runs draw alike.
    """
    known = run.record.store.splits
    if _sizes(store) != counted_sizes(known):
        return 1
    return 2 if any(known[name].get("sampling") == 2 for name in names) else 1


def store_record(store: EmbeddingStore) -> StoreRecord:
    """Return what a run remembers of a store."""
    return StoreRecord(
        path=str(store.path),
        name=store.name,
        embedding_dim=store.embedding_dim,
        splits={
            name: sizes | ({"sampling": 2} if store.splits[name].sampling == 2 else {})
            for name, sizes in _sizes(store).items()
        },
        fingerprint=fingerprint(store),
    )


def _sizes(store: EmbeddingStore) -> dict[str, dict[str, int]]:
    """Return how many classes and examples each split has."""
    return {
        split.name: {"classes": split.classes, "examples": split.examples}
        for split in store.splits.values()
    }


def _found(library: Library, run: Run, progress: Callable[[float], None] | None) -> EmbeddingStore:
    """Look for the store where it may be; what is another one by now is passed over."""
    problems: list[str] = []
    remembered, named = run.record.store.path, run.experiment.data.store
    known = [_LOCATED.get(run.record.id), Path(remembered) if remembered else None]
    for path in known:
        if path is not None and path.is_file():
            store = EmbeddingStore(path)
            problems.append(_why_another(run, store))
            if not problems[-1]:
                return store
    if library.must_draw(named) or library.store_path(named).is_file():
        store = EmbeddingStore(library.prepared_store(named, progress))
        problems.append(_why_another(run, store))
        if not problems[-1]:
            return store
    for path in sorted(library.stores.glob("*.h5")):
        with suppress(BadInput):  # one that cannot be read is not the one that is looked for
            store = EmbeddingStore(path)
            if run.record.store.fingerprint and not _why_another(run, store):
                return store
    raise StoreNotFound(problems[0] if problems else _nowhere(library, run), run.path)


def _nowhere(library: Library, run: Run) -> str:
    named, path = run.experiment.data.store, run.record.store.path
    if library.store_path(named).parent == library.stores:
        try:
            library.existing_store(named)
        except BadInput as error:  # which says how to get one of that name
            return f"{error} {run.name} was trained on it; say where it is: {REMEDY}"
    return (
        f"There is no store at {path or named} any more, on which {run.name} was trained, and none "
        f"in the library has its contents; say where it is: {REMEDY}"
    )


def _why_another(run: Run, store: EmbeddingStore) -> str:
    """Say why a store is not the one that a run was trained on; "" where it is."""
    known = run.record.store
    # What is cheap to compare comes first.
    for key, found, remembered in (
        ("embedding_dim", store.embedding_dim, known.embedding_dim),
        ("splits", _sizes(store), counted_sizes(known.splits)),
    ):
        if found != remembered:
            return (
                f"{store.path} is not the store that {run.name} was trained on: its {key} is "
                f"{found}, not {remembered}; give the right one with --store FILE."
            )
    if known.fingerprint not in ("", fingerprint(store)):
        return (
            f"{store.path} is as large as the store that {run.name} was trained on, but holds "
            "other names or embeddings; give the right one with --store FILE."
        )
    return ""


def remember(run: Run, path: Path, say: Callable[[str], object] | None, *, is_given: bool) -> None:
    """Write down where a run's store, or file of functions, is now, if that can be."""
    if str(path) == run.record.store.path:
        return
    if _LOCATED.get(run.record.id) != path and say is not None:
        how = "" if is_given else ", found by its contents"
        what = "store" if run.experiment.task.needs_store else "file"
        say(f"The {what} of {run.name} is {path} now{how}.")
    _LOCATED[run.record.id] = path
    if run.has_owner():
        return  # its run.json is its owner's
    # A run that cannot be written to is used all the same.
    with suppress(BadInput, OSError):
        run.reread()
        run.amend(store=run.record.store.model_copy(update={"path": str(path)}))
