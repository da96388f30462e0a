"""Golden files of the authors' released code, draw by draw, and what it does to a gradient then.

A golden file is one task with every draw and the released code's loss, terms and gradients, in
float64. The guard and the clips are written here once more, in numpy, after TensorFlow's formulas.
"""

import json
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.loop_leo import loop_objective
from engine.config import experiment_from_dict, leo_settings
from engine.data.store import Split
from engine.learners.leo.draws import Draws, stacked
from engine.learners.leo.kernels import Kernels
from engine.learners.leo.model import Parameters
from engine.learners.leo.objective import Terms
from engine.learners.leo.variants import algorithm_of
from engine.tasks.classification import Tasks
from engine.training.outer_step import OuterStep
from tests.problems import leo_step

VARIABLES = (
    "encoder/linear/w",
    "relation_network/mlp/linear_0/w",
    "relation_network/mlp/linear_1/w",
    "relation_network/mlp/linear_2/w",
    "decoder/linear/w",
    "leo_inner/lr",
    "finetuning/lr",
)


def golden_files() -> list[Path]:
    folders = [Path(__file__).parents[2] / "shared" / "golden"]
    folders += [
        Path(part) for part in os.environ.get("LEO_GOLDEN_DIRS", "").split(os.pathsep) if part
    ]
    return [path for folder in folders for path in sorted(folder.glob("*.npz"))]


