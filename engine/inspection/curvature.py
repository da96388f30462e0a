"""Curvature and coverage along adaptation (Rusu et al. 2019, figure 5).

All of it in double precision, and all in closed form: the loss is softmax regression's, and the
decoder is linear, so its Jacobian is the decoder itself wherever the codes are.

Shapes: B episodes, N ways, K shots, M = N K support examples, D embedding size, L latent size, d
either of them, P positions of an adaptation.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import classification
from engine.data.store import EmbeddingStore, Split
from engine.errors import BadInput
from engine.evaluation.protocol import SEED
from engine.evaluation.record import FOLDER
from engine.inspection.checkpoint_inspection import load_split
from engine.inspection.curvature_record import (
    Box,
    Curvature,
    CurvatureRecord,
    PositionCurvature,
    StepLengths,
)
from engine.inspection.rows import episode_rows
from engine.inspection.tables import in_parts
from engine.io.files import write_text
from engine.learners.adaptation_path import AdaptationPath, PathLearner
from engine.learners.catalogue import learner_kind
from engine.learners.layout import named_weights
from engine.learners.registry import learner_of
from engine.runs.run import Run

LARGEST_RANK = 4096
"""Eigenvalues of one matrix; more would take minutes for each position of each episode."""
_NUMBERS_AT_A_TIME = 1 << 19  # whoever ends it waits for no more
_MOST_EPISODES_AT_A_TIME = 32

Numbers = NDArray[np.float64]
Steps = Generator[int, None, CurvatureRecord]
"""Yields how many episodes are done."""


def measured_curvature(
    run: Run, step: int, store: EmbeddingStore, split: str, episodes: int, device: str | None = None
) -> Steps:
    """Measure curvature and coverage of the weights that a run had at a step.

    Parameters
    ----------
    run, step
        The run and the step of one of its checkpoints.
    store, split
        The run's store and one of its splits.
    episodes
        How many, 1 or more; those of evaluations.
    device
        Where to compute; by default where the run was trained.

    Raises
    ------
    BadInput
        If the learner takes no gradient steps on a linear classifier, the checkpoint or the split
        is missing, or an episode has so many examples that its Hessian is too large.
    """
    require_path(run)
    examples = load_split(run, store, split, device)
    if examples.embeddings.device.type == "mps":
        examples = examples.to(torch.device("cpu"))  # which knows double precision
    task, dimension = classification(run.experiment), examples.embeddings.shape[1]
    rank = _required_rank(run, dimension)
    path_of = _path_of(run, step, examples)

    def measured(numbers: Sequence[int]) -> "_Measured":
        support = _support_of(examples, numbers, task.n_way, task.k_shot)
        with torch.no_grad():
            return _measured(path_of(support), support)

    parts: list[_Measured] = []
    together = _together(task.n_way, task.k_shot, dimension, rank)
    with closing(in_parts(measured, examples, range(episodes), together)) as coming:
        for part in coming:
            parts.append(part)
            yield sum(len(each.weights) for each in parts)
    return _record(run, step, split, dimension, parts)


def require_path(run: Run) -> None:
    """Raise `BadInput` unless a run's learner takes gradient steps on a linear classifier."""
    if not learner_kind(run.experiment).has_path:
        raise BadInput(
            f"{run.name} learns by {run.experiment.learner.noun()}: it takes no gradient steps on "
            "a linear classifier whose curvature could be measured; analyse a run of LEO, or of "
            "MAML or Meta-SGD on a linear classifier."
        )


def _required_rank(run: Run, dimension: int) -> int:
    """Return how many eigenvalues each Hessian has; raises `BadInput` for too many."""
    task = classification(run.experiment)
    rank = rank_of(task.n_way, task.k_shot, dimension)
    if rank > LARGEST_RANK:
        raise BadInput(
            f"{run.name} learns {task.words}: each Hessian has {rank:,} eigenvalues that are not "
            f"0, and at most {LARGEST_RANK:,} are computed; analyse a run with fewer ways or shots."
        )
    return rank


