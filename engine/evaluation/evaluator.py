"""Accuracy over many episodes by the released protocol, with its confidence interval.

Queries are all that a class has beside its support examples (600 - K in the released data). Their
logits are computed class by class, for all episodes that contain the class: one matrix product on
a contiguous block of the store instead of a gather of every query.

Shapes: E episodes, N ways, K shots, n examples of a class, e episodes that contain it.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import chain

import numpy as np
import torch
from torch import Tensor

from engine.data.store import Split
from engine.devices.batching import batch_size, run_with_halving
from engine.devices.numerics import precise
from engine.devices.selection import cpu_threads, give_back_freed_memory, usable_cores
from engine.evaluation.protocol import SEED, Protocol
from engine.evaluation.record import Calibration, Evaluation
from engine.evaluation.scoring import BINS, NUMBERS_PER_LOGIT, Batch, Counts, counted
from engine.evaluation.scoring_together import counted_together
from engine.evaluation.statistics import half_width
from engine.io.generators import finished
from engine.tasks.episodes import (
    numbers_from,
    require_enough,
    sample_classes,
    sample_examples,
    sample_near_classes,
)
from engine.tasks.predictor import Predictor, joined

# How much is held at a time on a CPU: episodes, and pairs of support examples in the relation
# network, in blocks that stay near the processor's cache.
_EPISODES_AT_A_TIME = 2000
_PAIRS_AT_A_TIME = 1 << 15
_TASKS_AT_A_TIME = 256  # so that whoever ends an evaluation need not wait for long
# And on a GPU at most; its free memory may say less.
_MOST_EPISODES, _MOST_TASKS = 10_000, 4096
# Numbers that are held meanwhile for each embedding number of a pair.
_NUMBERS_PER_PAIR = 4
# Where queries are seen together: numbers that are held at a time on a CPU, near its cache.
_NUMBERS_AT_A_TIME = 1 << 20

Adapt = Callable[..., Predictor]
"""Turns support sets (B, N, K, D) into a predictor.

