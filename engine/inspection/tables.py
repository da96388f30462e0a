"""Tables of many episodes for a browser, and their latent codes.

Accuracies, losses and calibration are those of all queries that an evaluation asks, and equal its
numbers. How much of a prediction's uncertainty is due to the code is measured on at most 15 queries
of each class with 8 sampled codes, which keeps ten thousand episodes affordable.

Shapes: E episodes, N ways, Q queries per class, L latent size, S samples, P positions.
"""

from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor

from engine.data.store import Split
from engine.devices.batching import run_with_halving
from engine.devices.selection import cpu_threads
from engine.evaluation.evaluator import workers
from engine.inspection.episode_inspection import (
    Ends,
    LabelledExamples,
    Scores,
    calibration_error,
    entropy_of,
    sampled_codes,
    sampled_ends,
    stages_of,
    support_of,
    whole_trajectory,
)
from engine.inspection.records import LATENT_QUERIES, EpisodeTable, Latents, Provenance
from engine.inspection.rows import EpisodeRows, episode_rows
from engine.learners.leo.trajectory import Model, distribution

CONFIDENT = 0.9
_SAMPLES = 8
# Episodes and gathered numbers that are worked on at a time; whoever ends it waits for no more.
_EPISODES_AT_A_TIME = 64
_NUMBERS_AT_A_TIME = 1 << 23

R = TypeVar("R")


def tabulated(
    model: Model,
    split: Split,
    numbers: Sequence[int],
    task: tuple[int, int, int],
    provenance: Provenance,
) -> Generator[EpisodeTable, None, None]:
    """Tabulate episodes, yielding some rows at a time, in order.

    Parameters
    ----------
    model
        Weights and steps, on the split's device.
    split
        Where the episodes are from.
    numbers
        Which ones.
    task
        N, K, and how many queries of each class there are at most.
    provenance
        Its seed is that of the episodes.

    Raises
    ------
    BadInput
        If the split has too few classes, or a class fewer than K + 1 examples.
    """
    n_way, _, queries = task
    gathered = n_way * min(queries, split.largest_class) * split.embeddings.shape[1]
    together = max(1, min(_EPISODES_AT_A_TIME, _NUMBERS_AT_A_TIME // gathered))
    rows = partial(_rows, split, provenance, task)
    yield from in_parts(
        lambda some: _table(model, split, rows(some), provenance), split, numbers, together
    )


def latents(
    model: Model,
    split: Split,
    numbers: Sequence[int],
    task: tuple[int, int, int],
    samples: int,
    provenance: Provenance,
) -> Generator[Latents, None, None]:
    """Follow the latent codes of episodes, yielding some episodes at a time, in order.

    `samples` is S; for the other parameters, and for what is raised, see `tabulated`. Accuracies
    are of at most 15 queries per class.
    """
    n_way, k_shot, queries = task
    few = (n_way, k_shot, min(queries, LATENT_QUERIES))
    rows = partial(_rows, split, provenance, few)
    yield from in_parts(
        lambda some: latents_of(model, split, rows(some), samples, provenance),
        split,
        numbers,
        _EPISODES_AT_A_TIME,
    )


@torch.no_grad()
def latents_of(
    model: Model, split: Split, rows: EpisodeRows, samples: int, provenance: Provenance
) -> Latents:
    """Follow the latent codes of episodes that are known as rows."""
    support = support_of(split, rows)
    start = distribution(model, support)
    path = whole_trajectory(model, support, start.mean)
    codes = sampled_codes(start, rows.numbers, samples, provenance)
    sampled = sampled_ends(model, support, codes)
    query = LabelledExamples.of(split, rows.query)
    accuracies = query.scores(path.weights[:, stages_of(model)]).accuracy()
    tensors = {
        "numbers": rows.numbers,
        "classes": rows.classes,
        "support": rows.support,
        "deviation": start.deviation,
        "codes": path.codes,
        "sampled_before": codes.transpose(0, 1),
        "sampled_after": sampled.codes,
        "accuracies": accuracies,
        "uncertainties": _information(query, sampled),
    }
    return Latents(
        provenance=provenance,
        class_names=split.class_names,
        inner_steps=model.inner_steps,
        finetuning_steps=model.finetuning_steps,
        **{name: tensor.cpu().numpy() for name, tensor in tensors.items()},
    )


@torch.no_grad()
def _table(model: Model, split: Split, rows: EpisodeRows, provenance: Provenance) -> EpisodeTable:
    support = support_of(split, rows)
    start = distribution(model, support)
    path = whole_trajectory(model, support, start.mean)
    scores = LabelledExamples.of(split, rows.query).scores(path.weights[:, stages_of(model)])
    probabilities, is_right = scores.probabilities(), scores.is_right()
    final, is_there = probabilities[:, -1], scores.is_there
    is_confident_error = (final.amax(-1) >= CONFIDENT) & ~is_right[:, -1]
    asked = is_there.sum((1, 2))
    few = LabelledExamples.of(split, rows.query[..., :LATENT_QUERIES])
    codes = sampled_codes(start, rows.numbers, _SAMPLES, provenance)
    sampled = sampled_ends(model, support, codes)
    tensors = {
        "numbers": rows.numbers,
        "classes": rows.classes,
        # Counted in double precision, as an evaluation does.
        "accuracies": is_right.sum((2, 3)).double() / asked[:, None],
        "losses": scores.loss().double(),
        "calibration_errors": calibration_error(probabilities[:, -1:], is_right[:, -1:])[:, 0],
        "entropies": entropy_of(final).nansum((1, 2)).double() / asked,
        "mutual_informations": _information(few, sampled).double(),
        "confident_errors": (is_confident_error & is_there).sum((1, 2)).double() / asked,
        "confusions": _confusions(scores),
    }
    return EpisodeTable(
        provenance=provenance,
        class_names=split.class_names,
        **{name: tensor.cpu().numpy() for name, tensor in tensors.items()},
    )


def _information(query: LabelledExamples, sampled: Ends) -> Tensor:
    """Mutual information between prediction and code after fine-tuning, mean over queries, (E,)."""
    predicted = query.scores(sampled.weights).probabilities()
    information = entropy_of(predicted.mean(1)) - entropy_of(predicted).mean(1)
    return information.clamp(min=0).nanmean((1, 2))


def _confusions(scores: Scores) -> Tensor:
    """Count what the queries of each class were taken for after fine-tuning, (E, N, N) int32.

    A query whose logits are not numbers was taken for no class.
    """
    logits = scores.logits[:, -1]
    taken = logits.argmax(-1)
    is_taken = scores.is_there & ~logits.isnan().any(-1)
    counts = torch.zeros(*taken.shape[:2], logits.shape[-1], dtype=torch.int32, device=taken.device)
    return counts.scatter_add_(2, taken, is_taken.int())


def _rows(
    split: Split, provenance: Provenance, task: tuple[int, int, int], numbers: Sequence[int]
) -> EpisodeRows:
    return episode_rows(split, provenance.seed, numbers, *task)


def in_parts(
    work: Callable[[Sequence[int]], R], split: Split, numbers: Sequence[int], together: int
) -> Generator[R, None, None]:
    """Do the work for some numbers at a time, on every core."""
    parts = [numbers[start : start + together] for start in range(0, len(numbers), together)]
    with cpu_threads(1), workers(split.embeddings.device) as pool:
        for results in pool.map(partial(run_with_halving, work), parts):
            yield from results
