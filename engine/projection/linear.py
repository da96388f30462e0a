"""Linear projections, fitted once and held, so that what they show can be compared.

Under a linear projection a Gaussian stays one, so the spread of a latent code is shown exactly.

Shapes: n codes, L latent size.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import BadInput

_OUTLINE_POINTS = 48


@dataclass(frozen=True, slots=True, eq=False)
class LinearBasis:
    """Two axes in latent space.

    Attributes
    ----------
    method
        "pca" or "lda".
    mean
        What is projected to the origin, (L,).
    axes
        (2, L): unit vectors for PCA; for discriminant axes, scaled so that the spread within
        classes is 1.
    labels
        What stands on the axes, with the share that each explains.
    fitted_on
        The codes that it was fitted on, in words.
    """

    method: str
    mean: NDArray[np.float64]
    axes: NDArray[np.float64]
    labels: tuple[str, str]
    fitted_on: str = ""

    def project(self, codes: ArrayLike) -> NDArray[np.float64]:
        """Return codes (..., L) as points (..., 2)."""
        points: NDArray[np.float64] = (np.asarray(codes, np.float64) - self.mean) @ self.axes.T
        return points

    def covariances(self, deviation: ArrayLike) -> NDArray[np.float64]:
        """Return the covariance in the plane of Gaussians with deviations (..., L), (..., 2, 2)."""
        scaled = np.asarray(deviation, np.float64)[..., None, :] * self.axes
        covariance: NDArray[np.float64] = scaled @ scaled.swapaxes(-1, -2)
        return covariance

    def outlines(self, codes: ArrayLike, deviation: ArrayLike, mass: float) -> NDArray[np.float64]:
        """Return the ellipses that hold a share of each Gaussian's probability.

        Parameters
        ----------
        codes, deviation
            Means and standard deviations, (..., L).
        mass
            The share, above 0 and below 1.

        Returns
        -------
        ndarray
            Closed outlines, (..., points, 2).
        """
        values, vectors = np.linalg.eigh(self.covariances(deviation))
        # The squared distance from the centre is exponential in two dimensions.
        radius = math.sqrt(-2 * math.log(1 - mass))
        half_axes = vectors * np.sqrt(np.clip(values, 0, None))[..., None, :] * radius
        angles = np.linspace(0, 2 * np.pi, _OUTLINE_POINTS)
        circle = np.stack([np.cos(angles), np.sin(angles)])
        outline = (half_axes @ circle).swapaxes(-1, -2)
        shifted: NDArray[np.float64] = self.project(codes)[..., None, :] + outline
        return shifted


def fit_pca(codes: ArrayLike, fitted_on: str = "") -> LinearBasis:
    """Fit the two directions of largest variance to codes (n, L).

    Raises
    ------
    BadInput
        If there are fewer than two codes.
    """
    from sklearn.decomposition import PCA

    points = _table(codes)
    if len(points) < 2:
        raise BadInput("Principal components need two codes or more; show more episodes.")
    components = min(2, *points.shape)
    fitted = PCA(components, svd_solver="full").fit(points)
    shares = np.nan_to_num(fitted.explained_variance_ratio_)
    labels = [
        f"PC {place} ({_percent(share)} of variance)" for place, share in enumerate(shares, 1)
    ]
    return _basis("pca", fitted.mean_, fitted.components_, labels, fitted_on)


def principal_basis(codes: ArrayLike, fitted_on: str = "") -> LinearBasis:
    """Fit the two directions of largest variance to codes (n, L), also where n or L is 1.

    Without scikit-learn, whose import takes longer than a window may wait.
    """
    points = np.asarray(codes, np.float64)
    mean = points.mean(0)
    _, values, directions = np.linalg.svd(points - mean, full_matrices=False)
    axes = np.zeros((2, points.shape[1]))
    axes[: len(directions[:2])] = directions[:2]
    shares = np.zeros(2)
    shares[: len(values[:2])] = values[:2] ** 2 / max(float((values**2).sum()), 1e-12)
    first, second = (
        f"PC {place} ({_percent(share)} of variance)" for place, share in enumerate(shares, 1)
    )
    return LinearBasis("pca", mean, axes, (first, second), fitted_on)


def fit_lda(codes: ArrayLike, labels: ArrayLike, fitted_on: str = "") -> LinearBasis:
    """Fit the two directions that tell classes apart best, to codes (n, L) with labels (n,).

    With two classes there is one such direction; the second axis is then the direction of largest
    variance at right angles to it.

    Raises
    ------
    BadInput
        If there are fewer than two classes, or no class has two codes.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    points, classes = _table(codes), np.asarray(labels)
    names, counts = np.unique(classes, return_counts=True)
    if len(names) < 2 or counts.max() < 2:
        raise BadInput(
            "Discriminant axes need two classes or more with several codes each; show more "
            "episodes, or choose PCA."
        )
    # Shrinkage keeps it stable where there are few codes for so many dimensions.
    fitted = LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto").fit(points, classes)
    shares = fitted.explained_variance_ratio_[:2]
    axes = fitted.scalings_[:, : min(2, len(names) - 1, points.shape[1])].T
    titles = [
        f"LD {place} ({_percent(share)} of variance between classes)"
        for place, share in enumerate(shares[: len(axes)], 1)
    ]
    mean = points.mean(0)
    if len(axes) == 1 and points.shape[1] > 1:
        unit = axes[0] / np.linalg.norm(axes[0])
        rest = points - mean
        rest -= (rest @ unit)[:, None] * unit
        axes = np.concatenate([axes, np.linalg.svd(rest, full_matrices=False)[2][:1]])
        titles.append("PC 1 at right angles to it")
    return _basis("lda", mean, axes, titles, fitted_on)


def _basis(
    method: str,
    mean: NDArray[np.float64],
    axes: NDArray[np.float64],
    labels: list[str],
    fitted_on: str,
) -> LinearBasis:
    """Make a basis whose axes point to where their largest element is positive."""
    largest = np.take_along_axis(axes, np.abs(axes).argmax(1)[:, None], axis=1)
    oriented = axes * np.where(largest < 0, -1.0, 1.0)
    if len(oriented) == 1:
        oriented = np.concatenate([oriented, np.zeros_like(oriented)])
        labels = [*labels, "nothing: codes have one dimension"]
    return LinearBasis(method, mean, oriented, (labels[0], labels[1]), fitted_on)


def _table(codes: ArrayLike) -> NDArray[np.float64]:
    points = np.asarray(codes, np.float64)
    points = points.reshape(-1, points.shape[-1])
    if not np.isfinite(points).all():
        raise BadInput("Some latent codes are not numbers; the weights of this step are damaged.")
    return points


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
