"""Episodes of an evaluation as arrays, so that other software can be held to the same numbers.

A file holds the split's embeddings once, and for each episode which rows of them are its support
and query examples:

| name         | shape     | type    | what                                                        |
|--------------|-----------|---------|-------------------------------------------------------------|
| `embeddings` | (n, D)    | float32 | as the store holds them, sorted by class                    |
| `classes`    | (E, N)    | int32   | the split's class that has label 0 to N - 1 in the episode  |
| `support`    | (E, N, K) | int32   | rows of the support examples                                |
| `query`      | (E, N, Q) | int32   | rows of the queries; -1 where a class has fewer             |
| `accuracies` | (E,)      | float64 | share of queries that the engine got right                  |

`.npz` is for NumPy; `.safetensors` is a JSON header and plain bytes, which any language reads.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from torch import Tensor

from engine.config import Experiment, classification
from engine.data.features import RAW
from engine.data.store import EmbeddingStore, Split
from engine.evaluation.checkpoints import evaluate_checkpoint
from engine.evaluation.protocol import SEED
from engine.export.formats import require_target
from engine.export.trained import Trained
from engine.export.weights import one_text
from engine.inspection.rows import NOTHING, episode_rows
from engine.io.files import replacing
from engine.io.generators import finished
from engine.runs.run_store import sampling_of
from engine.tasks.episodes import numbers_from, sample_classes
from engine.tasks.queries_together import sample_together


def save_episodes(
    path: Path,
    trained: Trained,
    store: EmbeddingStore,
    split: str,
    count: int,
    progress: Callable[[float], None],
) -> float:
    """Write the first episodes of an evaluation, and return the engine's mean accuracy on them.

    Parameters
    ----------
    path
        Ends with .npz or .safetensors; the file is whole or absent.
    trained, store, split
        The weights, and where the episodes are from.
    count
        E, at least 2: episodes 0 to E - 1, which `leo-studio evaluate --episodes E` uses too.
    progress
        Called with the fraction done.

    Raises
    ------
    BadInput
        If the store lacks the split, or the file's name has another ending.
    """
    require_target(path, "episodes")
    steps = evaluate_checkpoint(
        trained.run, trained.checkpoint.step, store, split, count, device="cpu"
    )
    evaluation = finished(steps, lambda done: progress(done / count))
    examples = store.load([split], RAW)
    examples = replace(examples, sampling=sampling_of(trained.run, store, [split]))
    rows = _rows(trained.experiment, examples, count)
    arrays = {
        "embeddings": examples.in_memory.numpy(),
        **{name: each.numpy().astype(np.int32) for name, each in rows.items()},
        "accuracies": evaluation.accuracies,
    }
    facts = trained.facts() | {"split": split, "episodes": str(count)}
    with replacing(path) as draft:
        _write(draft, path.suffix, arrays, facts)
    return evaluation.accuracy


def _rows(experiment: Experiment, examples: Split, count: int) -> dict[str, Tensor]:
    """Return the episodes' classes and rows; where queries are seen together, -1 for no query."""
    task, wanted = classification(experiment), experiment.learner.queries_together
    if wanted is None:
        queries = task.examples_per_class - task.k_shot
        rows = episode_rows(examples, SEED, range(count), task.n_way, task.k_shot, queries)
        return {"classes": rows.classes, "support": rows.support, "query": rows.query}
    numbers = numbers_from(0, count, examples.embeddings.device)
    classes = sample_classes(examples, SEED, numbers, task.n_way)
    found = sample_together(examples, SEED, numbers, classes, task.k_shot, wanted)
    query = found.query.masked_fill(~found.is_query, NOTHING)
    return {"classes": classes, "support": found.support, "query": query}


def _write(
    draft: Path, ending: str, arrays: dict[str, NDArray[Any]], facts: dict[str, str]
) -> None:
    if ending == ".safetensors":
        ordered = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        safetensors.numpy.save_file(ordered, draft, one_text(facts))
        return
    with draft.open("wb") as file:  # given a name, numpy would add an ending of its own
        np.savez(file, allow_pickle=False, **arrays)
