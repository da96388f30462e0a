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
    query_logits,
    sampled_codes,
    sampled_ends,
    stages_of,
    support_of,
    weights_at_stages,
    whole_trajectory,
)
from engine.inspection.records import LATENT_QUERIES, EpisodeTable, Latents, Provenance
from engine.inspection.rows import NOTHING, EpisodeRows, episode_rows
from engine.learners.leo.model import Codes
from engine.learners.leo.trajectory import Model, Support, distribution

CONFIDENT = 0.9
_SAMPLES = 8
# Episodes that are worked on at a time; whoever ends it waits for no more.
_EPISODES_AT_A_TIME = 64
# What stays in a processor's cache: logits that are scored, and episodes whose codes are sampled.
_NUMBERS_AT_A_TIME = 1 << 18
_EPISODES_SAMPLED_AT_A_TIME = 8

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
    rows = partial(_rows, split, provenance, task)
    yield from in_parts(
        lambda some: _table(model, split, rows(some), provenance),
        split,
        numbers,
        _EPISODES_AT_A_TIME,
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
    logits = query_logits(split, rows, weights_at_stages(model, support, start.mean))
    together = max(1, _NUMBERS_AT_A_TIME // logits[0].numel())
    is_there = (rows.query != NOTHING).split(together)
    parts = [_measured(scores) for scores in map(Scores, logits.split(together), is_there)]
    tensors = {
        "numbers": rows.numbers,
        "classes": rows.classes,
        **{name: torch.cat([part[name] for part in parts]) for name in parts[0]},
        "mutual_informations": _sampled_information(model, split, rows, support, start, provenance),
    }
    return EpisodeTable(
        provenance=provenance,
        class_names=split.class_names,
        **{name: tensor.cpu().numpy() for name, tensor in tensors.items()},
    )


def _measured(scores: Scores) -> dict[str, Tensor]:
    """Measure what a table says of all queries, by its name there."""
    is_right, is_there = scores.is_right(), scores.is_there
    asked = is_there.sum((1, 2))
    # Along memory: the largest of a few numbers that lie apart takes ten times as long to find.
    last = scores.logits[:, -1].contiguous()
    final = torch.softmax(last, -1)
    confidences = final.amax(-1).masked_fill(~is_there, torch.nan)
    entropies = entropy_of(final).masked_fill(~is_there, torch.nan)
    is_confident_error = (confidences >= CONFIDENT) & ~is_right[:, -1]
    return {
        # Counted in double precision, as an evaluation does.
        "accuracies": is_right.sum((2, 3)).double() / asked[:, None],
        "losses": scores.loss().double(),
        "calibration_errors": calibration_error(confidences, is_right[:, -1]),
        "entropies": entropies.nansum((1, 2)).double() / asked,
        "confident_errors": (is_confident_error & is_there).sum((1, 2)).double() / asked,
        "confusions": _confusions(last, is_there),
    }


def _sampled_information(
    model: Model,
    split: Split,
    rows: EpisodeRows,
    support: Support,
    start: Codes,
    provenance: Provenance,
) -> Tensor:
    """Measure what `_information` does on a few queries with a few sampled codes, (E,)."""
    found = []
    for begin in range(0, len(rows.numbers), _EPISODES_SAMPLED_AT_A_TIME):
        some = slice(begin, begin + _EPISODES_SAMPLED_AT_A_TIME)
        few = LabelledExamples.of(split, rows.query[some, :, :LATENT_QUERIES])
        own = Codes(start.mean[some], start.deviation[some])
        codes = sampled_codes(own, rows.numbers[some], _SAMPLES, provenance)
        sets = support._replace(examples=support.examples[some])
        found.append(_information(few, sampled_ends(model, sets, codes)))
    return torch.cat(found).double()


def _information(query: LabelledExamples, sampled: Ends) -> Tensor:
    """Mutual information between prediction and code after fine-tuning, mean over queries, (E,)."""
    predicted = query.scores(sampled.weights).probabilities()
    information = entropy_of(predicted.mean(1)) - entropy_of(predicted).mean(1)
    return information.clamp(min=0).nanmean((1, 2))


def _confusions(logits: Tensor, is_there: Tensor) -> Tensor:
    """Count what the queries of each class were taken for, (E, N, N) int32.

    From logits (E, N true, Q, N). A query whose logits are not numbers was taken for no class.
    """
    taken = logits.argmax(-1)
    is_taken = is_there & ~logits.amax(-1).isnan()
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
