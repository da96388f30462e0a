"""Sampling of episodes: the classes and examples that make episode i.

Episode i of a split under a seed is a pure function: every class, and every example of the chosen
classes, gets a key from a counter-based hash of (seed, split, i, class, example), and the smallest
keys win. Where a run says so of a split of very many (see `engine.data.splits.Sampling`), classes
and examples are the first of a shuffle instead, drawn from the same hash, and no others are looked
at. Either way an episode is the same on every device, in every batch and after a restart, and no
sampler state exists that could be lost.

Shapes: E episodes, C classes of the split, N ways, K shots, Q queries per class.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from engine.data.store import Split
from engine.errors import BadInput
from engine.tasks.hashing import mixed, mixed_text, mixed_with
from engine.tasks.shuffling import shuffled

# Set beside a hashed number, it keeps apart the keys of classes, of examples, of numbers of queries
# and of kinds of task.
_CLASSES, _EXAMPLES, _QUERIES, _TASKS = 0, 1, 2, 3
# Sorts behind every key: the place of an example that a smaller class does not have.
_LAST = 2**63 - 1
# Rows that are added up in double precision at a time.
_ROWS_AT_A_TIME = 8192
# Keys that are held at a time while examples are picked, 8 bytes each.
_KEYS_AT_A_TIME = 1 << 22


class Episodes(NamedTuple):
    """Some episodes, as row numbers of their split; class n of an episode has label n."""

    classes: Tensor  # (E, N): classes of the split
    support: Tensor  # (E, N, K): rows
    query: Tensor  # (E, N, Q): rows, none of which is in the support set


class PopulationSeeds:
    """The seeds of a population, to sample the episodes of all members at once.

    Episode numbers then come in turns: `tasks` numbers of the first member, as many of the second,
    and after the last member again of the first.

    Parameters
    ----------
    split
        Where the episodes are sampled.
    seeds
        One for each of M members.
    tasks
        Numbers of a turn.
    """

    def __init__(self, split: Split, seeds: Sequence[int], tasks: int) -> None:
        self._tasks = tasks
        self._states = {
            purpose: torch.tensor(
                [_state(split, seed, purpose) for seed in seeds], device=split.embeddings.device
            )
            for purpose in (_CLASSES, _EXAMPLES)
        }

    def keys(self, numbers: Tensor, purpose: int) -> Tensor:
        """Hash episode numbers, (E,), each on top of its member's seed."""
        states = self._states[purpose][:, None]
        return mixed_with(states, numbers.view(-1, len(states), self._tasks)).flatten()


def sample_episodes(
    split: Split,
    seed: int | PopulationSeeds,
    numbers: Tensor,
    n_way: int,
    k_shot: int,
    queries: int,
) -> Episodes:
    """Return the episodes with the given numbers; `require_enough` says whether there are any.

    Parameters
    ----------
    split
        Where classes and examples come from; the episodes are made on its device.
    seed
        The experiment's seed, or those of a population.
    numbers
        (E,) int64, on the split's device.
    n_way, k_shot, queries
        N, K and Q. The support set of an episode does not depend on Q.
    """
    classes = sample_classes(split, seed, numbers, n_way)
    rows = sample_examples(split, seed, numbers, classes, k_shot + queries)
    return Episodes(classes, rows[..., :k_shot], rows[..., k_shot:])


def sample_classes(
    split: Split, seed: int | PopulationSeeds, numbers: Tensor, n_way: int
) -> Tensor:
    """Choose N classes for each episode, in random order, (E, N)."""
    keys = _keys(split, seed, numbers, _CLASSES)
    if split.sampling == 2:
        return shuffled(keys, torch.full_like(keys, len(split.class_names)), n_way)
    every_class = torch.arange(len(split.class_names), device=keys.device)
    return mixed_with(keys[:, None], every_class).topk(n_way, largest=False).indices


def nearest_classes(split: Split) -> Tensor:
    """Order all classes by how near their means are to each class's, itself first, (C, C).

    In double precision on the CPU, so that it is the same wherever a split lies.
    """
    sizes = split.class_sizes.cpu()
    labels = torch.arange(len(sizes)).repeat_interleave(sizes)
    sums = torch.zeros(len(sizes), split.embeddings.shape[1], dtype=torch.float64)
    for start in range(0, len(labels), _ROWS_AT_A_TIME):
        rows = slice(start, start + _ROWS_AT_A_TIME)
        sums.index_add_(0, labels[rows], split.embeddings[rows].cpu().double())
    means = sums / sizes[:, None]
    distances = torch.cdist(means, means, compute_mode="donot_use_mm_for_euclid_dist")
    distances.fill_diagonal_(-1)
    return distances.argsort(dim=1, stable=True)