Where queries are seen together it takes them too, (B, Q, D).
"""
Choose = Callable[[Tensor], Tensor]
"""Chooses the classes (e, N) of episodes (e,)."""
Parts = Sequence[tuple[Protocol, Tensor]]
"""How episodes of some numbers, (e,), are made; all numbers together are 0 to E - 1."""


def evaluate(adapt: Adapt, split: Split, protocol: Protocol) -> Evaluation:
    """Evaluate to the end; see `evaluation`."""
    return finished(evaluation(adapt, split, protocol))


def evaluation(
    adapt: Adapt, split: Split, protocol: Protocol, nearest: Tensor | None = None
) -> Generator[int, None, Evaluation]:
    """Evaluate, yielding how many episodes' worth of work is done.

    It yields many times a second, so that a reader can show progress, or close it and go on.

    On the CPU the work is shared among threads that never wait for one another: torch's own
    threads meet after every small operation, and where another process takes a core, all wait. What
    comes out does not depend on their number.

    Parameters
    ----------
    adapt
        Turns support sets into predictors.
    split
        Where episodes come from.
    protocol
        How they are made.
    nearest
        Of `engine.tasks.episodes.nearest_classes`: then episodes are hard, each of a class and
        those nearest to it. By default its classes are drawn.

    Raises
    ------
    BadInput
        If the split has too few classes, or a class fewer than K + 1 examples.
    """
    numbers = numbers_from(0, protocol.episodes, split.embeddings.device)
    return evaluation_of_parts(adapt, split, [(protocol, numbers)], nearest)


def evaluation_of_parts(
    adapt: Adapt,
    split: Split,
    parts: Parts,
    nearest: Tensor | None = None,
) -> Generator[int, None, Evaluation]:
    """Evaluate episodes some of which are made otherwise than others; see `evaluation`."""
    for protocol, _ in parts:
        require_enough(split, protocol.n_way, protocol.k_shot + protocol.fewest_queries)
    tally, done = _Tally(split, sum(len(numbers) for _, numbers in parts)), 0
    with cpu_threads(1), workers(split.embeddings.device) as pool:
        for protocol, numbers in parts:
            choose = partial(_chosen, split, protocol, nearest)
            evaluated = _evaluated if protocol.together is None else _evaluated_together
            for some in numbers.split(_episodes_at_a_time(split, protocol)):
                steps = evaluated(adapt, split, protocol, choose, some, tally, pool)
                yield from (done + each for each in steps)
                done += len(some)
    return tally.result()


def _evaluated(
    adapt: Adapt,
    split: Split,
    protocol: Protocol,
    choose: Choose,
    numbers: Tensor,
    tally: "_Tally",
    pool: ThreadPoolExecutor,
) -> Iterator[int]:
    """Evaluate the episodes `numbers` (E,) into `tally`, yielding how much of them is done."""
    n_way, k_shot = protocol.n_way, protocol.k_shot
    pairs = (n_way * k_shot) ** 2
    dim = split.embeddings.shape[1]
    together = batch_size(
        split.embeddings.device,
        4 * _NUMBERS_PER_PAIR * pairs * dim,
        on_cpu=min(_TASKS_AT_A_TIME, _PAIRS_AT_A_TIME // pairs),
        most=_MOST_TASKS,
    )
    episodes = []
    draw = partial(run_with_halving, partial(_drawn, split, protocol, choose))
    for some in pool.map(draw, torch.split(numbers, max(together, _TASKS_AT_A_TIME))):
        episodes.extend(some)
        yield 0
    classes, rows = map(torch.cat, zip(*episodes, strict=True))
    supports = torch.split(rows[..., :k_shot], together)
    labels = sorted(set(classes.flatten().tolist()))
    pieces = len(supports) + len(labels)
    predictors = []
    adapt_some = partial(run_with_halving, partial(_adapted, adapt, split))
    for done, some_predictors in enumerate(pool.map(adapt_some, supports), 1):
        predictors.extend(some_predictors)
        yield len(numbers) * done // pieces
    batch = Batch(split, classes, rows, joined(predictors), k_shot, protocol.examples_per_class)
    every = pool.map(partial(counted, batch), labels)
    for done, counts in enumerate(every, 1):
        tally.add(counts._replace(episodes=numbers[counts.episodes]))
        yield len(numbers) * (len(supports) + done) // pieces


def _episodes_at_a_time(split: Split, protocol: Protocol) -> int:
    """Return how many episodes' examples and weights are held at a time."""
    numbers = protocol.n_way * (split.largest_class + 2 * split.embeddings.shape[1])
    return batch_size(
        split.embeddings.device, 8 * numbers, on_cpu=_EPISODES_AT_A_TIME, most=_MOST_EPISODES
    )