def _path_of(run: Run, step: int, examples: Split) -> Callable[[Tensor], AdaptationPath]:
    """Return the adaptation by the weights of a step, in double precision, position by position.

    It raises `BadInput` where it comes to weights that are not numbers.
    """
    place = examples.embeddings.device
    learner = learner_of(run.experiment, examples.embeddings.shape[1], place)
    assert isinstance(learner, PathLearner)
    tensors = run.checkpoint(str(step)).weights()
    doubled = {name: tensor.double() for name, tensor in tensors.items()}
    weights = named_weights(learner.weights_type, doubled, place)

    def path_of(support: Tensor) -> AdaptationPath:
        path = learner.path(weights, support)
        if not path.weights.isfinite().all():
            raise BadInput(
                f"{run.name} adapts to weights that are not numbers at step {step}; choose another "
                "checkpoint."
            )
        return path

    return path_of


def keep_curvature(run: Run, record: CurvatureRecord) -> Path:
    """Keep a record among a run's evaluations, and return its file; raises `BadInput` if not."""
    run.require_folder()
    path = run.path / FOLDER / record.file_name
    write_text(path, record.to_json())
    return path


def rank_of(n_way: int, k_shot: int, dimension: int) -> int:
    """Return how many eigenvalues of a Hessian in N `dimension` numbers can be other than 0.

    Moving all classes alike changes no probability, and neither does moving across the span of the
    support examples: (N - 1) min(N K, d) directions are left.
    """
    return (n_way - 1) * min(n_way * k_shot, dimension)


def hessian_eigenvalues(probabilities: Tensor, examples: Tensor) -> Tensor:
    """Return the eigenvalues of the Hessian of the mean cross-entropy, the smallest first.

    The Hessian of softmax regression with respect to all N d weights is the mean over the support
    examples of (diag(p) - p p^T) x x^T, a Kronecker product. It is written in an orthonormal basis
    of the `rank_of` directions in which it is not 0, where it has these eigenvalues alone.

    Parameters
    ----------
    probabilities
        Of the support examples at each position, (B, P, M, N).
    examples
        The examples in the space whose weights are meant, (B, M, d): embeddings for classifiers,
        and embeddings times the transposed decoder for codes.

    Returns
    -------
    Tensor
        (B, P, rank).
    """
    inside = _in_their_span(examples)  # (B, M, s)
    positions = []
    for now in probabilities.unbind(1):  # one at a time: matrices may be large
        of_classes = _without_common_part(now)  # (B, M, N - 1, N - 1)
        scaled = torch.einsum("bmac,bms->bacsm", of_classes, inside)
        blocks = scaled @ inside[:, None, None]  # (B, N - 1, N - 1, s, s)
        matrix = blocks.transpose(-3, -2).flatten(-2).flatten(-3, -2) / examples.shape[1]
        positions.append(torch.linalg.eigvalsh(matrix))
    return torch.stack(positions, 1)


def _in_their_span(examples: Tensor) -> Tensor:
    """Write examples (B, M, d) in an orthonormal basis of a space that holds them, (B, M, s)."""
    if examples.shape[-1] <= examples.shape[-2]:
        return examples
    written: Tensor = torch.linalg.qr(examples.mT, mode="r").R.mT
    return written


def _without_common_part(probabilities: Tensor) -> Tensor:
    """Return diag(p) - p p^T across the direction that moves all classes alike."""
    n_way = probabilities.shape[-1]
    apart = -probabilities[..., :, None] * probabilities[..., None, :]
    # p - p^2 as the sum of its products with the others': 1 - p would lose a small one.
    apart.diagonal(dim1=-2, dim2=-1).zero_()
    apart.diagonal(dim1=-2, dim2=-1).copy_(-apart.sum(-1))
    ones = torch.ones(n_way, 1, dtype=probabilities.dtype, device=probabilities.device)
    others = torch.eye(n_way, dtype=ones.dtype, device=ones.device)[:, : n_way - 1]
    basis: Tensor = torch.linalg.qr(torch.cat([ones, others], 1)).Q[:, 1:]
    return basis.mT @ apart @ basis


class _Measured(NamedTuple):
    """What some episodes have, the eigenvalues the smallest first."""

    weights: Numbers  # (B, P, rank)
    weight_steps: Numbers  # (B, P - 1)
    latent: Numbers | None  # (B, P, rank)
    latent_steps: Numbers | None  # (B, T)
    to_mean: Numbers | None  # (L, D)
    inner_steps: int


