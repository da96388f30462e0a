"""An outer step's inputs, metrics and movement, against gradients that golden files vouch for."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.config import Experiment, classification
from engine.data.store import EmbeddingStore, Split
from engine.learners.leo.columns import COLUMNS
from engine.learners.leo.draws import draw, stacked
from engine.learners.leo.variants import draw_shapes_of
from engine.tasks.classification import Tasks
from engine.tasks.episodes import numbers_from, sample_episodes
from engine.tasks.hashing import mixed_text
from engine.training.outer_step import Gradients, OuterStep

CPU = torch.device("cpu")
ONE: list[dict[str, Any]] = [{"run.seed": 3}]
SEVERAL: list[dict[str, Any]] = [
    {"run.seed": 3, "learner.l2_weight": 0.1},
    {"run.seed": 7, "optimizer.outer_lr": 1e-2},
    {"run.seed": 3, "learner.orthogonality_weight": 0.5},
]


def expected_gradients(
    outer_step: OuterStep, members: list[Experiment], split: Split, step: int
) -> Gradients:
    """Compute the gradients of the tasks and draws that each member's seed and a step stand for."""
    tasks, draws = [], []
    for member in members:
        task, batch = classification(member), member.optimizer.meta_batch
        numbers = numbers_from(step * batch, batch, CPU)
        sizes = (task.n_way, task.k_shot, task.queries)
        episodes = sample_episodes(split, member.run.seed, numbers, *sizes)
        tasks.append(Tasks(split.embeddings[episodes.support], split.embeddings[episodes.query]))
        seed = member.run.seed ^ mixed_text("draws")
        dim = split.embeddings.shape[1]
        draws.append(draw(draw_shapes_of(member, dim), seed, step, torch.Generator()))
    drawn = draws[0] if len(members) == 1 else stacked(draws)
    seen = Tasks(*(torch.stack(parts) for parts in zip(*tasks, strict=True)))
    if len(members) == 1:
        seen = tasks[0]
    gradients = outer_step.gradients(outer_step.learner.prepared(seen, drawn))
    return Gradients(gradients.terms, *(part.clone() for part in gradients[1:]))


NAMES = [column.name for column in COLUMNS]


class Adam:
    """Kingma and Ba 2015, algorithm 1, of rows of weights with a rate each."""

    def __init__(self, rows: NDArray[np.float64], rates: list[float]) -> None:
        self.rows, self._rates = rows, np.array(rates)[:, None]
        self._first, self._second, self._steps = np.zeros_like(rows), np.zeros_like(rows), 0

    def step(self, gradients: NDArray[np.float64]) -> None:
        self._steps += 1
        self._first = 0.9 * self._first + 0.1 * gradients
        self._second = 0.999 * self._second + 0.001 * gradients**2
        first = self._first / (1 - 0.9**self._steps)
        second = self._second / (1 - 0.999**self._steps)
        self.rows = self.rows - self._rates * first / (np.sqrt(second) + 1e-8)


@pytest.mark.parametrize("changes", [ONE, SEVERAL], ids=["one", "population"])
def test_adam_moves_each_member_by_the_clipped_gradient_of_its_own_tasks_and_draws(
    changes: list[dict[str, Any]],
    double: None,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
) -> None:
    stored = toy_store.load(["train"])
    offsets, names = stored.class_offsets, list(stored.class_names)
    split = Split.of(stored.name, stored.in_memory.double(), offsets, names)
    members = [toy_experiment.with_settings(each) for each in changes]
    outer_step = OuterStep(members, split)

    def rows() -> NDArray[np.float64]:
        flat = [torch.cat([w.flatten() for w in model]) for model in outer_step.members]
        return torch.stack(flat).detach().numpy().copy()

    adam = Adam(rows(), [member.optimizer.outer_lr for member in members])
    for step in (4, 5, 6):
        expected = expected_gradients(outer_step, members, split, step)
        metrics = outer_step(range(step, step + 1))[0]
        adam.step(expected.clipped.view(len(members), -1).numpy())
        np.testing.assert_allclose(rows(), adam.rows, rtol=0, atol=1e-10)
        reported = {
            **dict(zip(NAMES, expected.terms, strict=False)),
            "gradient_norm": expected.norm,
        }
        for name in ("inner_lr", "finetuning_lr"):
            reported[name] = torch.stack(
                [getattr(model, name).mean() for model in outer_step.members]
            )
        columns = dict(zip(NAMES, metrics.T, strict=True))
        assert reported.keys() == columns.keys()
        for name, values in reported.items():
            torch.testing.assert_close(columns[name], values.view(-1), rtol=1e-9, atol=1e-12)
        # The clips bind: the norm of what is clipped would be another.
        assert (expected.norm > 1.2 * expected.clipped.norm(dim=-1)).all()


def test_a_step_moves_no_weight_before_it_is_taken(
    toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    split = toy_store.load(["train"])
    outer_step, other = (OuterStep([toy_experiment], split) for _ in range(2))
    before = [weight.clone() for weight in outer_step.members[0]]
    expected_gradients(outer_step, [toy_experiment], split, 0)
    assert all(torch.equal(*pair) for pair in zip(before, outer_step.members[0], strict=True))
    assert torch.equal(outer_step(range(2)), other(range(2)))
