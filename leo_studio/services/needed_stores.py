"""The stores that studies and sweeps need: which are missing, and which do not suffice."""

from collections.abc import Iterable

from engine.config import Experiment
from engine.data.requirements import require_fit
from engine.errors import BadInput
from engine.runs.library import Library
from leo_studio.services.catalogue import store_entry
from leo_studio.services.records import StoreEntry


def missing_stores(library: Library, experiments: Iterable[Experiment]) -> tuple[str, ...]:
    """Return the names of stores that experiments need, and the library does not have."""
    names = dict.fromkeys(each.data.store for each in experiments if each.task.needs_store)
    return tuple(name for name in names if library.store_state(name) == "missing")


def why_not_trained(library: Library, uses: Iterable[tuple[Experiment, str]]) -> str:
    """Say which store is missing, or does not suffice, and what to do; "" for none.

    The built-in one that was not drawn yet is no reason: it will be.

    Parameters
    ----------
    library
        Where stores are.
    uses
        What is to be trained, and the split that it is evaluated on.
    """
    known: dict[str, StoreEntry] = {}
    for experiment, split in uses:
        name = experiment.data.store
        if library.must_draw(name):
            continue
        try:
            if name not in known:
                known[name] = store_entry(name, library.existing_store(name))
            if known[name].problem:
                return known[name].problem
            splits = {each.name: each for each in known[name].splits}
            require_fit(experiment, known[name].path.name, splits, split)
        except BadInput as error:
            return str(error)
    return ""
