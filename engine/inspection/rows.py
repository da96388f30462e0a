"""The rows of a split that make up the episodes to inspect, also where they are changed by hand.

Shapes: E episodes, N ways, K shots, Q queries per class.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from engine.data.store import Split
from engine.errors import BadInput
from engine.inspection.what_if import Edit
from engine.tasks.episodes import require_enough, sample_classes, sample_examples

NOTHING = -1  # the row of an example that is not there


class EpisodeRows(NamedTuple):
    """Some episodes as rows of their split; a class that has fewer examples is filled with -1."""

    numbers: Tensor  # (E,)
    classes: Tensor  # (E, N)
    support: Tensor  # (E, N, K)
    query: Tensor  # (E, N, Q)


def episode_rows(
    split: Split, seed: int, numbers: Sequence[int], n_way: int, k_shot: int, queries: int
) -> EpisodeRows:
    """Return the episodes with the given numbers, queries as many as there are up to `queries`.

    With `examples_per_class` less `k_shot` queries and evaluation's seed, these are the episodes of
    an evaluation; with the queries of a task and a run's seed, those that it trained on.

    Raises
    ------
    BadInput
        If the split has too few classes, or a class fewer than K + 1 examples.
    """
    require_enough(split, n_way, k_shot + 1)
    count = min(k_shot + queries, split.largest_class)
    wanted = torch.tensor(numbers, dtype=torch.int64, device=split.embeddings.device)
    classes = sample_classes(split, seed, wanted, n_way)
    rows = sample_examples(split, seed, wanted, classes, count)
    if count > split.smallest_class:
        places = torch.arange(count, device=rows.device)
        rows = rows.masked_fill(places >= split.class_sizes[classes][..., None], NOTHING)
    return EpisodeRows(wanted, classes, rows[..., :k_shot], rows[..., k_shot:])


def edited(split: Split, seed: int, rows: EpisodeRows, edits: Sequence[Edit]) -> EpisodeRows:
    """Change an episode by hand.

    The queries stay the same where they can, so that results can be compared: an example that is
    taken out of the support set is not asked for, and a query that is put into it is no longer one.
    A class that is swapped in brings the examples that this episode would have given it.

    Parameters
    ----------
    split, seed
        Where the episode is from.
    rows
        One episode, E = 1.
    edits
        The changes, in their order.

    Raises
    ------
    BadInput
        If a change cannot be made; the sentence says why.
    """
    k_shot, queries = rows.support.shape[2], rows.query.shape[2]
    classes: list[int] = rows.classes[0].tolist()
    support = [[row for row in each if row != NOTHING] for each in rows.support[0].tolist()]
    query = [[row for row in each if row != NOTHING] for each in rows.query[0].tolist()]
    for edit in edits:
        where = f'The change "{edit}"'
        if edit.place >= len(classes):
            raise BadInput(f"{where} names class {edit.place}; the episode has {len(classes)}.")
        if edit.kind == "swap":
            _require_new_class(split, edit, classes, where)
            label = torch.tensor([[edit.target]], device=rows.classes.device)
            count = min(k_shot + queries, int(split.class_sizes[edit.target]))
            drawn = sample_examples(split, seed, rows.numbers, label, count)[0, 0].tolist()
            classes[edit.place] = edit.target
            support[edit.place], query[edit.place] = drawn[:k_shot], drawn[k_shot:]
        elif edit.kind == "drop":
            if edit.target not in support[edit.place]:
                raise BadInput(f"{where} takes out an example that is not in the support set.")
            if len(support[edit.place]) == 1:
                raise BadInput(
                    f"{where} would leave the class without an example; add another one first."
                )
            support[edit.place].remove(edit.target)
        else:
            _require_own_example(split, edit, classes[edit.place], support[edit.place], where)
            support[edit.place].append(edit.target)
            query[edit.place] = [row for row in query[edit.place] if row != edit.target]
            if not query[edit.place]:
                raise BadInput(f"{where} would leave the class without a query.")
    device = rows.support.device
    return EpisodeRows(
        rows.numbers,
        torch.tensor([classes], device=device),
        _filled(support, device),
        _filled(query, device),
    )


def _require_new_class(split: Split, edit: Edit, classes: list[int], where: str) -> None:
    if edit.target >= len(split.class_names):
        raise BadInput(
            f"{where} names class {edit.target} of split {split.name}, which has "
            f"{len(split.class_names)}."
        )
    if edit.target in classes:
        name = split.class_names[edit.target]
        raise BadInput(f'{where} takes class "{name}", which is in the episode already.')


def _require_own_example(
    split: Split, edit: Edit, label: int, support: list[int], where: str
) -> None:
    begin, end = split.class_offsets[label : label + 2].tolist()
    if not begin <= edit.target < end:
        raise BadInput(
            f'{where} adds an example that is not of class "{split.class_names[label]}" (rows '
            f"{begin} to {end - 1})."
        )
    if edit.target in support:
        raise BadInput(f"{where} adds an example that is in the support set already.")


def _filled(rows: list[list[int]], device: torch.device) -> Tensor:
    """Return lists of different lengths as one tensor, (1, N, longest)."""
    longest = max(map(len, rows))
    filled = [[*each, *[NOTHING] * (longest - len(each))] for each in rows]
    return torch.tensor([filled], device=device)