def sample_near_classes(
    split: Split, seed: int, numbers: Tensor, n_way: int, nearest: Tensor
) -> Tensor:
    """Choose for each episode a class and the N - 1 that are nearest to it, (E, N).

    `nearest` is that of `nearest_classes`. The first class is the one that `sample_classes` would
    put first.
    """
    first = sample_classes(split, seed, numbers, 1).squeeze(1)
    return nearest.to(first.device)[first, :n_way]


def sample_examples(
    split: Split, seed: int | PopulationSeeds, numbers: Tensor, classes: Tensor, count: int
) -> Tensor:
    """Choose `count` distinct examples of each chosen class, in random order.

    The first ones do not depend on `count`. `classes` is (E, N); returns rows of the split,
    (E, N, count).
    """
    keys = _keys(split, seed, numbers, _EXAMPLES)
    if split.sampling == 2:
        keys = mixed_with(keys[:, None], classes)
        first = shuffled(keys, split.class_sizes[classes], count)
        return first + split.class_offsets[classes][..., None]
    batch_size = max(1, _KEYS_AT_A_TIME // (classes.shape[1] * split.largest_class))
    chosen = [
        _example_keys(split, some_keys, some_classes).topk(count, largest=False).indices
        for some_keys, some_classes in zip(
            keys.split(batch_size), classes.split(batch_size), strict=True
        )
    ]
    return torch.cat(chosen) + split.class_offsets[classes][..., None]


def query_keys(split: Split, seed: int, numbers: Tensor, count: int) -> Tensor:
    """Hash so many keys for each episode, (E, count) int64, for how many queries classes have."""
    keys = _keys(split, seed, numbers, _QUERIES)
    return mixed_with(keys[:, None], torch.arange(count, device=keys.device))


def sample_tasks(split: Split, seed: int, numbers: Tensor, count: int) -> Tensor:
    """Choose one of so many kinds of task for each episode, each as likely, (E,) int64."""
    return (_keys(split, seed, numbers, _TASKS) & _LAST) % count


def _example_keys(split: Split, keys: Tensor, classes: Tensor) -> Tensor:
    """Hash every example of the chosen classes, (E, N, examples of the largest class).

    Places that a smaller class does not have sort last.
    """
    keys = mixed_with(keys[:, None], classes)
    places = torch.arange(split.largest_class, device=keys.device)
    hashed = mixed_with(keys[..., None], places)
    if split.smallest_class == split.largest_class:
        return hashed
    return hashed.masked_fill_(places >= split.class_sizes[classes][..., None], _LAST)


def require_enough(split: Split, n_way: int, per_class: int) -> None:
    """Raise `BadInput` unless the split has N classes of that many examples each."""
    if len(split.class_names) < n_way:
        raise BadInput(
            f"Split {split.name} has {len(split.class_names)} classes; task.n_way is {n_way}: "
            "lower it or use a store with more classes."
        )
    if split.smallest_class < per_class:
        smallest = int(split.class_sizes.argmin())
        raise BadInput(
            f'Class "{split.class_names[smallest]}" of split {split.name} has '
            f"{split.smallest_class} examples; "
            f"this task needs {per_class} of each class (task.k_shot and task.queries): lower "
            "them, or leave the class out."
        )


def numbers_from(start: int, count: int, device: torch.device) -> Tensor:
    """Return the episode numbers start, start + 1, ... as (count,) int64."""
    return torch.arange(start, start + count, device=device)


def numbers_of(steps: range | Tensor, tasks: int, members: int, device: torch.device) -> Tensor:
    """Return the episode numbers of some outer steps, (steps, M, B) int64.

    `steps` are their numbers: a range, or a tensor (steps,) on the device.
    """
    if isinstance(steps, range):
        steps = torch.arange(steps.start, steps.stop, device=device)
    numbers = steps[:, None, None] * tasks + torch.arange(tasks, device=device)
    return numbers.expand(-1, members, -1)


def _keys(split: Split, seed: int | PopulationSeeds, numbers: Tensor, purpose: int) -> Tensor:
    if isinstance(seed, PopulationSeeds):
        return seed.keys(numbers, purpose)
    return mixed_with(torch.full_like(numbers, _state(split, seed, purpose)), numbers)


def _state(split: Split, seed: int, purpose: int) -> int:
    """Hash a seed and what is drawn with it, as a signed number."""
    state = mixed(seed, mixed_text(split.name), purpose)
    return state - (1 << 64) if state >= 1 << 63 else state