def _evaluated_together(
    adapt: Adapt,
    split: Split,
    protocol: Protocol,
    choose: Choose,
    numbers: Tensor,
    tally: "_Tally",
    pool: ThreadPoolExecutor,
) -> Iterator[int]:
    """Do the same where the queries of an episode are seen together."""
    device = split.embeddings.device
    examples = protocol.n_way * (protocol.k_shot + protocol.fewest_queries)
    held = 2 * examples * (split.embeddings.shape[1] + NUMBERS_PER_LOGIT * protocol.n_way)
    together = batch_size(
        device, 4 * held, on_cpu=max(1, _NUMBERS_AT_A_TIME // held), most=_MOST_TASKS
    )
    score = partial(run_with_halving, partial(counted_together, adapt, split, protocol, choose))
    done = 0
    pieces = numbers.split(together)
    for some, every in zip(pieces, pool.map(score, pieces), strict=True):
        for counts in chain.from_iterable(every):
            tally.add(counts)
        done += len(some)
        yield done


def _chosen(split: Split, protocol: Protocol, nearest: Tensor | None, numbers: Tensor) -> Tensor:
    """Choose the classes of some episodes, (e, N)."""
    if nearest is None:
        return sample_classes(split, SEED, numbers, protocol.n_way)
    return sample_near_classes(split, SEED, numbers, protocol.n_way, nearest)


def _drawn(
    split: Split, protocol: Protocol, choose: Choose, numbers: Tensor
) -> tuple[Tensor, Tensor]:
    """Draw the classes (e, N) and examples (e, N, at least K) of some episodes.

    Where a class has no more examples than an episode takes, the support set alone is drawn.
    """
    are_queries_drawn = split.largest_class > protocol.examples_per_class
    count = protocol.examples_per_class if are_queries_drawn else protocol.k_shot
    classes = choose(numbers)
    return classes, sample_examples(split, SEED, numbers, classes, count)


@torch.no_grad()
def _adapted(adapt: Adapt, split: Split, support: Tensor) -> Predictor:
    return adapt(split.embeddings[support])


class _Tally:
    """Adds up what the classes' queries did."""

    def __init__(self, split: Split, episodes: int) -> None:
        device = split.embeddings.device
        self._split = split
        self._right = torch.zeros(episodes, dtype=torch.int64, device=device)
        self._asked = torch.zeros_like(self._right)
        self._class_right = torch.zeros(len(split.class_names), dtype=torch.int64, device=device)
        self._class_asked = torch.zeros_like(self._class_right)
        self._bin_counts = torch.zeros(BINS, dtype=torch.int64, device=device)
        self._bin_right = torch.zeros_like(self._bin_counts)
        self._bin_confidence = torch.zeros(BINS, dtype=precise(device), device=device)
        self._loss = torch.zeros((), dtype=precise(device), device=device)
        self._fewest, self._most = 2**62, 0

    def add(self, counts: Counts) -> None:
        """Add counts of episodes, whose places are their numbers."""
        self._right.index_add_(0, counts.episodes, counts.right)
        self._asked.index_add_(0, counts.episodes, counts.asked)
        self._class_right.index_add_(0, counts.classes, counts.right)
        self._class_asked.index_add_(0, counts.classes, counts.asked)
        self._bin_counts += counts.bin_counts
        self._bin_right += counts.bin_right
        self._bin_confidence += counts.bin_confidence
        self._loss += counts.loss
        self._fewest = min(self._fewest, int(counts.asked.min()))
        self._most = max(self._most, int(counts.asked.max()))

    def result(self) -> Evaluation:
        """Return what was added up."""
        counts = self._bin_counts.cpu().numpy()
        confidences = self._bin_confidence.cpu().numpy() / np.maximum(counts, 1)
        accuracies = self._bin_right.cpu().numpy() / np.maximum(counts, 1)
        gaps = np.abs(confidences - accuracies)
        asked = self._class_asked.cpu().double()
        of_episodes = (self._right.cpu() / self._asked.cpu().double()).numpy()
        return Evaluation(
            split=self._split.name,
            episodes=len(of_episodes),
            accuracy=float(of_episodes.mean()),
            ci95=half_width(of_episodes),
            loss=float(self._loss / self._asked.sum()),
            calibration_error=float((gaps * counts).sum() / counts.sum()),
            queries_per_class=(self._fewest, self._most),
            class_names=self._split.class_names,
            class_accuracies=(self._class_right.cpu() / asked).numpy(),
            calibration=Calibration(counts, confidences, accuracies),
            accuracies=of_episodes,
        )


@contextmanager
def workers(device: torch.device) -> Iterator[ThreadPoolExecutor]:
    """Give a thread for each core that this process may use, each alone; one feeds a GPU."""
    count = usable_cores() if device.type == "cpu" else 1
    pool = ThreadPoolExecutor(
        count, "leo-evaluation", initializer=torch.set_num_threads, initargs=(1,)
    )
    try:
        yield pool
    finally:
        # Whoever closes an evaluation waits for the pieces under way, not for all of them.
        pool.shutdown(cancel_futures=True)
        give_back_freed_memory()
