"""Latent codes of many episodes as points in the plane.

Shapes: E episodes, N ways, S samples, L latent size, P positions along an adaptation, W of which
have points.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.inspection.records import Latents
from engine.projection import Embedding, LinearBasis

Basis = LinearBasis | Embedding
Points = NDArray[np.float64]

METHODS = {"pca": "PCA", "lda": "Discriminant axes", "tsne": "t-SNE", "umap": "UMAP"}
_UNITS = {"pca": "code units", "lda": "within-class SD"}


@dataclass(frozen=True, slots=True, eq=False)
class Projected:
    """Latent codes and their points in the plane.

    Attributes
    ----------
    latents
        What is shown.
    basis
        What made the points.
    positions
        Those along the way that have points, (W,): all under a linear basis, else two.
    path
        (E, W, N, 2).
    sampled_before, sampled_after
        (E, S, N, 2); S is 0 where samples have no points.
    """

    latents: Latents
    basis: Basis
    positions: tuple[int, ...]
    path: Points
    sampled_before: Points
    sampled_after: Points

    @property
    def is_linear(self) -> bool:
        """Whether distances and ellipses mean something."""
        return isinstance(self.basis, LinearBasis)

    @property
    def count(self) -> int:
        """How many codes there are, E · N; points are in this order."""
        return int(self.path.shape[0] * self.path.shape[2])

    @property
    def has_samples(self) -> bool:
        """Whether samples have points."""
        return bool(self.sampled_before.shape[1] > 0)

    def at(self, place: int) -> Points:
        """Return the points at one of the positions, (E · N, 2)."""
        return self.path[:, place].reshape(-1, 2)

    def samples_at(self, place: int) -> Points:
        """Return the samples' points, (E · N, S, 2): drawn, and adapted once all steps are done."""
        is_done = self.positions[place] >= self.latents.stages[1] and place > 0
        samples = self.sampled_after if is_done else self.sampled_before
        return samples.transpose(0, 2, 1, 3).reshape(self.count, -1, 2)

    def outlines(self, mass: float) -> Points | None:
        """Return ellipses that hold a share of each distribution, (E · N, points, 2)."""
        if not isinstance(self.basis, LinearBasis):
            return None
        latents = self.latents
        outlines = self.basis.outlines(latents.codes[:, 0], latents.deviation, mass)
        return outlines.reshape(self.count, -1, 2)

    def episode_of(self, row: int) -> int:
        """Return the place among the episodes that a point belongs to."""
        return row // int(self.path.shape[2])

    @property
    def axis_labels(self) -> tuple[str, str]:
        """What stands on the axes, with units."""
        unit = _UNITS.get(self.basis.method)
        first, second = self.basis.labels
        return (f"{first}, {unit}", f"{second}, {unit}") if unit else (first, second)

    @property
    def basis_words(self) -> str:
        """How the points were made, in words."""
        name = METHODS[self.basis.method]
        if isinstance(self.basis, LinearBasis):
            return f"{name} of {self.basis.fitted_on}" if self.basis.fitted_on else name
        return f"{name}, {self.basis.settings}"


def extent(shown: Projected, beside: Points, *, with_outlines: bool) -> tuple[Points, Points]:
    """Return the corners (2,) of what all that is shown lies in.

    Parameters
    ----------
    shown
        The codes.
    beside
        Points (n, 2) that are drawn with them.
    with_outlines
        Whether ellipses that hold 95 % are among it.
    """
    parts = [shown.path.reshape(-1, 2), beside]
    outlines = shown.outlines(0.95) if with_outlines else None
    if outlines is not None:
        parts.append(outlines.reshape(-1, 2))
    points = np.concatenate(parts)
    points = points[np.isfinite(points).all(1)]
    if not len(points):
        return np.array([-1.0, -1.0]), np.array([1.0, 1.0])
    return points.min(0), points.max(0)


def project_linearly(latents: Latents, basis: LinearBasis) -> Projected:
    """Project all codes."""
    return Projected(
        latents,
        basis,
        tuple(range(latents.codes.shape[1])),
        basis.project(latents.codes),
        basis.project(latents.sampled_before),
        basis.project(latents.sampled_after),
    )


def codes_to_embed(latents: Latents, *, with_samples: bool = False) -> NDArray[np.float32]:
    """Return the codes that an embedding places together, (n, L), for `embedded`.

    They are those before and after the inner loop: fine-tuning moves weights, not codes.
    """
    size = latents.codes.shape[-1]
    parts = [latents.codes[:, 0], latents.codes[:, latents.inner_steps]]
    if with_samples:
        parts += [latents.sampled_before, latents.sampled_after]
    return np.concatenate([part.reshape(-1, size) for part in parts])


def embedded(latents: Latents, embedding: Embedding) -> Projected:
    """Give the codes of `codes_to_embed` their points."""
    episodes, _, ways, _ = latents.codes.shape
    count = episodes * ways
    path = embedding.points[: 2 * count].reshape(2, episodes, ways, 2).transpose(1, 0, 2, 3)
    rest = embedding.points[2 * count :]
    samples = latents.sampled_before.shape[1] if len(rest) else 0
    before, after = rest.reshape(2, episodes, samples, ways, 2)
    return Projected(latents, embedding, (0, latents.inner_steps), path, before, after)


def projected(latents: Latents, basis: Basis) -> Projected:
    """Give codes their points."""
    if isinstance(basis, LinearBasis):
        return project_linearly(latents, basis)
    return embedded(latents, basis)


def position_names(shown: Projected) -> list[str]:
    """Name the positions that have points."""
    latents = shown.latents
    if not shown.is_linear:
        return ["before", "after the inner loop"]
    inner = [f"inner {step}" for step in range(1, latents.inner_steps + 1)]
    tuning = [f"fine-tuning {step}" for step in range(1, latents.finetuning_steps + 1)]
    return ["before", *inner, *tuning]


def position_titles(shown: Projected) -> list[str]:
    """Say in full where along the adaptation each position is."""
    latents = shown.latents
    if not shown.is_linear:
        return ["Before adaptation", "After the inner loop"]
    titles = ["Before adaptation"]
    for stage, steps in (
        ("Inner step", latents.inner_steps),
        ("Fine-tuning", latents.finetuning_steps),
    ):
        titles += [f"{stage} {step} of {steps}" for step in range(1, steps + 1)]
    return titles
