"""Choices of an evaluation on other ways, shots and stores: as people type and read them."""

from collections.abc import Sequence

from engine.config import classification
from engine.errors import BadInput
from leo_studio.analysis.experiment.store_names import store_title
from leo_studio.services.records import RunEntry, StoreEntry

MOST_WAYS = MOST_SHOTS = 1000  # as task.n_way and task.k_shot
FEWEST_WAYS, FEWEST_SHOTS = 2, 1
_USUAL_WAYS, _USUAL_SHOTS = (2, 5, 10, 20), (1, 5)


def read_numbers(what: str, text: str, least: int, most: int) -> list[int]:
    """Read "2, 5,10", each number once and rising; raises `BadInput` for anything else."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() and least <= int(word) <= most for word in words):
        raise BadInput(f'{what} is "{text}"; it must be numbers from {least} to {most}: 2,5,10.')
    return sorted({int(word) for word in words})


def usual_ways(run: RunEntry) -> str:
    """Return the ways that are proposed: usual ones, and those of the run."""
    own = set() if run.experiment is None else {classification(run.experiment).n_way}
    return _typed(own | set(_USUAL_WAYS))


def usual_shots(run: RunEntry) -> str:
    """Return the shots that are proposed."""
    own = set() if run.experiment is None else {classification(run.experiment).k_shot}
    return _typed(own | set(_USUAL_SHOTS))


def store_choices(own: StoreEntry, stores: Sequence[StoreEntry]) -> list[tuple[str, str]]:
    """Return the names and titles of the stores beside a run's own that its weights fit."""
    return [
        (store.name, store_title(store.name))
        for store in stores
        if store.splits
        and store.path.resolve() != own.path.resolve()
        and store.embedding_dim == own.embedding_dim
    ]


def why_no_grid(run: RunEntry) -> str:
    """Say why a run is not evaluated on other ways, shots and stores; "" where it can be."""
    if run.experiment is not None and run.experiment.learner.reads_pictures:
        return "This run learns from pictures: other ways and shots are for learners on embeddings."
    return ""


def _typed(numbers: set[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))