class Golden:
    """One golden file in the engine's terms, a batch of one task."""

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as file:
            self.arrays: dict[str, Any] = {name: file[name] for name in file.files}
        config = json.loads(str(self.arrays["config"]))
        self.n, self.k = config["N"], config["K"]
        steps, tuning = config["inner_unroll_length"], config["finetuning_unroll_length"]
        trains = config["train"]
        self.experiment = experiment_from_dict(
            {
                "name": "golden",
                "data": {"store": "golden"},
                "task": {"n_way": self.n, "k_shot": self.k, "queries": config["Kv"]},
                "learner": {
                    "kind": "leo",
                    "variant": "full" if trains else "deterministic",
                    "latent_size": config["num_latents"],
                    "inner_steps": steps,
                    "finetuning_steps": tuning,
                    "dropout": config["dropout_rate"] if trains else 0.0,
                    "kl_weight": config["kl_weight"] if trains else 0.0,
                    "encoder_penalty_weight": config["encoder_penalty_weight"] if trains else 0.0,
                    "l2_weight": config["l2_penalty_weight"],
                    "orthogonality_weight": config["orthogonality_penalty_weight"],
                },
                "optimizer": {"meta_batch": 1},
            },
            path.name,
        )
        self.algorithm = algorithm_of(leo_settings(self.experiment))
        x = self["x"]
        self.tasks = Tasks(x[None, :, : self.k], x[None, :, self.k :])
        variables = (self[f"var/{name}"].squeeze() for name in VARIABLES)
        self.parameters = Parameters(*(variable.requires_grad_() for variable in variables))
        self.draws = Draws(None, None, None, None, None)
        if trains:
            self.draws = Draws(
                copies_first(self["noise/0"]),
                torch.stack([copies_first(self[f"noise/{i}"]) for i in range(1, steps + 2)]),
                self["mask/0"][None],
                # The mask of the support loss after the last step is drawn but enters nothing.
                torch.stack([self[f"mask/{i}"][None] for i in range(1, steps + tuning + 1)]),
                self[f"mask/{steps + tuning + 2}"][None],
            )

    def __getitem__(self, key: str) -> Tensor:
        return torch.from_numpy(np.asarray(self.arrays[key], np.float64))

    def gradients(self) -> Parameters:
        return Parameters(*(self[f"grad/{name}"].squeeze() for name in VARIABLES))

    def step(self, *changes: dict[str, Any], kernels: Kernels | None = None) -> OuterStep:
        """Return what trains the golden weights: members that differ in some settings.

        It computes in torch's default type.
        """
        dtype = torch.get_default_dtype()
        flat = self["x"].flatten(0, 1).to(dtype)
        offsets = torch.arange(self.n + 1) * (len(flat) // self.n)
        split = Split.of("train", flat, offsets, [f"class-{label}" for label in range(self.n)])
        members = [self.experiment.with_settings(each) for each in changes or ({},)]
        step = leo_step(members, split, kernels=kernels)
        for member in range(len(members)):
            weights = {name: w.detach().to(dtype) for name, w in self.parameters._asdict().items()}
            step.restore(weights, {}, member)
        return step


class Found(NamedTuple):
    """What a step says of one member, its gradients by variable; see `outer_step.Gradients`."""

    terms: Terms
    norm: Tensor
    raw: Parameters
    guarded: Parameters
    clipped: Parameters


class Member(NamedTuple):
    """One of those who are trained on a golden task: some other settings, tasks and draws."""

    changes: dict[str, Any]
    tasks: Tasks
    draws: Draws


def found_by(step: OuterStep, members: Sequence[Member]) -> list[Found]:
    """Let a step compute its gradients, given each member's tasks and draws."""
    dtype = torch.get_default_dtype()
    tasks = [Tasks(*(part.to(dtype) for part in each.tasks)) for each in members]
    draws = [Draws(*(None if d is None else d.to(dtype) for d in each.draws)) for each in members]
    all_tasks, all_draws = tasks[0], draws[0]
    if len(members) > 1:
        all_tasks = Tasks(*(torch.stack(parts) for parts in zip(*tasks, strict=True)))
        all_draws = stacked(draws)
    gradients = step.gradients(step.learner.prepared(all_tasks, all_draws))
    rows = (gradients.raw, gradients.guarded, gradients.clipped)
    views = step._adam.layout.views
    found = []
    for member in range(len(members)):
        own = member if len(members) > 1 else ...
        terms = Terms(*(term[own] for term in gradients.terms))
        found.append(Found(terms, gradients.norm[own], *(views(row[own]) for row in rows)))
    return found


def population_of(golden: Golden) -> list[Member]:
    """Return the golden task among members of other weights of the loss, one with a NaN."""
    shifted = Tasks(*(part.roll(1, dims=1) * 0.9 for part in golden.tasks))
    spoilt = Tasks(golden.tasks.support.clone(), golden.tasks.query)
    spoilt.support[0, 0, 0, 0] = math.nan
    flipped = Draws(*(None if draw is None else draw.flip(-1) for draw in golden.draws))
    return [
        Member({"learner.l2_weight": 0.2, "learner.kl_weight": 0.02}, golden.tasks, golden.draws),
        Member({}, golden.tasks, golden.draws),
        Member({"learner.l2_weight": 0.1}, spoilt, golden.draws),
        Member({"learner.orthogonality_weight": 0.9}, shifted, flipped),
        Member({"learner.encoder_penalty_weight": 0.7}, golden.tasks, golden.draws),
    ]


def oracle(golden: Golden, member: Member) -> tuple[Tensor, Parameters]:
    """Compute a member's loss and raw gradient with a loop that autograd differentiates."""
    algorithm = algorithm_of(leo_settings(golden.experiment.with_settings(member.changes)))
    loss = loop_objective(golden.parameters, member.tasks, member.draws, algorithm)
    return loss.detach(), Parameters(*torch.autograd.grad(loss, golden.parameters))


def assert_close(found: Tensor, expected: Tensor | NDArray[np.float64], tolerance: float) -> None:
    """Compare by the largest element."""
    expected = torch.as_tensor(expected, dtype=torch.float64)
    scale = expected.abs().max().clamp(min=1e-300)
    error = float((found.detach() - expected).abs().max() / scale)
    assert error <= tolerance, f"relative error {error}"


def assert_all_close(found: Parameters, expected: Iterable[Any], tolerance: float) -> None:
    """Compare variable by variable."""
    for mine, its in zip(found, expected, strict=True):
        assert_close(mine, its, tolerance)


def assert_members_agree(
    golden: Golden,
    members: Sequence[Member],
    found: Sequence[Found],
    clips: tuple[float | None, float | None],
    tolerance: float,
) -> None:
    """Hold each member to the oracle, to the released guard and to the released clips."""
    for member, mine in zip(members, found, strict=True):
        loss, raw = oracle(golden, member)
        if not member.changes:
            assert_close(loss, golden["loss"], 1e-6)
            raw = golden.gradients()
        if loss.isnan():
            assert mine.terms.loss.isnan() and mine.norm.isnan()
        else:
            assert_close(mine.terms.loss, loss, tolerance)
            assert_close(mine.norm, torch.cat([g.flatten() for g in raw]).norm(), tolerance)
            assert_all_close(mine.raw, raw, tolerance)
        after_guard = guarded(float(loss), raw, golden.parameters)
        assert_all_close(mine.guarded, after_guard, tolerance)
        # Clips make what is rounded larger, so they are held to what the step itself gave them.
        its = [np.asarray(gradient, np.float64) for gradient in mine.guarded]
        assert_all_close(mine.clipped, clipped(its, *clips), 1e-6)


def copies_first(noise: Tensor) -> Tensor:
    """(N, K, x) as the engine has it, (K, B=1, N, x)."""
    return noise.movedim(1, 0)[:, None]


def guarded(loss: float, gradients: Parameters, weights: Parameters) -> list[NDArray[np.float64]]:
    """`grads_and_vars` of the released code.

    Where the loss or any gradient is not a number, every gradient is that of the L2 term, which has
    the five matrices, rescaled to a weight of 1e-4.
    """
    arrays = [np.asarray(gradient.detach(), np.float64) for gradient in gradients]
    if not np.isnan(loss) and not any(np.isnan(array).any() for array in arrays):
        return arrays
    fallback = [1e-4 * np.asarray(matrix.detach(), np.float64) for matrix in weights.matrices]
    return fallback + [np.zeros_like(array) for array in arrays[5:]]


def clipped(
    gradients: Sequence[NDArray[np.float64]], value: float | None, norm: float | None
) -> list[NDArray[np.float64]]:
    """`_clip_gradients` of the released code: `tf.clip_by_value`, then `tf.clip_by_norm`."""
    if value is not None:
        gradients = [np.minimum(np.maximum(gradient, -value), value) for gradient in gradients]
    if norm is not None:
        gradients = [
            gradient * norm / max(float(np.sqrt((gradient**2).sum())), norm)
            for gradient in gradients
        ]
    return list(gradients)