def _measured(path: AdaptationPath, support: Tensor) -> _Measured:
    examples = support.flatten(1, 2)
    probabilities = torch.softmax(examples[:, None] @ path.weights.mT, -1)
    latent = latent_steps = None
    if path.codes is not None and path.to_mean is not None:
        # Logits are x . (W^T z) = (W x) . z. After fine-tuning, the codes are moved from weights
        # that no code may decode to: the Hessian at those, along the decoder.
        latent = hessian_eigenvalues(probabilities, examples @ path.to_mean.mT)
        latent_steps = _lengths(path.codes)
    return _Measured(
        _array(hessian_eigenvalues(probabilities, examples)),
        _array(_lengths(path.weights)),
        None if latent is None else _array(latent),
        None if latent_steps is None else _array(latent_steps),
        None if path.to_mean is None else _array(path.to_mean),
        path.inner_steps,
    )


def _lengths(positions: Tensor) -> Tensor:
    """Return the lengths of the steps between positions (B, P, N, d), (B, P - 1)."""
    lengths: Tensor = positions.diff(dim=1).flatten(2).norm(dim=-1)
    return lengths


def _array(tensor: Tensor) -> Numbers:
    array: Numbers = tensor.cpu().numpy()
    return array


def _support_of(split: Split, numbers: Sequence[int], n_way: int, k_shot: int) -> Tensor:
    """Gather the support sets of episodes of evaluations, (B, N, K, D)."""
    rows = episode_rows(split, SEED, numbers, n_way, k_shot, 1)
    return split.embeddings[rows.support].double()


def _together(n_way: int, k_shot: int, dimension: int, rank: int) -> int:
    """Return how many episodes are worked on at a time."""
    span = min(n_way * k_shot, dimension)
    largest = max(rank * rank, (n_way - 1) ** 2 * span * n_way * k_shot)
    return max(1, min(_MOST_EPISODES_AT_A_TIME, _NUMBERS_AT_A_TIME // largest))


def _record(
    run: Run, step: int, split: str, dimension: int, parts: Sequence[_Measured]
) -> CurvatureRecord:
    task, first = classification(run.experiment), parts[0]
    weights, weight_steps, latent, latent_steps = (
        None if columns[0] is None else np.concatenate(columns)
        for columns in list(zip(*parts, strict=True))[:4]
    )
    assert weights is not None and weight_steps is not None
    inner, taken = first.inner_steps, weight_steps.shape[1]
    decoder = first.to_mean

    def steps(begin: int, end: int) -> StepLengths | None:
        if begin == end:
            return None
        codes = None if latent_steps is None or begin >= inner else latent_steps[:, begin:end]
        of_codes = None if codes is None else Box.of(codes)
        return StepLengths(weights=Box.of(weight_steps[:, begin:end]), latent=of_codes)

    positions = [
        PositionCurvature(
            curvature=_curvature(
                weights[:, [place]], None if latent is None else latent[:, [place]]
            ),
            step=steps(place - 1, place) if place else None,
        )
        for place in range(taken + 1)
    ]
    values = () if decoder is None else np.linalg.svd(decoder, compute_uv=False).tolist()
    return CurvatureRecord(
        run=run.name,
        checkpoint_step=step,
        method=run.experiment.learner.method_name,
        split=split,
        episodes=len(weights),
        n_way=task.n_way,
        k_shot=task.k_shot,
        inner_steps=inner,
        finetuning_steps=taken - inner,
        weight_size=task.n_way * dimension,
        weight_rank=weights.shape[2],
        latent_size=0 if decoder is None else task.n_way * len(decoder),
        latent_rank=0 if latent is None else latent.shape[2],
        whole=_curvature(weights, latent),
        inner=steps(0, inner),
        finetuning=steps(inner, taken),
        positions=tuple(positions),
        singular_values=values,
    )


def _curvature(weights: Numbers, latent: Numbers | None) -> Curvature:
    """Describe eigenvalues (B, P, rank) in either space."""
    of_weights, largest = np.abs(weights), np.abs(weights).max(-1)
    if latent is None:
        return Curvature(weights=Box.of(of_weights), largest_weights=Box.of(largest))
    of_codes, largest_latent = np.abs(latent), np.abs(latent).max(-1)
    # Where the support set is learned beyond what numbers can say, nothing bends in either space.
    bends = largest > 0
    return Curvature(
        weights=Box.of(of_weights),
        largest_weights=Box.of(largest),
        latent=Box.of(of_codes),
        largest_latent=Box.of(largest_latent),
        ratio=Box.of(largest_latent[bends] / largest[bends]) if bends.any() else None,
    )
